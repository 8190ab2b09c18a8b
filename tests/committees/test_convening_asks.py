"""What convening a meeting asks first: all of it at once, and an answer to each."""

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail
from committees.agenda.services.agenda import add_item
from committees.meetings.services.convening import pending
from committees.meetings.services.meetings import convene_meeting
from committees.models import AgendaItem, Committee, Meeting
from kernel.refusal import Refusal
from tests.committees.conftest import in_days
from tests.factories import AgendaItemFactory, MeetingFactory, SeatTermFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def step_url(meeting, verb):
    return reverse("committees:meeting-step", args=[meeting.pk, verb])


@pytest.fixture
def hasty(planned, world):
    """In three days, and of its members nobody has an address."""
    world.seat.terms.all().delete()
    SeatTermFactory(seat=world.seat, contact__email="", contact__user=None)
    dates = {"starts_at": in_days(3), "ends_at": in_days(3) + timedelta(hours=2)}
    Meeting.objects.filter(pk=planned.pk).update(**dates)
    return Meeting.objects.get(pk=planned.pk)


def test_short_notice_does_not_hide_that_nobody_is_reached(hasty, sign_in):
    client = sign_in("coordinator")
    url, today = step_url(hasty, "convene"), timezone.localdate().isoformat()

    asked = client.get(url).context["form"].questions
    half = client.post(url, {"on": today, "why_notice": "Urgent."})
    both = {"on": today, "why_notice": "Urgent.", "why_nobody": "We telephone."}
    done = client.post(url, both)

    assert [field.name for _sentence, field in asked] == ["why_notice", "why_nobody"]
    assert "The notice is 3 days" in asked[0][0]
    assert "has no e-mail address" in asked[1][0]
    assert [*half.context["form"].errors] == ["why_nobody"]
    assert done.status_code == 302
    change = Meeting.objects.get(pk=hasty.pk).status_changes.get(verb="convene")
    assert change.why == (
        "Why the notice is short: Urgent.\nHow these people hear of the meeting: We telephone."
    )


def test_without_any_reason_all_of_it_is_refused_in_one_sentence(hasty):
    with pytest.raises(Refusal) as refusal:
        convene_meeting(hasty, by=None)

    assert "The notice is 3 days" in str(refusal.value)
    assert "has no e-mail address" in str(refusal.value)


def test_the_day_of_convening_is_folded_away_and_an_earlier_one_is_enough_notice(hasty, sign_in):
    client, url = sign_in("coordinator"), step_url(hasty, "convene")
    asked = hasty.notice_asked
    earlier = (hasty.day - timedelta(days=asked)).isoformat()

    page = client.get(url).content.decode()
    done = client.post(url, {"on": earlier, "why_nobody": "By letter."})

    assert page.index("It was convened earlier, for example by letter") < page.index('name="on"')
    assert done.status_code == 302
    assert Meeting.objects.get(pk=hasty.pk).status_changes.get(verb="convene").why == "By letter."


@pytest.mark.parametrize(("ticked", "sent"), [({}, 0), ({"sends": "on"}, 1)])
def test_convened_earlier_it_sends_nothing_unless_that_is_asked_for(
    planned, world, sign_in, ticked, sent
):
    earlier = timezone.localdate(timezone=planned.zone) - timedelta(days=2)
    typed = {"on": earlier.isoformat(), **ticked}

    sign_in("coordinator").post(step_url(planned, "convene"), typed)

    planned.refresh_from_db()
    invited = planned.invitations.get(contact__user=world.people["member"])
    assert (planned.status, planned.convened_on) == ("convened", earlier)
    assert (OutgoingMail.objects.count(), bool(invited.mail)) == (sent, bool(sent))
    assert pending(planned) == []  # it is known to them


def test_convened_today_it_is_sent(planned, sign_in):
    today = timezone.localdate(timezone=planned.zone).isoformat()
    reasons = {f"why_{name}": "Known." for name in ("notice", "papers", "nobody")}

    sign_in("coordinator").post(step_url(planned, "convene"), {"on": today, **reasons})

    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize(("link", "is_said"), [("", True), ("https://meet.example.org/a", False)])
def test_an_online_meeting_without_a_link_is_mentioned(planned, sign_in, link, is_said):
    Meeting.objects.filter(pk=planned.pk).update(mode="online", call_link=link)

    page = sign_in("coordinator").get(step_url(planned, "convene")).content.decode()

    assert ("There is no link of the call yet" in page) is is_said


def test_closing_names_what_was_not_dealt_with(planned, sign_in):
    Meeting.objects.filter(pk=planned.pk).update(status="in_session")
    planned.items.all().delete()
    for title, status in (("Done", "discussed"), ("Waiting", "accepted")):
        AgendaItemFactory(meeting=planned, title_en=title, title_fr=title, status=status)

    page = sign_in("coordinator").get(step_url(planned, "close")).content.decode()

    assert "Not dealt with yet: 2. Waiting." in page


# Planning


def planned_for(day):
    return {
        "number": 40,
        "kind": "ordinary",
        "mode": "in_person",
        "day": day.isoformat(),
        "start": "09:00",
        "end": "11:00",
        "time_zone": "America/Tegucigalpa",
        "quorum_is_stated": "on",
    }


def test_a_day_that_is_past_is_asked_about_once(world, sign_in):
    client, url = (
        sign_in("coordinator"),
        reverse("committees:meeting-create", args=[world.committee.pk]),
    )
    typed = planned_for(timezone.localdate() - timedelta(days=40))

    asked = client.post(url, typed)
    typed["warned"] = asked.context["form"]["warned"].value()
    done = client.post(url, typed)

    page = asked.content.decode()
    assert ("This day is past" in page, "Save as it is" in page) == (True, True)
    assert "alert-danger" not in page
    assert (done.status_code, Meeting.objects.filter(number=40).count()) == (302, 1)


def test_a_day_to_come_is_not_asked_about(world, sign_in):
    url = reverse("committees:meeting-create", args=[world.committee.pk])

    done = sign_in("coordinator").post(url, planned_for(timezone.localdate() + timedelta(days=40)))

    assert (done.status_code, Meeting.objects.filter(number=40).count()) == (302, 1)


@pytest.mark.parametrize(
    ("last", "order"),
    [
        ("Fecha de la próxima reunión y cierre", ["Informe", "Nuevo", "Fecha"]),
        ("Clôture", ["Informe", "Nuevo", "Clôture"]),
        ("Varios", ["Informe", "Varios", "Nuevo"]),
    ],
)
def test_a_new_item_goes_before_the_closing(world, last, order):
    meeting = MeetingFactory(committee=world.committee, number=41, status="planned")
    for title in ("Informe", last, "Nuevo"):
        add_item(AgendaItem(meeting=meeting, title_es=title, purpose="inform"))

    titles = [item.title_es.split()[0] for item in meeting.items.on_agenda()]
    assert titles == order
    assert Committee.objects.filter(pk=world.committee.pk).exists()


def test_hours_of_another_meeting_are_asked_about_once(planned, world, sign_in):
    client, typed = sign_in("coordinator"), planned_for(planned.day)
    Meeting.objects.filter(pk=planned.pk).update(
        starts_at=datetime.combine(planned.day, time(10), planned.zone),
        ends_at=datetime.combine(planned.day, time(12), planned.zone),
    )
    url = reverse("committees:meeting-create", args=[world.committee.pk])

    asked = client.post(url, typed)
    typed["warned"] = asked.context["form"]["warned"].value()
    done = client.post(url, typed)

    assert "At these hours the committee has another meeting" in asked.content.decode()
    assert (done.status_code, Meeting.objects.filter(number=40).count()) == (302, 1)


@pytest.mark.parametrize(
    ("hours", "status"), [((11, 12), "planned"), ((9, 11), "cancelled"), ((7, 9), "convened")]
)
def test_hours_beside_another_meeting_are_not_asked_about(planned, world, sign_in, hours, status):
    begins, ends = (datetime.combine(planned.day, time(hour), planned.zone) for hour in hours)
    Meeting.objects.filter(pk=planned.pk).update(starts_at=begins, ends_at=ends, status=status)
    url = reverse("committees:meeting-create", args=[world.committee.pk])

    assert sign_in("coordinator").post(url, planned_for(planned.day)).status_code == 302


def test_a_meeting_that_stays_at_its_hours_is_not_asked_about(planned, world, sign_in):
    MeetingFactory(
        committee=world.committee,
        number=41,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
    )
    form = sign_in("coordinator").get(reverse("committees:meeting-edit", args=[planned.pk]))
    kept = {field.html_name: field.value() for field in form.context["form"]}
    typed = {name: value for name, value in kept.items() if value not in (None, "", False)}

    done = sign_in("coordinator").post(
        reverse("committees:meeting-edit", args=[planned.pk]), typed | {"place": "Room 2"}
    )

    assert done.status_code == 302
