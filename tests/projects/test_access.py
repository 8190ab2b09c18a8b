"""Who opens which page of projects and partners; a refused request changes nothing."""

import pytest
from django.apps import apps
from django.core import serializers
from django.core.files.base import ContentFile
from django.urls import get_resolver, reverse

from projects.models import AmendmentFile, DataPoint
from tests.factories import (
    ActivityFactory,
    AmendmentFactory,
    DataPointFactory,
    ParticipationFactory,
    RiskFactory,
)
from tests.world import ROLES

TEAM = {"administrator", "coordinator", "monitoring", "finance", "reader", "auditor"}
DONOR = {"donor", "embassy"}
ALL = set(ROLES)
INSIDE = ALL - {"outsider"}
COORDINATION = {"administrator", "coordinator"}
MONITORING = {"administrator", "coordinator", "monitoring"}
ADMINISTRATOR = {"administrator"}
REGISTER = (TEAM | DONOR | {"member"}) - {"reader"}
OWN = COORDINATION | {"partner"}

# Page: who opens it, who knows of it and is told no (403). For all others it is not there (404).
PAGES = {
    "projects:list": (ALL, set()),
    "projects:create": (ADMINISTRATOR, ALL - ADMINISTRATOR),
    "projects:detail": (INSIDE, set()),
    "projects:edit": (COORDINATION, INSIDE),
    "projects:period-create": (COORDINATION, INSIDE),
    "projects:period-edit": (COORDINATION, INSIDE),
    "projects:period-delete": (COORDINATION, INSIDE),
    "projects:participation-create": (COORDINATION, INSIDE),
    "projects:participation-delete": (COORDINATION, INSIDE),
    "projects:result-create": (COORDINATION, INSIDE),
    "projects:result": (INSIDE, set()),
    "projects:result-edit": (COORDINATION, INSIDE),
    "projects:result-delete": (COORDINATION, INSIDE),
    "projects:indicator-create": (COORDINATION, INSIDE),
    "projects:indicator": (INSIDE, set()),
    "projects:indicator-edit": (COORDINATION, INSIDE),
    "projects:indicator-delete": (COORDINATION, INSIDE),
    "projects:value-create": (MONITORING, INSIDE),
    "projects:value": (TEAM, set()),
    "projects:value-edit": (MONITORING, TEAM),
    "projects:value-delete": (MONITORING, TEAM),
    "projects:activities": (INSIDE, set()),
    "projects:activity-create": (COORDINATION, INSIDE),
    "projects:activity": (INSIDE, set()),
    "projects:activity-edit": (COORDINATION, INSIDE),
    "projects:activity-delete": (COORDINATION, INSIDE),
    "projects:amendments": (INSIDE, set()),
    "projects:amendment-create": (COORDINATION, INSIDE),
    "projects:amendment": (TEAM | DONOR | {"member"}, set()),
    "projects:amendment-edit": (COORDINATION, INSIDE),
    "projects:amendment-delete": (COORDINATION, INSIDE),
    "projects:amendment-step": (COORDINATION, TEAM | DONOR),
    "projects:amendments-export": (INSIDE, set()),
    "projects:amendment-file": (TEAM | DONOR | {"member"}, set()),
    "projects:amendment-file-create": (COORDINATION, TEAM | DONOR | {"member"}),
    "projects:risks": (REGISTER, set()),
    "projects:risks-export": (REGISTER, set()),
    "projects:risk-review": (COORDINATION, REGISTER),
    "projects:risk-create": (COORDINATION, REGISTER),
    "projects:risk": (REGISTER, set()),
    "projects:risk-edit": (COORDINATION, REGISTER),
    "projects:risk-delete": (COORDINATION, REGISTER),
    "projects:risk-step": (COORDINATION, REGISTER),
    "projects:team": (TEAM, set()),
    "projects:assignment-create": (COORDINATION, INSIDE),
    "projects:assignment-edit": (COORDINATION, INSIDE),
    "projects:assignment-delete": (COORDINATION, INSIDE),
    "partners:list": (ALL, set()),
    "partners:create": (COORDINATION | {"outsider"}, ALL),
    "partners:detail": (INSIDE, set()),
    "partners:edit": (OWN, INSIDE),
    "partners:delete": (ADMINISTRATOR, INSIDE),
    "partners:name-create": (OWN, INSIDE),
    "partners:name-edit": (OWN, INSIDE),
    "partners:name-delete": (OWN, INSIDE),
    "partners:contact-create": (COORDINATION, {"partner"}),
    "partners:contact-edit": (COORDINATION, {"partner"}),
    "partners:contact-departure": (COORDINATION, {"partner"}),
}
# What only posts: who may, who is told no.
STEPS = {
    "projects:value-step": (MONITORING, TEAM),
    "projects:amendment-file-remove": (COORDINATION, TEAM | DONOR | {"member"}),
    "partners:contact-invite": (COORDINATION, {"partner"}),
    "partners:contact-withdraw": (COORDINATION, {"partner"}),
}


@pytest.fixture
def arguments(world):
    project, institution = world.project, world.institutions["partner"]
    point = DataPointFactory(indicator=world.indicator, period=world.year, status="draft")
    institution.names.create(name_fr="Nouveau nom", since="2022-01-01")
    things = {
        "period": world.year,
        "participation": project.participations.get(institution=institution),
        "result": world.result,
        "indicator": world.indicator,
        "value": point,
        "activity": ActivityFactory(project=project),
        "amendment": AmendmentFactory(project=project),
        "assignment": project.assignments.get(role="reader"),
        "risk": RiskFactory(project=project, is_shared=True),
    }
    kept = AmendmentFile(
        amendment=things["amendment"], category="other", original_name="x.pdf", kind="pdf", size=8
    )
    kept.file.save("x.pdf", ContentFile(b"%PDF-1.7"))

    def arguments(name):
        app, page = name.split(":")
        if app == "projects":
            return project_arguments(page)
        if page in ("list", "create"):
            return []
        more = {"name": institution.names.first, "contact": institution.contacts.get}
        thing = more.get(page.split("-")[0])
        return [institution.pk] + ([thing().pk] if thing and "create" not in page else [])

    def project_arguments(page):
        if page in ("list", "create"):
            return []
        if page == "value-create":
            return [project.code, world.indicator.pk]
        if page == "risk-review":
            return [project.code]
        if page.startswith("amendment-file"):
            file = [] if "create" in page else [kept.pk]
            return [project.code, things["amendment"].pk, *file]
        verbs = {
            "value-step": ["submit"],
            "amendment-step": ["submit"],
            "risk-step": ["close"],
        }
        thing = things.get(page.split("-")[0])
        own = [thing.pk] if thing and "create" not in page else []
        return [project.code, *own, *verbs.get(page, [])]

    return arguments


def everything():
    """All that these apps hold, as text."""
    models = [*apps.get_app_config("projects").get_models()]
    models += apps.get_app_config("partners").get_models()
    rows = (row for model in models for row in model._base_manager.order_by("pk"))
    return serializers.serialize("json", rows)


def test_every_address_of_these_apps_is_in_the_table():
    addresses = {
        f"{namespace}:{name}"
        for namespace in ("projects", "partners")
        for name in get_resolver().namespace_dict[namespace][1].reverse_dict
        if isinstance(name, str)
    }

    assert addresses == {*PAGES, *STEPS}


@pytest.mark.parametrize("name", PAGES)
def test_pages(client, world, arguments, name):
    may, told_no = PAGES[name]
    url = reverse(name, args=arguments(name))
    for role in ROLES:
        client.force_login(world.people[role])
        expected = 200 if role in may else 403 if role in told_no else 404
        response = client.get(url)
        b"".join(response)  # a file is closed once it was read
        assert response.status_code == expected, role


@pytest.mark.parametrize("name", [*PAGES, *STEPS])
def test_who_may_not_changes_nothing(client, world, arguments, name):
    may, told_no = {**PAGES, **STEPS}[name]
    url = reverse(name, args=arguments(name))
    before = everything()
    is_read = name in PAGES and client_reads_only(client, world, url)
    for role in ROLES:
        if role in may:
            continue
        client.force_login(world.people[role])
        expected = 405 if is_read else 403 if role in told_no else 404
        assert client.post(url, {"code": "X", "on": "2020-01-01"}).status_code == expected, role
    assert everything() == before


def client_reads_only(client, world, url):
    client.force_login(world.people["administrator"])
    return client.put(url).status_code == 405 and "POST" not in client.put(url).headers["Allow"]


@pytest.mark.parametrize("name", [*PAGES, *STEPS])
def test_visitors_are_sent_to_sign_in(client, arguments, name):
    url = reverse(name, args=arguments(name))

    for response in (client.get(url), client.post(url)):
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", STEPS)
def test_a_link_takes_no_step(client, world, arguments, sign_in, name):
    sign_in("coordinator")
    before = everything()

    response = client.get(reverse(name, args=arguments(name)))

    assert response.status_code in (302, 405)
    assert everything() == before


def test_partners_see_an_amendment_once_it_is_in_effect(client, world, sign_in):
    AmendmentFactory(project=world.project)
    amendment = AmendmentFactory(
        project=world.project, status="effective", donor_decided_on="2020-10-01"
    )
    ledger = reverse("projects:amendments", args=[world.project.code])

    sign_in("partner")
    assert client.get(ledger).context["amendments"] == [amendment]
    assert client.get(amendment.get_absolute_url()).status_code == 200

    sign_in("member")
    assert len(client.get(ledger).context["amendments"]) == 2


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
    before = everything()
    for name, pk in crossed:
        url = reverse(f"projects:{name}", args=[world.project.code, pk])
        assert client.get(url).status_code == 404, name
        assert client.post(url).status_code in (404, 405), name
    assert everything() == before


def test_a_form_refuses_what_belongs_to_another_project(client, world, coordinator):
    foreign = DataPointFactory(indicator__result__project=world.neighbour)
    code = world.project.code
    tries = {
        "result-create": ("parent", foreign.indicator.result_id, {"level": "immediate"}),
        "indicator-create": ("result", foreign.indicator.result_id, {}),
        "activity-create": ("result", foreign.indicator.result_id, {"kind": "mission"}),
        "participation-create": ("institution", world.foreign_institution.pk, {}),
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
    for name in ("contact-edit", "contact-departure", "contact-invite", "contact-withdraw"):
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


def test_an_institution_that_leaves_the_project_takes_its_contacts_along(client, world, sign_in):
    ParticipationFactory(project=world.neighbour, institution=world.institutions["partner"])
    world.project.participations.filter(institution=world.institutions["partner"]).delete()
    sign_in("partner")

    assert client.get(world.project.get_absolute_url()).status_code == 404
    assert client.get(world.neighbour.get_absolute_url()).status_code == 200
