"""All ways in which somebody sends something to others at once: before it is sent it is shown who gets
it, whom none reaches and who is not confirmed yet, also without an account."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail
from committees.minutes.services.minutes import circulate, start_minutes
from committees.models import ActionPlan, Meeting, SeatTerm, WrittenConsultation
from kernel.lifecycle import StatusChange
from projects.models import Representation, ValueRequest
from tests.factories import (
    AgendaItemFactory,
    AmendmentFactory,
    ContactFactory,
    IndicatorFactory,
    RecommendationFactory,
    ReportFactory,
    RepresentationFactory,
    SeatTermFactory,
)
from tests.reports.shelves import sign_plainly

pytestmark = pytest.mark.django_db

RULES = Path(settings.BASE_DIR) / "docs/rules/background.md"


def plan_in(world, **facts):
    ActionPlan.objects.filter(pk=world.plan.pk).update(**facts)
    return world.plan.pk


def minutes_of(world):
    Meeting.objects.filter(pk=world.meeting.pk).update(status=Meeting.Status.HELD)
    return start_minutes(Meeting.objects.get(pk=world.meeting.pk), language="fr")


def circulated(world):
    minutes = minutes_of(world)
    circulate(minutes, by=world.people["coordinator"], until=timezone.localdate())
    return minutes


def procedure_of(world, **facts):
    return WrittenConsultation.objects.create(
        committee=world.committee,
        title_fr="Proposition",
        text_fr="Le comité adopte.",
        why_written="Avant la réunion.",
        answers_until=timezone.localdate(),
        **facts,
    ).pk


def owed_by(world, institution="member"):
    facts = {"result": world.result, "due_per": "project_year"}
    IndicatorFactory(code="A", responsible=world.institutions[institution], **facts)


def asked_of(world):
    owed_by(world)
    return ValueRequest.objects.create(
        project=world.project,
        institution=world.institutions["member"],
        period=world.year,
        due_on=timezone.localdate() + timedelta(days=7),
    ).pk


def values_page(world):
    owed_by(world)
    return reverse("projects:request-create", args=[world.project.code])


def in_execution(world):
    return plan_in(world, status="in_execution", validated_by=world.decision)


def action_page(world):
    in_execution(world)
    return reverse("committees:action-ask", args=[world.action.pk])


def extension_page(world):
    pk = plan_in(world, status="in_review", review_until=timezone.localdate())
    page = reverse("committees:plan-extend-for", args=[pk])
    return f"{page}?institution={world.institutions['member'].pk}"


def recommendation_page(world):
    recommendation = RecommendationFactory(
        agenda_item=AgendaItemFactory(meeting=world.meeting), addressee=world.institutions["member"]
    )
    return reverse("committees:resolution-ask", args=[recommendation.pk])


def feedback_page(world):
    Meeting.objects.filter(pk=world.meeting.pk).update(status=Meeting.Status.HELD)
    return reverse("committees:feedback-ask", args=[world.meeting.pk])


def amendment_page(world):
    amendment = AmendmentFactory(project=world.project, status="recommended")
    return reverse("projects:amendment-step", args=[world.project.code, amendment.pk, "submit"])


def page_of(name: str, thing: Callable, *more):
    return lambda world: reverse(name, args=[getattr(found := thing(world), "pk", found), *more])


# How somebody gets to the page, in the state in which it may be sent.
TO_MEMBERS = {
    "review": page_of("committees:plan-submit", lambda world: world.plan),
    "review extended": page_of(
        "committees:plan-extend",
        lambda world: plan_in(world, status="in_review", review_until=timezone.localdate()),
    ),
    "review extended for one": extension_page,
    "minutes circulated": page_of("committees:minutes-step", minutes_of, "circulate"),
    "minutes final": page_of("committees:minutes-step", circulated, "finalise"),
    "procedure": page_of("committees:consultation-step", procedure_of, "open"),
    "procedure reminded": page_of(
        "committees:consultation-step",
        lambda world: procedure_of(world, opened_on=timezone.localdate(), status="open"),
        "remind",
    ),
    "procedure extended": page_of(
        "committees:consultation-step",
        lambda world: procedure_of(world, opened_on=timezone.localdate(), status="open"),
        "extend",
    ),
    "values": values_page,
    "values again": lambda world: reverse(
        "projects:request-edit", args=[world.project.code, asked_of(world)]
    ),
    "feedback": feedback_page,
    "progress": action_page,
    "recommendation": recommendation_page,
}
TO_DONOR = {
    "report": page_of("reports:step", lambda world: signed(world), "submit"),
    "plan": page_of(
        "committees:plan-to-donor",
        lambda world: plan_in(world, status="validated", validated_by=world.decision),
    ),
    "amendment": amendment_page,
}
WAYS = TO_MEMBERS | TO_DONOR


def signed(world):
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    report.take("review", by=world.people["coordinator"])
    return sign_plainly(report, by=world.people["monitoring"], on=date(2021, 6, 30))


@pytest.fixture(params=WAYS)
def way(request, world):
    return request.param


@pytest.fixture
def nobody(world):
    SeatTerm.objects.all().delete()
    Representation.objects.all().delete()


def somebody(world, way, **facts):
    institution = world.institutions["donor" if way in TO_DONOR else "member"]
    person = ContactFactory(
        institution=institution, full_name="Lucía Paz", email="lucia@example.org", represents=False
    )
    if institution == world.institutions["member"] and not facts:
        SeatTermFactory(seat=world.seat, contact=person, since=timezone.localdate())
    for place in institution.participations.filter(project=world.project):
        RepresentationFactory(contact=person, participation=place, **facts)
    return person


def given(page, **more):
    form = page.context["form"]
    values = {field.html_name: field.value() for field in form}
    values = {name: value for name, value in values.items() if value not in (None, False)}
    if "due_on" in form.fields:
        values["due_on"] = timezone.localdate() + timedelta(days=9)
    if "until" in form.fields:
        values.setdefault("until", timezone.localdate() + timedelta(days=9))
    if "period" in form.fields:  # a browser sends the first one
        values.setdefault("period", form.fields["period"].choices[0][0])
    return values | ({"why": "Congés."} if "why" in form.fields else {}) | more


def test_somebody_without_an_account_is_shown_and_gets_the_message_in_their_language(
    sign_in, world, nobody, way
):
    person = somebody(world, way)
    coordinator, page = sign_in("coordinator"), WAYS[way](world)
    OutgoingMail.objects.all().delete()

    before = coordinator.get(page)
    shown = coordinator.post(page, {"read": str(person.pk)})
    assert not OutgoingMail.objects.exists()
    coordinator.post(page, given(before))

    assert person in [one.contact for one in before.context["recipients"]]
    assert "lucia@example.org" in before.content.decode()
    assert "Lucía Paz" in shown.context["preview"].text
    written = OutgoingMail.objects.get(address="lucia@example.org")
    assert written.text.startswith("Estimada/o Lucía Paz:")
    assert re.search(rf"^{re.escape(settings.SITE_URL)}/\S+$", written.text, re.MULTILINE)


def test_what_was_typed_is_still_there_after_a_look_at_a_message(sign_in, world, nobody, way):
    person = somebody(world, way)
    coordinator, page = sign_in("coordinator"), WAYS[way](world)
    typed = given(coordinator.get(page), line_es="Hola.", read=str(person.pk))

    form = coordinator.post(page, typed).context["form"]

    assert not form.errors
    for name in typed.keys() & form.fields.keys() & {"why", "line_es", "on", "until"}:
        assert str(form[name].value()) == str(typed[name])


def test_if_nobody_is_reached_it_is_said_before_anything_changes(sign_in, world, nobody, way):
    coordinator, page = sign_in("coordinator"), WAYS[way](world)
    OutgoingMail.objects.all().delete()

    before = coordinator.get(page)
    coordinator.post(page, given(before))

    assert before.context["reached"] == 0
    assert not OutgoingMail.objects.exists()
    text = before.content.decode()
    asks = "delivered" in before.context["form"].fields
    assert asks == ("say below how" in text)


@pytest.mark.parametrize("way", ["review extended", "procedure extended", "values again"])
def test_more_time_is_recorded_with_the_way_by_which_they_got_it(sign_in, world, nobody, way):
    coordinator, page = sign_in("coordinator"), WAYS[way](world)

    coordinator.post(page, given(coordinator.get(page), delivered="letter"))

    kept = [*ValueRequest.objects.values_list("note", flat=True)]
    kept += StatusChange.objects.filter(verb="extend").values_list("why", flat=True)
    [said] = kept
    assert said.startswith("Delivered in another way: ")


@pytest.mark.parametrize("way", ["values again", "feedback", "progress", "recommendation"])
def test_afterwards_the_coordination_sees_who_was_sent_it(sign_in, world, nobody, way):
    person = somebody(world, way)
    coordinator, page = sign_in("coordinator"), WAYS[way](world)
    coordinator.post(page, given(coordinator.get(page)))
    person.refresh_from_db()

    shown_at = {
        "values again": lambda: ValueRequest.objects.get().get_absolute_url(),
        "feedback": lambda: reverse("committees:meeting-feedback", args=[world.meeting.pk]),
    }
    answer = coordinator.get(shown_at.get(way, lambda: page)())

    assert [one.person for one in answer.context["sent"]] == [person.user]
    assert "Sent to" in answer.content.decode()


@pytest.mark.parametrize("way", [*TO_DONOR, "values"])
def test_somebody_whom_nobody_confirmed_gets_nothing_and_it_says_who_confirms(
    sign_in, world, nobody, way
):
    person = somebody(world, way, confirmed_at=None)
    if way == "values":
        world.project.participations.filter(institution=person.institution).update(role="funding")
    coordinator, page = sign_in("coordinator"), WAYS[way](world)

    before = coordinator.get(page)
    coordinator.post(page, given(before))

    assert "an administrator has to confirm this person first" in before.content.decode()
    assert not OutgoingMail.objects.filter(address="lucia@example.org").exists()


def test_who_gets_it_is_shown_again_if_the_choice_changes_it(sign_in, world):
    owed_by(world)
    owed_by_partner = {"result": world.result, "due_per": "project_year", "code": "B"}
    IndicatorFactory(responsible=world.institutions["partner"], **owed_by_partner)
    coordinator = sign_in("coordinator")
    page = reverse("projects:request-create", args=[world.project.code])
    chosen = {"institutions": [world.institutions["partner"].pk]}

    first = coordinator.post(page, given(coordinator.get(page), **chosen))
    assert not ValueRequest.objects.exists()
    coordinator.post(page, given(first))

    assert [one.contact.institution for one in first.context["recipients"]] == [
        world.institutions["partner"]
    ]
    [refused] = first.context["form"].non_field_errors()
    assert refused.startswith("Your choice changed who receives the message")
    assert ValueRequest.objects.get().institution == world.institutions["partner"]


def test_the_rules_name_all_these_pages():
    table = (
        RULES.read_text().split("## Who gets what, and is it known before?")[1].split("\n## ")[0]
    )
    named = set(re.findall(r"`((?:committees|projects|reports):[a-z-]+)`", table))

    assert {
        "committees:meeting-step",
        "committees:meeting-invitations-send",
        "committees:plan-submit",
        "committees:plan-extend",
        "committees:plan-extend-for",
        "committees:plan-to-donor",
        "committees:minutes-step",
        "committees:consultation-step",
        "committees:feedback-ask",
        "committees:action-ask",
        "committees:resolution-ask",
        "projects:request-create",
        "projects:request-edit",
        "projects:amendment-step",
        "projects:call-answers",
        "reports:step",
    } <= named
