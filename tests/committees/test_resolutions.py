"""Decisions and recommendations: recorded with the quorum of their moment, numbered by
themselves, followed up, and linked to what they bring about."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from committees.amendments.services import recommend_amendment
from committees.minutes.services.text import in_language
from committees.models import ActionPlan, AgendaItem, Committee, Meeting, Minutes, Resolution
from committees.resolutions.effects import DecisionEffects
from committees.resolutions.forms.effects import key_of
from committees.resolutions.forms.recording import ResolutionTextForm
from committees.resolutions.services import (
    AnswerReceipt,
    NoQuorum,
    Vote,
    adopt_resolution,
    answer_recommendation,
    record_decision,
    record_recommendation,
    set_aside,
)
from kernel.lifecycle import TransitionError
from kernel.names import plain
from kernel.refusal import Refusal
from projects.amendments.services.amendments import take_effect
from projects.models import Amendment
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    AgendaItemFactory,
    AmendmentFactory,
    AttendanceFactory,
    PeriodFactory,
    RecommendationFactory,
    ResolutionFactory,
    SeatFactory,
    SubjectFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

Status, Rule = Resolution.Status, Resolution.Rule


@pytest.fixture
def item(world):
    """An item for decision of the meeting that was held, where the one voting seat was present."""
    AttendanceFactory(meeting=world.meeting, seat=world.seat)
    return AgendaItemFactory(meeting=world.meeting, purpose=AgendaItem.Purpose.DECIDE)


def decision_on(item, **facts):
    return Resolution(agenda_item=item, text_fr="Il est décidé.", **facts)


# The quorum of the moment


def test_a_decision_keeps_the_quorum_of_its_moment(item, world):
    SeatFactory(committee=world.committee, institution=world.institutions["member"])
    third = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    leaves = item.meeting.starts_at + timedelta(minutes=30)
    AttendanceFactory(meeting=item.meeting, seat=third, left_at=leaves)
    moment = item.meeting.starts_at + timedelta(minutes=10)

    decision = record_decision(decision_on(item), by=None, moment=moment)

    decision.refresh_from_db()
    assert decision.status == Status.ADOPTED
    assert (decision.seats_present, decision.seats_required, decision.seats_total) == (2, 2, 3)
    assert (decision.resolved_at, decision.resolved_on) == (moment, item.meeting.day)


def test_without_a_quorum_nothing_is_adopted_and_the_sentence_says_what_is_possible(item, world):
    SeatFactory(committee=world.committee, institution=world.institutions["member"])

    with pytest.raises(NoQuorum) as refusal:
        record_decision(decision_on(item), by=None)

    assert "1 of 2 voting seats present, 2 needed." in str(refusal.value)
    assert "adjourn" in str(refusal.value)
    assert not item.resolutions.exists()


def test_a_quorum_that_was_lost_counts_no_more(item):
    leaves = item.meeting.starts_at + timedelta(minutes=30)
    item.meeting.attendances.update(left_at=leaves)

    with pytest.raises(NoQuorum):
        record_decision(decision_on(item), by=None, moment=leaves)
    decision = record_decision(decision_on(item), by=None, moment=leaves - timedelta(minutes=1))

    assert decision.status == Status.ADOPTED


def test_without_a_quorum_a_draft_may_be_kept_and_adopted_later(item):
    item.meeting.attendances.update(presence="absent")
    draft = record_decision(decision_on(item), by=None, adopt=False)

    with pytest.raises(NoQuorum):
        adopt_resolution(draft, by=None, vote=Vote())
    item.meeting.attendances.update(presence="online")
    adopt_resolution(draft, by=None, vote=Vote())

    draft.refresh_from_db()
    assert (draft.status, draft.seats_present) == (Status.ADOPTED, 1)


@pytest.mark.parametrize(("present", "required"), [(5, 6), (None, 6), (5, None)])
def test_the_database_refuses_a_decision_without_quorum(item, present, required):
    with pytest.raises(IntegrityError), transaction.atomic():
        ResolutionFactory(agenda_item=item, seats_present=present, seats_required=required)


def test_an_old_meeting_may_not_state_its_quorum(item):
    Meeting.objects.filter(pk=item.meeting.pk).update(quorum_is_stated=False)
    item.meeting.attendances.all().delete()
    item.refresh_from_db()

    decision = record_decision(decision_on(item), by=None)

    assert (decision.seats_present, decision.seats_required, decision.seats_total) == (
        None,
        None,
        None,
    )


def test_a_meeting_in_session_always_states_its_quorum(item):
    """Otherwise a switch would be the way around the quorum."""
    Meeting.objects.filter(pk=item.meeting.pk).update(
        quorum_is_stated=False, status=Meeting.Status.IN_SESSION
    )
    item.meeting.attendances.all().delete()
    item.refresh_from_db()

    with pytest.raises(NoQuorum):
        record_decision(decision_on(item), by=None)


def test_only_the_constitutive_meeting_decides_under_draft_terms(item):
    Committee.objects.update(status=Committee.Status.DRAFT)
    item = AgendaItem.objects.get(pk=item.pk)

    with pytest.raises(Refusal, match="not constituted"):
        record_decision(decision_on(item), by=None)
    Meeting.objects.filter(pk=item.meeting_id).update(is_constitutive=True)
    decision = record_decision(decision_on(AgendaItem.objects.get(pk=item.pk)), by=None)

    assert decision.status == Status.ADOPTED


def test_a_recommendation_needs_no_quorum_and_says_so(item, sign_in):
    item.meeting.attendances.all().delete()

    recommendation = record_recommendation(decision_on(item), by=None)

    assert (recommendation.status, recommendation.seats_present) == (Status.ISSUED, 0)
    page = sign_in("coordinator").get(recommendation.get_absolute_url()).content.decode()
    assert "Issued without a quorum." in page


@pytest.mark.parametrize("status", ["planned", "convened", "frozen", "adjourned", "cancelled"])
def test_nothing_is_resolved_outside_a_meeting(item, status):
    Meeting.objects.filter(pk=item.meeting.pk).update(status=status)

    with pytest.raises(Refusal):
        record_decision(decision_on(item), by=None)
    with pytest.raises(Refusal):
        record_recommendation(decision_on(item), by=None)


def test_an_item_that_was_not_for_decision_decides_nothing(item):
    item.purpose = AgendaItem.Purpose.INFORM
    item.save()

    with pytest.raises(Refusal, match="not on the agenda for decision"):
        record_decision(decision_on(item), by=None)


# Votes


@pytest.mark.parametrize(
    ("rule", "votes_for", "votes_against", "carries"),
    [
        (Rule.CONSENSUS, None, None, True),
        (Rule.CONSENSUS, 1, 1, False),
        (Rule.MAJORITY, 3, 2, True),
        (Rule.MAJORITY, 2, 2, False),
        (Rule.TWO_THIRDS, 4, 2, True),
        (Rule.TWO_THIRDS, 3, 2, False),
        (Rule.TWO_THIRDS, 0, 0, False),
    ],
)
def test_votes_carry_a_decision_or_not(item, world, rule, votes_for, votes_against, carries):
    for _each in range(9):
        seat = SeatFactory(committee=world.committee, institution=world.institutions["member"])
        AttendanceFactory(meeting=item.meeting, seat=seat)
    vote = Vote(rule=rule, votes_for=votes_for, votes_against=votes_against)

    if carries:
        assert record_decision(decision_on(item), by=None, vote=vote).status == Status.ADOPTED
    else:
        with pytest.raises(Refusal, match="not adopted"):
            record_decision(decision_on(item), by=None, vote=vote)


def test_more_ballots_than_voting_seats_present_are_refused(item):
    vote = Vote(rule=Rule.MAJORITY, votes_for=1, votes_against=0, abstentions=1)

    with pytest.raises(ValidationError, match="more votes"):
        record_decision(decision_on(item), by=None, vote=vote)

    assert not item.resolutions.exists()


@pytest.mark.parametrize(("verb", "status"), [("reject", "rejected"), ("defer", "deferred")])
def test_a_draft_is_rejected_or_deferred_with_a_reason(item, sign_in, verb, status):
    draft = record_decision(decision_on(item), by=None, adopt=False)
    url = reverse("committees:resolution-step", args=[draft.pk, verb])

    asked = sign_in("coordinator").post(url, {"why": ""})
    sign_in("coordinator").post(url, {"why": "More facts are needed."})

    draft.refresh_from_db()
    assert asked.status_code == 200
    assert draft.status == status
    assert draft.status_changes.get().why == "More facts are needed."


# Numbers


def test_numbers_go_on_by_kind_and_year(item, world):
    """The world has decision 2020-01."""
    later = AgendaItemFactory(
        meeting__committee=world.committee,
        meeting__starts_at=item.meeting.starts_at + timedelta(days=365),
        meeting__ends_at=item.meeting.ends_at + timedelta(days=365),
        meeting__number=90,
    )

    numbers = [
        record_decision(decision_on(item), by=None, adopt=False).number,
        record_recommendation(decision_on(item), by=None).number,
        record_recommendation(decision_on(item), by=None).number,
        record_recommendation(decision_on(later), by=None).number,
    ]

    assert numbers == ["2020-02", "2020-R1", "2020-R2", "2021-R1"]


def test_the_year_is_that_of_the_meeting_where_it_takes_place(item):
    """At midnight in Greenwich it is still last year in Tegucigalpa."""
    eve = item.meeting.starts_at.replace(year=2021, month=1, day=1, hour=2)
    Meeting.objects.filter(pk=item.meeting.pk).update(
        starts_at=eve, ends_at=eve + timedelta(hours=1)
    )

    recommendation = record_recommendation(decision_on(AgendaItem.objects.get(pk=item.pk)), by=None)

    assert recommendation.number == "2020-R1"


# In the browser


def decision_form(**facts):
    return {"text_fr": "Le plan est validé.", "outcome": "adopted", "rule": "consensus"} | facts


def test_a_decision_is_recorded_in_place_with_its_links(item, world, sign_in):
    subject = SubjectFactory(agenda_item=item, result=world.result)
    left_out = SubjectFactory(agenda_item=item, indicator=world.indicator)
    url = reverse("committees:decision-create", args=[item.pk])

    response = sign_in("coordinator").post(
        url,
        decision_form(
            subjects=[subject.pk],
            addressee=world.institutions["partner"].pk,
            due_on="2020-11-30",
            moment="09:30",
        ),
    )

    decision = Resolution.objects.get(number="2020-02")
    assert response.url == item.get_absolute_url()
    assert [link.thing for link in decision.subjects.all()] == [world.result]
    assert left_out.thing not in [link.thing for link in decision.subjects.all()]
    assert f"{decision.resolved_at.astimezone(item.meeting.zone):%H:%M}" == "09:30"
    assert (decision.addressee, decision.due_on) == (
        world.institutions["partner"],
        date(2020, 11, 30),
    )
    item.refresh_from_db()
    assert item.status == AgendaItem.Status.DISCUSSED


@pytest.mark.parametrize("language", ["fr", "es", "en"])
def test_one_language_suffices(item, sign_in, language):
    url = reverse("committees:decision-create", args=[item.pk])
    form = {"outcome": "adopted", "rule": "consensus", f"text_{language}": "Adoptado."}

    none = sign_in("coordinator").post(url, form | {f"text_{language}": " "})
    sign_in("coordinator").post(url, form)

    assert "Fill in at least one language." in none.content.decode()
    assert Resolution.objects.get(number="2020-02").text == "Adoptado."


def test_without_a_quorum_the_form_says_why_and_keeps_the_text(item, world, sign_in):
    SeatFactory(committee=world.committee, institution=world.institutions["member"])
    url = reverse("committees:decision-create", args=[item.pk])

    response = sign_in("coordinator").post(url, decision_form())

    page = response.content.decode()
    assert "1 of 2 voting seats present, 2 needed." in page
    assert "Le plan est validé." in page
    assert not Resolution.objects.filter(number="2020-02").exists()


def test_a_vote_needs_its_numbers(item, sign_in):
    url = reverse("committees:decision-create", args=[item.pk])

    response = sign_in("coordinator").post(url, decision_form(rule="majority"))

    assert "Enter the number of votes" in response.content.decode()
    assert re.search(r"<details [^>]*data-votes open>", response.content.decode())


def test_votes_wait_under_one_line_as_long_as_it_is_a_consensus(item, world, sign_in):
    url, client = reverse("committees:decision-create", args=[item.pk]), sign_in("coordinator")

    page = client.get(url).content.decode()
    Committee.objects.filter(pk=world.committee.pk).update(decision_rule="majority")
    other = client.get(url).content.decode()

    assert re.search(r"<details [^>]*data-votes>\s*<summary>Votes</summary>", page)
    assert re.search(r"<details [^>]*data-votes open>", other)


@pytest.mark.parametrize(
    ("asked", "votes", "is_asked"),
    [
        ("consensus", {"rule": "majority", "votes_for": 1}, True),
        ("consensus", {"rule": "two_thirds", "votes_for": 1}, True),
        ("two_thirds", {"rule": "majority", "votes_for": 1}, True),
        ("two_thirds", {"rule": "consensus"}, False),
        ("majority", {"rule": "two_thirds", "votes_for": 1}, False),
        ("majority", {"rule": "majority", "votes_for": 1}, False),
    ],
)
def test_a_vote_where_the_rules_ask_for_more_needs_a_reason(
    item, world, sign_in, asked, votes, is_asked
):
    Committee.objects.update(decision_rule=asked)
    client = sign_in("coordinator")
    url = reverse("committees:decision-create", args=[item.pk])

    page = client.post(url, decision_form(**votes))

    assert page.status_code == (200 if is_asked else 302)
    if is_asked:
        assert [*page.context["form"].errors] == ["rule_reason"]
        reason = {"rule_reason": "Consensus was sought twice."}
        assert client.post(url, decision_form(**votes, **reason)).status_code == 302
    decision = item.resolutions.get()
    assert decision.rule_reason == ("Consensus was sought twice." if is_asked else "")
    shown = client.get(decision.get_absolute_url()).content.decode()
    assert ("Consensus was sought twice." in shown) is is_asked


def test_a_meeting_of_old_is_not_asked_why_it_voted(item, world, sign_in):
    Meeting.objects.update(recorded_afterwards=True)
    url = reverse("committees:decision-create", args=[item.pk])

    answer = sign_in("coordinator").post(url, decision_form(rule="majority", votes_for=1))

    assert (answer.status_code, item.resolutions.get().rule_reason) == (302, "")


def test_what_was_voted_down_is_recorded_as_rejected_with_its_votes(item, world, sign_in):
    client = sign_in("coordinator")
    url = reverse("committees:decision-create", args=[item.pk])
    vote = {"rule": "majority", "rule_reason": "No consensus.", "outcome": "rejected"}

    carried = client.post(url, decision_form(**vote, votes_for=1, votes_against=0))
    assert "With these votes the decision is adopted" in carried.content.decode()
    client.post(url, decision_form(**vote, votes_for=0, votes_against=1))

    decision = item.resolutions.get()
    with translation.override("en"):
        facts = (decision.status, decision.seats_present, decision.is_adopted, decision.how)
    how = "rejected by majority vote (0 for, 1 against, 0 abstentions)"
    assert facts == ("rejected", 1, False, how)
    meeting_page = client.get(item.meeting.get_absolute_url()).content.decode()
    assert ("out bad" in meeting_page, how in meeting_page) == (True, True)
    minutes = Minutes.objects.create(meeting=item.meeting, language="en")
    items = in_language(minutes, "en")["items"]
    [row] = [row for one in items for row in one["resolutions"] if row["was_voted_down"]]
    assert {name: row[name] for name in ("how", "was_voted_down", "why", "state")} == {
        "how": how,
        "was_voted_down": True,
        "why": "No consensus.",
        "state": "Rejected",
    }


@pytest.mark.parametrize(
    ("rule", "votes", "how"),
    [
        (
            "consensus",
            {"votes_for": 0, "votes_against": 1},
            "not adopted: put to a decision by consensus (0 for, 1 against, 0 abstentions)",
        ),
        (
            "two_thirds",
            {"votes_for": 0, "votes_against": 1},
            "not adopted: put to a decision by two-thirds vote (0 for, 1 against, 0 abstentions)",
        ),
    ],
)
def test_no_minutes_say_that_a_rule_rejected_what_it_did_not_adopt(item, sign_in, rule, votes, how):
    client = sign_in("coordinator")
    url = reverse("committees:decision-create", args=[item.pk])
    vote = {"rule": rule, "rule_reason": "Nobody yields.", "outcome": "rejected"}

    without = client.post(url, decision_form(**vote, votes_against=1))
    assert [*without.context["form"].errors] == ["votes_for"]
    assert client.post(url, decision_form(**vote, **votes)).status_code == 302

    decision = item.resolutions.get()
    with translation.override("en"):
        assert (decision.status, decision.was_voted_down, decision.how) == ("rejected", True, how)


def test_the_same_words_on_one_item_are_asked_about_once(item, sign_in):
    client = sign_in("coordinator")
    url = reverse("committees:decision-create", args=[item.pk])
    client.post(url, decision_form(entry_key=str(uuid.uuid4())))
    again = decision_form(entry_key=str(uuid.uuid4()))

    asked = client.post(url, again)
    count = item.resolutions.count()
    saved = client.post(url, again | {"warned": asked.context["form"]["warned"].value()})

    assert "The same text is recorded on this item already: Decision 2020-0" in asked.text
    assert "Save as it is" in asked.text
    assert (count, saved.status_code, item.resolutions.count()) == (1, 302, 2)


def test_other_words_and_those_of_a_withdrawn_decision_are_not_asked_about(item, sign_in):
    client = sign_in("coordinator")
    url = reverse("committees:decision-create", args=[item.pk])
    client.post(url, decision_form(entry_key=str(uuid.uuid4())))
    item.resolutions.get().take("withdraw", by=None)

    again = client.post(url, decision_form(entry_key=str(uuid.uuid4())))
    other = client.post(url, decision_form(entry_key=str(uuid.uuid4()), text_fr="Autre chose."))

    assert (again.status_code, other.status_code) == (302, 302)


@pytest.mark.parametrize("lacks", ["addressee", "due_on"])
def test_a_recommendation_without_addressee_or_date_is_warned_of_once(item, world, sign_in, lacks):
    client = sign_in("coordinator")
    url = reverse("committees:recommendation-create", args=[item.pk])
    advice = {
        "text_fr": "Adapter.",
        "addressee": world.institutions["partner"].pk,
        "due_on": "2021-03-01",
    }
    del advice[lacks]

    warned = client.post(url, advice)
    advice["warned"] = warned.context["form"]["warned"].value()

    page = warned.content.decode()
    question = {"addressee": "Nobody is responsible", "due_on": "It has no due day"}[lacks]
    assert (question in page, "Save as it is" in page, "alert-danger" in page) == (
        True,
        True,
        False,
    )
    assert not item.resolutions.filter(kind="recommendation").exists()
    assert client.post(url, advice).status_code == 302
    assert item.resolutions.get(kind="recommendation").text_fr == "Adapter."


@pytest.mark.parametrize("kind", ["decision", "recommendation"])
def test_what_is_due_before_it_was_resolved_is_refused(item, world, sign_in, kind):
    client = sign_in("coordinator")
    url = reverse(f"committees:{kind}-create", args=[item.pk])
    day_before = item.meeting.day - timedelta(days=1)

    page = client.post(
        url,
        {
            "text_fr": "Adapter.",
            "outcome": "adopted",
            "addressee": world.institutions["partner"].pk,
            "due_on": day_before.isoformat(),
        },
    )

    assert page.context["form"].errors.keys() == {"due_on"}
    assert not item.resolutions.exists()


def test_the_answers_stand_below_the_text_they_answer_to(item, world, sign_in):
    recommendation = record_recommendation(decision_on(item), by=None)

    page = sign_in("coordinator").get(recommendation.get_absolute_url()).content.decode()

    assert page.index(recommendation.text) < page.index("/steps/accept/")


def test_the_same_form_sent_twice_records_one(item, sign_in):
    client = sign_in("coordinator")
    url = reverse("committees:decision-create", args=[item.pk])
    other = reverse("committees:recommendation-create", args=[item.pk])
    form = decision_form(entry_key=str(uuid.uuid4()))
    advice = {"text_fr": "Adapter.", "warned": "1", "entry_key": str(uuid.uuid4())}

    answers = [client.post(url, form), client.post(url, form)]
    answers += [client.post(other, advice), client.post(other, advice)]

    assert {answer.status_code for answer in answers} == {302}
    assert sorted(item.resolutions.values_list("number", flat=True)) == ["2020-02", "2020-R1"]


def test_a_responsible_institution_is_of_the_project(item, world, sign_in):
    url = reverse("committees:decision-create", args=[item.pk])

    response = sign_in("coordinator").post(
        url, decision_form(addressee=world.foreign_institution.pk)
    )

    assert response.status_code == 200
    assert response.context["form"].has_error("addressee")
    assert not item.resolutions.exists()


# What a decision brings about


@pytest.fixture
def presented(world):
    return ActionPlanFactory(
        period=PeriodFactory(
            project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
        ),
        status=ActionPlan.Status.PRESENTED,
    )


def test_a_decision_validates_a_presented_plan(item, presented, sign_in):
    url = reverse("committees:decision-create", args=[item.pk])

    sign_in("coordinator").post(url, decision_form(effects=[key_of(presented)]))

    presented.refresh_from_db()
    decision = Resolution.objects.get(number="2020-02")
    assert (presented.status, presented.validated_by) == (ActionPlan.Status.VALIDATED, decision)
    assert decision.subjects.get().thing == presented


def test_without_a_quorum_no_plan_is_validated(item, presented, world):
    SeatFactory(committee=world.committee, institution=world.institutions["member"])

    with pytest.raises(NoQuorum):
        record_decision(decision_on(item), by=None, effects=DecisionEffects((presented,)))

    presented.refresh_from_db()
    assert presented.status == ActionPlan.Status.PRESENTED


def test_a_plan_in_draft_is_no_choice(item, world, sign_in):
    url = reverse("committees:decision-create", args=[item.pk])

    offered = sign_in("coordinator").get(url).context["form"].fields["effects"].choices
    answer = sign_in("coordinator").post(url, decision_form(effects=[key_of(world.plan)]))

    world.plan.refresh_from_db()
    assert key_of(world.plan) not in dict(offered)
    assert answer.context["form"].has_error("effects")
    assert world.plan.status == ActionPlan.Status.DRAFT
    assert not item.resolutions.exists()


def test_a_plan_of_another_project_is_no_choice(item, presented, world, sign_in):
    foreign = ActionPlanFactory(
        period=PeriodFactory(project=world.neighbour), status=ActionPlan.Status.PRESENTED
    )
    url = reverse("committees:decision-create", args=[item.pk])

    response = sign_in("coordinator").post(url, decision_form(effects=[key_of(foreign)]))

    assert response.context["form"].has_error("effects")
    foreign.refresh_from_db()
    assert foreign.status == ActionPlan.Status.PRESENTED


def test_a_decision_recommends_an_amendment_which_only_the_donor_approves(item, world, sign_in):
    amendment = AmendmentFactory(project=world.project)
    url = reverse("committees:decision-create", args=[item.pk])

    sign_in("coordinator").post(url, decision_form(effects=[key_of(amendment)]))

    amendment.refresh_from_db()
    world.project.refresh_from_db()
    assert amendment.status == Amendment.Status.RECOMMENDED
    assert world.project.current_end == world.project.original_end
    page = sign_in("coordinator").get(world.meeting.get_absolute_url()).content.decode()
    assert f"Amendment {amendment.number}</a> (Recommended by the committee)" in page


def test_only_the_own_committee_recommends(world):
    foreign = AmendmentFactory(project=world.neighbour)

    with pytest.raises(Refusal, match="own committee"):
        recommend_amendment(foreign, decision=world.decision, by=None)


def test_a_draft_recommends_nothing(item, world):
    amendment = AmendmentFactory(project=world.project)
    draft = record_decision(decision_on(item), by=None, adopt=False)

    with pytest.raises(Refusal):
        recommend_amendment(amendment, decision=draft, by=None)


def test_an_effect_that_is_refused_leaves_no_decision(item, presented, world):
    """All or nothing: the plan was taken back to draft meanwhile."""
    stale = ActionPlan.objects.get(pk=presented.pk)
    presented.take("return", by=None)

    with pytest.raises((Refusal, TransitionError)):
        record_decision(decision_on(item), by=None, effects=DecisionEffects((stale,)))

    assert not item.resolutions.exists()


# Amendments in effect


@pytest.fixture
def approved(world):
    return AmendmentFactory(
        project=world.project,
        status=Amendment.Status.APPROVED,
        donor_decided_on=date(2020, 10, 1),
        end_before=date(2022, 3, 31),
        end_after=date(2022, 9, 30),
    )


def test_an_extension_moves_the_current_end_and_never_the_original(approved, world, sign_in):
    url = reverse("committees:amendment-take-effect", args=[approved.pk])
    seen = sign_in("coordinator").get(url).context["form"].preview.fingerprint

    response = sign_in("coordinator").post(url, {"seen": seen})

    world.project.refresh_from_db()
    assert response.status_code == 302
    assert (world.project.original_end, world.project.current_end) == (
        date(2022, 3, 31),
        date(2022, 9, 30),
    )


def test_what_the_donor_did_not_approve_takes_no_effect(world):
    amendment = AmendmentFactory(project=world.project, status=Amendment.Status.RECOMMENDED)

    with pytest.raises(TransitionError):
        take_effect(amendment, by=None)

    world.project.refresh_from_db()
    assert world.project.current_end == date(2022, 3, 31)


def test_an_extension_never_shortens_the_project(approved, world):
    type(world.project).objects.filter(pk=world.project.pk).update(current_end=date(2023, 1, 1))

    with pytest.raises(Refusal, match="already ends"):
        take_effect(approved, by=None)

    approved.refresh_from_db()
    assert approved.status == Amendment.Status.APPROVED


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("partner", 404), ("outsider", 404)])
def test_only_the_coordination_puts_into_effect(approved, sign_in, role, status):
    url = reverse("committees:amendment-take-effect", args=[approved.pk])

    assert sign_in(role).post(url).status_code == status
    approved.refresh_from_db()
    assert approved.status == Amendment.Status.APPROVED


# Follow-up


@pytest.fixture
def advice(world):
    return RecommendationFactory(
        agenda_item=world.item,
        number="2020-R1",
        addressee=world.institutions["partner"],
        due_on=date(2020, 11, 30),
    )


def step_url(resolution, verb):
    return reverse("committees:resolution-step", args=[resolution.pk, verb])


def test_the_addressee_accepts_and_implements(advice, sign_in):
    client = sign_in("partner")

    for verb, text in (("accept", "D’accord."), ("start", ""), ("implement", "Fait.")):
        assert client.post(step_url(advice, verb), {"text": text}).status_code == 302

    advice.refresh_from_db()
    assert (advice.status, advice.answer) == (Status.IMPLEMENTED, "D’accord.")
    assert (advice.answered_on, advice.answer_channel) == (timezone.localdate(), "portal")


@pytest.mark.parametrize("verb", ["decline", "accept_partly"])
def test_declining_needs_a_reason(advice, sign_in, verb):
    asked = sign_in("partner").post(step_url(advice, verb), {"text": " "})
    with pytest.raises(Refusal):
        answer_recommendation(advice, verb, by=None)

    advice.refresh_from_db()
    assert asked.status_code == 200
    assert advice.status == Status.ISSUED


def test_the_coordination_enters_an_answer_that_came_by_letter(advice, sign_in):
    form = {"text": "Oui.", "on": "2020-09-10", "channel": "letter", "evidence": ""}

    asked = sign_in("coordinator").post(step_url(advice, "accept"), form)
    sign_in("coordinator").post(step_url(advice, "accept"), form | {"evidence": "Lettre 12."})

    advice.refresh_from_db()
    assert "Say who called or which letter" in asked.content.decode()
    assert (advice.answered_on, advice.answer_evidence) == (date(2020, 9, 10), "Lettre 12.")
    page = sign_in("partner").get(advice.get_absolute_url()).content.decode()
    assert "entered by the coordination" in page


def test_what_came_online_is_not_entered_for_the_addressee(advice, sign_in):
    page = sign_in("coordinator").get(step_url(advice, "accept"))

    offered = [value for value, _label in page.context["form"].fields["channel"].choices]
    assert offered == ["telephone", "letter", "email", "messenger", "meeting"]


@pytest.mark.parametrize("channel", ["", "portal", "link", "reply"])
def test_what_came_online_did_not_come_otherwise(channel):
    assert Resolution(answer_channel=channel).answer_came_otherwise is False
    assert Resolution(answer_channel="letter").answer_came_otherwise is True


@pytest.mark.parametrize("role", ["member", "donor", "reader", "monitoring"])
def test_nobody_else_answers_for_the_addressee(advice, sign_in, role):
    client = sign_in(role)

    assert client.get(step_url(advice, "accept")).status_code == 403
    assert client.post(step_url(advice, "accept"), {"text": "Oui."}).status_code == 403
    assert client.get(advice.get_absolute_url()).context["steps"] == []
    advice.refresh_from_db()
    assert advice.status == Status.ISSUED


def test_what_becomes_of_a_decision_is_not_for_the_addressee(world, sign_in):
    world.decision.addressee = world.institutions["partner"]
    world.decision.save()

    assert sign_in("partner").post(step_url(world.decision, "execute"), {}).status_code == 403


def test_lateness_is_computed(advice):
    assert advice.is_overdue
    assert list(Resolution.objects.overdue()) == [advice]

    answer_recommendation(
        advice, "decline", by=None, text="Non.", received=AnswerReceipt(on=date(2020, 9, 9))
    )

    assert not advice.is_overdue
    assert list(Resolution.objects.overdue()) == []


def test_the_follow_up_leaves_out_what_was_declined(world):
    for status in (Status.IMPLEMENTED, Status.DECLINED, Status.ISSUED, Status.IN_PROGRESS):
        RecommendationFactory(agenda_item=world.item, status=status)

    counts = Resolution.objects.follow_up()

    assert (counts["implemented"], counts["followed"]) == (1, 3)


def test_a_second_step_is_told(advice):
    twin = Resolution.objects.get(pk=advice.pk)
    answer_recommendation(advice, "accept", by=None)

    with pytest.raises(TransitionError):
        answer_recommendation(twin, "decline", by=None, text="Non.")


def test_an_adopted_decision_is_not_set_aside(world):
    with pytest.raises(TransitionError):
        set_aside(world.decision, "reject", by=None, why="Too late.")


# The chain


def test_the_page_shows_where_it_comes_from_and_what_followed(item, presented, world, sign_in):
    decision = record_decision(
        decision_on(item),
        by=None,
        subjects=[world.result],
        effects=DecisionEffects((presented,)),
    )
    action = ActionFactory(project=world.project, reference="9.1", origin=decision)

    page = sign_in("coordinator").get(decision.get_absolute_url())

    text = page.content.decode()
    for thing in (world.meeting, item, world.result, presented, action):
        assert thing.get_absolute_url() in text


def test_the_chain_leads_nowhere_that_the_reader_may_not_go(item, world, sign_in):
    """A partner sees neither meetings, nor plans in draft, nor amendments before their effect."""
    amendment = AmendmentFactory(project=world.project)
    decision = record_decision(decision_on(item), by=None, subjects=[world.result, world.plan])
    recommend_amendment(amendment, decision=decision, by=None)
    action = ActionFactory(project=world.project, reference="9.1", origin=decision)
    ActionTermsFactory(plan=world.plan, action=action)

    text = sign_in("partner").get(decision.get_absolute_url()).content.decode()

    assert world.result.get_absolute_url() in text
    for thing in (world.meeting, world.plan, amendment, action):
        assert thing.get_absolute_url() not in text


def test_institutions_to_be_responsible_are_in_the_order_of_their_names(item, world):
    form = ResolutionTextForm(instance=Resolution(agenda_item=item))

    names = [plain(label) for key, label in form.fields["addressee"].choices if key]
    assert names == sorted(names)
    assert len(names) > 2
