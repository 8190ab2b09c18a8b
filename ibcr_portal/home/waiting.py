"""The tasks that wait for a person, and the coming events: obligations with a due date, and things
without one that wait for somebody's answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from committees.models import ActionPlan
from committees.permissions.plans import plans_visible_in
from ibcr_portal.home.line import SHOWN, HomeLine
from ibcr_portal.models import ObligationKind, PersonRequest
from ibcr_portal.obligations.due import Due, DueState
from ibcr_portal.reader import Reader
from kernel.formats import day
from projects.models import DataPoint, Project
from projects.permissions.institutions import changes_to_settle
from projects.permissions.representations import to_confirm
from projects.permissions.roles import Role
from reports.models import Report


def waiting_for(reader: Reader, due: list[Due]) -> list[HomeLine]:
    lines = [
        *_of_what_is_due(reader, due),
        *_plans_to_approve(reader),
        *_plans_to_move(reader.where(Role.COORDINATOR), reader.today),
        *_reports_to_move(reader),
        *_values_to_approve(reader),
        *_people_to_confirm(reader),
        *_facts_to_settle(reader),
        *_requests_to_answer(reader),
    ]
    return sorted(lines, key=lambda line: line.on or date.max)[: SHOWN * 2]


def coming_to(due: list[Due]) -> list[HomeLine]:
    """Return meetings and ends of reviews, whether or not the person has to do something for them."""
    return [HomeLine.of(one) for one in due if one.is_event and one.state != DueState.LATE][:SHOWN]


def _of_what_is_due(reader: Reader, due: list[Due]) -> Iterator[HomeLine]:
    """Yield the obligations that wait for the reader.

    For everybody: their own, if they are late, due soon or without a day; a recommendation from its
    first day, as an invitation of theirs. For the coordination also those of others that are late. Many of one kind become one
    line.
    """
    actions, policies, values = [], [], []
    for one in due:
        coordinates = reader.holds(one.project.pk, [Role.COORDINATOR])
        if not _waits(one, is_theirs=one.is_of(reader), coordinates=coordinates):
            continue
        if one.kind == ObligationKind.ACTION and not coordinates:
            actions.append(one)
        elif one.kind == ObligationKind.SAFEGUARDING:
            policies.append(one)
        elif one.kind == ObligationKind.VALUE and not one.is_of(reader):
            values.append(one)
        else:
            yield HomeLine.of(one)
    if actions:
        yield _actions_to_note(actions)
    if policies:
        yield _policies_to_sign(policies)
    if values:
        yield _values_to_ask_for(values)


def _waits(due: Due, *, is_theirs: bool, coordinates: bool) -> bool:
    if due.is_event or due.done:
        return False
    if due.state == DueState.LATE:
        return is_theirs or coordinates
    from_first_day = due.kind == ObligationKind.RESOLUTION or due.owner.people
    return is_theirs and (due.state != DueState.LATER or bool(from_first_day))


def _policies_to_sign(policies: list[Due]) -> HomeLine:
    """Make one line without a day: policies are many and old, and would push down everything else."""
    if len(policies) == 1:
        return replace(HomeLine.of(policies[0]), on=None)
    title = ngettext(
        "Have %(number)s safeguarding policy signed",
        "Have %(number)s safeguarding policies signed",
        len(policies),
    )
    return HomeLine(
        title=title % {"number": len(policies)},
        url=f"{reverse('due')}?kind={ObligationKind.SAFEGUARDING.value}",
        meta=_("Never signed, or older than the policy lasts"),
    )


def _values_to_ask_for(values: list[Due]) -> HomeLine:
    """Make one line of the late values of other institutions, which the coordination asks for on
    one page."""
    if len(values) == 1:
        return HomeLine.of(values[0])
    title = _("Late values of indicators (%(number)s)") % {"number": len(values)}
    return replace(
        HomeLine.of(values[0], meta=_("Of institutions that have not answered yet")),
        title=title,
        url=f"{reverse('due')}?kind={ObligationKind.VALUE.value}&state={DueState.LATE.value}",
    )


def _actions_to_note(actions: list[Due]) -> HomeLine:
    number = len(actions)
    title = ngettext(
        "Note the progress of %(number)s action", "Note the progress of %(number)s actions", number
    )
    first = HomeLine.of(actions[0])
    return HomeLine(
        title=title % {"number": number},
        url=reverse("committees:actions"),
        meta=_("Of your institution: overdue, or to be done within 30 days"),
        when=first.when,
        tone=first.tone,
        label=first.label,
        on=first.on,
    )


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
