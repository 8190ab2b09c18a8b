"""Where a lock is followed by changes: in the books, the budget, values, plans, minutes and reports.

Whoever reads this belongs to every audience (`may_audit`), so nothing is left out as reserved.
"""

from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Min, Model, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import AgendaItem, Erratum, Minutes, Resolution, Shift
from ibcr_portal.audit.changes import Change, Compared, beginning_of, changes_of, said
from kernel.formats import day
from kernel.lifecycle import StatusChange
from kernel.text import columns_of
from projects.models import (
    AccountingLock,
    Budget,
    BudgetRevision,
    DataPoint,
    Expenditure,
    Project,
)
from projects.pages import reverse_in
from reports.models import Report

VOUCHER_FIELDS = (
    *("category", "result", "activity", "spent_on", "amount", "currency", "rate"),
    *("description", "voucher", "adjusts", "concerns_on"),
)
VALUE_FIELDS = (
    *("numerator", "denominator", "nothing_to_report", "comment", "source", "given_by"),
    *("evidence", "received_on", "status"),
)
RESOLUTION_FIELDS = (
    *("kind", *columns_of("text"), "rule", "votes_for", "votes_against", "abstentions"),
    *("resolved_on", "addressee", "due_on"),
)
ITEM_FIELDS = (*columns_of("title"), "notes", "audience")


def changes_after_locks(project: Project) -> list[Change]:
    """Return everything that changed in the project after it was locked, the newest first."""
    found = [
        change
        for source in (_books, _unlocked, _budget, _limit, _values, _shifts, _minutes, _reports)
        for change in source(project)
    ]
    return sorted(found, key=lambda change: change.at, reverse=True)


# The books


def _books(project: Project) -> list[Change]:
    """Changes of vouchers of locked days, corrections of them, and what was done to the days once
    they were unlocked again."""
    locks = list(project.accounting_locks.order_by("locked_at"))
    if not locks:
        return []
    there = project.expenditures.in_bulk()

    def lock_of(pair: Compared) -> str:
        records = [record for record in (pair.before, pair.after) if record is not None]
        days = {record.spent_on for record in records}
        days |= {record.concerns_on for record in records if record.concerns_on}
        days |= {there[one.adjusts_id].spent_on for one in records if one.adjusts_id in there}
        before = [
            lock
            for lock in locks
            if lock.locked_at < pair.at and any(lock.covers(each) for each in days)
        ]
        return _lock_of_books(before[-1]) if before else ""

    def name_of(record: Any) -> tuple[str, str]:
        url = reverse_in(project, "expenditure", record.id) if record.id in there else ""
        return _voucher(record), url

    def entered(record: Any) -> tuple[str, str, str]:
        corrected = there.get(record.adjusts_id)
        is_correction = corrected or record.concerns_on
        label = _("Correction") if is_correction else _("Entered")
        return label, _voucher(corrected) if corrected else "–", record.description

    return changes_of(
        Expenditure,
        Q(project=project.pk),
        locks[0].locked_at,
        fields=VOUCHER_FIELDS,
        lock_of=lock_of,
        name_of=name_of,
        entered=entered,
    )


def _voucher(row: Any) -> str:
    name = row.voucher or row.description or str(row.id)  # `pk` of a record is the record's own
    return f"{name} · {said(row.amount)} {row.currency}"


def _lock_of_books(lock: AccountingLock) -> str:
    return _("Books of %(days)s, locked on %(day)s") % {"days": lock, "day": day(lock.locked_on)}


def _unlocked(project: Project) -> list[Change]:
    lifted = project.accounting_locks.exclude(lifted_on=None)
    return [
        Change(
            beginning_of(lock.lifted_on),
            _lock_of_books(lock),
            str(lock),
            reverse_in(project, "locks"),
            _("Lock"),
            _("Locked"),
            _("Unlocked"),
            by=lock.lifted_by_id,
            why=lock.lift_reason,
        )
        for lock in lifted
        if lock.lifted_on
    ]


def _budget(project: Project) -> list[Change]:
    approved = Budget.of(project).approved_on
    rows = BudgetRevision.objects.filter(line__project=project).select_related(
        "line__category", "line__result", "line__period", "amendment"
    )
    lock = _("Budget, approved on %(day)s") % {"day": day(approved)}
    return [
        Change(
            beginning_of(row.on),
            lock,
            str(row.line),
            reverse_in(project, "budget-lines", row.line.category_id),
            _("Amount"),
            said(row.before),
            said(row.after),
            by=row.by_id,
            why=" · ".join(filter(None, [row.reason, str(row.amendment or "")])),
        )
        for row in rows
    ]


def _limit(project: Project) -> list[Change]:
    """Changes of the amount above which a second person approves, once there was one."""
    history: Any = Budget.history
    of_project = Q(project=project.pk)
    first = history.filter(of_project).exclude(approval_above=None)
    since = first.aggregate(first=Min("history_date"))["first"]

    def lock_of(pair: Compared) -> str:
        if pair.at <= since:
            return ""
        return _("Second approval, set on %(day)s") % {"day": day(timezone.localdate(since))}

    def name_of(record: Any) -> tuple[str, str]:
        return _("Settings of the budget"), reverse_in(project, "budget")

    return changes_of(
        Budget, of_project, since, fields=("approval_above",), lock_of=lock_of, name_of=name_of
    )


# Values and plans


def _values(project: Project) -> list[Change]:
    """Changes of values that were approved once."""
    history: Any = DataPoint.history
    approved: dict[int, datetime] = dict(
        history.filter(indicator__result__project=project, status=DataPoint.Status.APPROVED)
        .order_by()
        .values("id")
        .annotate(first=Min("history_date"))
        .values_list("id", "first")
    )
    points = DataPoint.objects.filter(pk__in=approved).select_related("indicator", "period")
    there = {point.pk: point for point in points}

    def lock_of(pair: Compared) -> str:
        first = approved[pair.key]
        if pair.at <= first:
            return ""
        return _("Value, approved on %(day)s") % {"day": day(first)}

    def name_of(record: Any) -> tuple[str, str]:
        point = there.get(record.id)
        if point is None:
            return str(DataPoint._meta.verbose_name), ""
        name = f"{point} · {point.period}" if point.period else str(point)
        return name, reverse_in(project, "value", point.pk)

    return changes_of(
        DataPoint,
        Q(id__in=list(approved)),
        min(approved.values(), default=None),
        fields=VALUE_FIELDS,
        lock_of=lock_of,
        name_of=name_of,
    )


def _shifts(project: Project) -> list[Change]:
    """What moved in a plan after the committee had validated it."""
    rows = Shift.objects.filter(terms__plan__project=project).with_related()
    return [
        Change(
            row.recorded_at,
            _("%(plan)s, validated by the committee") % {"plan": row.terms.plan},
            str(row.terms.action),
            row.terms.action.get_absolute_url(),
            row.get_field_display(),
            said(row.value_before),
            said(row.value_after),
            by=row.by_id,
            why=" · ".join(filter(None, [row.reason, str(row.amendment or "")])),
        )
        for row in rows.select_related("amendment")
    ]


# Minutes and reports


def _minutes(project: Project) -> list[Change]:
    """Errata of sealed minutes, and what changed in the resolutions and items of such a meeting. The
    sealed text itself cannot change."""
    sealed = Minutes.objects.filter(
        meeting__committee__project=project, status=Minutes.Status.SEALED
    ).select_related("meeting__committee")
    minutes = {row.pk: row for row in sealed}
    moments = _moments(Minutes, {"seal"}, minutes)
    of_meeting = {row.meeting_id: row for row in minutes.values()}

    def lock_name(row: Minutes) -> str:
        return _("%(minutes)s, sealed on %(day)s") % {"minutes": row, "day": day(row.sealed_on)}

    def lock_of(pair: Compared) -> str:
        row = of_meeting[pair.after.meeting_id]
        sealed_at = moments.get(row.pk)
        return lock_name(row) if sealed_at and pair.at > sealed_at else ""

    errata = Erratum.objects.filter(minutes__in=minutes)
    found = [
        Change(
            beginning_of(row.made_on),
            lock_name(minutes[row.minutes_id]),
            str(minutes[row.minutes_id]),
            reverse("committees:minutes", args=[row.minutes_id]),
            str(row),
            "–",
            row.text,
            by=row.by_id,
        )
        for row in errata
    ]
    rows, since = Q(meeting__in=list(of_meeting)), min(moments.values(), default=None)
    options: Any = {"lock_of": lock_of}
    found += changes_of(
        Resolution, rows, since, fields=RESOLUTION_FIELDS, name_of=_resolution, **options
    )
    found += changes_of(AgendaItem, rows, since, fields=ITEM_FIELDS, name_of=_item, **options)
    return found


def _resolution(record: Any) -> tuple[str, str]:
    name = f"{record.get_kind_display()} {record.number}"
    return name, reverse("committees:resolution", args=[record.id])


def _item(record: Any) -> tuple[str, str]:
    title = next((text for name in columns_of("title") if (text := getattr(record, name))), "")
    return title, reverse("committees:meeting", args=[record.meeting_id])


def _reports(project: Project) -> list[Change]:
    """The steps of a report after it was signed off. Its text cannot change then: another text is
    another version."""
    reports = Report.objects.filter(project=project).with_related()
    signed = {row.pk: row for row in reports if row.is_frozen}
    moments = _moments(Report, {"sign_off"}, signed)
    steps = _steps(Report, signed)
    statuses = dict(Report.Status.choices)
    found = [
        Change(
            step.recorded_at,
            _signed(signed[step.object_id]),
            str(signed[step.object_id]),
            signed[step.object_id].get_absolute_url(),
            _("Status"),
            str(statuses.get(step.from_status, step.from_status)),
            str(statuses.get(step.to_status, step.to_status)),
            by=step.by_id,
            why=step.why,
        )
        for step in steps
        if step.object_id in moments and step.recorded_at > moments[step.object_id]
    ]
    return found


def _signed(report: Report) -> str:
    return _("%(report)s, version %(version)s, signed off on %(day)s") % {
        "report": report,
        "version": report.version,
        "day": day(report.signed_off_on),
    }


def _steps(model: type[Model], rows: dict[int, Any]) -> list[StatusChange]:
    kind = ContentType.objects.get_for_model(model)
    return list(StatusChange.objects.filter(content_type=kind, object_id__in=list(rows)))


def _moments(model: type[Model], verbs: set[str], rows: dict[int, Any]) -> dict[int, datetime]:
    """Return when each row took its last step of these; of rows that were brought in with a status,
    when that was."""
    moments: dict[int, datetime] = {}
    for step in _steps(model, rows):
        if step.verb in verbs or step.object_id not in moments:
            moments[step.object_id] = step.recorded_at
    return {key: moments[key] for key in rows if key in moments}
