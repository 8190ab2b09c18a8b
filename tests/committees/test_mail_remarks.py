"""A reply by mail to a message about a plan in review is a remark of the author's institution."""

from datetime import timedelta

import pytest
from django.utils import timezone

from committees.models import ActionPlan, Remark
from kernel.refusal import Refusal
from projects.mail_notes.services import let_read, take_reply
from projects.models import MailNote
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def world():
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_review", review_until=timezone.localdate() + timedelta(days=6)
    )
    world.plan.refresh_from_db()
    return world


@pytest.fixture
def note(world):
    take_reply(world.people["partner"], world.plan, "Too early.")
    return MailNote.objects.get()


def facts(remark):
    return (remark.institution, remark.text, remark.audience, remark.channel)


def test_only_the_coordination_reads_it_at_first(note, world):
    institution = world.institutions["partner"]

    assert facts(Remark.objects.get()) == (institution, "Too early.", "coordination", "reply")


def test_its_readers_are_those_of_the_note(note):
    let_read(note, "committee")

    assert Remark.objects.get().audience == "committee"


def test_who_withdraws_the_note_withdraws_the_remark(note):
    let_read(note, "nobody")

    assert Remark.objects.count() == 0
    assert Remark._base_manager.count() == 1


def test_what_was_answered_is_not_withdrawn(note):
    Remark.objects.update(settled_at=timezone.now())

    with pytest.raises(Refusal):
        let_read(note, "nobody")

    note.refresh_from_db()
    assert note.audience == "coordination"


def test_who_releases_a_withdrawn_note_again_gives_the_same_remark(note):
    let_read(note, "nobody")
    let_read(note, "committee")

    assert [(each.text, each.audience) for each in Remark.objects.all()] == [
        ("Too early.", "committee")
    ]
    assert Remark._base_manager.count() == 1


@pytest.mark.parametrize("before", ["coordination", "nobody"])
def test_after_the_review_no_more_people_read_the_remark_and_its_author_is_told(note, before):
    let_read(note, before)
    ActionPlan.objects.update(review_until=timezone.localdate() - timedelta(days=1))

    with pytest.raises(Refusal, match="review ended on"):
        let_read(note, "committee")

    note.refresh_from_db()
    remark = Remark._base_manager.get()
    assert (note.audience, remark.audience) == (before, "coordination")
    assert (remark.withdrawn_at is None) is (before == "coordination")


def test_after_the_review_fewer_people_may_read_it(note):
    let_read(note, "committee")
    ActionPlan.objects.update(review_until=timezone.localdate() - timedelta(days=1))

    let_read(note, "coordination")

    assert Remark.objects.get().audience == "coordination"


def test_after_the_review_it_stays_a_note(world):
    ActionPlan.objects.update(review_until=timezone.localdate() - timedelta(days=1))

    take_reply(world.people["partner"], world.plan, "Too late.")

    assert (Remark.objects.count(), MailNote.objects.count()) == (0, 1)
