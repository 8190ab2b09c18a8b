"""What the index holds of each kind of thing, and what a result shows of it.

Both are read from the thing by the same function: the index keeps words only.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache, partial
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils import timezone

from committees.models import (
    ActionTerms,
    AgendaItem,
    Committee,
    Document,
    Meeting,
    Minutes,
    MinutesRemark,
    ProposedChange,
    Remark,
    Resolution,
    WrittenConsultation,
)
from committees.models.minutes import MINUTES_TEXT
from ibcr_portal.models import SearchKind
from ibcr_portal.search.contents import (
    Content,
    Texts,
    merged,
    names_of,
    translated,
    typed,
    with_pairs,
)
from ibcr_portal.search.files import file_pages
from ibcr_portal.search.things import ThingsByKey, every
from kernel.organisation import home_zone
from kernel.text import LANGUAGES
from partners.models import Contact, Institution
from projects.models import (
    Activity,
    Amendment,
    CallForProposals,
    DataPoint,
    Indicator,
    Project,
    Result,
    Risk,
)
from reports.codes import with_citations
from reports.models import FiledDocument, Rendition, Report, Section
from reports.models.preset import SectionKind
from reports.on_page import place_of_section
from reports.permissions.documents import PERSONAL, WITH_NAMES


class Source(NamedTuple):
    """How the things of a kind are read. Each function takes a row of `rows`."""

    rows: ThingsByKey
    contents: Callable[[Any], Iterable[Content]]
    # The key of the project; an institution and a person belong to none.
    project: Callable[[Any], int | None]
    day: Callable[[Any], date | None] = lambda row: None
    # What it is in, from the outside in: the project is shown before.
    place: Callable[[Any], list[Any]] = lambda row: []
    url: Callable[[Any], str] = lambda row: str(row.get_absolute_url())
    # What a file is called; other things have their titles in their contents.
    title: Callable[[Any], str] = lambda row: ""
    state: Callable[[Any], str] = lambda row: str(getattr(row, "status", ""))


def _named(name: str) -> Texts:
    return dict.fromkeys(LANGUAGES, name)


# What each kind says


def _project(row: Project) -> Iterator[Content]:
    titles = merged(translated(row, "short_title"), translated(row, "title"))
    yield Content(titles, translated(row, "description"), code=row.code, is_name=True)


def _institution(row: Institution) -> Iterator[Content]:
    names = [merged(translated(name, "name"), _named(name.acronym)) for name in row.names.all()]
    yield Content(merged(*names), is_name=True)


def _person(row: Contact) -> Iterator[Content]:
    yield Content(_named(row.full_name), typed(row.title), is_name=True)


def _committee(row: Committee) -> Iterator[Content]:
    yield Content(translated(row, "name"), translated(row, "mandate", "terms_text"))


def _meeting(row: Meeting) -> Iterator[Content]:
    yield Content(names_of(row), merged(translated(row.committee, "name"), typed(row.place)))


def _item(row: AgendaItem) -> Iterator[Content]:
    """Of what is only proposed, or was declined, the meeting shows the title."""
    texts = (translated(row, "briefing"), typed(row.notes, language=row.notes_language))
    yield Content(translated(row, "title"), merged(*texts) if row.is_on_agenda else {})


def _minutes(row: Minutes) -> Iterator[Content]:
    """As they were circulated: the agenda is fixed since then, so its order is that of the text."""
    frames = typed(row.opening, row.closing, language=row.language)
    yield Content(merged(names_of(row.label), names_of(row.meeting)), frames)
    if not row.content:
        return
    texts = {language: MINUTES_TEXT.read(text) for language, text in row.content.items()}
    items = [item.pk for item in row.meeting.items.all() if item.status not in item.NOT_ON_AGENDA]
    for number, pk in enumerate(items):
        parts = {
            language: text["items"][number]
            for language, text in texts.items()
            if number < len(text["items"])
        }
        yield Content(
            {language: part["title"]["text"] for language, part in parts.items()},
            {language: part["notes"]["text"] for language, part in parts.items() if part["notes"]},
            part=pk,
        )


def _in_their_language(parts: dict[str, Any], name: str) -> Texts:
    """Return a text of the minutes by language. One that nobody translated is in each of them, with
    the language in which it was written."""
    texts = [(language, part[name]) for language, part in parts.items() if part[name]]
    return {said["lang"] or language: said["text"] for language, said in texts}


def _resolution(row: Resolution) -> Iterator[Content]:
    yield Content(translated(row, "text"), with_pairs(row, typed(row.answer)), code=row.number)


def _consultation(row: WrittenConsultation) -> Iterator[Content]:
    yield Content(translated(row, "title"), translated(row, "text"))


def _terms(row: ActionTerms) -> Iterator[Content]:
    yield Content(
        translated(row, "title"), translated(row, "deliverable"), code=row.action.reference
    )


def _result(row: Result) -> Iterator[Content]:
    yield Content(translated(row, "statement"), code=row.code)


def _indicator(row: Indicator) -> Iterator[Content]:
    texts = with_pairs(row, typed(row.method, row.source))
    yield Content(translated(row, "name"), texts, code=row.code)


def _value(row: DataPoint) -> Iterator[Content]:
    """What is said of the total: a page shows no more than the numbers of its breakdown."""
    if row.is_total and (row.comment or row.source):
        yield Content(names_of(row), with_pairs(row, typed(row.comment, row.source)))


def _activity(row: Activity) -> Iterator[Content]:
    texts = merged(translated(row, "description"), typed(row.place, row.department))
    yield Content(translated(row, "title"), texts, code=row.code)


def _risk(row: Risk) -> Iterator[Content]:
    yield Content(translated(row, "definition"), translated(row, "cause", "response"))


def _amendment(row: Amendment) -> Iterator[Content]:
    texts = translated(row, "reason", "before", "after")
    yield Content(translated(row, "title"), merged(texts, _named(row.donor_reference)))


def _call(row: CallForProposals) -> Iterator[Content]:
    yield Content(translated(row, "title"), translated(row, "theme", "eligibility"), code=row.code)


def _sections(row: Report) -> Iterator[Content]:
    """A section, or a text on a result in it, is one part, in all languages in which it is written:
    the part is the key of the first. What its readers may not know is left out, and the codes of
    what a text cites with it; so are sections that the report does not print."""
    printed = {section.kind for section in row.preset.sections.all()}
    written: dict[tuple[str, int | None], list[Section]] = {}
    for section in row.sections.all():
        if section.text and section.kind in printed:
            written.setdefault((section.kind, section.result_id), []).append(section)
    for (kind, _result), rows in written.items():
        texts = {one.language: with_citations(one.text, lambda code: None) for one in rows}
        part = min(one.pk for one in rows)
        yield Content(_titles(kind), texts, part, address=partial(place_of_section, row, kind))


@cache
def _titles(section: str) -> Texts:
    return names_of(SectionKind(section).label)


def _remark(row: Remark | MinutesRemark) -> Iterator[Content]:
    suggestion = getattr(row, "suggestion", "")
    yield Content({}, with_pairs(row, typed(row.text, suggestion)))


def _proposal(row: ProposedChange) -> Iterator[Content]:
    yield Content({}, with_pairs(row, typed(row.reason, row.answer)))


def _document(row: Rendition) -> Iterator[Content]:
    """The pages of a final document. Others are made by the day and hold what is in the portal, and
    what names persons is read as a whole, which is logged."""
    is_final = row.snapshot.is_final and not row.is_draft and row.superseded_at is None
    is_open = row.snapshot.kind not in (*PERSONAL, *WITH_NAMES)
    if row.state == Rendition.State.READY and is_final and is_open:
        yield from file_pages(row.file, row.language)


def _paper(row: Document) -> Iterator[Content]:
    title = {row.language: row.title}
    yield Content(title)
    yield from file_pages(row.file, row.language, title)


def _filed(row: FiledDocument) -> Iterator[Content]:
    if row.is_withdrawn:
        return
    title = {row.language: row.title}
    words = typed(row.their_reference, row.email_from, row.email_to, language=row.language)
    yield Content(title, words, code=row.reference)
    if version := row.current:
        yield from file_pages(version.file, row.language, title)


def _day_at_home(path: str) -> Callable[[Any], date]:
    moment = attrgetter(path)
    return lambda row: timezone.localdate(moment(row), home_zone())


OF_MEETING = "meeting.committee.project_id"
SOURCES: dict[str, Source] = {
    SearchKind.PROJECT: Source(every(Project), _project, lambda row: row.pk),
    SearchKind.INSTITUTION: Source(
        every(Institution, prefetch=("names",)), _institution, lambda row: None
    ),
    SearchKind.PERSON: Source(
        every(Contact, "institution", prefetch=("institution__names",)),
        _person,
        lambda row: None,
        place=lambda row: [row.institution],
        url=lambda row: row.institution.get_absolute_url(),
    ),
    SearchKind.COMMITTEE: Source(every(Committee, "project"), _committee, attrgetter("project_id")),
    SearchKind.MEETING: Source(
        every(Meeting, "committee__project"),
        _meeting,
        attrgetter("committee.project_id"),
        day=attrgetter("day"),
        place=lambda row: [row.committee],
    ),
    SearchKind.ITEM: Source(
        every(AgendaItem, "meeting__committee__project"),
        _item,
        attrgetter(OF_MEETING),
        day=attrgetter("meeting.day"),
        place=lambda row: [row.meeting.committee, row.meeting],
    ),
    SearchKind.MINUTES: Source(
        every(Minutes, "meeting__committee__project", prefetch=("meeting__items",)),
        _minutes,
        attrgetter(OF_MEETING),
        day=attrgetter("meeting.day"),
        place=lambda row: [row.meeting.committee, row.meeting],
    ),
    SearchKind.RESOLUTION: Source(
        every(Resolution, "committee__project", prefetch=("pairs",)),
        _resolution,
        attrgetter("committee.project_id"),
        day=attrgetter("resolved_on"),
        # Not its agenda item: whoever reads the register may not see the agenda.
        place=lambda row: [row.committee],
    ),
    SearchKind.CONSULTATION: Source(
        every(WrittenConsultation, "committee__project"),
        _consultation,
        attrgetter("committee.project_id"),
        day=attrgetter("opened_on"),
        place=lambda row: [row.committee],
    ),
    SearchKind.ACTION: Source(
        every(ActionTerms, "action", "plan__project", "plan__period"),
        _terms,
        attrgetter("plan.project_id"),
        day=attrgetter("ends_on"),
        place=lambda row: [row.plan],
        url=lambda row: row.action.get_absolute_url(),
        state=lambda row: str(row.action.status),
    ),
    SearchKind.RESULT: Source(every(Result, "project"), _result, attrgetter("project_id")),
    SearchKind.INDICATOR: Source(
        every(Indicator, "result__project", prefetch=("pairs",)),
        _indicator,
        attrgetter("result.project_id"),
        place=lambda row: [row.result],
    ),
    SearchKind.VALUE: Source(
        every(DataPoint, "indicator__result__project", prefetch=("pairs",)),
        _value,
        attrgetter("indicator.result.project_id"),
        day=_day_at_home("entered_at"),
        place=lambda row: [row.indicator],
    ),
    SearchKind.ACTIVITY: Source(
        every(Activity, "project", "result"),
        _activity,
        attrgetter("project_id"),
        day=lambda row: row.actual_start or row.planned_start,
        place=lambda row: [row.result] if row.result else [],
    ),
    SearchKind.RISK: Source(
        every(Risk, "project"), _risk, attrgetter("project_id"), day=attrgetter("identified_on")
    ),
    SearchKind.AMENDMENT: Source(
        every(Amendment, "project"),
        _amendment,
        attrgetter("project_id"),
        day=attrgetter("donor_decided_on"),
    ),
    SearchKind.CALL: Source(
        every(CallForProposals, "project"),
        _call,
        attrgetter("project_id"),
        day=_day_at_home("opens_at"),
    ),
    SearchKind.SECTION: Source(
        every(Report, "project", "preset", "period", prefetch=("sections", "preset__sections")),
        _sections,
        attrgetter("project_id"),
        day=lambda row: row.published_on,
        place=lambda row: [row],
    ),
    SearchKind.REMARK: Source(
        every(Remark, "plan__project", "plan__period", "action", prefetch=("pairs",)),
        _remark,
        attrgetter("plan.project_id"),
        day=attrgetter("given_on"),
        place=lambda row: [row.plan, *([row.action] if row.action else [])],
        url=lambda row: row.plan.get_absolute_url(),
    ),
    SearchKind.PROPOSAL: Source(
        every(ProposedChange, "plan__project", "plan__period", "action", prefetch=("pairs",)),
        _proposal,
        attrgetter("plan.project_id"),
        day=attrgetter("given_on"),
        place=lambda row: [row.plan, row.action],
        url=lambda row: row.plan.get_absolute_url(),
    ),
    SearchKind.COMMENT: Source(
        every(MinutesRemark, "minutes__meeting__committee__project", prefetch=("pairs",)),
        _remark,
        attrgetter("minutes.meeting.committee.project_id"),
        day=_day_at_home("recorded_at"),
        place=lambda row: [row.minutes.meeting],
        url=lambda row: row.minutes.get_absolute_url(),
    ),
    SearchKind.DOCUMENT: Source(
        ThingsByKey(Rendition.objects.with_related()),
        _document,
        attrgetter("snapshot.project_id"),
        day=_day_at_home("requested_at"),
        # Copies for several readers differ in nothing else.
        title=lambda row: f"{row.name} · {row.get_audience_display()}",
        place=lambda row: [row.snapshot.about],
    ),
    SearchKind.PAPER: Source(
        every(Document, "committee__project", "meeting"),
        _paper,
        attrgetter("committee.project_id"),
        day=_day_at_home("uploaded_at"),
        title=lambda row: row.title,
        place=lambda row: [row.committee, *([row.meeting] if row.meeting else [])],
    ),
    SearchKind.FILED: Source(
        every(FiledDocument, "project"),
        _filed,
        attrgetter("project_id"),
        day=attrgetter("on"),
        title=lambda row: str(row),
    ),
}
# What is read from files, by a worker and never by a page.
OF_FILES = frozenset({SearchKind.DOCUMENT, SearchKind.PAPER, SearchKind.FILED})
OF_ROWS = frozenset(SOURCES) - OF_FILES
