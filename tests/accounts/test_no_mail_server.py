"""A portal without a mail server says so where messages are about to be sent, or were."""

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.mail import confirmed_to_words, confirmed_words, invited_words
from accounts.models import Delivery, OutgoingMail, User
from projects.sending.recipients import NoticeReceipt
from tests.factories import (
    ActionPlanFactory,
    AmendmentFactory,
    AssignmentFactory,
    MeetingFactory,
    PeriodFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SAYS = "This portal does not send e-mail yet"
MAILBOX = 'href="/mailbox/"'


@pytest.fixture(params=[True, False], ids=["sends", "sends nothing"])
def sends(request, settings):
    settings.SENDS_MAIL = request.param
    return request.param


@pytest.fixture
def meeting():
    return MeetingFactory(status="planned")


@pytest.fixture
def coordinator(client, meeting):
    assignment = AssignmentFactory(project=meeting.committee.project, role="coordinator")
    client.force_login(assignment.user)
    return assignment.user


@pytest.mark.parametrize("is_staff", [False, True])
def test_pages_about_messages_say_that_nothing_goes_out(
    client, meeting, coordinator, sends, is_staff
):
    coordinator.is_staff = is_staff
    coordinator.save()

    page = client.get(reverse("committees:meeting-step", args=[meeting.pk, "convene"]))
    other = client.get(meeting.get_absolute_url()).content.decode()

    html = page.content.decode()
    assert (SAYS in html) is not sends
    assert SAYS not in other
    # In the menu of the account, and on pages about messages.
    expected = 0 if sends or not is_staff else 1
    assert (html.count(MAILBOX), other.count(MAILBOX)) == (2 * expected, expected)


@pytest.mark.parametrize("name", ["plan-extend", "plan-extend-for"])
def test_extending_a_review_says_so(client, coordinator, meeting, sends, name):
    project = meeting.committee.project
    plan = ActionPlanFactory(period=PeriodFactory(project=project), status="in_review")

    page = client.get(reverse(f"committees:{name}", args=[plan.pk]))

    assert page.status_code == 200
    assert (SAYS in page.content.decode()) is not sends


def test_beginning_a_written_procedure_sends_nothing(client, coordinator, meeting, sends):
    page = client.get(reverse("committees:consultation-create", args=[meeting.committee.pk]))

    assert page.status_code == 200
    assert SAYS not in page.content.decode()


@pytest.mark.parametrize("verb", ["approve", "ask_changes", "refuse"])
def test_the_answers_to_an_amendment_say_so(client, coordinator, meeting, sends, verb):
    project = meeting.committee.project
    amendment = AmendmentFactory(project=project, status="submitted")

    page = client.get(reverse("projects:amendment-step", args=[project.code, amendment.pk, verb]))

    assert page.status_code == 200
    assert (SAYS in page.content.decode()) is not sends


def test_nobody_who_came_by_a_link_reads_it(client, sends):
    assert SAYS not in client.get(reverse("home")).content.decode()


def test_counts_and_sentences_say_prepared_and_not_sent(sends):
    with translation.override("en"):
        found = [NoticeReceipt(people=6).sentence, invited_words("a@example.org")]

    assert found == (
        ["Messages sent: 6.", "The invitation was sent to a@example.org."]
        if sends
        else [
            "Messages prepared, not sent: 6.",
            "The invitation to a@example.org is in the mailbox and was not sent.",
        ]
    )


@pytest.mark.parametrize("email", ["a@example.org", None])
def test_a_confirmation_is_promised_only_where_one_goes_out(sends, email):
    person = User(email=email)
    with translation.override("en"):
        found = [confirmed_words(person), confirmed_to_words(None, person)]

    if sends and email:
        assert found == [
            "A confirmation is on its way to you by e-mail.",
            "A confirmation is on its way to the person by e-mail.",
        ]
    elif email:
        assert found == ["", "This portal does not send e-mail yet: confirm it yourself."]
    else:
        assert found == ["", "No e-mail reaches the person: confirm it yourself."]


@pytest.mark.parametrize("sent", [True, False])
def test_a_message_in_the_mailbox_is_not_called_sent(sends, sent):
    mail = OutgoingMail(address="a@example.org")
    mail.sent_at = timezone.now() if sent else None

    usual = Delivery.SENT if sent else Delivery.WAITING
    assert mail.delivery == (usual if sends else Delivery.PREPARED)


def test_administrators_find_the_organisation_in_their_menu(client):
    client.force_login(UserFactory(is_staff=True))
    page = client.get(reverse("projects:list")).content.decode()
    assert f'href="{reverse("organisation")}"' in page

    client.force_login(UserFactory())
    page = client.get(reverse("projects:list")).content.decode()
    assert f'href="{reverse("organisation")}"' not in page
