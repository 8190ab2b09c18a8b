"""A seat withdraws its comment on minutes, by link too, until it is answered."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink
from committees.minutes.services.minutes import (
    add_remark,
    circulate,
    decline_suggestion,
    settle_remark,
)
from committees.minutes.services.sentences import withdraw_remark
from committees.models import MinutesRemark
from kernel.refusal import Refusal
from tests.committees.minutes_life import soon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def remark(minutes, world):
    circulate(minutes, by=world.people["coordinator"], until=soon())
    return MinutesRemark.objects.create(
        minutes=minutes,
        seat=world.seat,
        text="A word is missing.",
        is_objection=True,
        by=world.people["member"],
    )


def by_link(world, minutes):
    _link, token = AccessLink.issue(world.people["member"], "read_minutes", minutes, by=None)
    return reverse("committees:minutes-link", args=[token])


def test_what_is_withdrawn_by_link_nobody_reads_and_the_row_stays(client, world, minutes, remark):
    page = by_link(world, minutes)
    withdraw = f"{page}comments/{remark.pk}/withdraw/"
    assert withdraw in client.get(page).content.decode()
    assert "A word is missing." in client.get(withdraw).content.decode()
    assert MinutesRemark.objects.get() == remark

    response = client.post(withdraw, follow=True)

    assert "It is withdrawn: nobody reads it any more." in response.content.decode()
    assert "A word is missing." not in response.content.decode()
    assert (minutes.remarks.count(), minutes.remarks.open().count()) == (0, 0)
    assert MinutesRemark._base_manager.get().withdrawn_at
    assert AccessEvent.objects.first().details["answer"] == "withdrawn"


def test_signed_in_a_member_withdraws_and_the_coordination_finds_no_button(
    client, world, minutes, remark, sign_in
):
    withdraw = reverse("committees:minutes-remark-withdraw", args=[minutes.pk, remark.pk])
    sign_in("coordinator")
    assert withdraw not in client.get(minutes.get_absolute_url()).content.decode()
    assert client.post(withdraw).status_code == 403
    sign_in("member")
    assert withdraw in client.get(minutes.get_absolute_url()).content.decode()

    assert client.post(withdraw).status_code == 302

    assert not MinutesRemark.objects.exists()


def test_what_was_answered_stays(client, world, minutes, remark):
    settle_remark(remark, reply="Added.", by=world.people["coordinator"])
    page = by_link(world, minutes)

    assert "/withdraw/" not in client.get(page).content.decode()
    response = client.post(f"{page}comments/{remark.pk}/withdraw/")

    assert "has answered it already" in response.content.decode()
    assert MinutesRemark.objects.get() == remark


def test_another_seat_withdraws_nothing(client, world, minutes, remark):
    remark.seat = world.committee.seats.create(
        institution=world.institutions["partner"], is_voting=True
    )
    remark.save()
    page = by_link(world, minutes)

    assert client.post(f"{page}comments/{remark.pk}/withdraw/").url == page
    assert MinutesRemark.objects.get() == remark


def test_after_the_window_nothing_is_withdrawn(client, world, minutes, remark):
    page = by_link(world, minutes)
    type(minutes).objects.update(comments_until=timezone.localdate() - timedelta(days=1))

    assert "/withdraw/" not in client.get(page).content.decode()
    assert client.post(f"{page}comments/{remark.pk}/withdraw/").status_code == 302
    assert MinutesRemark.objects.get() == remark


def test_what_was_withdrawn_meanwhile_is_not_answered_and_not_sent_again(world, minutes, remark):
    coordinator, key = world.people["coordinator"], uuid.uuid4()
    withdraw_remark(remark)

    with pytest.raises(Refusal, match="withdrawn"):
        settle_remark(remark, reply="Added.", by=coordinator)
    other = MinutesRemark(
        minutes=minutes, seat=world.seat, text="Twice.", by=coordinator, entry_key=key
    )
    withdraw_remark(add_remark(other))
    other.pk = None
    with pytest.raises(Refusal, match="withdrawn"):
        add_remark(other)
    with pytest.raises(Refusal, match="withdrawn"):
        decline_suggestion(remark, reply="No.", by=coordinator)
