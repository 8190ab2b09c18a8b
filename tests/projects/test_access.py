"""What one role sees of a project and another does not; things of a neighbour under one's own address.

Which role opens which address is held by the table of `tests/test_access.py`.
"""

import pytest
from django.urls import reverse

from projects.models import DataPoint, Project
from projects.permissions.roles import sees_project
from tests.factories import (
    ActivityFactory,
    AmendmentFactory,
    DataPointFactory,
    ParticipationFactory,
    RepresentationFactory,
)
from tests.test_access import state


def test_the_roles_say_who_sees_the_project_at_all(world):
    for person in world.people.values():
        seen = Project.objects.visible_to(person).filter(pk=world.project.pk).exists()
        assert sees_project(person, world.project) == seen


def test_partners_see_an_amendment_once_it_is_in_effect(client, world, sign_in):
    AmendmentFactory(project=world.project)
    amendment = AmendmentFactory(
        project=world.project, status="effective", donor_decided_on="2020-10-01"
    )
    ledger = reverse("projects:amendments", args=[world.project.code])

    sign_in("partner")
    assert list(client.get(ledger).context["page"]) == [amendment]
    assert client.get(amendment.get_absolute_url()).status_code == 200

    sign_in("member")
    assert len(client.get(ledger).context["page"]) == 2


@pytest.mark.parametrize("role", ["partner", "donor", "member"])
def test_what_is_not_approved_is_shown_to_the_team_alone(client, world, sign_in, role):
    DataPointFactory(
        indicator=world.indicator, period=world.year, numerator=7654, status="submitted"
    )
    page = world.indicator.get_absolute_url()

    sign_in(role)
    assert "7,654" not in client.get(page).content.decode()
    sign_in("reader")
    assert "7,654" in client.get(page).content.decode()


def test_a_partner_enters_actuals_where_its_institution_is_responsible(client, world, sign_in):
    world.indicator.responsible = world.institutions["partner"]
    world.indicator.save()
    url = reverse("projects:value-create", args=[world.project.code, world.indicator.pk])
    sign_in("partner")

    client.post(url, {"kind": "actual", "period": world.year.pk, "numerator": "12"})
    refused = client.post(url, {"kind": "target", "period": world.year.pk, "numerator": "12"})

    point = DataPoint.objects.get()
    assert (point.kind, point.entered_by) == ("actual", world.people["partner"])
    assert "kind" in refused.context["form"].errors
    step = reverse("projects:value-step", args=[world.project.code, point.pk, "submit"])
    assert client.post(step).status_code == 302
    approve = reverse("projects:value-step", args=[world.project.code, point.pk, "approve"])
    assert client.post(approve).status_code == 403


def test_buttons_are_for_those_who_may(client, world, sign_in):
    edit = reverse("projects:edit", args=[world.project.code])

    sign_in("coordinator")
    assert edit in client.get(world.project.get_absolute_url()).content.decode()
    sign_in("monitoring")
    assert edit not in client.get(world.project.get_absolute_url()).content.decode()


# Crossed ids: things of the neighbour under the address of one's own project, and in its forms


def test_a_thing_of_another_project_is_not_under_this_one(client, world, coordinator):
    other = world.neighbour
    theirs = DataPointFactory(indicator__result__project=other)
    indicator, period = theirs.indicator, theirs.period
    activity, amendment = ActivityFactory(project=other), AmendmentFactory(project=other)
    assignment = other.assignments.get()
    participation = other.participations.get()
    crossed = [
        ("period-edit", period.pk),
        ("period-delete", period.pk),
        ("participation-delete", participation.pk),
        ("result", indicator.result_id),
        ("result-edit", indicator.result_id),
        ("result-move", indicator.result_id),
        ("result-delete", indicator.result_id),
        ("indicator", indicator.pk),
        ("indicator-edit", indicator.pk),
        ("indicator-delete", indicator.pk),
        ("value-create", indicator.pk),
        ("value", theirs.pk),
        ("value-edit", theirs.pk),
        ("value-delete", theirs.pk),
        ("activity", activity.pk),
        ("activity-edit", activity.pk),
        ("activity-delete", activity.pk),
        ("amendment", amendment.pk),
        ("amendment-edit", amendment.pk),
        ("amendment-delete", amendment.pk),
        ("assignment-edit", assignment.pk),
        ("assignment-delete", assignment.pk),
    ]
    before = state()
    for name, pk in crossed:
        url = reverse(f"projects:{name}", args=[world.project.code, pk])
        assert client.get(url).status_code == 404, name
        assert client.post(url).status_code in (404, 405), name
    assert state() == before


def test_a_form_refuses_what_belongs_to_another_project(client, world, coordinator):
    foreign = DataPointFactory(indicator__result__project=world.neighbour)
    at_risk = ParticipationFactory(project=world.neighbour, institution__named_to=[]).institution
    code = world.project.code
    tries = {
        "result-create": ("parent", foreign.indicator.result_id, {"level": "immediate"}),
        "indicator-create": ("result", foreign.indicator.result_id, {}),
        "activity-create": ("result", foreign.indicator.result_id, {"kind": "mission"}),
        "participation-create": ("institution", at_risk.pk, {}),
    }
    for name, (field, pk, more) in tries.items():
        response = client.post(reverse(f"projects:{name}", args=[code]), {field: pk, **more})
        assert field in response.context["form"].errors, name

    responsible = {"responsible": world.foreign_institution.pk, "result": world.result.pk}
    response = client.post(reverse("projects:indicator-create", args=[code]), responsible)
    assert "responsible" in response.context["form"].errors

    url = reverse("projects:value-create", args=[code, world.indicator.pk])
    response = client.post(url, {"kind": "actual", "period": foreign.period_id, "numerator": 1})
    assert "period" in response.context["form"].errors


def test_a_contact_of_another_institution_is_not_under_this_one(client, world, coordinator):
    member = world.people["member"].contacts.get()
    institution = world.institutions["partner"]
    for name in ("contact-edit", "contact-departure", "contact-invite"):
        url = reverse(f"partners:{name}", args=[institution.pk, member.pk])
        assert client.post(url, {"on": "2020-01-01"}).status_code == 404, name
    name = world.institutions["member"].names.get()
    url = reverse("partners:name-edit", args=[institution.pk, name.pk])
    assert client.get(url).status_code == 404


def test_who_left_sees_nothing_more(client, world, sign_in):
    person = sign_in("partner")
    assert client.get(world.project.get_absolute_url()).status_code == 200

    person.contacts.update(ended_on="2020-01-01")

    assert client.get(world.project.get_absolute_url()).status_code == 404
    assert client.get(world.institutions["partner"].get_absolute_url()).status_code == 404


def test_an_institution_that_leaves_the_project_takes_its_people_along(client, world, sign_in):
    there = ParticipationFactory(project=world.neighbour, institution=world.institutions["partner"])
    RepresentationFactory(participation=there, contact=world.people["partner"].contacts.get())
    world.project.participations.filter(institution=world.institutions["partner"]).delete()
    sign_in("partner")

    assert client.get(world.project.get_absolute_url()).status_code == 404
    assert client.get(world.neighbour.get_absolute_url()).status_code == 200
