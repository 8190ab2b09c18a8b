"""Which texts of a project can be translated, in which languages they are there, and where a
translation is kept. Each function yields what a person may read of one kind of thing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from committees.minutes.services.minutes import texts_to_translate
from committees.models import (
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Committee,
    MinutesRemark,
    ProgressNote,
    ProposedChange,
    Remark,
    Seat,
    WrittenConsultation,
)
from committees.permissions.meetings import items_seen
from committees.permissions.minutes import visible_consultations, visible_minutes
from committees.permissions.plans import answers_for_roles, answers_seen, visible_plans
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.roles import audiences_of
from kernel.languages import LANGUAGES
from kernel.text import Multilingual, translated_names
from projects.models import (
    Activity,
    BudgetCategory,
    CallForProposals,
    Deliverable,
    Indicator,
    Project,
    ReportingDuty,
    Result,
    RiskRating,
    Translation,
)
from projects.permissions.amendments import visible_amendments
from projects.permissions.calls import visible_calls
from projects.permissions.risks import visible_risks
from projects.permissions.roles import roles_of, speaks_for
from projects.permissions.values import visible_values
from projects.translations import language_written_in
from reports.models import Report, ReportRemark, Section
from reports.models.preset import SectionKind
from reports.permissions.reports import origins_seen, visible_reports

# Which document needs a text next.
MEETING, PLAN, REPORT = "meeting", "plan", "report"
# Where a translation is kept.
COLUMN, SECTION, MINUTES, PAIR = "column", "section", "minutes", "pair"


class TranslatableText(NamedTuple):
    """A text of a thing, in the languages in which the thing itself has it."""

    thing: Any
    field: str
    label: str
    texts: dict[str, str]
    origin: str
    """The language in which it was written first."""
    url: str
    kept: str = PAIR
    needed_for: tuple[str, ...] = (REPORT,)
    day: date | None = None
    """On which it is needed, if the thing says so itself."""
    is_open: bool = True
    """Whether it can be translated still; what is frozen is only remembered."""
    stale: frozenset[str] = frozenset()
    """The languages in which it was made from an earlier text."""

    @property
    def kind(self) -> str:
        return str(self.thing._meta.label_lower)

    @property
    def source(self) -> str:
        return self.texts[self.origin]

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.thing.pk}:{self.field}"


Texts = Iterator[TranslatableText]


def texts_of(user: User, project: Project) -> Texts:
    """Yield every text of the project that the person may read and that has words."""
    for read in READERS:
        for text in read(user, project):
            if any(map(str.isalpha, text.source)):
                yield text


# Names and other texts with a column for each language


def _columns(row: Multilingual, label: str, url: str, **facts: Any) -> Texts:
    stale = defaultdict(set)
    for name, language in row.stale_translations:
        stale[name].add(language)
    for name in translated_names(type(row)):
        if (origin := row.origin_of(name)) is None or name in NOT_TRANSLATED:
            continue
        texts = {each: text for each in LANGUAGES if (text := getattr(row, f"{name}_{each}"))}
        words = str(getattr(type(row), name)._field.verbose_name or name)
        yield TranslatableText(
            *(row, name, f"{label} · {words}", texts, origin, url),
            kept=COLUMN,
            stale=frozenset(stale[name]),
            **facts,
        )


# Notes of the demonstration about itself.
NOT_TRANSLATED = frozenset({"source_note", "illustrative_note"})


def _project(user: User, project: Project) -> Texts:
    url = project.get_absolute_url()
    yield from _columns(project, project.code, url, needed_for=(MEETING, PLAN, REPORT))


def _results(user: User, project: Project) -> Texts:
    for row in Result.objects.filter(project=project):
        row.project = project
        yield from _columns(
            row, row.code, row.get_absolute_url(), needed_for=(MEETING, PLAN, REPORT)
        )


def _indicators(user: User, project: Project) -> Texts:
    rows = Indicator.objects.filter(result__project=project).select_related("result")
    for row in rows:
        row.result.project = project
        url = row.get_absolute_url()
        yield from _columns(row, row.code, url)
        yield from _typed(row, row.code, url, ("method", "source"))


def _activities(user: User, project: Project) -> Texts:
    for row in Activity.objects.filter(project=project):
        row.project = project
        yield from _columns(row, row.code, row.get_absolute_url())


def _deliverables(user: User, project: Project) -> Texts:
    rows = Deliverable.objects.filter(activity__project=project).select_related("activity")
    for row in rows:
        row.activity.project = project
        yield from _columns(row, row.activity.code, row.activity.get_absolute_url())


def _risks(user: User, project: Project) -> Texts:
    rows = visible_risks(user, project)
    for row in rows:
        row.project = project
        label = f"{row._meta.verbose_name}"
        yield from _columns(row, capfirst(label), row.get_absolute_url())
    ratings = RiskRating.objects.filter(risk__in=rows.values("pk")).exclude(note="")
    for rating in ratings.select_related("risk"):
        rating.risk.project = project
        url = rating.risk.get_absolute_url()
        label = capfirst(str(rating._meta.verbose_name))
        yield from _typed(rating, label, url, ("note",), language=rating.language)


def _amendments(user: User, project: Project) -> Texts:
    for row in visible_amendments(user, project):
        row.project = project
        label = capfirst(str(row._meta.verbose_name))
        facts: dict[str, Any] = {"needed_for": (MEETING, REPORT)}
        yield from _columns(row, label, row.get_absolute_url(), **facts)


def _calls(user: User, project: Project) -> Texts:
    rows = CallForProposals.objects.filter(pk__in=visible_calls(user).values("pk"))
    for row in rows.filter(project=project):
        row.project = project
        yield from _columns(row, row.code, row.get_absolute_url())


def _categories(user: User, project: Project) -> Texts:
    url = project.get_absolute_url()
    for row in BudgetCategory.objects.filter(project=project):
        yield from _columns(row, row.code, url)


def _duties(user: User, project: Project) -> Texts:
    label, url = capfirst(str(ReportingDuty._meta.verbose_name)), project.get_absolute_url()
    for row in ReportingDuty.objects.filter(project=project):
        yield from _columns(row, label, url)


# The committee


def _committee(user: User, project: Project) -> Texts:
    for row in Committee.objects.filter(project=project):
        row.project = project
        url = row.get_absolute_url()
        facts: dict[str, Any] = {"needed_for": (MEETING, REPORT)}
        yield from _columns(row, capfirst(str(row._meta.verbose_name)), url, **facts)
        for seat in Seat.objects.filter(committee=row):
            yield from _columns(seat, capfirst(str(seat._meta.verbose_name)), url, **facts)


def _items(user: User, project: Project) -> Texts:
    rows = items_seen(user, project).select_related("meeting__committee__project")
    today = project.today
    for row in rows.exclude(status__in=AgendaItem.NOT_ON_AGENDA):
        day = row.meeting.day
        is_ahead = day >= today and row.meeting.status not in row.meeting.OVER
        needed = {"needed_for": (MEETING,), "day": day} if is_ahead else {"needed_for": (REPORT,)}
        yield from _columns(row, str(row.meeting), row.meeting.get_absolute_url(), **needed)


def _resolutions(user: User, project: Project) -> Texts:
    rows = visible_resolutions(user, project).select_related("committee__project")
    for row in rows:
        url = row.get_absolute_url()
        facts: dict[str, Any] = {"needed_for": (MEETING, REPORT)}
        yield from _columns(row, row.number, url, **facts)
        yield from _typed(row, row.number, url, ("answer",), **facts)


def _consultations(user: User, project: Project) -> Texts:
    rows: QuerySet[WrittenConsultation] = visible_consultations(user, project)
    for row in rows.select_related("committee__project"):
        label = capfirst(str(row._meta.verbose_name))
        facts: dict[str, Any] = {"needed_for": (MEETING, REPORT)}
        yield from _columns(row, label, row.get_absolute_url(), **facts)


def _minutes(user: User, project: Project) -> Texts:
    """Opening, closing and notes, of items that the person may read."""
    rows = visible_minutes(user, project).select_related("meeting__committee__project")
    seen = {row.pk: row for row in items_seen(user, project)}
    for row in rows.prefetch_related("translations"):
        kept = {one.language: one for one in row.translations.all()}
        for key, label, source in texts_to_translate(row):
            item = seen.get(int(key.removeprefix("item-"))) if key.startswith("item-") else None
            if (key.startswith("item-") and item is None) or not source.strip():
                continue
            origin = item.notes_language if item else row.language
            texts = {each: one.texts[key] for each, one in kept.items() if one.texts.get(key)}
            yield TranslatableText(
                *(row, key, f"{row} · {label}", texts | {origin: source}, origin),
                row.get_absolute_url(),
                kept=MINUTES,
                needed_for=(MEETING,),
            )


def _plans(user: User, project: Project) -> Texts:
    plans = {row.pk: row for row in visible_plans(user, project).select_related("period")}
    for plan in plans.values():
        plan.project = project
    yield from _terms(plans)
    rights = answers_for_roles(roles_of(user, project), list(speaks_for(user, project)))
    for model, fields in ((Remark, ("text",)), (ProposedChange, ("reason", "answer"))):
        for row in answers_seen(model.objects.filter(plan__in=list(plans)), *rights):
            plan = plans[row.plan_id]
            label = f"{plan} · {capfirst(str(row._meta.verbose_name))}"
            day = plan.review_until if plan.status == ActionPlan.Status.IN_REVIEW else None
            facts: dict[str, Any] = {"needed_for": (PLAN,), "day": day}
            yield from _typed(row, label, plan.get_absolute_url(), fields, **facts)
    notes = ProgressNote.objects.filter(action__project=project).exclude(text="")
    for note in notes.select_related("action"):
        note.action.project = project
        url, label = note.action.get_absolute_url(), note.action.reference
        yield from _typed(note, label, url, ("text",), language=note.language)


def _terms(plans: dict[int, ActionPlan]) -> Texts:
    rows = ActionTerms.objects.filter(plan__in=list(plans)).select_related("action")
    for row in rows:
        plan = plans[row.plan_id]
        row.action.project = plan.project
        is_reviewed = plan.status == ActionPlan.Status.IN_REVIEW
        yield from _columns(
            *(row, row.action.reference, row.action.get_absolute_url()),
            needed_for=(PLAN, REPORT),
            day=plan.review_until if is_reviewed else None,
            is_open=plan.status in ActionPlan.OPEN_TERMS,
        )


def _comments(user: User, project: Project) -> Texts:
    seen = visible_minutes(user, project).values("pk")
    rows = MinutesRemark.objects.filter(minutes__in=seen).for_audiences(audiences_of(user, project))
    for row in rows.select_related("minutes__meeting__committee__project"):
        label = str(row.minutes)
        facts: dict[str, Any] = {"needed_for": (MEETING,)}
        url = row.minutes.get_absolute_url()
        yield from _typed(row, label, url, ("text", "suggestion", "reply"), **facts)


# Values and reports


def _values(user: User, project: Project) -> Texts:
    rows = visible_values(user, project).exclude(comment="", source="")
    for row in rows.select_related("indicator__result"):
        row.indicator.result.project = project
        label = f"{row.indicator.code} · {capfirst(str(row._meta.verbose_name))}"
        yield from _typed(row, label, row.indicator.get_absolute_url(), ("comment", "source"))


def _sections(user: User, project: Project) -> Texts:
    reports = visible_reports(user, project).with_related().prefetch_related("sections__result")
    made = _translated_sections(project)
    for report in reports:
        report.project = project
        written: dict[str, dict[str, Section]] = defaultdict(dict)
        for section in report.sections.all():
            if section.text.strip():
                written[section.slug][section.language] = section
        for slug, rows in written.items():
            yield _section(report, slug, rows, made)


def _translated_sections(project: Project) -> set[tuple[int, str, str]]:
    """Return report, section and language of what the queue translated: it is no original."""
    kind = ContentType.objects.get_for_model(Report)
    rows = Translation.objects.confirmed().filter(project=project, content_type=kind)
    return set(rows.values_list("object_id", "field", "language"))


def _section(
    report: Report, slug: str, rows: dict[str, Section], made: set[tuple[int, str, str]]
) -> TranslatableText:
    """The original of a section is what nobody translated here; of several, the one in the language
    that the project names first."""
    order = {each: place for place, each in enumerate(report.project.languages)}
    originals = [each for each in rows if (report.pk, slug, each) not in made] or list(rows)
    origin = min(originals, key=lambda each: (order.get(each, len(order)), each))
    first = rows[origin]
    label = SectionKind(first.kind).label
    return TranslatableText(
        *(report, slug, f"{report} · {label}{f' · {first.result.code}' if first.result else ''}"),
        {language: row.text for language, row in rows.items()},
        *(origin, report.get_absolute_url()),
        kept=SECTION,
        is_open=not report.is_frozen,
        stale=frozenset(each for each, row in rows.items() if row.updated_at < first.updated_at),
    )


def _report_remarks(user: User, project: Project) -> Texts:
    reports = {row.pk: row for row in visible_reports(user, project).with_related()}
    rows = ReportRemark.objects.filter(report__in=list(reports)).exclude(
        status=ReportRemark.Status.WITHDRAWN
    )
    for row in rows:
        report = reports[row.report_id]
        if row.origin in origins_seen(user, report):
            label, url = f"{report} · {_('Remark')}", report.get_absolute_url()
            yield from _typed(row, label, url, ("text",), language=row.language)
            yield from _typed(row, label, url, ("answer",))


def _typed(
    row: Any, label: str, url: str, fields: tuple[str, ...], language: str = "", **facts: Any
) -> Texts:
    for name in fields:
        if text := getattr(row, name).strip():
            words = str(row._meta.get_field(name).verbose_name)
            origin = language or language_written_in(text)
            if origin:
                yield TranslatableText(
                    row, name, f"{label} · {words}", {origin: text}, origin, url, **facts
                )


READERS: tuple[Callable[[User, Project], Iterable[TranslatableText]], ...] = (
    *(_project, _committee, _items, _resolutions, _consultations, _minutes, _comments),
    *(_plans, _results, _indicators, _values, _activities, _deliverables, _sections),
    *(_report_remarks, _risks, _amendments, _calls, _categories, _duties),
)
