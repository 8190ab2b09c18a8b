"""Obligations of follow-up: values, contributions, amendments under way, the register of risks."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import HORIZON, Due, ResponsibleParty, key_of, of_institution, team
from ibcr_portal.reader import Reader, running
from kernel.formats import day, money
from projects.framework.values_due import ValueDue, values_due
from projects.models import Amendment, Contribution, Project, Risk, ValueRequest
from projects.permissions.risks import SEES_ALL
from projects.permissions.roles import TEAM, Role

# Rules of the portal where the sources name none: a register is looked through twice a year, and
# what the donor approved is put into effect within a month.
RATE_AFTER = timedelta(days=182)
EFFECT_WITHIN = timedelta(days=30)

ValueGroup = tuple[int, int | None, int | None]  # project, institution, period


def values(reader: Reader) -> Iterator[Due]:
    """Yield one line for each institution and period: its values are asked for and entered
    together."""
    projects = running(reader.where(*TEAM, Role.PARTNER))
    far = reader.today + timedelta(days=HORIZON)
    found = values_due(projects, reader.today, due_until=far, with_cells=False)
    reader.with_names([one.indicator for one in found], "responsible")
    groups: dict[ValueGroup, list[ValueDue]] = {}
    for one in found:
        key: ValueGroup = (one.project.pk, one.indicator.responsible_id, one.period.pk)
        if reader.works_for(one.project.pk) or key[:2] in reader.own:
            groups.setdefault(key, []).append(one)
    asked: dict[ValueGroup, ValueRequest] = {
        (row.project_id, row.institution_id, row.period_id): row
        for row in ValueRequest.objects.filter(project__in={key[0] for key in groups})
    }
    for key, due_values in groups.items():
        yield _of_values(reader, key, due_values, asked.get(key))


def _of_values(
    reader: Reader, key: ValueGroup, due_values: list[ValueDue], asked: ValueRequest | None
) -> Due:
    """Make it due on the day of the request, or without one on the first due day of its
    indicators."""
    project, period, institution = (
        due_values[0].project,
        due_values[0].period,
        due_values[0].indicator.responsible,
    )
    number_text = ngettext("%(number)s indicator", "%(number)s indicators", len(due_values))
    if asked:
        url = reverse("projects:request", args=[project.code, asked.pk])
    elif reader.works_for(project.pk):
        url = reverse("projects:requests", args=[project.code])
    else:
        url = reverse("projects:framework", args=[project.code])
    return Due(
        project=project,
        kind=ObligationKind.VALUE,
        key=f"values-{key[0]}-{key[1] or 0}-{key[2]}",
        title=_("Values of the indicators: %(period)s") % {"period": period},
        url=url,
        on=asked.due_on if asked else due_values[0].due_on,
        owner=of_institution(reader, institution, project.pk)
        if institution
        else team(Role.MONITORING),
        note=number_text % {"number": len(due_values)},
    )


def contributions(reader: Reader) -> Iterator[Due]:
    """Yield contributions promised and not received. The donor sees them; finance is reminded, and
    asks."""
    expected = Contribution.objects.filter(
        participation__project__in=running(reader.where(*TEAM, Role.DONOR)),
        received=None,
        expected_on__isnull=False,
    )
    rows = list(expected.select_related("participation__project"))
    reader.with_names([row.participation for row in rows])
    finance = team(Role.FINANCE)
    for row in rows:
        project, giver = row.participation.project, row.participation.institution
        yield Due(
            project=project,
            kind=ObligationKind.MONEY,
            key=key_of("contribution", row),
            title=_("Contribution expected: %(institution)s") % {"institution": giver.short_name},
            url=reverse("projects:contributions", args=[project.code]),
            on=row.expected_on,
            owner=ResponsibleParty(finance.label, finance.roles | {Role.COORDINATOR}),
            note=money(row.promised, row.currency),
            to_donor=True,
        )


def amendments(reader: Reader) -> Iterator[Due]:
    """Yield amendments that are recommended, submitted or approved, for the party that has to act
    next."""
    status = Amendment.Status
    rows = Amendment.objects.filter(
        project__in=running(reader.where(*TEAM, Role.DONOR)),
        status__in=[status.RECOMMENDED, status.SUBMITTED, status.APPROVED],
    ).with_dates()
    for row in rows.select_related("project"):
        title, on, owner, note = _turn_of(row)
        yield Due(
            project=row.project,
            kind=ObligationKind.AMENDMENT,
            key=f"amendment-{row.pk}-{row.status}",
            title=title % {"amendment": row},
            url=row.get_absolute_url(),
            on=on,
            owner=owner,
            note=f"{row.title} · {note}" if note else row.title,
        )


def _turn_of(row: Amendment) -> tuple[str, date | None, ResponsibleParty, str]:
    if row.status == Amendment.Status.RECOMMENDED:
        return _("Submit to the donor: %(amendment)s"), None, team(), ""
    if row.status == Amendment.Status.SUBMITTED:
        donor = ResponsibleParty(_("Donor"), roles=frozenset({Role.ACCEPTS_FOR_DONOR}))
        since = _("Submitted on %(day)s") % {"day": day(row.submitted_on)}
        return _("Answer: %(amendment)s"), None, donor, since if row.submitted_on else ""
    approved = _("Approved on %(day)s") % {"day": day(row.donor_decided_on)}
    assert row.donor_decided_on is not None  # an approved amendment has its day: a constraint
    on = row.donor_decided_on + EFFECT_WITHIN
    return _("Put into effect: %(amendment)s"), on, team(), approved


def risks(reader: Reader) -> Iterator[Due]:
    """Yield one line for each register, due when the first of its risks has to be rated again."""
    projects = [project for project in running(reader.inside) if reader.holds(project.pk, SEES_ALL)]
    living = Risk.objects.filter(project__in=projects).not_closed().order_by()
    last: dict[int, list[date]] = {}
    for project, rated, identified in living.values_list(
        "project", Max("ratings__rated_on"), "identified_on"
    ):
        last.setdefault(project, []).append((rated or identified) + RATE_AFTER)
    for project in projects:
        if days := last.get(project.pk):
            yield _of_register(project, days)


def _of_register(project: Project, days: list[date]) -> Due:
    first = min(days)
    number = sum(1 for one in days if one <= max(first, project.today))
    number_text = ngettext(
        "%(number)s risk, half a year after its last rating",
        "%(number)s risks, half a year after their last rating",
        number,
    )
    return Due(
        project=project,
        kind=ObligationKind.RISK,
        key=f"risks-{project.pk}",
        title=_("Rate the risks anew"),
        url=reverse("projects:risks", args=[project.code]),
        on=first,
        owner=team(),
        note=number_text % {"number": number},
    )
