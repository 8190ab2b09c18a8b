"""Minutes from the first draft to the seal: what they say, who reads and comments, how they are
adopted, and that what is sealed stays."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AccessLink
from committees.minutes.letters import minutes_letter
from committees.minutes.services.minutes import (
    add_remark,
    adopt_all_by_silence,
    adopt_by_silence,
    adopt_minutes,
    circulate,
    extend_comments,
    finalise,
    revise,
    seal_minutes,
    settle_remark,
    start_minutes,
    write_minutes,
)
from committees.minutes.services.text import in_language
from committees.models import (
    AgendaItem,
    Meeting,
    Minutes,
    MinutesRemark,
    Sitting,
)
from committees.permissions.minutes import visible_minutes
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from tests.committees.minutes_life import SECRET, final, sealed, soon
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    MeetingFactory,
    RecommendationFactory,
    ResolutionFactory,
)
from tests.world import ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def by(world):
    return world.people["coordinator"]


def in_days(days):
    return time_machine.travel(timezone.now() + timedelta(days=days))


def remark_of(world, minutes, **changes):
    facts = {
        "minutes": minutes,
        "seat": world.seat,
        "text": "Il manque une phrase.",
        "by": world.people["member"],
    }
    return MinutesRemark(**facts | changes)


# What they say


def test_they_say_what_was_recorded_and_name_seats_never_persons(minutes, world):
    text = in_language(minutes, "en")

    assert text["meeting"] == "1st meeting"
    assert [row["seat"] for row in text["present"] if row["is_there"]] == [str(world.seat)]
    assert text["items"][0]["title"] == {"text": "Review", "lang": ""}
    assert text["items"][0]["notes"] == {"text": "Le **bilan** est lu.", "lang": "fr"}
    assert text["items"][0]["resolutions"][0]["name"] == "Decision 2020-01"
    assert text["counts"][0] == f"Guests: {world.institutions['partner'].short_name}: 1."
    without_notes = {key: value for key, value in text.items() if key != "items"}
    assert SECRET not in str(without_notes)
    assert str(world.people["member"].contacts.get()) not in str(text)


def test_they_carry_the_day_on_which_it_was_held_and_not_the_planned_one(minutes):
    planned = minutes.meeting.starts_at
    Sitting.objects.create(
        meeting=minutes.meeting,
        opened_at=planned - timedelta(days=1),
        closed_at=planned - timedelta(hours=22),
    )

    held_on = (minutes.meeting.day - timedelta(days=1)).day
    assert f"{held_on}" in in_language(minutes, "en")["day"]
    assert f"{minutes.meeting.day.day}" not in in_language(minutes, "en")["day"].split(",")[0]


def test_they_say_when_it_sat_that_interests_were_asked_and_that_it_went_on_to_inform(minutes):
    start = minutes.meeting.starts_at
    Sitting.objects.create(
        meeting=minutes.meeting,
        opened_at=start + timedelta(minutes=12),
        closed_at=start + timedelta(minutes=95),
        informative_since=start + timedelta(minutes=60),
        interests_asked=True,
    )
    text = in_language(minutes, "en")

    assert text["time"] == "9:12\xa0a.m. – 10:35\xa0a.m., Tegucigalpa time"
    assert text["counts"][-2:] == [
        "Members were asked about their interests in an item; nobody declared any.",
        "Without a quorum, the meeting continued from 10:00\xa0a.m. for information only.",
    ]


def test_a_meeting_that_was_not_held_has_no_minutes(world):
    planned = MeetingFactory(committee=world.committee, number=3, status=Meeting.Status.PLANNED)

    with pytest.raises(Refusal, match="close it first"):
        start_minutes(planned, language="fr")


def test_two_who_begin_at_once_get_the_same_minutes(held):
    assert start_minutes(held, language="fr") == start_minutes(held, language="es")


def test_words_are_written_until_the_final_draft(minutes, by):
    write_minutes(minutes, language="es", opening="Bienvenida.", closing="")
    circulate(minutes, by=by, until=soon())
    write_minutes(minutes, language="es", opening="Bienvenidos.", closing="Fin.")
    with pytest.raises(Refusal, match="authoritative language can no longer change"):
        write_minutes(minutes, language="fr", opening="", closing="")
    finalise(minutes, by=by)

    with pytest.raises(Refusal, match="return them to draft"):
        write_minutes(minutes, language="es", opening="", closing="")
    assert minutes.content["es"]["opening"] == {"text": "Bienvenidos.", "lang": ""}


# Circulating


def test_once_they_circulate_what_was_recorded_stands(minutes, by, sign_in):
    item = minutes.meeting.items.first()
    circulate(minutes, by=by, until=soon())

    client = sign_in("coordinator")
    refused = client.post(
        reverse("committees:recommendation-create", args=[item.pk]),
        {"text_fr": "Trop tard.", "warned": "1"},
    )
    mended = client.post(
        reverse("committees:item-notes", args=[item.pk]),
        {"notes": "Mieux dit.", "language": "fr", "version": item.notes_version},
    )
    assert "Return the minutes to draft" in refused.content.decode()
    assert mended.status_code == 302
    assert minutes.meeting.resolutions.count() == 1
    assert minutes.meeting.items.first().notes == "Mieux dit."


def test_returned_to_draft_the_records_are_open_again(minutes, by):
    final(minutes, by)
    revise(minutes, by=by, why="Une erreur.")

    meeting = Meeting.objects.get(pk=minutes.meeting_id)
    assert (meeting.is_open_for_records, meeting.notes_are_open) == (True, True)
    assert minutes.status == Minutes.Status.DRAFT
    assert [version.stage for version in minutes.versions.all()] == ["in_review", "final_draft"]


def test_they_do_not_circulate_with_a_decision_still_a_draft(minutes, by):
    ResolutionFactory(agenda_item=minutes.meeting.items.first(), status="drafted", number="2020-09")

    with pytest.raises(Refusal, match="still a draft"):
        circulate(minutes, by=by, until=soon())


def test_they_do_not_circulate_until_yesterday(minutes, by):
    with pytest.raises(Refusal, match="is in the past"):
        circulate(minutes, by=by, until=soon(-1))


@pytest.mark.parametrize("step", [finalise, seal_minutes])
def test_no_step_is_jumped(minutes, by, step):
    with pytest.raises(TransitionError):
        step(minutes, by=by)


# Comments


def test_a_comment_sent_twice_is_one_and_is_answered_once(minutes, world, by):
    circulate(minutes, by=by, until=soon())
    key = "6f0d9c4e-1111-4222-8333-444455556666"
    first = add_remark(remark_of(world, minutes, entry_key=key))
    assert add_remark(remark_of(world, minutes, entry_key=key)) == first

    settle_remark(first, reply="Ajouté.", by=by)
    with pytest.raises(Refusal, match="Somebody has already answered"):
        settle_remark(first, reply="Encore.", by=by)
    assert first.reply == "Ajouté."


def test_the_final_draft_waits_for_the_answers(minutes, world, by):
    circulate(minutes, by=by, until=soon())
    add_remark(remark_of(world, minutes))

    with pytest.raises(Refusal, match="answer them first"):
        finalise(minutes, by=by)


def test_on_the_last_day_of_the_window_a_comment_is_taken(minutes, world, by):
    circulate(minutes, by=by, until=soon(3))

    with in_days(3):
        add_remark(remark_of(world, minutes))
    with in_days(4), pytest.raises(Refusal, match="are not open for comments now"):
        add_remark(remark_of(world, minutes))
    assert minutes.remarks.count() == 1


def test_the_window_may_be_today_alone(minutes, world, by):
    circulate(minutes, by=by, until=soon(0))
    extend_comments(minutes, by=by, until=soon(0))

    assert add_remark(remark_of(world, minutes)).pk


def test_after_the_window_no_comment_but_what_came_by_letter(minutes, world, by):
    circulate(minutes, by=by, until=soon(3))

    with time_machine.travel(timezone.now() + timedelta(days=5)):
        with pytest.raises(Refusal, match="are not open for comments now"):
            add_remark(remark_of(world, minutes))
        late = remark_of(world, minutes, channel="letter", evidence="Lettre 12", by=by)
        assert add_remark(late).pk


# Adoption


def test_a_later_decision_adopts_them(minutes, by, later_decision):
    final(minutes, by)
    adopt_minutes(minutes, decision=later_decision, by=by)

    assert minutes.status == Minutes.Status.ADOPTED
    assert (minutes.adopted_how, minutes.adopted_by) == ("meeting", later_decision)


def test_the_decision_of_the_next_meeting_adopts_them_as_it_is_recorded(
    sign_in, world, minutes, by
):
    final(minutes, by)
    later = MeetingFactory(committee=world.committee, number=2, status=Meeting.Status.HELD)
    AttendanceFactory(meeting=later, seat=world.seat, presence="online")
    item = AgendaItemFactory(meeting=later, purpose=AgendaItem.Purpose.DECIDE)
    sign_in("coordinator").post(
        reverse("committees:decision-create", args=[item.pk]),
        {
            "text_fr": "Adopté.",
            "outcome": "adopted",
            "rule": "consensus",
            "effects": [f"minutes-{minutes.pk}"],
        },
    )

    minutes.refresh_from_db()
    assert (minutes.status, minutes.adopted_by) == ("adopted", later.resolutions.get())


def test_a_meeting_does_not_adopt_its_own_minutes(minutes, by):
    final(minutes, by)

    with pytest.raises(Refusal, match="its own minutes"):
        adopt_minutes(minutes, decision=minutes.meeting.resolutions.get(), by=by)


def test_only_an_adopted_decision_adopts_them(minutes, by, later_decision):
    final(minutes, by)
    later_decision.status = "drafted"

    with pytest.raises(Refusal, match="Only an adopted decision"):
        adopt_minutes(minutes, decision=later_decision, by=by)


def silent(minutes, days):
    committee = minutes.meeting.committee
    committee.minutes_silence_days = days
    committee.save()


def test_silence_adopts_after_the_delay_of_the_terms(minutes, by):
    silent(minutes, 10)
    final(minutes, by)
    assert adopt_all_by_silence() == 0

    with time_machine.travel(timezone.now() + timedelta(days=11)):
        assert adopt_all_by_silence() == 1
        assert adopt_all_by_silence() == 0
    minutes.refresh_from_db()
    assert (minutes.status, minutes.adopted_how, minutes.adopted_by) == ("adopted", "silence", None)


def test_on_the_last_day_silence_may_still_be_broken(minutes, world, by):
    silent(minutes, 10)
    final(minutes, by)
    assert minutes.silence_until == soon(10)

    with in_days(10):
        assert list(Minutes.objects.waiting_for_silence()) == []
        with pytest.raises(Refusal, match="Objections are possible until"):
            adopt_by_silence(minutes)
    with in_days(11):
        assert list(Minutes.objects.waiting_for_silence()) == [minutes]
        adopt_by_silence(minutes)
    assert (minutes.status, minutes.adopted_on) == ("adopted", soon(11))


def test_an_objection_breaks_silence(minutes, world, by):
    silent(minutes, 10)
    final(minutes, by)
    add_remark(remark_of(world, minutes, is_objection=True))

    with time_machine.travel(timezone.now() + timedelta(days=11)):
        assert adopt_all_by_silence() == 0
        with pytest.raises(Refusal, match="There is an objection"):
            adopt_by_silence(minutes)


def test_without_a_rule_of_silence_the_committee_decides(minutes, by):
    silent(minutes, None)
    final(minutes, by)

    with pytest.raises(Refusal, match="do not take silence"):
        adopt_by_silence(minutes)


# Who reads them


STAGES = {
    "draft": lambda minutes, by, decision: None,
    "in_review": lambda minutes, by, decision: circulate(minutes, by=by, until=soon()),
    "sealed": sealed,
}
TEAM = {"administrator", "coordinator", "monitoring", "finance", "reader", "auditor"}
READERS = {
    "draft": TEAM,
    "in_review": TEAM | {"member"},
    "sealed": TEAM | {"member", "partner", "donor", "embassy"},
}


@pytest.mark.parametrize("stage", STAGES)
def test_who_reads_them_when(world, minutes, by, later_decision, stage):
    STAGES[stage](minutes, by, later_decision)

    seen_by = {
        role
        for role in ROLES
        if visible_minutes(world.people[role], world.project).filter(pk=minutes.pk)
    }
    assert seen_by == READERS[stage]


@pytest.mark.parametrize(
    ("role", "sees_reserved", "sees_names"),
    [("coordinator", True, True), ("member", False, False), ("donor", False, False)],
)
def test_reserved_items_and_names_are_for_few(
    sign_in, minutes, by, later_decision, role, sees_reserved, sees_names
):
    sealed(minutes, by, later_decision)

    response = sign_in(role).get(minutes.get_absolute_url())
    assert ("Réservé" in response.content.decode()) == sees_reserved
    assert (SECRET in response.content.decode()) == (sees_reserved or sees_names)
    assert response.context["text"]["reserved"] == (0 if sees_reserved else 1)


# On the pages


def test_the_whole_life_on_the_pages(sign_in, world, held, by, later_decision):
    client = sign_in("coordinator")
    client.post(reverse("committees:minutes-create", args=[held.pk]), {"language": "fr"})
    minutes = Minutes.objects.get(meeting=held)

    def step(verb, **data):
        client.post(reverse("committees:minutes-step", args=[minutes.pk, verb]), data)
        minutes.refresh_from_db()
        return minutes.status

    assert step("circulate", until=soon().isoformat()) == "in_review"
    assert step("seal") == "in_review"
    assert step("finalise") == "final_draft"
    assert step("adopt", decision=later_decision.pk) == "adopted"
    assert step("seal") == "sealed"
    assert client.get(minutes.get_absolute_url()).status_code == 200


def test_a_page_asks_as_many_queries_for_many_items(
    sign_in, minutes, django_assert_max_num_queries
):
    client = sign_in("coordinator")
    url = minutes.get_absolute_url()
    client.get(url)

    with django_assert_max_num_queries(40) as few:
        client.get(url)
    for number in range(20):
        item = AgendaItemFactory(meeting=minutes.meeting, notes=f"Note {number}")
        RecommendationFactory(agenda_item=item, addressee=None)
    with django_assert_max_num_queries(40) as many:
        client.get(url)
    assert len(many) <= len(few)


# By a link


@pytest.fixture
def token(minutes, world, by):
    circulate(minutes, by=by, until=soon())
    return AccessLink.issue(world.people["member"], "read_minutes", minutes, by=by)[1]


def test_a_member_comments_by_a_link_and_opening_it_changes_nothing(client, minutes, world, token):
    page = reverse("committees:minutes-link", args=[token])
    form = reverse("committees:minutes-link-remark", args=[token])
    assert client.get(page).status_code == client.get(form).status_code == 200
    assert not minutes.remarks.exists()

    answer = client.post(form, {"seat": world.seat.pk, "text": "Il manque une phrase."})
    assert answer.status_code == 302
    remark = minutes.remarks.get()
    assert (remark.channel, remark.seat, remark.by) == ("link", world.seat, world.people["member"])


def test_a_link_shows_nothing_that_is_reserved(client, minutes, world, by):
    """Its holder reads that signed in: others may have the telephone."""
    item = AgendaItemFactory(meeting=minutes.meeting, audience="voting", notes="Une note réservée.")
    circulate(minutes, by=by, until=soon())
    member = world.people["member"]
    token = AccessLink.issue(member, "read_minutes", minutes, by=by)[1]

    by_link = client.get(reverse("committees:minutes-link", args=[token]))
    form = client.get(reverse("committees:minutes-link-remark", args=[token]))
    client.force_login(member)
    signed_in = client.get(minutes.get_absolute_url())

    assert "réservée" in signed_in.content.decode()
    assert "réservée" not in by_link.content.decode()
    assert str(item.pk) not in form.context["form"].items


def test_a_link_opens_nothing_for_who_left_the_seat(client, minutes, world, token):
    world.seat.terms.update(until=date(2020, 1, 1))

    response = client.get(reverse("committees:minutes-link", args=[token]))
    assert response.status_code == 404
    assert b"Bilan" not in response.content


def test_a_link_opens_no_draft(client, minutes, by, token):
    revise(minutes, by=by, why="Erreur")

    assert client.get(reverse("committees:minutes-link", args=[token])).status_code == 404


def test_members_are_told_with_a_link_when_minutes_circulate(
    sign_in, minutes, world, django_capture_on_commit_callbacks, mailoutbox
):
    with django_capture_on_commit_callbacks(execute=True):
        sign_in("coordinator").post(
            reverse("committees:minutes-step", args=[minutes.pk, "circulate"]),
            {"until": soon().isoformat()},
        )

    assert [mail.to for mail in mailoutbox] == [[world.people["member"].email]]
    assert "/minutes/link/" in mailoutbox[0].body
    assert SECRET not in mailoutbox[0].body


@pytest.mark.parametrize(
    ("language", "usual", "own"),
    [
        ("en", "read the minutes of the meeting", "read “Notes” of the meeting"),
        ("es", "leer el acta de la reunión", "leer «Notes» de la reunión"),
        ("fr", "lire le procès-verbal de la réunion", "lire «\u00a0Notes\u00a0» de la réunion"),
    ],
)
def test_the_mail_speaks_of_minutes_as_the_committee_does(minutes, language, usual, own):
    with translation.override(language):
        assert usual in minutes_letter(minutes, "https://example.org/").body[0]
        setattr(minutes.meeting.committee, f"minutes_name_{language}", "Notes")
        assert own in minutes_letter(minutes, "https://example.org/").body[0]
