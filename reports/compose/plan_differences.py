"""The document on the differences between two versions of an action plan."""

from collections import Counter

from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from committees.models import ActionPlan
from committees.permissions.amounts import amounts_for
from committees.plans.services.comparison import (
    ComparedAction,
    DifferenceKind,
    PlanChanges,
    compare_versions,
)
from kernel.formats import MISSING, day_range
from reports.compose.action_plan import MOST_WHOLE
from reports.compose.blocks import field, heading, notice, pair, paragraph, table_of
from reports.compose.frame import framed
from reports.compose.reading import DocumentReading
from reports.document_types import Block, FramedDocument, LocalText
from reports.models import About


def differences_document(about: About, reading: DocumentReading) -> FramedDocument:
    """Compose the changes since an earlier version, to attach to a memo."""
    plan = about.of(ActionPlan)
    since = about.base or earlier_versions(plan).first()
    if since is None:
        raise ActionPlan.DoesNotExist(f"No version came before {plan}")
    amounts = amounts_for(reading.audience, reading.project)
    changes = compare_versions(plan, amounts=amounts, since=since)
    return framed(
        about,
        reading,
        _differences(changes),
        title=_("%(later)s, compared with version %(earlier)s")
        % {"later": plan, "earlier": since.version}
        if since.period_id == plan.period_id
        else _("%(later)s, compared with: %(earlier)s") % {"later": plan, "earlier": since},
        facts=[(_("Project year"), day_range(plan.period.start, plan.period.end))],
        base=since.pk,
        illustrative=plan.illustrative,
    )


def earlier_versions(plan: ActionPlan) -> QuerySet[ActionPlan]:
    """Return earlier versions of the same year and shown plans of earlier years, the latest
    first."""
    before = Q(period=plan.period_id, version__lt=plan.version)
    before |= Q(project=plan.project_id, period__end__lt=plan.period.start)
    earlier = ActionPlan.objects.filter(before, status__in=ActionPlan.SHOWN_TO_DONOR)
    return earlier.with_related().order_by("-period__start", "-version")


def _differences(changes: PlanChanges | None) -> list[Block]:
    if changes is None or not changes.entries:
        return [notice(_("The two versions say the same."))]
    counts = Counter(entry.label for entry in changes.entries)
    blocks: list[Block] = [
        notice(" · ".join(pair(label, count) for label, count in counts.items())),
    ]
    for entry in changes.entries:
        title: LocalText = {"text": f"{entry.reference} {entry.title}", "lang": ""}
        blocks += [heading(title, 2), paragraph(entry.label, "small before"), _lines(entry)]
    return blocks


def _lines(entry: ComparedAction) -> Block:
    """Return the changes of an action; a new action has no text before, a removed one none
    after."""
    shown = [line for line in entry.lines if _or_missing(line.old) != _or_missing(line.new)]
    is_changed, is_new = entry.kind == DifferenceKind.CHANGED, entry.kind == DifferenceKind.ADDED
    width = 40 if is_changed else 0
    fields = [field(_("Field"), lambda line: capfirst(line.label), 20)]
    if not is_new:
        fields.append(field(_("Before"), lambda line: _or_missing(line.old), width))
    if is_changed or is_new:
        label = _("New") if is_new else _("After")
        fields.append(field(label, lambda line: _or_missing(line.new), width))
    # A short table is not split between two pages.
    return table_of(shown, fields, style="whole" if len(shown) <= MOST_WHOLE else "")


def _or_missing(text: str) -> str:
    return text or MISSING
