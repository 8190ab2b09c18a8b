"""The tasks that wait for a person: obligations (`ibcr_portal.home.due`), and things without a day
that wait for somebody's answer."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from committees.models import ActionPlan
from committees.permissions.plans import plans_visible_in
from ibcr_portal.home.line import SHOWN, WAITING, HomeLine
from ibcr_portal.models import PersonRequest
from ibcr_portal.reader import Reader
from kernel.formats import day
from projects.models import DataPoint, Project
from projects.permissions.institutions import changes_to_settle
from projects.permissions.representations import to_confirm
from projects.permissions.roles import Role
from reports.models import Report


def waiting_for(reader: Reader, due: list[HomeLine]) -> list[HomeLine]:
    lines = [
        *due,
        *_plans_to_approve(reader),
        *_plans_to_move(reader.where(Role.COORDINATOR), reader.today),
        *_reports_to_move(reader),
        *_values_to_approve(reader),
        *_people_to_confirm(reader),
        *_facts_to_settle(reader),
        *_requests_to_answer(reader),
    ]
    return sorted(lines, key=lambda line: line.on or date.max)[:WAITING]


def _plans_to_approve(reader: Reader) -> Iterator[HomeLine]:
    plans = plans_visible_in(reader.user, reader.where(Role.ACCEPTS_FOR_DONOR))
    for plan in plans.filter(status=ActionPlan.Status.SUBMITTED).with_related():
        yield HomeLine(
            title=_("Approve: %(plan)s") % {"plan": plan},
            url=plan.get_absolute_url(),
            meta=str(plan.project),
        )


def _plans_to_move(projects: list[Project], today: date) -> Iterator[HomeLine]:
    status = ActionPlan.Status
    plans = ActionPlan.objects.filter(project__in=projects).filter(
        Q(status=status.IN_REVIEW, review_until__lt=today)
        | Q(status__in=[status.PRESENTED, status.VALIDATED])
    )
    titles: dict[str, str] = {
        status.IN_REVIEW: _("Review is over: %(plan)s"),
        status.PRESENTED: _("To be decided: %(plan)s"),
        status.VALIDATED: _("Submit to the donor: %(plan)s"),
    }
    for plan in plans.with_related():
        over = plan.review_until if plan.status == status.IN_REVIEW else None
        yield HomeLine(
            title=titles[plan.status] % {"plan": plan},
            url=plan.get_absolute_url(),
            meta=str(plan.project),
            when=day(over) if over else "",
            tone="bad" if over else "",
            on=over,
        )


def _reports_to_move(reader: Reader) -> Iterator[HomeLine]:
    status = Report.Status
    titles: dict[str, str] = {
        status.DRAFT: _("Write: %(report)s"),
        status.IN_REVIEW: _("Sign off: %(report)s"),
        status.RETURNED: _("The donor asks for changes: %(report)s"),
        status.SUBMITTED: _("Read: %(report)s"),
    }
    team = reader.where(Role.COORDINATOR, Role.MONITORING)
    reports = Report.objects.filter(
        Q(project__in=team, status__in=[status.DRAFT, status.IN_REVIEW, status.RETURNED])
        | Q(project__in=reader.where(Role.ACCEPTS_FOR_DONOR), status=status.SUBMITTED)
    )
    for report in reports.with_related():
        yield HomeLine(
            title=titles[report.status] % {"report": report},
            url=report.get_absolute_url(),
            meta=str(report.project),
        )


def _values_to_approve(reader: Reader) -> Iterator[HomeLine]:
    """Yield values that somebody else entered, since nobody approves their own."""
    projects = reader.where(Role.MONITORING, Role.COORDINATOR)
    values = (
        DataPoint.objects.totals()
        .filter(indicator__result__project__in=projects, status=DataPoint.Status.SUBMITTED)
        .exclude(entered_by=reader.user)
    )
    for value in values.select_related("indicator__result__project")[:SHOWN]:
        yield HomeLine(
            title=_("Approve a value: %(indicator)s") % {"indicator": value.indicator},
            url=value.indicator.get_absolute_url(),
            meta=str(value.indicator.result.project),
        )


def _people_to_confirm(reader: Reader) -> Iterator[HomeLine]:
    """Yields the people entered for a funding or accountable institution who see nothing yet."""
    for row in to_confirm(reader.user, reader.projects).with_related():
        place = row.participation
        yield HomeLine(
            title=_("Confirm: does %(person)s represent %(institution)s?")
            % {"person": row.contact, "institution": place.institution.short_name},
            url=row.get_absolute_url(),
            meta=str(place.project),
        )


def _facts_to_settle(reader: Reader) -> Iterator[HomeLine]:
    """Yields changes that a coordinator proposes, for the institution and for administrators."""
    for change in changes_to_settle(reader.user, reader.projects):
        yield HomeLine(
            title=_("A change is proposed: %(institution)s")
            % {"institution": change.institution.short_name},
            url=change.institution.get_absolute_url(),
            meta=change.text,
        )


def _requests_to_answer(reader: Reader) -> Iterator[HomeLine]:
    """Yields what persons asked about their data, for administrators."""
    if not reader.user.is_staff:
        return
    for asked in PersonRequest.objects.filter(answered_on=None).select_related("user"):
        yield HomeLine(
            title=_("Answer a request: %(request)s") % {"request": asked},
            url=asked.get_absolute_url(),
            when=day(asked.due_on),
            tone="bad" if asked.is_late else "",
            label=str(_("late")) if asked.is_late else "",
            on=asked.due_on,
        )
