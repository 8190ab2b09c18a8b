"""Documents that members read before a meeting: the agenda and the pack.

The audience of a document decides which items and papers it holds.
"""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _, pgettext

from committees.models import (
    ActionPlan,
    AgendaItem,
    Audience,
    Document,
    Meeting,
    Resolution,
)
from kernel.files import PICTURES
from kernel.formats import MISSING, clock, day, day_short, file_size, number
from kernel.text import plain_text, read, which_language
from reports.compose.action_plan import actions_of, positions_of
from reports.compose.blocks import Cell, cell, field, heading, paragraph, table_of
from reports.compose.frame import framed
from reports.compose.minutes import blocks_of_minutes, content_for_readers, minutes_of
from reports.compose.reading import DocumentReading, as_named, in_language, local_text
from reports.document_types import AnnexedPaper, Block, DocumentExtras, FramedDocument, LocalText
from reports.models import About

# Kinds of files that can be appended: those with pages, and pictures, which fill one.
APPENDED = ("pdf", *PICTURES)
# Plans whose actions are in the pack: those that wait for the committee.
TO_DECIDE = (ActionPlan.Status.IN_REVIEW, ActionPlan.Status.PRESENTED)


# Agenda and pack


def agenda(about: About, reading: DocumentReading) -> FramedDocument:
    meeting = about.of(Meeting)
    items = items_disclosed(meeting, reading)
    return framed(
        about,
        reading,
        [
            heading(pgettext("of an agenda", "Items"), anchor="agenda"),
            agenda_table(items),
            *_papers(meeting, reading, items),
        ],
        title=title_of(meeting),
        facts=facts_of(meeting),
    )


def pack(about: About, reading: DocumentReading) -> FramedDocument:
    """Compose all that a member reads before the meeting: agenda, list of papers, minutes of the
    last meeting, open recommendations, and the plans to decide with the positions of institutions."""
    return _pack(about, reading, [])


def whole_pack(about: About, reading: DocumentReading) -> FramedDocument:
    """Compose the pack with its papers behind it (`reports.annexes`), if their files can be
    appended."""
    meeting = about.of(Meeting)
    papers = papers_disclosed(meeting, reading, items_disclosed(meeting, reading))
    appended = [paper for paper in papers if paper.kind in APPENDED]
    return _pack(about, reading, appended)


def _pack(about: About, reading: DocumentReading, appended: list[Document]) -> FramedDocument:
    meeting = about.of(Meeting)
    items = items_disclosed(meeting, reading)
    annexes = [_annex(number, paper) for number, paper in enumerate(appended, 1)]
    extras: DocumentExtras = {"has_contents": True}
    if annexes:
        extras["annexes"] = annexes
    blocks: list[Block | None] = [
        heading(_("Agenda"), anchor="agenda"),
        agenda_table(items),
        *_papers(meeting, reading, items, annexes),
        {"type": "annexes"} if annexes else None,
        *_previous_minutes(meeting, reading),
        *_open_recommendations(meeting, reading),
        *_plans_in_review(items, reading),
    ]
    return framed(
        about,
        reading,
        blocks,
        title=title_of(meeting),
        facts=facts_of(meeting),
        **extras,
    )


def _annex(number: int, paper: Document) -> AnnexedPaper:
    return {
        "number": number,
        "document": paper.pk,
        "title": paper.title,
        "language": str(paper.get_language_display()),
        "kind": paper.kind,
        "size": paper.size,
        "sha256": paper.sha256,
    }


def has_appendable(meeting: Meeting) -> bool:
    """Return whether the meeting has papers for the whole committee that can be appended to a
    PDF."""
    heard = [Audience.COMMITTEE, Audience.PUBLIC]
    papers = Document.objects.filter(
        Q(agenda_item=None) | Q(agenda_item__audience__in=heard),
        meeting=meeting,
        category=Document.Category.PAPER,
        audience__in=heard,
        kind__in=APPENDED,
    )
    return papers.exists()


def title_of(meeting: Meeting) -> str:
    return f"{meeting.committee} · {meeting}"


def facts_of(meeting: Meeting) -> list[tuple[str, str]]:
    """Return day, time, place and kind of the meeting as labels and values."""
    kind = meeting.get_kind_display()
    if meeting.is_second_call:
        kind = _("%(kind)s, second call") % {"kind": kind}
    return [
        (_("Day"), day(meeting.day)),
        (_("Time"), time_of(meeting)),
        (_("Place"), meeting.place),
        (_("Kind"), f"{kind} · {meeting.get_mode_display()}"),
    ]


def time_of(meeting: Meeting) -> str:
    """Return from when to when the meeting is, in its time zone, which is named by its city;
    nothing if the hours are not known."""
    if not meeting.time_is_known:
        return ""
    return _("%(start)s – %(end)s, %(city)s time") % {
        "start": clock(meeting.starts_at, meeting.zone),
        "end": clock(meeting.ends_at, meeting.zone),
        "city": meeting.city,
    }


def items_disclosed(meeting: Meeting, reading: DocumentReading) -> list[AgendaItem]:
    """Return the items of the reader's audiences; a reserved item leaves no trace, not even a
    number."""
    items = meeting.items.on_agenda().filter(audience__in=reading.audiences)
    return list(items.with_subjects())


def agenda_table(items: list[AgendaItem]) -> Block:
    """Return the agenda as a table, numbered anew for the readers of the document, with the
    minutes planned and their sum."""
    minutes = sum(item.minutes_planned or 0 for item in items)
    return table_of(
        enumerate(items, 1),
        [
            field(_("No."), lambda row: str(row[0]), 8),
            field(pgettext("of an agenda", "Item"), lambda row: _item(row[1])),
            field(_("Purpose"), lambda row: row[1].get_purpose_display(), 20),
            field(_("Duration"), lambda row: _minutes(row[1].minutes_planned), 14, num=True),
        ],
        head=1,
        total=["", _("Total time planned"), "", _minutes(minutes)] if minutes else None,
    )


def _item(item: AgendaItem) -> Cell:
    small: list[str | LocalText] = [
        as_named(item.presenter),
        *_briefing(item),
        _speaks_of(item),
    ]
    return cell(local_text(item, "title"), small=small)


def _minutes(minutes: int | None) -> str:
    return _("%(count)s min") % {"count": number(minutes)} if minutes else MISSING


def _briefing(item: AgendaItem) -> list[LocalText]:
    """Return the lines that a rule wrote about what it collected under the item."""
    language = which_language(item, "briefing")
    lines = read(item, "briefing").splitlines()
    return [in_language(plain_text(line), language) for line in lines if line.strip()]


def _speaks_of(item: AgendaItem) -> str:
    """Return the subjects that everybody who reads the agenda may know: no drafts, no risks kept
    from members."""
    labels = [
        str(subject.label)
        for subject in item.subjects.all()
        if not (subject.plan and subject.plan.status == ActionPlan.Status.DRAFT)
        and not (subject.risk and not subject.risk.is_shared)
    ]
    return " · ".join(labels)


def papers_disclosed(
    meeting: Meeting, reading: DocumentReading, items: list[AgendaItem]
) -> list[Document]:
    """Return the papers of the reader's audiences, without those of withheld items."""
    papers = Document.objects.filter(
        meeting=meeting, category=Document.Category.PAPER, audience__in=reading.audiences
    ).order_by("agenda_item__position", "pk")
    shown = {item.pk for item in items}
    return [
        paper for paper in papers if paper.agenda_item_id is None or paper.agenda_item_id in shown
    ]


def _papers(
    meeting: Meeting,
    reading: DocumentReading,
    items: list[AgendaItem],
    annexes: Sequence[AnnexedPaper] = (),
) -> list[Block]:
    """Return the papers by title and size; members read them on the portal. `annexes` are
    appended."""
    places = {item.pk: place for place, item in enumerate(items, 1)}
    numbers = {annex["document"]: annex["number"] for annex in annexes}
    papers = papers_disclosed(meeting, reading, items)
    if not papers:
        return []

    def item_of(paper: Document) -> str:
        return str(places[paper.agenda_item_id]) if paper.agenda_item_id else MISSING

    def title(paper: Document) -> Cell:
        small = _where(numbers, paper) if annexes else ""
        return cell(in_language(paper.title, paper.language), small=small)

    fields = [
        field(pgettext("of an agenda", "Item"), item_of, 8),
        field(_("Title"), title),
        field(_("Language"), lambda paper: paper.get_language_display(), 16),
        field(_("File"), lambda one: f"{one.kind.upper()}, {file_size(one.size)}", 20),
    ]
    return [heading(_("Documents"), anchor="papers"), table_of(papers, fields, head=1)]


def _where(numbers: dict[int, int], paper: Document) -> str:
    if paper.pk in numbers:
        return _("Annex %(number)s") % {"number": numbers[paper.pk]}
    return _("Only listed: files of this kind have no fixed pages. Read it on the portal.")


def _previous_minutes(meeting: Meeting, reading: DocumentReading) -> list[Block]:
    before = meeting.committee.meetings.held().filter(starts_at__lt=meeting.starts_at)
    previous = before.order_by("-starts_at").first()
    minutes = minutes_of(previous) if previous else None
    if previous is None or minutes is None or not minutes.is_circulated:
        return []
    content = content_for_readers(minutes, reading, without=_left_by_a_seat(previous))
    state = minutes.get_status_display()
    return [
        heading(_("Previous minutes"), anchor="previous", new_page=True),
        paragraph(f"{content['meeting']} · {content['day']} · {state}", "lead"),
        *blocks_of_minutes(content, below=1),
    ]


def _left_by_a_seat(meeting: Meeting) -> set[int]:
    """Return the numbers of reserved items from which a voting seat was recused.

    A pack goes to all voting seats; those who stayed read these items on the page of the minutes.
    """
    left = meeting.items.filter(audience=Audience.VOTING, declarations__recused=True)
    keys = set(left.values_list("pk", flat=True))
    agenda = meeting.items.on_agenda().values_list("pk", flat=True) if keys else []
    return {number for number, pk in enumerate(agenda, start=1) if pk in keys}


def _open_recommendations(meeting: Meeting, reading: DocumentReading) -> list[Block]:
    found = list(
        Resolution.objects.filter(committee=meeting.committee, status__in=Resolution.OPEN)
        .recommendations()
        .for_audiences(reading.audiences)
        .with_related()
        .order_by("resolved_on", "number")
    )
    if not found:
        return []
    fields = [
        field(_("No."), lambda row: row.number, 12),
        field(_("Recommendation"), lambda row: cell(local_text(row, "text"))),
        field(_("Responsible"), lambda row: responsible_for(row, reading), 17),
        field(_("Due"), lambda row: _due(row.due_on, reading.as_of), 16),
        field(_("State"), lambda row: row.get_status_display(), 14),
    ]
    title = heading(_("Open recommendations"), anchor="recommendations")
    return [title, table_of(found, fields, head=1)]


def responsible_for(row: Resolution, reading: DocumentReading) -> str:
    return reading.short_name(row.addressee) if row.addressee else MISSING


def _due(due: date | None, on: date) -> Cell:
    if due is None:
        return MISSING
    late = due < on
    return cell(day_short(due), small=_("overdue") if late else "", tone="bad" if late else "")


def _plans_in_review(items: list[AgendaItem], reading: DocumentReading) -> list[Block | None]:
    """Return the plans that the meeting is to decide on, and the positions of the institutions on
    those that it discusses."""
    keys = {subject.plan_id for item in items for subject in item.subjects.all() if subject.plan_id}
    found = ActionPlan.objects.filter(pk__in=keys).exclude(status=ActionPlan.Status.DRAFT)
    plans = list(found.with_related().order_by("period__start", "version"))
    blocks: list[Block | None] = []
    for plan in plans:
        if plan.status in TO_DECIDE and (actions := actions_of(plan, reading)):
            blocks += [heading(str(plan), new_page=True), *actions]
    positions = [block for plan in plans for block in positions_of(plan, reading)]
    if positions:
        blocks += [heading(_("Positions on the action plan"), anchor="positions"), *positions]
    return blocks
