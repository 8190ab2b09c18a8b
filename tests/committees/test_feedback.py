"""Feedback after a meeting: once each, without names, and told only in sums."""

import pytest
from django.urls import reverse

from accounts.models import AccessLink
from committees.meetings.services.feedback import give_feedback
from committees.models import Feedback, FeedbackGiven, Meeting
from kernel.refusal import Refusal
from projects.models import HeldText
from tests.factories import InstitutionFactory, ParticipationFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

ANSWER = {"prepared": 4, "heard": 2, "useful": 3, "text": "Plus de temps."}


def answers(meeting, number):
    for _each in range(number):
        give_feedback(Feedback(meeting=meeting, **ANSWER), by=UserFactory())


def test_a_member_answers_once_and_the_answer_has_no_name(sign_in, world):
    client = sign_in("member")
    url = reverse("committees:meeting-feedback", args=[world.meeting.pk])
    client.post(url, ANSWER)
    again = client.post(url, ANSWER)

    assert "You have already answered" in again.content.decode()
    answer = Feedback.objects.get(meeting=world.meeting)
    assert {name: getattr(answer, name) for name in ANSWER} == ANSWER
    assert {field.name for field in Feedback._meta.concrete_fields} == {"id", "meeting", *ANSWER}
    assert FeedbackGiven.objects.get().by == world.people["member"]


def test_a_guarded_name_in_an_answer_keeps_nobody_with_it(sign_in, world):
    institution = InstitutionFactory(kind="civil_society", named_to=[])
    ParticipationFactory(project=world.project, institution=institution)
    text = f"{institution.names.get().name_fr} devrait parler plus."
    url = reverse("committees:meeting-feedback", args=[world.meeting.pk])

    assert sign_in("member").post(url, ANSWER | {"text": text}).status_code == 302

    assert Feedback.objects.get().text == text
    assert not HeldText.objects.exists()


def test_before_the_meeting_was_held_nobody_answers(world):
    Meeting.objects.filter(pk=world.meeting.pk).update(status=Meeting.Status.IN_SESSION)
    world.meeting.refresh_from_db()

    with pytest.raises(Refusal, match="not over"):
        answers(world.meeting, 1)


def test_who_holds_no_seat_does_not_answer(sign_in, world):
    url = reverse("committees:meeting-feedback", args=[world.meeting.pk])

    assert sign_in("reader").post(url, ANSWER).status_code == 403
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("role", "number", "sees_sums", "sees_texts"),
    [
        ("coordinator", 2, False, False),
        ("coordinator", 3, True, True),
        ("member", 4, False, False),
        ("member", 5, True, False),
    ],
)
def test_sums_are_shown_from_so_many_answers_on(
    sign_in, world, role, number, sees_sums, sees_texts
):
    answers(world.meeting, number)
    response = sign_in(role).get(reverse("committees:meeting-feedback", args=[world.meeting.pk]))

    assert (response.context["chart"] is not None) == sees_sums
    assert ("Plus de temps." in response.content.decode()) == sees_texts


def test_the_sums_say_how_many_gave_which_mark(sign_in, world):
    answers(world.meeting, 3)
    response = sign_in("coordinator").get(
        reverse("committees:meeting-feedback", args=[world.meeting.pk])
    )

    rows = [[str(cell) for cell in row[1:]] for row in response.context["chart"].rows]
    assert rows == [["0", "0", "0", "3"], ["0", "3", "0", "0"], ["0", "0", "3", "0"]]


def test_a_link_answers_and_opening_it_changes_nothing(client, world):
    by = world.people["coordinator"]
    token = AccessLink.issue(world.people["member"], "give_feedback", world.meeting, by=by)[1]
    url = reverse("committees:feedback-link", args=[token])

    html = client.get(url).content.decode()
    assert not Feedback.objects.exists()
    for named in (str(world.meeting.committee.project), str(world.seat), "1st meeting"):
        assert named in html
    assert client.post(url, ANSWER).status_code == 302
    assert Feedback.objects.count() == 1
    thanks = client.get(url).content.decode()
    assert "Thank you" in thanks
    assert "autofocus" in thanks.split("Thank you")[0]  # read aloud first


def test_members_are_asked_by_mail_and_who_answered_is_left_alone(
    sign_in, world, django_capture_on_commit_callbacks, mailoutbox
):
    client = sign_in("coordinator")
    url = reverse("committees:feedback-ask", args=[world.meeting.pk])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url)
    assert [mail.to for mail in mailoutbox] == [[world.people["member"].email]]

    FeedbackGiven.objects.create(meeting=world.meeting, by=world.people["member"])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url)
    assert len(mailoutbox) == 1
