"""Until when a plan takes answers, from whom, and what is kept of those who say nothing."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from committees.models import ActionPlan, Position, ReviewExtension, Silence
from committees.permissions.plans import may_review
from committees.plans.services.reminders import extend_for, present_plan, record_silences
from committees.plans.services.review import (
    GRACE,
    AnswerOrigin,
    extend_review,
    issue_link,
    links_of,
    take_position,
)
from committees.tasks import sweep_silence
from kernel.refusal import Refusal
from tests.factories import (
    ContactFactory,
    ParticipationFactory,
    PositionFactory,
    UserFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

Stance = Position.Stance


@pytest.fixture
def world():
    world = World()
    world.plan.status = ActionPlan.Status.IN_REVIEW
    world.plan.review_until = timezone.localdate() + timedelta(days=6)
    world.plan.save()
    return world


@pytest.fixture
def colleague(world):
    """Another person of the partner's institution."""
    person = UserFactory()
    ContactFactory(institution=world.institutions["partner"], user=person, title="Secrétariat")
    return person


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def position(world, role="partner", **changes):
    return {
        "institution": world.institutions[role].pk,
        "stance": "endorses",
        "until": "",
        "text": "",
        "audience": "coordination",
        "key": str(uuid.uuid4()),
    } | changes


def url_of(world, name="plan-position"):
    return reverse(f"committees:{name}", args=[world.plan.pk])


def say(world, person, stance="endorses", role="partner", **options):
    return take_position(
        world.plan,
        world.institutions[role],
        stance=stance,
        text=options.pop("text", ""),
        origin=AnswerOrigin(by=person, **options),
    )


def more_time(world, days, role="partner", why="Congé de l’équipe."):
    return extend_for(
        world.plan,
        world.institutions[role],
        until=in_days(days),
        why=why,
        by=world.people["coordinator"],
    )


def end_review(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(review_until=in_days(-2))
    world.plan = ActionPlan.objects.with_related().get(pk=world.plan.pk)


# Where the day ends


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Tegucigalpa", "Pacific/Honolulu"])
@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2026, 12, 2, 5, 59, tzinfo=UTC), True),  # 23:59 of the 1st in Tegucigalpa
        (datetime(2026, 12, 2, 6, 1, tzinfo=UTC), False),  # 0:01 of the 2nd
    ],
)
def test_the_deadline_ends_where_the_project_is_and_not_where_the_reader_is(
    client, world, zone, moment, is_open
):
    ActionPlan.objects.filter(pk=world.plan.pk).update(review_until=date(2026, 12, 1))
    person = world.people["partner"]
    person.time_zone = zone
    person.save()

    with time_machine.travel(moment):
        client.force_login(person)
        client.post(url_of(world), position(world))

    assert Position.objects.exists() == is_open


# The stances


def test_an_institution_is_in_internal_consultation_until_a_day(client, world):
    client.force_login(world.people["partner"])
    sent = position(world, stance="consulting", until=in_days(4).isoformat())

    without = client.post(url_of(world), sent | {"until": ""})
    past = client.post(url_of(world), sent | {"until": in_days(-3).isoformat()})
    client.post(url_of(world), sent)

    assert "until" in without.context["form"].errors
    assert "until" in past.context["form"].errors
    assert [(one.stance, one.until) for one in Position.objects.all()] == [
        (Stance.CONSULTING, in_days(4))
    ]


def test_a_position_may_await_its_signature(client, world):
    client.force_login(world.people["partner"])

    client.post(url_of(world), position(world, stance="unsigned", until=in_days(3).isoformat()))

    assert [(one.stance, one.until) for one in Position.objects.all()] == [(Stance.UNSIGNED, None)]


def test_the_database_asks_for_the_day_of_a_consultation(world):
    for facts in ({"stance": "consulting"}, {"stance": "endorses", "until": in_days(1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PositionFactory(plan=world.plan, **facts)


def test_who_is_still_in_consultation_is_told_of_more_time(world):
    say(world, world.people["member"], role="member")
    take_position(
        world.plan,
        world.institutions["partner"],
        stance="consulting",
        text="",
        until=in_days(3),
        origin=AnswerOrigin(by=world.people["partner"]),
    )

    told = extend_review(world.plan, until=in_days(20), why="", by=world.people["coordinator"])

    assert told.people == 1


# One voice


def test_the_second_person_of_an_institution_is_told_who_decided_and_when(client, world, colleague):
    say(world, world.people["partner"], stance="asks", text="Autres dates.")
    contact = world.people["partner"].contacts.get()
    contact.title = "Direction"
    contact.save()
    client.force_login(colleague)

    shown = client.get(url_of(world), follow=True).content.decode()
    told = client.post(url_of(world), position(world, text="Mes mots.")).content.decode()

    for page in (shown, told):
        assert "was given on" in page
        assert "by Direction: “Asks for changes”" in page
        assert world.people["partner"].full_name not in page
    assert "Mes mots." in told
    assert Position.objects.count() == 1


def test_the_same_person_may_change_it(world):
    say(world, world.people["partner"], stance="asks", text="Autres dates.")
    say(world, world.people["partner"])

    assert Position.objects.latest_each().get().stance == Stance.ENDORSES


def test_what_the_coordination_entered_may_be_put_right_by_any_of_its_people(world, colleague):
    say(
        world,
        world.people["coordinator"],
        channel="telephone",
        evidence="Appel à 9 h 00",
    )
    say(world, colleague, stance="asks", text="Non, autres dates.")

    assert Position.objects.latest_each().get().by == colleague


def test_the_coordination_reopens_a_position(client, world, colleague):
    say(world, world.people["partner"], stance="asks", text="Autres dates.")
    more_time(world, 6)
    client.force_login(colleague)

    client.post(url_of(world), position(world))

    assert [one.by for one in Position.objects.latest_each()] == [colleague]


def test_what_is_given_after_the_reopening_is_again_one_voice(world, colleague):
    say(world, world.people["partner"])
    more_time(world, 6)
    say(world, colleague, stance="asks", text="Autres dates.")

    with pytest.raises(Refusal, match="reopen"):
        say(world, world.people["partner"])


def test_who_comes_late_is_told_what_stands(world, colleague):
    say(world, world.people["partner"])
    end_review(world)

    for person in (colleague, world.people["partner"]):
        with pytest.raises(Refusal, match=r"was given on .* by a member of your institution"):
            say(world, person, stance="asks", text="Trop tard.")


def test_who_comes_late_and_said_nothing_is_told_when_it_ended(world):
    end_review(world)

    with pytest.raises(Refusal, match="The review ended on"):
        say(world, world.people["partner"])


def test_by_link_too_the_second_is_told(client, world, colleague):
    say(world, world.people["partner"])
    _link, url = issue_link(world.plan, colleague, by=None)
    token = url.rstrip("/").rsplit("/", 1)[1]

    page = client.get(url)
    told = client.post(
        reverse("committees:plan-link-position", args=[token]), position(world, stance="unsigned")
    )

    assert not page.context["may_take"]
    assert page.context["may_review"]
    assert "was given on" in page.content.decode()
    assert "was given on" in told.content.decode()
    assert Position.objects.count() == 1


# More time for one


def test_one_institution_gets_more_time_and_the_others_do_not(
    world, mailoutbox, django_capture_on_commit_callbacks
):
    end_review(world)

    with django_capture_on_commit_callbacks(execute=True):
        told = more_time(world, 5)

    assert told.people == 1
    assert {one.institution for one in ReviewExtension.objects.all()} == {
        world.institutions["partner"]
    }
    plan = ActionPlan.objects.get(pk=world.plan.pk)
    assert may_review(world.people["partner"], plan)
    assert not may_review(world.people["member"], plan)
    say(world, world.people["partner"])
    with pytest.raises(Refusal, match="The review ended on"):
        say(world, world.people["member"], role="member")


def test_links_that_are_out_open_as_long(world):
    issue_link(world.plan, world.people["partner"], by=None)
    more_time(world, 20)

    last = {timezone.localdate(one.expires_at) for one in links_of(world.plan)}
    assert last == {in_days(20) + GRACE}


def test_who_has_more_time_reads_until_when(client, world):
    end_review(world)
    more_time(world, 5)
    _link, url = issue_link(world.plan, world.people["partner"], by=None)
    client.force_login(world.people["partner"])

    for page in (client.get(world.plan.get_absolute_url()), client.get(url)):
        assert page.context["open_until"] == in_days(5)
        assert "Review open for your institution until" in page.content.decode()
    client.force_login(world.people["member"])
    assert client.get(world.plan.get_absolute_url()).context["open_until"] is None


def test_more_time_may_end_today_and_with_the_review(world):
    more_time(world, 6)
    end_review(world)
    more_time(world, 0)

    assert [row.until for row in ReviewExtension.objects.all()] == [in_days(6), in_days(0)]
    assert may_review(world.people["partner"], ActionPlan.objects.get(pk=world.plan.pk))


@pytest.mark.parametrize(
    ("days", "sentence"), [(-1, "is in the past"), (3, "is open longer than that")]
)
def test_more_time_is_a_later_day(world, days, sentence):
    with pytest.raises(Refusal, match=sentence):
        more_time(world, days)
    assert ReviewExtension.objects.count() == 0


def test_more_time_is_for_who_is_asked_and_while_the_plan_is_reviewed(world):
    with pytest.raises(Refusal, match="not one of those"):
        more_time(world, 10, role="donor")
    ActionPlan.objects.filter(pk=world.plan.pk).update(status="presented")
    with pytest.raises(Refusal, match="takes no answers"):
        more_time(world, 10)


def test_the_review_of_all_is_not_extended_to_the_same_day(world):
    by = world.people["coordinator"]
    with pytest.raises(Refusal, match="choose a later day"):
        extend_review(world.plan, until=in_days(6), why="Congés.", by=by)

    extend_review(world.plan, until=in_days(7), why="Congés.", by=by)
    assert world.plan.review_until == in_days(7)


def test_the_coordination_gives_more_time_with_a_reason(client, world):
    url = url_of(world, "plan-extend-for")
    sent = {
        "institution": world.institutions["partner"].pk,
        "until": in_days(12).isoformat(),
        "why": "",
    }
    client.force_login(world.people["coordinator"])

    without = client.post(url, sent)
    shown = without.context["form"]["shown"].value()
    client.post(url, sent | {"why": "Congé de l’équipe.", "shown": shown})

    assert "why" in without.context["form"].errors
    row = ReviewExtension.objects.get()
    assert (row.until, row.why, row.by) == (
        in_days(12),
        "Congé de l’équipe.",
        world.people["coordinator"],
    )
    client.force_login(world.people["partner"])
    assert client.post(url, sent).status_code == 403


# Silence


def test_silence_at_the_deadline_is_recorded_once_as_silence(world):
    say(world, world.people["member"], role="member")
    end_review(world)

    assert record_silences() == 1
    assert record_silences() == 0
    silence = Silence.objects.get()
    assert (silence.institution, silence.until) == (world.institutions["partner"], in_days(-2))
    assert Position.objects.filter(institution=silence.institution).count() == 0


def test_nobody_is_silent_before_the_last_day_is_over(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(review_until=in_days(0))
    on_the_last_day = record_silences()
    ActionPlan.objects.filter(pk=world.plan.pk).update(review_until=in_days(-1))

    assert (on_the_last_day, record_silences()) == (0, 2)


def test_the_sweep_records_silence(world):
    end_review(world)

    sweep_silence()

    assert {one.institution for one in Silence.objects.all()} == {
        world.institutions["member"],
        world.institutions["partner"],
    }


def test_who_has_more_time_is_not_silent_yet(world):
    end_review(world)
    more_time(world, 5)

    record_silences()

    assert [one.institution for one in Silence.objects.all()] == [world.institutions["member"]]


def test_presenting_the_plan_keeps_who_was_silent(client, world):
    say(world, world.people["partner"])
    present_plan(world.plan, by=world.people["coordinator"])

    silence = Silence.objects.get()
    assert (silence.institution, silence.until) == (world.institutions["member"], in_days(0))
    client.force_login(world.people["coordinator"])
    page = client.get(url_of(world, "plan-positions"))
    assert page.context["counted"] == [("endorses", "Endorses", 1), ("neutral", "Silent", 1)]


def test_nobody_is_counted_as_silent_while_everybody_may_answer(client, world):
    client.force_login(world.people["coordinator"])
    while_open = client.get(url_of(world, "plan-positions")).context["counted"]
    end_review(world)

    assert while_open == [("neutral", "No answer yet", 2)]
    after = client.get(url_of(world, "plan-positions")).context["counted"]
    assert after == [("neutral", "Silent", 2)]


def test_the_silent_stand_in_the_matrix_also_when_they_have_left_the_project(client, world):
    left = ParticipationFactory(project=world.project)
    present_plan(world.plan, by=world.people["coordinator"])
    left.delete()
    client.force_login(world.people["coordinator"])

    stands = client.get(url_of(world, "plan-positions")).context["review_statuses"]

    assert left.institution in {one.institution for one in stands if one.silence}


def test_an_answer_that_comes_after_more_time_stands_before_the_silence(client, world):
    end_review(world)
    record_silences()
    more_time(world, 5)
    say(world, world.people["partner"])
    client.force_login(world.people["coordinator"])

    stands = client.get(url_of(world, "plan-positions")).context["review_statuses"]

    found = {one.institution: one.position for one in stands}
    assert found[world.institutions["partner"]].stance == Stance.ENDORSES
    assert found[world.institutions["member"]] is None
