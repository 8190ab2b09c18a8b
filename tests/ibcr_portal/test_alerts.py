"""What needs a person is reported by mail: once, daily while it lasts, and when it is over."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail
from ibcr_portal.models import Alert, Watch
from ibcr_portal.observing.alerts import look, note
from ibcr_portal.observing.state import OK, WARN, HealthLine, PortalState
from ibcr_portal.tasks import watch
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people():
    UserFactory(is_staff=True, language="en", email="first@example.org")
    UserFactory(is_staff=True, language="en", email="second@example.org")
    UserFactory(is_staff=True, is_active=False, email="gone@example.org")
    UserFactory(email="reader@example.org")


def of(*kinds):
    return PortalState([HealthLine("database", OK), *(HealthLine(kind, WARN) for kind in kinds)])


def later(**time):
    for alert in Alert.objects.all():
        moments = {"since": alert.since, "told_at": alert.told_at}
        changed = {key: value - timedelta(**time) for key, value in moments.items() if value}
        Alert.objects.filter(pk=alert.pk).update(**changed)
    # So that the seconds in the keys of messages differ.
    for mail in OutgoingMail.objects.all():
        OutgoingMail.objects.filter(pk=mail.pk).update(key=f"{mail.key}-{mail.pk}"[:150])


def mails(address="first@example.org"):
    return [
        mail.subject for mail in OutgoingMail.objects.filter(person__email=address).order_by("pk")
    ]


def test_what_lasts_is_told_once_to_each_administrator():
    for _ in range(3):
        note(of("disk", "backup"))
        later(minutes=5)

    expected = ["The portal needs you: 2 parts do not work as they should"]
    assert (mails(), mails("second@example.org")) == (expected, expected)
    assert OutgoingMail.objects.count() == 2


def test_what_is_over_at_once_is_not_told():
    note(of("broker"))
    later(minutes=2)
    note(of("broker"))
    later(minutes=1)
    note(of())

    assert (mails(), list(Alert.objects.all())) == ([], [])


def test_it_is_told_again_each_day_and_once_when_it_is_over():
    note(of("disk"))
    later(minutes=5)
    note(of("disk"))
    later(hours=23)
    note(of("disk"))
    assert len(mails()) == 1

    later(hours=1, minutes=1)
    note(of("disk"))
    note(of())
    note(of())

    told = "The portal needs you: 1 part does not work as it should"
    assert mails() == [told, told, "The portal no longer needs you: what it reported is over"]


def test_what_comes_later_is_told_for_itself():
    note(of("disk"))
    later(minutes=5)
    note(of("disk", "backup"))
    later(minutes=5)
    note(of("disk", "backup"))

    assert mails() == ["The portal needs you: 1 part does not work as it should"] * 2


def test_the_access_log_has_a_message_of_its_own_and_a_note_when_it_is_over():
    note(of("access-log"))
    later(minutes=5)
    note(of("access-log"))
    assert mails() == []

    note(of())

    assert mails() == ["The portal no longer needs you: what it reported is over"]


def test_the_home_page_of_administrators_says_it_and_no_other(client):
    note(of("mail"))
    later(minutes=5)
    note(of("mail"))

    client.force_login(UserFactory(is_staff=True, language="en"))
    page = client.get("/").content.decode()
    assert "The mail server takes no messages." in page
    assert reverse("system") in page

    client.force_login(UserFactory(language="en"))
    assert "The mail server takes no messages." not in client.get("/").content.decode()


def test_the_scheduler_has_the_portal_look_at_itself():
    OutgoingMail.objects.create(attempt=5, next_attempt_at=timezone.now() + timedelta(hours=1))

    watch()

    assert timezone.now() - Watch.objects.get().looked_at < timedelta(seconds=10)
    assert "mail" in {alert.kind for alert in Alert.objects.all()}


def test_it_costs_few_statements(django_assert_max_num_queries):
    look()
    with django_assert_max_num_queries(30):
        look()
