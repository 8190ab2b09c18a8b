"""From the closing to the seal: each page leads to the next step."""

from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AccessLink, User
from committees.consultations.services import ask_seats, keep_consultation, open_consultation
from committees.minutes.forms import MinutesRemarkForm
from committees.minutes.services.minutes import circulate
from committees.minutes.services.text import in_language, unfinished
from committees.models import AgendaItem, Meeting, Minutes, WrittenConsultation
from tests.committees.minutes_life import final, sealed, soon
from tests.factories import AgendaItemFactory, MeetingFactory, ResolutionFactory, SeatFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def by(world):
    return world.people["coordinator"]


def step(minutes, verb):
    return reverse("committees:minutes-step", args=[minutes.pk, verb])


def ask_in_writing(world, minutes, by):
    consultation = WrittenConsultation(
        committee=world.committee,
        title_en="Minutes of September",
        text_en="The committee adopts the minutes.",
        why_written="So that they need not wait.",
        rule="majority",
        answers_until=soon(),
        adopts_minutes=minutes,
    )
    keep_consultation(consultation)
    open_consultation(consultation, by=by)
    return consultation


def test_closing_a_meeting_leads_to_its_minutes(sign_in, world):
    now = timezone.now()
    meeting = MeetingFactory(
        committee=world.committee,
        number=6,
        status=Meeting.Status.IN_SESSION,
        starts_at=now - timedelta(hours=1),
        ends_at=now,
    )
    item = AgendaItemFactory(meeting=meeting, status=AgendaItem.Status.ACCEPTED)
    Meeting.objects.filter(pk=meeting.pk).update(current_item=item)
    client = sign_in("coordinator")
    url = reverse("committees:meeting-step", args=[meeting.pk, "close"])

    assert "why" not in client.get(url).context["form"].fields
    response = client.post(url, {"on": timezone.localdate().isoformat()}, follow=True)

    item.refresh_from_db()
    assert response.redirect_chain[-1][0] == reverse("committees:minutes-create", args=[meeting.pk])
    assert item.status == "discussed"  # what was spoken of last, too
    page = client.get(meeting.get_absolute_url())
    assert page.context["primary"].label == "Write the minutes"


def test_one_bar_goes_from_the_meeting_to_the_seal(sign_in, minutes, by):
    circulate(minutes, by=by, until=soon())
    client = sign_in("coordinator")

    bars = [
        client.get(url).context["bar"]
        for url in (minutes.get_absolute_url(), minutes.meeting.get_absolute_url())
    ]

    labels = ["Held", "Minutes in draft", "Circulated", "Final draft", "Adopted", "Sealed"]
    with translation.override("en"):
        assert [[str(each["label"]) for each in bar] for bar in bars] == [labels, labels]
    states = ["done", "done", "now", "next", "next", "next"]
    assert [[each["state"] for each in bar] for bar in bars] == [states, states]


def test_members_see_nothing_of_a_draft_in_the_bar(sign_in, minutes):
    bar = sign_in("member").get(minutes.meeting.get_absolute_url()).context["bar"]

    assert [each["state"] for each in bar] == ["now", *["next"] * 5]


def test_before_they_circulate_the_page_points_out_what_looks_unfinished(sign_in, minutes, world):
    silent = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    AgendaItemFactory(
        meeting=minutes.meeting, position=8, title_en="Closing", status=AgendaItem.Status.ACCEPTED
    )

    found = unfinished(minutes.meeting)

    assert f"Presence not recorded: {silent}." in found
    assert any("Not treated" in each and "Closing" in each for each in found)
    states = {item["state"] for item in in_language(minutes, "es")["items"]}
    assert "No tratado" in states
    client = sign_in("coordinator")
    for url in (minutes.get_absolute_url(), step(minutes, "circulate")):
        assert "Presence not recorded" in client.get(url).content.decode()
    assert client.post(step(minutes, "circulate"), {"until": soon().isoformat()}).status_code == 302


def test_nobody_is_asked_about_what_the_portal_put_on_the_agenda(minutes):
    def add(title, source, position):
        return AgendaItemFactory(
            meeting=minutes.meeting,
            position=position,
            title_en=title,
            source=source,
            purpose="decide",
            status=AgendaItem.Status.DISCUSSED,
            notes="",
        )

    add("Adoption of the agenda", "usual", 8)
    add("Constitution of the committee and adoption of its terms of reference", "usual", 9)
    decided = add("Extension", "", 10)
    ResolutionFactory(agenda_item=decided)

    found = " ".join(unfinished(minutes.meeting))

    assert "Adoption of the agenda" not in found
    assert found.count("Constitution") == 2  # no decision and no notes
    assert "Extension" not in found


def test_an_item_on_which_something_was_decided_is_not_asked_for_notes(sign_in, minutes):
    item = AgendaItemFactory(meeting=minutes.meeting, position=8, status="discussed", notes="")
    client = sign_in("coordinator")

    def asked():
        page = client.get(minutes.meeting.get_absolute_url()).content.decode()
        return page.count("No notes on this item.")

    before = asked()
    ResolutionFactory(agenda_item=item)

    assert asked() == before - 1


def test_adopting_offers_the_three_ways_and_leads_to_them(sign_in, minutes, by, world):
    final(minutes, by)
    client = sign_in("coordinator")

    text = client.get(step(minutes, "adopt")).content.decode()

    assert reverse("committees:meeting-create", args=[world.committee.pk]) in text
    assert "set a period after which silence adopts" in text
    in_writing = f"{reverse('committees:consultation-create', args=[world.committee.pk])}?minutes="
    assert in_writing in text
    form = client.get(f"{in_writing}{minutes.pk}").context["form"]
    assert form["effects"].value() == [f"minutes-{minutes.pk}"]
    assert form["title_en"].value() == "Minutes, 1st meeting"
    assert form["why_written"].value()


def test_the_seats_are_asked_to_adopt_once_it_is_seen_who_they_are(sign_in, minutes, by, world):
    final(minutes, by)
    client = sign_in("coordinator")
    url = reverse("committees:consultation-create", args=[world.committee.pk])
    form = client.get(url, {"minutes": minutes.pk}).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}

    page = client.post(url, typed | {"send": "1"}).url
    shown = client.get(page).context["recipients"]
    client.post(page)

    assert [one.contact.user for one in shown] == [world.people["member"]]
    assert WrittenConsultation.objects.get(adopts_minutes=minutes).status == "open"


def test_the_adoption_goes_on_the_agenda_of_the_next_meeting(sign_in, minutes, by, world):
    final(minutes, by)
    client, url = sign_in("coordinator"), reverse("committees:minutes-to-agenda", args=[minutes.pk])
    nowhere = client.post(url, follow=True).content.decode()
    starts = timezone.now() + timedelta(days=20)
    meeting = MeetingFactory(
        committee=world.committee,
        number=7,
        status=Meeting.Status.PLANNED,
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
    )

    response = client.post(url)

    assert "No meeting is planned" in nowhere
    assert response.url == meeting.get_absolute_url()
    assert minutes in [subject.minutes for subject in meeting.items.get().subjects.all()]
    assert "The adoption is on the agenda" in client.get(step(minutes, "adopt")).content.decode()


def test_silence_that_is_over_is_recorded_with_one_press(sign_in, minutes, by, world):
    world.committee.minutes_silence_days = 5
    world.committee.save()
    minutes.refresh_from_db()
    final(minutes, by)
    client = sign_in("coordinator")
    assert "They are adopted automatically" in client.get(step(minutes, "adopt")).content.decode()

    with time_machine.travel(timezone.now() + timedelta(days=6)):
        page = sign_in("coordinator").get(step(minutes, "adopt")).content.decode()

    assert step(minutes, "silence") in page


def test_silence_adopts_nothing_before_the_day_is_over_where_the_committee_met(
    sign_in, minutes, by, world
):
    """The coordinator is ahead of it, and reads the next day already."""
    world.committee.minutes_silence_days = 5
    world.committee.save()
    minutes.refresh_from_db()
    final(minutes, by)
    User.objects.filter(pk=by.pk).update(time_zone="Pacific/Kiritimati")
    last_minute = datetime.combine(minutes.silence_until, time(23, 59), minutes.meeting.zone)

    with time_machine.travel(last_minute, tick=False):
        client = sign_in("coordinator")
        page = client.get(step(minutes, "adopt"))
        refused = client.post(step(minutes, "silence"), {}, follow=True)

    assert not page.context["silence_is_over"]
    assert "Objections are possible until" in refused.content.decode()
    assert Minutes.objects.get().status == Minutes.Status.FINAL_DRAFT


def test_members_who_are_asked_in_writing_read_the_minutes_there(
    sign_in, client, minutes, by, world
):
    final(minutes, by)
    consultation = ask_in_writing(world, minutes, by)
    token = AccessLink.issue(world.people["member"], "answer_consultation", consultation, by=by)[1]
    link = reverse("committees:consultation-link", args=[token])

    by_link = client.get(link).content.decode()
    signed_in = sign_in("member").get(consultation.get_absolute_url()).content.decode()

    for text in (by_link, signed_in):
        assert "Decision 2020-01" in text
    assert minutes.get_absolute_url() in signed_in
    assert minutes.get_absolute_url() not in by_link


def test_a_text_that_was_taken_back_is_not_read(client, minutes, by, world):
    final(minutes, by)
    consultation = ask_in_writing(world, minutes, by)
    Minutes.objects.filter(pk=minutes.pk).update(status=Minutes.Status.DRAFT)
    token = AccessLink.issue(world.people["member"], "answer_consultation", consultation, by=by)[1]

    text = client.get(reverse("committees:consultation-link", args=[token])).content.decode()

    assert "These minutes are being revised" in text
    assert "Decision 2020-01" not in text


def test_the_sealed_page_has_its_document(sign_in, minutes, by, later_decision):
    sealed(minutes, by, later_decision)

    text = sign_in("member").get(minutes.get_absolute_url()).content.decode()

    assert reverse("reports:document-request", args=["minutes", minutes.meeting_id]) in text
    assert reverse("reports:documents", args=["meeting", minutes.meeting_id]) in text


def test_the_mail_names_committee_and_subject_under_a_neutral_title(
    minutes, by, world, mailoutbox, django_capture_on_commit_callbacks
):
    final(minutes, by)
    consultation = ask_in_writing(world, minutes, by)

    with django_capture_on_commit_callbacks(execute=True):
        ask_seats(consultation, by=by)

    (mail,) = mailoutbox
    assert str(world.committee) in mail.body
    assert "Minutes of September" in mail.body
    assert str(world.committee) not in mail.subject
    assert "Minutes of September" not in mail.subject


@pytest.mark.parametrize(
    ("days", "until", "words"),
    [
        (None, None, "You do not agree that the minutes are adopted as they are."),
        (10, None, "While an objection is open, silence does not adopt the minutes."),
        (None, 5, "While an objection is open, silence does not adopt the minutes."),
    ],
)
def test_the_form_says_what_an_objection_does_where_silence_adopts_or_not(
    minutes, world, days, until, words
):
    minutes.meeting.committee.minutes_silence_days = days
    minutes.silence_until = until and timezone.localdate() + timedelta(days=until)

    form = MinutesRemarkForm(minutes=minutes, seats=[world.seat], audiences=["committee"])

    assert form.fields["is_objection"].help_text == words
