"""What was resolved by mistake is corrected in all that was recorded, or removed, until the minutes
circulate; after that its state is printed wherever it is."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from committees.minutes.services.minutes import circulate, revise, start_minutes
from committees.models import ActionPlan, AgendaItem, Committee, Meeting, Resolution
from committees.plans.services.lifecycle import start_plan
from committees.resolutions.correcting import supersede
from committees.resolutions.services import Vote, record_decision, record_recommendation
from projects.models import Amendment
from tests.committees.minutes_life import soon
from tests.factories import (
    ActionPlanFactory,
    AgendaItemFactory,
    AmendmentFactory,
    AttendanceFactory,
    SeatFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def item(world):
    AttendanceFactory(meeting=world.meeting, seat=world.seat)
    return AgendaItemFactory(meeting=world.meeting, purpose=AgendaItem.Purpose.DECIDE)


@pytest.fixture
def decision(item, world):
    return record(item, world)


def record(item, world, **facts):
    new = Resolution(agenda_item=item, text_fr="Il est décidé.")
    return record_decision(new, by=world.people["coordinator"], **facts)


def correct(client, resolution, **changes):
    """Open the form, change these fields in it, and save."""
    url = reverse("committees:resolution-edit", args=[resolution.pk])
    form = client.get(url).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return client.post(
        url, {name: value for name, value in (shown | changes).items() if value is not None}
    )


def remove(client, resolution, why="Recorded by mistake."):
    return client.post(reverse("committees:resolution-remove", args=[resolution.pk]), {"why": why})


def sentences(answer):
    return " ".join(str(message) for message in answer.context["messages"])


# Correcting


def test_everything_that_was_recorded_is_corrected_on_one_form(decision, world, sign_in):
    for _each in range(5):
        seat = SeatFactory(committee=world.committee, institution=world.institutions["member"])
        AttendanceFactory(meeting=world.meeting, seat=seat)
    other = AgendaItemFactory(meeting=world.meeting, purpose=AgendaItem.Purpose.DECIDE)

    answer = correct(
        sign_in("coordinator"),
        decision,
        text_fr="Il est décidé autrement.",
        item=other.pk,
        rule="majority",
        votes_for=4,
        votes_against=1,
        abstentions=1,
        rule_reason="No consensus.",
        moment="09:30",
        addressee=world.institutions["partner"].pk,
        due_on=world.meeting.day + timedelta(days=30),
    )

    assert answer.status_code == 302
    number = decision.number
    decision.refresh_from_db()
    assert (decision.number, decision.text_fr) == (number, "Il est décidé autrement.")
    assert (decision.rule, decision.votes_for, decision.rule_reason) == (
        "majority",
        4,
        "No consensus.",
    )
    assert (decision.agenda_item, decision.addressee) == (other, world.institutions["partner"])
    assert f"{decision.resolved_at.astimezone(world.meeting.zone):%H:%M}" == "09:30"
    assert (decision.seats_present, decision.seats_required) == (6, 4)
    correction = decision.status_changes.last()
    assert (correction.verb, correction.by) == ("correct", world.people["coordinator"])
    assert "Il est décidé." in correction.why
    assert "Due: –" in correction.why


def test_a_decision_that_was_unanimous_after_all_keeps_no_votes(item, world, sign_in):
    decision = record(
        item, world, vote=Vote("majority", votes_for=1, votes_against=0, rule_reason="In haste.")
    )

    answer = correct(sign_in("coordinator"), decision, rule="consensus")

    decision.refresh_from_db()
    assert answer.status_code == 302
    assert decision.rule == "consensus"
    assert (decision.votes_for, decision.votes_against, decision.rule_reason) == (None, None, "")


@pytest.mark.parametrize(("text", "is_said"), [("", True), ("Mandat", False)])
def test_terms_without_a_text_are_not_offered_silently(item, sign_in, text, is_said):
    Committee.objects.update(terms_text_fr=text)

    page = sign_in("coordinator").get(reverse("committees:decision-create", args=[item.pk])).text

    assert ("whose text is not entered here yet" in page) == is_said


def test_words_are_corrected_although_the_quorum_could_not_be_counted_today(world, sign_in):
    """The world's decision has no attendance."""
    answer = correct(sign_in("coordinator"), world.decision, text_es="El plan.")

    world.decision.refresh_from_db()
    assert (answer.status_code, world.decision.text_es) == (302, "El plan.")
    assert (world.decision.rule, world.decision.status) == ("", "adopted")
    assert world.decision.history.count() == 2


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"rule": "majority", "votes_for": 0, "votes_against": 1}, "the outcome is another one"),
        ({"rule": "majority", "votes_for": 5}, "more votes"),
        ({"moment": "23:00"}, "Without a quorum"),
    ],
)
def test_no_correction_makes_a_decision_that_was_not_taken(
    decision, world, sign_in, changes, refusal
):
    world.meeting.attendances.update(left_at=world.meeting.ends_at)
    facts = {"rule_reason": "No consensus."} | changes

    answer = correct(sign_in("coordinator"), decision, **facts)

    assert answer.status_code == 200
    assert refusal in answer.content.decode()
    decision.refresh_from_db()
    assert (decision.rule, decision.votes_for) == ("consensus", None)


def test_a_recommendation_is_corrected_too(item, world, sign_in):
    new = Resolution(agenda_item=item, text_fr="Adapter.")
    advice = record_recommendation(new, by=None)

    correct(sign_in("coordinator"), advice, text_fr="Adapter le plan.", moment="09:15")

    advice.refresh_from_db()
    assert (advice.text_fr, advice.status) == ("Adapter le plan.", "issued")
    assert f"{advice.resolved_at.astimezone(world.meeting.zone):%H:%M}" == "09:15"


def test_nothing_is_corrected_or_removed_once_the_minutes_circulate(decision, world, sign_in):
    client, minutes = sign_in("coordinator"), start_minutes(world.meeting, language="fr")
    circulate(minutes, by=world.people["coordinator"], until=soon())

    page = client.get(decision.get_absolute_url()).content.decode()
    remove(client, decision)

    assert reverse("committees:resolution-edit", args=[decision.pk]) not in page
    assert reverse("committees:resolution-remove", args=[decision.pk]) not in page
    assert Resolution.objects.filter(pk=decision.pk).exists()
    answer = correct(client, decision, text_fr="Autre chose.")
    assert "Return the minutes to draft" in answer.content.decode()


# Removing


def test_a_decision_recorded_by_mistake_is_removed_and_stays_in_the_history(
    decision, item, world, sign_in
):
    client, number = sign_in("coordinator"), decision.number

    missing = remove(client, decision, why="")
    remove(client, decision)

    assert missing.status_code == 200
    assert not Resolution.objects.filter(pk=decision.pk).exists()
    page = client.get(reverse("committees:meeting-history", args=[world.meeting.pk]))
    [entry] = [each for each in page.context["entries"] if "Removed" in each["text"]]
    assert entry["text"] == f"Decision {number} · Removed"
    assert entry["who"] == str(world.people["coordinator"])
    assert "Il est décidé." in entry["note"]
    assert "Recorded by mistake." in entry["note"]
    assert record(item, world).number != number


def test_what_others_answered_or_follow_is_not_removed(item, world, sign_in):
    client = sign_in("coordinator")
    advice = record_recommendation(Resolution(agenda_item=item, text_fr="Adapter."), by=None)
    Resolution.objects.filter(pk=advice.pk).update(answered_on=timezone.localdate())
    decision = record(item, world)
    other = AgendaItemFactory(meeting=world.meeting)
    other.subjects.create(earlier=decision)

    answered = remove(client, advice).content.decode()
    followed = remove(client, decision).content.decode()

    assert "has been answered, so it stays" in answered
    assert "in use and cannot be deleted" in followed
    assert Resolution.objects.filter(pk__in=[advice.pk, decision.pk]).count() == 2


def test_what_was_removed_on_a_reserved_item_is_in_the_history_of_its_readers_alone(
    decision, item, world, sign_in
):
    AgendaItem.objects.filter(pk=item.pk).update(audience="coordination")
    remove(sign_in("coordinator"), decision)

    url = reverse("committees:meeting-history", args=[world.meeting.pk])
    for role, is_shown in (("coordinator", True), ("member", False)):
        assert ("Il est décidé." in sign_in(role).get(url).content.decode()) is is_shown, role


def test_a_correction_repeats_no_words_of_a_reserved_item(decision, item, world, sign_in):
    AgendaItem.objects.filter(pk=item.pk).update(audience="coordination", title_fr="Le cas secret")
    elsewhere = AgendaItemFactory(meeting=world.meeting, purpose=AgendaItem.Purpose.DECIDE)

    correct(sign_in("coordinator"), decision, item=elsewhere.pk, text_fr="Autre chose.")

    why = decision.status_changes.get(verb="correct").why
    assert "reserved item" in why
    assert "secret" not in why
    assert "Il est décidé." not in why


# What it brought about


@pytest.fixture
def presented(world):
    return ActionPlanFactory(period=world.plan.period, version=2, status="presented")


def test_what_a_removed_decision_brought_about_is_taken_back(
    item, presented, world, sign_in, later_decision
):
    amendment = AmendmentFactory(project=world.project)
    client = sign_in("coordinator")
    effects = [f"actionplan-{presented.pk}", f"amendment-{amendment.pk}"]
    form = {"text_fr": "Validé.", "outcome": "adopted", "rule": "consensus", "effects": effects}
    client.post(reverse("committees:decision-create", args=[item.pk]), form)
    decision = item.resolutions.get()
    presented.refresh_from_db()
    assert presented.status == "validated"

    remove(client, decision)

    presented.refresh_from_db()
    [amendment] = world.project.amendments.with_dates()
    assert (presented.status, presented.validated_by) == ("presented", None)
    assert (amendment.status, amendment.recommended_on) == ("draft", None)
    assert not Resolution.objects.filter(pk=decision.pk).exists()


def test_the_right_decision_takes_over_the_effect_of_the_wrong_one(item, presented, world, sign_in):
    wrong, right = record(item, world), record(item, world)
    client, key = sign_in("coordinator"), f"actionplan-{presented.pk}"

    correct(client, wrong, effects=[key])
    presented.refresh_from_db()
    assert presented.validated_by == wrong
    correct(client, wrong, effects=[])
    correct(client, right, effects=[key])

    presented.refresh_from_db()
    assert (presented.status, presented.validated_by) == ("validated", right)
    assert not wrong.subjects.exists()


def test_an_effect_that_something_depends_on_is_kept_with_a_sentence(
    item, presented, world, sign_in
):
    decision, client = record(item, world), sign_in("coordinator")
    correct(client, decision, effects=[f"actionplan-{presented.pk}"])
    presented.refresh_from_db()
    start_plan(presented, by=None)

    answer = remove(client, decision).content.decode()

    assert "Open a new version of the plan." in answer
    assert Resolution.objects.filter(pk=decision.pk).exists()
    assert ActionPlan.objects.get(pk=presented.pk).status == "in_execution"


# What is printed


def minutes_page(client, minutes):
    return " ".join(client.get(minutes.get_absolute_url()).content.decode().split())


def test_corrections_made_after_the_session_are_listed_in_the_draft_that_circulates(
    item, world, sign_in
):
    meeting = world.meeting
    Meeting.objects.filter(pk=meeting.pk).update(status="in_session")
    meeting.refresh_from_db()
    item.meeting = meeting
    kept, gone, before = (record(item, world) for _each in range(3))
    client = sign_in("coordinator")
    correct(client, before, text_fr="Corrigé en séance.")
    meeting.take("close", by=None)
    correct(client, kept, text_fr="Il est décidé autrement.")
    remove(client, gone, why="Nobody proposed it.")
    minutes = start_minutes(meeting, language="fr")

    draft = minutes_page(client, minutes)
    circulate(minutes, by=world.people["coordinator"], until=soon())
    circulated = minutes_page(client, minutes)

    for page in (draft, circulated):
        assert f"Decision {kept.number} was corrected after the session: text." in page
        said = f"Decision {gone.number} was removed after the session: “Il est décidé.” Nobody proposed it."
        assert said in page
        assert f"Decision {before.number} was corrected" not in page
    stored = minutes.content["en"]["items"]
    assert any("corrections" in one for one in stored)


@pytest.fixture
def circulated(decision, world):
    minutes = start_minutes(world.meeting, language="fr")
    circulate(minutes, by=world.people["coordinator"], until=soon())
    return minutes


def test_what_took_the_place_of_a_decision_is_printed_wherever_it_is(
    decision, circulated, world, later_decision, sign_in
):
    client = sign_in("coordinator")
    frozen = circulated.content
    step = reverse("committees:resolution-step", args=[decision.pk, "supersede"])

    asked = client.post(step, {"why": "Overtaken."})
    client.post(step, {"why": "Overtaken.", "successor": later_decision.pk})

    decision.refresh_from_db()
    assert asked.context["form"].has_error("successor")
    assert (decision.status, decision.superseded_by) == ("superseded", later_decision)
    said = f"replaced by Decision {later_decision.number}"
    assert said in minutes_page(client, circulated)
    circulated.refresh_from_db()
    assert circulated.content == frozen
    for url in (
        reverse("committees:meeting-resolutions", args=[world.meeting.pk]),
        reverse("committees:resolutions"),
        decision.get_absolute_url(),
    ):
        page = client.get(url).content.decode()
        assert said[1:] in page, url


def test_a_withdrawn_decision_says_so(decision, circulated, world, sign_in):
    client = sign_in("coordinator")

    client.post(
        reverse("committees:resolution-step", args=[decision.pk, "withdraw"]),
        {"why": "No longer needed."},
    )

    decision.refresh_from_db()
    with translation.override("en"):
        assert decision.standing.startswith("withdrawn on ")
        assert decision.standing in minutes_page(client, circulated)


def test_minutes_that_return_to_draft_open_the_decisions_again(
    decision, circulated, world, sign_in
):
    revise(circulated, by=world.people["coordinator"], why="A wrong vote.")

    correct(sign_in("coordinator"), decision, text_fr="Corrigé.")

    decision.refresh_from_db()
    assert decision.text_fr == "Corrigé."


def test_an_amendment_is_recommended_again_after_it_was_taken_back(item, world, sign_in):
    amendment, client = AmendmentFactory(project=world.project), sign_in("coordinator")
    first, second = record(item, world, vote=Vote()), record(item, world)
    key = f"amendment-{amendment.pk}"

    for decision, effects in ((first, [key]), (first, []), (second, [key])):
        correct(client, decision, effects=effects)

    [amendment] = world.project.amendments.with_dates()
    assert (amendment.status, amendment.recommended_on) == (
        Amendment.Status.RECOMMENDED,
        second.resolved_on,
    )


def test_words_of_a_reserved_item_do_not_follow_the_decision_to_an_open_one(
    item, decision, world, sign_in
):
    AgendaItem.objects.filter(pk=item.pk).update(audience="coordination", title_fr="Une plainte")
    opened = AgendaItemFactory(meeting=world.meeting, purpose=AgendaItem.Purpose.DECIDE)

    correct(sign_in("coordinator"), decision, text_fr="Rien.", item=opened.pk)

    decision.refresh_from_db()
    assert decision.agenda_item == opened
    why = decision.status_changes.get(verb="correct").why
    assert why == "Text: – · Agenda item: It was recorded on a reserved item."


def test_what_a_decision_founded_and_the_drafts_that_stay_are_announced(decision, world, sign_in):
    client = sign_in("coordinator")
    amendment = AmendmentFactory(project=world.project)
    correct(client, decision, effects=[f"amendment-{amendment.pk}"])
    Committee.objects.update(status="draft")
    world.committee.refresh_from_db()
    world.committee.take("constitute", by=None, terms_adopted_by=decision)
    Meeting.objects.update(is_constitutive=True)  # nothing depends on it

    page = client.get(reverse("committees:resolution-remove", args=[decision.pk]))

    name = f"Amendment {amendment.number}"
    assert page.context["undone"] == f"{name} and the constitution of the committee"
    assert f"Its amendments stay as drafts: {name}." in page.content.decode()
    world.committee.take_back("constitute", by=None)
    assert world.committee.last_step("constitute") is None


def test_the_decision_in_its_place_is_named_to_those_who_may_see_it(
    decision, later_decision, world, sign_in
):
    supersede(decision, by=world.people["coordinator"], why="", successor=later_decision)
    AgendaItem.objects.filter(pk=later_decision.agenda_item_id).update(audience="coordination")

    pages = {
        role: sign_in(role).get(decision.get_absolute_url()).content.decode()
        for role in ("coordinator", "member")
    }

    assert later_decision.number in pages["coordinator"]
    assert later_decision.number not in pages["member"]
    assert "Superseded" in pages["member"]
    decision.refresh_from_db()
    with translation.override("en"):
        assert decision.standing == "replaced by another decision"
    register = sign_in("member").get(reverse("committees:resolutions")).content.decode()
    assert "replaced by another decision" in register
    assert later_decision.number not in register


def test_the_removal_of_what_was_ratified_takes_only_the_ratification_back(
    decision, world, sign_in
):
    facts = {"agreed_on": timezone.localdate(), "agreed_by": "Presidency", "urgency": "Flood"}
    Resolution.objects.filter(pk=decision.pk).update(**facts)
    client = sign_in("coordinator")
    url = reverse("committees:resolution-remove", args=[decision.pk])

    asked = client.get(url).content.decode()
    answer = client.post(url, {"why": "Not put to a vote."}, follow=True)

    assert "only its ratification is taken back" in asked
    assert "not given again" not in asked
    assert "is provisional again" in sentences(answer)
    decision.refresh_from_db()
    assert (decision.status, decision.meeting) == ("provisional", None)
