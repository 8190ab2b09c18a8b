"""Who reaches what: reserved items stay with their audience, and nothing slips into a meeting,
a committee or a project that is not its own."""

import pytest
from django.urls import reverse

from committees.models import AgendaItem, Meeting, Resolution
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    CommitteeFactory,
    MeetingFactory,
    ResolutionFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

SECRET = "Affaire confidentielle"


# Reserved items


@pytest.fixture
def reserved(world):
    item = AgendaItemFactory(
        meeting=world.meeting, title_fr=SECRET, audience="coordination", notes=f"{SECRET} notée"
    )
    ResolutionFactory(agenda_item=item, number="2020-66", text_fr=f"{SECRET} décidée")
    return item


def pages(world, item):
    """Everywhere where an item, its notes or what was resolved on it might show."""
    decision = item.resolutions.get()
    return [
        world.meeting.get_absolute_url(),
        reverse("committees:meeting-resolutions", args=[world.meeting.pk]),
        reverse("committees:meeting-history", args=[world.meeting.pk]),
        world.committee.get_absolute_url(),
        reverse("committees:resolutions"),
        decision.get_absolute_url(),
        reverse("committees:item-notes", args=[item.pk]),
        reverse("committees:item-subjects", args=[item.pk]),
        world.decision.get_absolute_url(),
    ]


@pytest.mark.parametrize("role", ["member", "partner", "donor", "reader", "finance", "outsider"])
def test_an_item_of_the_coordination_is_nowhere_for_others(world, reserved, sign_in, role):
    reserved.resolutions.get().take("execute", by=world.people["coordinator"])
    client = sign_in(role)

    texts = [client.get(url).content.decode() for url in pages(world, reserved)]

    assert not any(SECRET in text or "2020-66" in text for text in texts)
    assert client.get(reserved.resolutions.get().get_absolute_url()).status_code == 404


@pytest.mark.parametrize("role", ["coordinator", "administrator", "auditor"])
def test_the_coordination_and_the_auditor_see_it(world, reserved, sign_in, role):
    client = sign_in(role)

    assert SECRET in client.get(world.meeting.get_absolute_url()).content.decode()
    assert client.get(reserved.resolutions.get().get_absolute_url()).status_code == 200


def test_voting_seats_see_what_observers_do_not(world, reserved, client):
    AgendaItem.objects.filter(pk=reserved.pk).update(audience="voting")
    observer = UserFactory()
    seat = SeatFactory(
        committee=world.committee, institution=world.institutions["donor"], is_voting=False
    )
    contact = world.institutions["donor"].contacts.create(full_name="Observation", user=observer)
    SeatTermFactory(seat=seat, contact=contact)

    seen = {}
    for person in (world.people["member"], observer):
        client.force_login(person)
        seen[person] = SECRET in client.get(world.meeting.get_absolute_url()).content.decode()

    assert seen == {world.people["member"]: True, observer: False}


def test_items_are_numbered_without_gaps_that_would_betray_a_reserved_one(world, reserved, sign_in):
    AgendaItem.objects.filter(pk=reserved.pk).update(position=0)

    agenda = sign_in("member").get(world.meeting.get_absolute_url()).context["agenda"]

    assert [entry["item"] for entry in agenda] == [world.item]


# Meetings before they are convened


def test_a_planned_meeting_is_for_the_team_alone(world, planned, sign_in):
    urls = [
        planned.get_absolute_url(),
        reverse("committees:meeting-attendance", args=[planned.pk]),
        reverse("committees:meeting-resolutions", args=[planned.pk]),
        reverse("committees:meeting-history", args=[planned.pk]),
    ]

    for role, status in (("reader", 200), ("member", 404), ("partner", 404), ("donor", 404)):
        assert {sign_in(role).get(url).status_code for url in urls} == {status}


def test_a_plan_that_was_cancelled_stays_unknown(world, planned, sign_in):
    planned.take("cancel", by=None)

    assert sign_in("member").get(planned.get_absolute_url()).status_code == 404


# Other projects and other meetings


@pytest.fixture
def foreign(world):
    """A meeting of the neighbouring project with everything in it."""
    committee = CommitteeFactory(project=world.neighbour)
    meeting = MeetingFactory(committee=committee, status=Meeting.Status.IN_SESSION)
    item = AgendaItemFactory(meeting=meeting, title_fr=SECRET, purpose="decide")
    resolution = ResolutionFactory(agenda_item=item, status=Resolution.Status.DRAFTED)
    row = AttendanceFactory(meeting=meeting, seat=SeatFactory(committee=committee))
    return {
        "committee": committee,
        "meeting": meeting,
        "item": item,
        "resolution": resolution,
        "row": row,
    }


ADDRESSES = [
    ("detail", "committee"),
    ("edit", "committee"),
    ("seat-create", "committee"),
    ("meeting-create", "committee"),
    ("meeting", "meeting"),
    ("meeting-resolutions", "meeting"),
    ("meeting-history", "meeting"),
    ("meeting-edit", "meeting"),
    ("meeting-attendance", "meeting"),
    ("attendance-edit", "meeting"),
    ("guest-create", "meeting"),
    ("delegate-admit", "meeting"),
    ("item-create", "meeting"),
    ("item-edit", "item"),
    ("item-notes", "item"),
    ("item-subjects", "item"),
    ("decision-create", "item"),
    ("recommendation-create", "item"),
    ("resolution", "resolution"),
    ("resolution-edit", "resolution"),
    ("resolution-subjects", "resolution"),
]
BUTTONS = [
    ("item-move", "item"),
    ("item-remove", "item"),
    ("attendance-remove", "row"),
    ("delegate-accredit", "row"),
]
STEPS = [
    ("meeting-step", "meeting", "close"),
    ("resolution-step", "resolution", "adopt"),
    ("resolution-step", "resolution", "reject"),
    ("committee-step", "committee", "suspend"),
]


@pytest.mark.parametrize("role", ["coordinator", "member", "partner", "donor"])
def test_nothing_of_another_project_is_found_or_changed(world, foreign, sign_in, role):
    client = sign_in(role)
    addresses = [reverse(f"committees:{name}", args=[foreign[key].pk]) for name, key in ADDRESSES]
    addresses += [
        reverse(f"committees:{name}", args=[foreign[key].pk, verb]) for name, key, verb in STEPS
    ]
    buttons = [reverse(f"committees:{name}", args=[foreign[key].pk]) for name, key in BUTTONS]
    buttons.append(reverse("committees:item-step", args=[foreign["item"].pk, "discuss"]))

    got = {url: client.get(url).status_code for url in addresses}
    posted = {url: client.post(url, {"why": "x"}).status_code for url in [*addresses, *buttons]}

    assert set(got.values()) == {404}
    # Pages that are only looked at answer POST by 405 before anything else.
    assert set(posted.values()) <= {404, 405}
    assert {status for url, status in posted.items() if "steps" in url or url in buttons} == {404}
    for thing in foreign.values():
        before = {field: getattr(thing, field) for field in vars(thing) if field[0] != "_"}
        thing.refresh_from_db()
        assert before == {field: getattr(thing, field) for field in before}


def test_an_item_never_slips_into_another_meeting(world, planned, sign_in):
    """Whatever the form claims, an item stays with the meeting it was opened in."""
    other = MeetingFactory(committee=world.committee, number=30)
    client = sign_in("coordinator")
    form = {
        "title_fr": "Point",
        "purpose": "inform",
        "audience": "committee",
        "meeting": other.pk,
        "position": "99",
        "status": "discussed",
    }

    client.post(reverse("committees:item-create", args=[planned.pk]), form)
    client.post(reverse("committees:item-edit", args=[world.item.pk]), form)

    assert not other.items.exists()
    world.item.refresh_from_db()
    assert (world.item.meeting, world.item.status) == (world.meeting, AgendaItem.Status.ACCEPTED)
    assert planned.items.last().status == AgendaItem.Status.ACCEPTED


def test_a_decision_stays_with_its_item_and_number(world, planned, sign_in):
    AgendaItem.objects.update(purpose="decide")
    Meeting.objects.filter(pk=planned.pk).update(quorum_is_stated=False, status="held")
    item = planned.items.get()
    form = {
        "text_fr": "Oui.",
        "outcome": "adopted",
        "rule": "consensus",
        "agenda_item": world.item.pk,
        "meeting": world.meeting.pk,
        "number": "1999-99",
        "status": "executed",
        "seats_present": "99",
    }

    sign_in("coordinator").post(reverse("committees:decision-create", args=[item.pk]), form)

    decision = item.resolutions.get()
    assert (decision.meeting, decision.status) == (planned, Resolution.Status.ADOPTED)
    assert decision.number.endswith("-01")
    assert decision.seats_present is None


def test_a_subject_is_not_removed_by_whoever_may_not_edit(world, sign_in):
    subject = world.item.subjects.create(result=world.result)
    url = reverse("committees:subject-remove", args=[subject.pk])

    assert sign_in("member").post(url).status_code == 403
    assert sign_in("partner").post(url).status_code == 404
    assert world.item.subjects.exists()


def test_visitors_are_asked_to_sign_in(world, client):
    response = client.get(world.meeting.get_absolute_url())

    assert response.status_code == 302
    assert "login" in response.url


@pytest.mark.parametrize("role", ["member", "reader", "monitoring", "auditor"])
def test_who_reads_a_meeting_sees_no_button_to_change_it(world, sign_in, role):
    response = sign_in(role).get(world.meeting.get_absolute_url())

    assert response.context["primary"] is None
    assert response.context["further"] == []
    assert "Edit this item" not in response.content.decode()


@pytest.mark.parametrize("role", ["member", "reader", "monitoring", "auditor"])
def test_who_reads_a_meeting_changes_nothing_in_it(world, sign_in, role):
    client = sign_in(role)
    posts = {
        reverse("committees:item-notes", args=[world.item.pk]): {
            "notes": "x",
            "language": "fr",
            "version": "0",
        },
        reverse("committees:item-remove", args=[world.item.pk]): {},
        reverse("committees:item-create", args=[world.meeting.pk]): {"title_fr": "x"},
        reverse("committees:meeting-step", args=[world.meeting.pk, "cancel"]): {"why": "x"},
        reverse("committees:attendance-edit", args=[world.meeting.pk]): {"headcount": "3"},
        reverse("committees:resolution-edit", args=[world.decision.pk]): {"text_fr": "x"},
    }

    assert {client.post(url, form).status_code for url, form in posts.items()} == {403}
    world.item.refresh_from_db()
    world.decision.refresh_from_db()
    assert (world.item.notes, world.decision.text_fr) == ("", "Le plan d’action est validé.")


@pytest.mark.parametrize("page", ["meeting", "resolution", "meeting-attendance"])
@pytest.mark.parametrize("pk", [2**63 - 1, 2**63, 10**20])
def test_a_number_too_large_for_a_row_is_not_found(sign_in, page, pk):
    assert sign_in("coordinator").get(reverse(f"committees:{page}", args=[pk])).status_code == 404
