"""No way leads a minor to an account: whoever accompanies them is informed instead."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import OutgoingMail, User
from committees.consultations.services import ask_seats, keep_consultation, open_consultation
from committees.meetings.services.invitations import invite_guest
from committees.meetings.services.meetings import convene_meeting
from committees.models import Meeting, WrittenConsultation
from partners.models import Contact
from partners.services import invite_contact
from projects.calls.services.panel import add_panel_member
from projects.institutions.services.representations import grant_representation
from projects.models import Representation
from projects.team.services import add_person
from tests.factories import (
    AgendaItemFactory,
    CallFactory,
    ContactFactory,
    MeetingFactory,
    SeatFactory,
    SeatTermFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

WHO = {"full_name": "Persona 015", "email": "young@example.org"}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def by(world):
    return world.people["coordinator"]


@pytest.fixture
def institution(world):
    return world.institutions["partner"]


@pytest.fixture
def minor(institution):
    return ContactFactory(institution=institution, represents=False, is_minor=True, **WHO)


@pytest.fixture
def seated(world, minor):
    seat = SeatFactory(committee=world.committee, institution=minor.institution)
    SeatTermFactory(seat=seat, contact=minor)
    return seat


@pytest.fixture
def meeting(world):
    starts_at = timezone.now() + timedelta(days=20)
    meeting = MeetingFactory(
        committee=world.committee,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        status=Meeting.Status.PLANNED,
    )
    AgendaItemFactory(meeting=meeting)
    return meeting


@pytest.fixture
def unchanged(minor):
    """Whatever the test did, the minor has neither an account nor a message."""
    yield
    minor.refresh_from_db()
    assert minor.user is None
    assert not User.objects.filter(email=minor.email).exists()
    assert not OutgoingMail.objects.filter(address=minor.email).exists()


@pytest.mark.usefixtures("unchanged")
def test_a_written_procedure_asks_the_others_and_names_the_seat(world, by, seated):
    consultation = keep_consultation(
        WrittenConsultation(
            committee=world.committee,
            title_fr="Budget",
            text_fr="Approuver le budget.",
            why_written="La réunion a été reportée.",
            rule="majority",
            answers_until=timezone.localdate() + timedelta(days=9),
        )
    )
    open_consultation(consultation, by=by)

    receipt = ask_seats(consultation, by=by)

    assert f"{seated} (Principal member)" in receipt.without_access
    assert receipt.people > 0


@pytest.mark.usefixtures("unchanged")
def test_a_meeting_invites_them_without_a_message(meeting, by, minor, seated):
    convene_meeting(meeting, by=by)

    assert meeting.invitations.get(contact=minor).mail is None


@pytest.mark.usefixtures("unchanged")
def test_a_guest_who_is_a_minor_is_on_the_list_alone(meeting, by, minor):
    invite_guest(meeting, minor, by=by)

    assert meeting.invitations.get(contact=minor).person is None


@pytest.mark.usefixtures("unchanged")
def test_a_representation_brings_them_no_access(institution, world, by):
    place = institution.participations.get(project=world.project)
    typed = Contact(institution=institution, **WHO)  # the directory knows them already

    row = grant_representation(place, typed, reason="Carta", by=by)

    assert Representation.objects.in_force().filter(pk=row.pk, contact__user=None).exists()


@pytest.mark.usefixtures("unchanged")
def test_neither_team_nor_panel_takes_them_by_their_address(world, by):
    typed = {"full_name": "persona 015 ", "email": "YOUNG@example.org", "language": "es", "by": by}
    sentence = "This person can receive no account. Ask an administrator."

    with pytest.raises(ValidationError, match=sentence):
        add_person(world.project, role="reader", ends_on=None, **typed)
    with pytest.raises(ValidationError, match=sentence):
        add_panel_member(CallFactory(project=world.project), **typed)


@pytest.mark.usefixtures("unchanged")
def test_the_button_of_the_directory_is_not_offered_and_refuses(client, world, minor):
    client.force_login(world.people["administrator"])
    url = reverse("partners:contact-invite", args=[minor.institution_id, minor.pk])

    page = client.get(minor.institution.get_absolute_url()).content.decode()
    answer = client.post(url, follow=True).content.decode()

    assert url not in page
    assert "A minor receives no account: inform the person accompanying them." in answer
    with pytest.raises(ValidationError):
        invite_contact(minor, by=None)


def test_an_adult_at_the_same_address_receives_one(world, by, minor):
    invited = add_person(
        world.project,
        full_name="Madre 015",
        email=minor.email,
        language="es",
        role="reader",
        ends_on=None,
        by=by,
    )

    assert invited.user.email == minor.email
    minor.refresh_from_db()
    assert minor.user is None
