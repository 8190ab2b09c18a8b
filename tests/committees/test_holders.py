"""A change of government: many seats in one step, or none; and what a new holder takes over."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink, OutgoingMail
from committees.models import ActionPlan, Position, Resolution, Seat, SeatTerm
from committees.seats.services.seats import HolderChange, SeatsRefused, handover_of, replace_holders
from partners.models import Contact
from tests.factories import (
    ActionTermsFactory,
    CommitteeFactory,
    ContactFactory,
    InstitutionFactory,
    ParticipationFactory,
    RecommendationFactory,
    RepresentationFactory,
    ResolutionFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

DAY = date(2022, 1, 27)
EVE = date(2022, 1, 26)


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture
def by(world):
    return world.people["coordinator"]


@pytest.fixture
def url(world):
    return reverse("committees:holders-change", args=[world.committee.pk])


@pytest.fixture
def ministry(world):
    """A second seat with a holder, an alternate, and a successor among its contacts."""
    institution = InstitutionFactory()
    ParticipationFactory(project=world.project, institution=institution)
    seat = SeatFactory(committee=world.committee, institution=institution)
    SeatTermFactory(seat=seat)
    SeatTermFactory(seat=seat, capacity="alternate")
    return seat


def successor_of(seat, **facts):
    return ContactFactory(institution=seat.institution, **facts)


def holders(seat):
    return [
        (term.contact.full_name, term.since, term.until)
        for term in seat.terms.filter(capacity="holder").order_by("since")
    ]


# The step


def test_old_terms_end_the_day_before_and_new_ones_begin(world, ministry, by):
    seats = [world.seat, ministry]
    old = [seat.terms.get(capacity="holder").contact.full_name for seat in seats]
    new = [successor_of(seat) for seat in seats]

    begun = replace_holders(
        world.committee,
        [HolderChange(*pair) for pair in zip(seats, new, strict=True)],
        on=DAY,
        by=by,
    )

    assert [term.contact for term in begun] == new
    for seat, before, after in zip(seats, old, new, strict=True):
        assert holders(seat) == [
            (before, date(2019, 6, 1), EVE),
            (after.full_name, DAY, None),
        ]


def test_who_got_and_who_lost_a_seat_is_in_the_access_log(world, ministry, by):
    new = successor_of(ministry, user=UserFactory())

    replace_holders(world.committee, [HolderChange(ministry, new)], on=DAY, by=by)

    lost, got = AccessEvent.objects.filter(kind="role").order_by("number")
    assert (lost.key, lost.thing) == (by.pseudonym.key, world.committee)
    assert (lost.details["change"], lost.details["until"]) == ("changed", "2022-01-26")
    assert got.details == {
        "person": str(new.user.pseudonym),
        "role": "holder",
        "change": "added",
        "seat": ministry.pk,
        "contact": new.pk,
        "until": "",
    }


def test_one_seat_that_cannot_be_changed_keeps_all_as_they_were(world, ministry, by):
    SeatTerm.objects.filter(seat=ministry, capacity="holder").update(since=DAY)
    newcomer = Contact(institution=world.seat.institution, full_name="Membre 71 — État")
    changes = [
        HolderChange(world.seat, newcomer),
        HolderChange(ministry, successor_of(ministry)),
    ]

    with pytest.raises(SeatsRefused) as refusal:
        replace_holders(world.committee, changes, on=DAY, by=by)

    assert refusal.value.by_seat == {
        ministry.pk: [
            "The present term began on January 27, 2022: let the change start later, or "
            "end the term by hand."
        ]
    }
    assert not Contact.objects.filter(full_name="Membre 71 — État").exists()
    assert SeatTerm.objects.filter(until=None, capacity="holder").count() == 2


def test_every_seat_that_is_refused_is_named(world, ministry, by):
    changes = [
        HolderChange(seat, seat.terms.get(capacity="holder").contact)
        for seat in (world.seat, ministry)
    ]

    with pytest.raises(SeatsRefused) as refusal:
        replace_holders(world.committee, changes, on=DAY, by=by)

    assert set(refusal.value.by_seat) == {world.seat.pk, ministry.pk}


def test_somebody_else_already_entered_for_later_is_not_overrun(world, ministry, by):
    ministry.terms.filter(capacity="holder").update(until=EVE + timedelta(days=60))
    SeatTermFactory(seat=ministry, since=EVE + timedelta(days=61))

    with pytest.raises(SeatsRefused) as refusal:
        replace_holders(
            world.committee, [HolderChange(ministry, successor_of(ministry))], on=DAY, by=by
        )

    assert "Somebody holds this seat at that time" in refusal.value.by_seat[ministry.pk][0]


def test_a_seat_becomes_vacant_and_its_alternates_end(world, ministry, by):
    replace_holders(world.committee, [HolderChange(ministry, ends_alternates=True)], on=DAY, by=by)

    assert set(ministry.terms.values_list("until", flat=True)) == {EVE}
    assert Seat.objects.get(pk=ministry.pk).holder is None


def test_alternates_stay_unless_they_are_ended(world, ministry, by):
    replace_holders(
        world.committee, [HolderChange(ministry, successor_of(ministry))], on=DAY, by=by
    )

    assert ministry.terms.get(capacity="alternate").until is None


# Access


def link(person, thing):
    return AccessLink.issue(person, "test", thing, by=None)[0]


def is_open(each):
    each.refresh_from_db()
    return each.revoked_at is None


def test_links_of_the_replaced_end_in_this_project_only(world, by):
    person = world.people["member"]
    theirs = [link(person, world.plan), link(person, world.meeting)]
    elsewhere = link(person, CommitteeFactory(project=world.neighbour))
    others = link(world.people["partner"], world.plan)

    replace_holders(world.committee, [HolderChange(world.seat)], on=DAY, by=by)

    assert [is_open(each) for each in theirs] == [False, False]
    assert is_open(elsewhere)
    assert is_open(others)


@pytest.fixture
def colleague(world):
    """Somebody else of the member's institution: the access of a last person ends after 72 hours."""
    return ContactFactory(institution=world.seat.institution, user=UserFactory())


def test_who_left_the_institution_represents_it_no_more_and_keeps_what_is_elsewhere(
    world, by, colleague
):
    person = world.people["member"]
    here = link(person, world.plan)
    elsewhere = link(person, CommitteeFactory(project=world.neighbour))

    replace_holders(world.committee, [HolderChange(world.seat, has_left=True)], on=DAY, by=by)

    contact = person.contacts.get(institution=world.seat.institution)
    assert (contact.ended_on, contact.user) == (EVE, person)
    assert not contact.representations.open().exists()
    assert (is_open(here), is_open(elsewhere)) == (False, True)


def test_who_left_but_has_a_place_in_another_project_is_not_marked_as_left(world, by, colleague):
    contact = world.people["member"].contacts.get()
    there = ParticipationFactory(project=world.neighbour, institution=contact.institution)
    kept = RepresentationFactory(contact=contact, participation=there)

    replace_holders(world.committee, [HolderChange(world.seat, has_left=True)], on=DAY, by=by)

    contact.refresh_from_db()
    assert contact.ended_on is None
    assert list(contact.representations.open()) == [kept]


def test_who_still_holds_a_seat_keeps_what_was_sent(world, by):
    person = world.people["member"]
    second = SeatFactory(committee=world.committee, institution=world.seat.institution)
    SeatTermFactory(seat=second, contact=person.contacts.get())
    theirs = link(person, world.plan)

    replace_holders(world.committee, [HolderChange(world.seat)], on=DAY, by=by)

    assert is_open(theirs)


def test_the_replaced_see_the_committee_no_longer(world, client, by, colleague):
    replace_holders(world.committee, [HolderChange(world.seat, has_left=True)], on=DAY, by=by)
    client.force_login(world.people["member"])

    assert client.get(world.committee.get_absolute_url()).status_code == 404


# The page


def rows(world, *filled):
    """What the page posts: every seat, with what was filled in for some."""
    posted = {"on": "2022-01-27"}
    for seat, facts in filled:
        posted |= {f"seat-{seat.pk}-{name}": value for name, value in facts.items()}
    return posted


def test_the_page_changes_chosen_and_new_people_at_once(coordinator, world, ministry, url):
    chosen = successor_of(world.seat)
    newcomer = {"full_name": "Membre 72 — État", "email": "m72@example.org", "language": "es"}

    response = coordinator.post(
        url, rows(world, (world.seat, {"contact": chosen.pk}), (ministry, newcomer))
    )

    assert response.url == world.committee.get_absolute_url()
    assert holders(world.seat)[-1] == (chosen.full_name, DAY, None)
    assert holders(ministry)[-1] == ("Membre 72 — État", DAY, None)
    contact = Contact.objects.get(full_name="Membre 72 — État")
    assert (contact.institution, contact.email, contact.language) == (
        ministry.institution,
        "m72@example.org",
        "es",
    )


def test_the_refusal_stands_at_its_row_and_what_was_typed_stays(coordinator, world, ministry, url):
    SeatTerm.objects.filter(seat=ministry, capacity="holder").update(since=DAY)

    response = coordinator.post(
        url,
        rows(
            world,
            (world.seat, {"full_name": "Membre 73 — État"}),
            (ministry, {"full_name": "Membre 74 — État"}),
        ),
    )

    first, second = response.context["form"].rows
    assert (first.errors, list(second.errors)) == ({}, ["__all__"])
    assert "Membre 73 — État" in response.content.decode()
    assert not Contact.objects.filter(full_name__contains="Membre 7").exists()


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "Choose a new holder for at least one seat."),
        ({"title": "Direction"}, "Say who holds the seat from now on."),
        ({"has_left": "on"}, "Say who holds the seat from now on."),
        ({"full_name": "Membre 75", "becomes_vacant": "on"}, "Choose one:"),
        ({"full_name": "Membre 75", "email": "nowhere"}, "Enter a valid email address."),
        ({"contact": "999999"}, "Select a valid choice."),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(coordinator, world, url, facts, sentence):
    response = coordinator.post(url, rows(world, (world.seat, facts)))

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert SeatTerm.objects.count() == 1


def test_people_of_another_institution_are_no_choice(coordinator, world, ministry, url):
    stranger = successor_of(ministry)

    response = coordinator.post(url, rows(world, (world.seat, {"contact": stranger.pk})))

    assert "contact" in response.context["form"].rows[0].errors


def test_a_change_to_come_is_entered_on_its_day(coordinator, world, url):
    tomorrow = timezone.localdate() + timedelta(days=2)
    posted = rows(world, (world.seat, {"contact": successor_of(world.seat).pk}))

    response = coordinator.post(url, posted | {"on": str(tomorrow)})

    assert "enter the change on its day" in response.content.decode()
    assert SeatTerm.objects.count() == 1


def test_the_form_sent_twice_changes_once(coordinator, world, url):
    posted = rows(world, (world.seat, {"full_name": "Membre 76 — État", "email": "m@x.org"}))

    for _each in range(2):
        coordinator.post(url, posted)

    assert len(holders(world.seat)) == 2


def test_a_shared_seat_is_held_by_people_of_each_institution(coordinator, world, ministry, url):
    world.seat.shared_with.add(ministry.institution)
    partner = successor_of(ministry)

    coordinator.post(url, rows(world, (world.seat, {"contact": partner.pk})))

    assert holders(world.seat)[-1] == (partner.full_name, DAY, None)


@pytest.mark.parametrize("role", ["member", "partner", "donor", "reader", "monitoring"])
def test_only_the_coordination_changes_holders(world, sign_in, url, role):
    assert sign_in(role).post(url, rows(world)).status_code == 403


def test_the_page_asks_as_many_queries_for_one_seat_as_for_a_hundred(
    coordinator, world, url, django_assert_max_num_queries
):
    Seat.objects.all().delete()
    counts = []
    for numbers in (range(1), range(1, 100)):
        for _each in numbers:
            seat = SeatFactory(committee=world.committee)
            SeatTermFactory(seat=seat)

        with django_assert_max_num_queries(20) as statements:
            assert coordinator.get(url).status_code == 200
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# Telling


def test_the_new_holder_is_told_where_the_sheet_is(coordinator, world, url):
    person = UserFactory(language="en")
    contact = successor_of(world.seat, user=person)

    coordinator.post(url, rows(world, (world.seat, {"contact": contact.pk})))

    letter = OutgoingMail.objects.get(person=person)
    sheet = reverse("committees:handover", args=[world.committee.pk, contact.institution_id])
    assert letter.subject == "You now hold a seat"
    assert sheet in letter.text
    assert contact.full_name not in letter.subject
    assert mail.outbox == []


def test_seats_whose_holder_has_no_access_are_named(coordinator, world, url):
    posted = rows(world, (world.seat, {"contact": successor_of(world.seat).pk}))

    response = coordinator.post(url, posted, follow=True)

    assert f"inform them yourself: {world.seat}" in response.content.decode()


# The sheet


def sheet_url(world, institution):
    return reverse("committees:handover", args=[world.committee.pk, institution.pk])


@pytest.mark.parametrize(
    ("role", "own", "other"),
    [
        ("coordinator", 200, 200),
        ("administrator", 200, 200),
        ("auditor", 200, 200),
        ("member", 200, 404),
        ("partner", 404, 404),
        ("donor", 404, 404),
        ("reader", 404, 404),
        ("outsider", 404, 404),
    ],
)
def test_the_sheet_is_for_who_holds_the_seat(world, ministry, sign_in, role, own, other):
    client = sign_in(role)

    assert client.get(sheet_url(world, world.seat.institution)).status_code == own
    assert client.get(sheet_url(world, ministry.institution)).status_code == other


def test_an_institution_without_a_seat_has_no_sheet(world, coordinator):
    url = sheet_url(world, world.institutions["partner"])

    assert coordinator.get(url).status_code == 404


def test_the_sheet_gathers_what_the_institution_owes(world, coordinator):
    institution = world.seat.institution
    ActionPlan.objects.update(status="in_execution", validated_by=world.decision)
    supported = ActionTermsFactory(plan=world.plan, action__project=world.project)
    supported.supporting.add(institution)
    ActionTermsFactory(plan=world.plan, action__project=world.project)
    done = ActionTermsFactory(
        plan=world.plan, action__project=world.project, responsible=institution
    )
    type(done.action).objects.filter(pk=done.action.pk).update(status="done")
    rows = {
        status: RecommendationFactory(agenda_item=world.item, addressee=institution, status=status)
        for status in ("issued", "partly", "implemented", "declined")
    }
    ResolutionFactory(agenda_item=world.item, addressee=None)
    carried = ResolutionFactory(agenda_item=world.item, addressee=institution)
    for stance in ("consulting", "endorses"):
        until = date(2021, 1, 1) if stance == "consulting" else None
        Position.objects.create(
            plan=world.plan,
            institution=institution,
            stance=stance,
            until=until,
            by=world.people["member"],
        )

    sheet = handover_of(
        world.project,
        institution,
        resolutions=Resolution.objects.all(),
        plans=ActionPlan.objects.all(),
    )

    assert sheet.seats == [world.seat]
    assert [position.stance for position in sheet.positions] == ["endorses"]
    assert sheet.to_answer == [rows["issued"]]
    assert {row.status for row in sheet.accepted} == {"partly", "implemented"}
    assert sheet.to_execute == [carried]
    assert {terms.pk for terms in sheet.actions} == {world.terms.pk, supported.pk}
    text = coordinator.get(sheet_url(world, institution)).content.decode()
    assert "Recommendations without an answer" in text
    assert world.terms.title in text


def test_the_sheet_asks_as_many_queries_for_one_row_as_for_a_hundred(
    world, coordinator, django_assert_max_num_queries
):
    ActionPlan.objects.update(status="in_execution", validated_by=world.decision)
    institution = world.seat.institution
    counts = []
    for numbers in (range(1), range(1, 100)):
        for _each in numbers:
            ActionTermsFactory(
                plan=world.plan, action__project=world.project, responsible=institution
            )
            for status in ("issued", "accepted"):
                RecommendationFactory(agenda_item=world.item, addressee=institution, status=status)

        with django_assert_max_num_queries(30) as statements:
            assert coordinator.get(sheet_url(world, institution)).status_code == 200
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# Seats that are shared, and the chair


def seat_form(seat, **facts):
    return {
        "institution": seat.institution_id,
        "label_fr": "",
        "is_voting": "on",
        "office": "",
        "position": "1",
    } | facts


def test_a_shared_seat_needs_the_name_of_its_group(coordinator, world, ministry):
    url = reverse("committees:seat-edit", args=[world.seat.pk])
    shared = {"shared_with": [ministry.institution_id]}

    refused = coordinator.post(url, seat_form(world.seat, **shared))
    coordinator.post(url, seat_form(world.seat, label_fr="Secteur santé", **shared))

    assert "Name the group" in refused.content.decode()
    assert list(world.seat.shared_with.all()) == [ministry.institution]
    page = coordinator.get(world.committee.get_absolute_url()).content.decode()
    assert f"{world.seat.institution.name} · {ministry.institution.name}" in page


def test_a_seat_is_not_shared_with_itself(coordinator, world):
    url = reverse("committees:seat-edit", args=[world.seat.pk])
    shared = {"shared_with": [world.seat.institution_id], "label_fr": "Secteur"}

    response = coordinator.post(url, seat_form(world.seat, **shared))

    assert "leave out the one it belongs to" in response.content.decode()


def test_there_is_one_chair_at_a_time(coordinator, world, ministry):
    Seat.objects.filter(pk=ministry.pk).update(office="chair", until=date(2020, 12, 31))
    url = reverse("committees:seat-edit", args=[world.seat.pk])

    at_once = coordinator.post(url, seat_form(world.seat, office="chair"))
    later = coordinator.post(url, seat_form(world.seat, office="chair", since="2021-01-01"))

    assert "holds the chair at that time" in at_once.content.decode()
    assert later.status_code == 302


def test_several_seats_keep_the_secretariat(coordinator, world, ministry):
    Seat.objects.filter(pk=ministry.pk).update(office="secretary")
    url = reverse("committees:seat-edit", args=[world.seat.pk])

    assert coordinator.post(url, seat_form(world.seat, office="secretary")).status_code == 302


def test_everything_is_locked_before_the_first_change_is_recorded(world, ministry, by):
    leaving = ministry.terms.get(capacity="holder").contact
    leaving.user = UserFactory()
    leaving.save()
    AccessLink.issue(leaving.user, "review_plan", world.project, by=by)

    with CaptureQueriesContext(connection) as queries:
        replace_holders(
            world.committee,
            [
                HolderChange(seat, successor_of(seat), has_left=True)
                for seat in (world.seat, ministry)
            ],
            on=DAY,
            by=by,
        )

    locked = [sql["sql"] for sql in queries if "FOR " in sql["sql"] and "UPDATE" in sql["sql"]]
    chain = next(n for n, sql in enumerate(locked) if "accounts_accesschain" in sql)
    for table in ("partners_contact", "accounts_accesslink"):
        assert any(table in sql for sql in locked[:chain]), table
