"""The committee: its rules in words, seats and terms of office, compliance, and the register."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from committees.models import Committee, Meeting, Seat, SeatTerm
from tests.factories import (
    AttendanceFactory,
    CommitteeFactory,
    ContactFactory,
    InstitutionFactory,
    MeetingFactory,
    ProjectFactory,
    RecommendationFactory,
    ResolutionFactory,
    SeatFactory,
    SeatTermFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


def page_of(client, committee):
    return client.get(committee.get_absolute_url())


def rules_of(client, committee):
    return client.get(reverse("committees:terms", args=[committee.pk]))


# The page


def test_the_rules_are_said_in_words(coordinator, world):
    Committee.objects.update(
        meetings_per_year=2,
        notice_days=15,
        quorum_rule="share",
        quorum_share=Decimal("0.6"),
        counts_vacant_seats=False,
        second_call_share=Decimal("0.25"),
    )

    text = rules_of(coordinator, world.committee).content.decode().replace("\xa0", " ")

    for words in ("At least 2 times a year", "15 days", "60 % of the voting seats", "25 %"):
        assert words in text.replace("60%", "60 %").replace("25%", "25 %")
    assert "vacant seats not counted" in text


def test_compliance_names_the_last_meeting_and_the_next_due(world):
    compliance = world.committee.compliance()

    assert (compliance.last, compliance.due) == (world.meeting, date(2021, 9, 3))
    assert compliance.is_late


@time_machine.travel("2020-12-01")
def test_a_committee_that_met_in_time_is_not_late(world):
    assert not world.committee.compliance().is_late


def test_no_meeting_is_due_after_the_end_of_the_project(world):
    late = world.project.current_end - timedelta(days=30)
    Meeting.objects.update(starts_at=f"{late}T15:00Z", ends_at=f"{late}T16:00Z")

    assert world.committee.compliance().due is None


def test_planned_meetings_do_not_count_as_held(world, planned):
    assert world.committee.compliance().last == world.meeting


@pytest.mark.parametrize(
    ("per_year", "last", "due"),
    [
        (1, date(2020, 9, 3), date(2021, 9, 3)),
        (2, date(2020, 8, 31), date(2021, 2, 28)),
        (4, date(2020, 11, 30), date(2021, 2, 28)),
        (1, date(2020, 2, 29), date(2021, 2, 28)),
        (30, date(2020, 1, 31), date(2020, 2, 29)),
    ],
)
def test_the_year_is_shared_out_among_the_meetings(per_year, last, due):
    assert Committee(meetings_per_year=per_year).next_meeting_due(last) == due


@pytest.fixture
def named(world):
    """The world's member did not agree to be named; this alternate did."""
    alternate = ContactFactory(
        institution=world.institutions["member"],
        full_name="Membre 61 nommée",
        may_be_named=True,
    )
    SeatTermFactory(seat=world.seat, contact=alternate, capacity="alternate")
    world.people["member"].contacts.update(full_name="Membre 62 discret")


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("coordinator", {"Membre 61 nommée", "Membre 62 discret"}),
        ("auditor", {"Membre 61 nommée", "Membre 62 discret"}),
        ("member", {"Membre 61 nommée"}),
        ("reader", set()),
        ("partner", set()),
        ("donor", set()),
    ],
)
def test_names_in_the_composition_are_shown_by_need(named, world, sign_in, role, shown):
    text = page_of(sign_in(role), world.committee).content.decode()

    names = {"Membre 61 nommée", "Membre 62 discret"}
    assert {name for name in names if name in text} == shown
    assert world.institutions["member"].name in text


def test_outsiders_find_no_committee(world, sign_in):
    assert page_of(sign_in("outsider"), world.committee).status_code == 404


def test_the_page_takes_as_many_queries_for_one_row_of_each_as_for_a_hundred(
    world, coordinator, django_assert_max_num_queries
):
    Seat.objects.all().delete()
    world.item.resolutions.all().delete()
    Meeting.objects.exclude(pk=world.meeting.pk).delete()
    counts = []
    for numbers in (range(1), range(1, 100)):
        for number in numbers:
            seat = SeatFactory(committee=world.committee)
            seat.shared_with.add(InstitutionFactory())
            SeatTermFactory(seat=seat)
            RecommendationFactory(agenda_item=world.item, addressee=seat.institution)
            meeting = MeetingFactory(committee=world.committee, number=number + 10)
            AttendanceFactory(meeting=meeting, seat=seat)

        with django_assert_max_num_queries(30) as statements:
            assert page_of(coordinator, world.committee).status_code == 200
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# The register


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"2020-01", "2020-R1", "2020-R2", "2021-R1"}),
        ({"kind": "decision"}, {"2020-01"}),
        ({"kind": "recommendation"}, {"2020-R1", "2020-R2", "2021-R1"}),
        ({"year": "2021"}, {"2021-R1"}),
        ({"state": "overdue"}, {"2020-R1"}),
        ({"state": "open"}, {"2020-01", "2020-R1", "2021-R1"}),
        ({"state": "done"}, {"2020-R2"}),
        ({"state": "refused"}, set()),
        ({"kind": "recommendation", "year": "2020"}, {"2020-R1", "2020-R2"}),
        (
            {"kind": "nonsense", "year": "x", "state": "?"},
            {"2020-01", "2020-R1", "2020-R2", "2021-R1"},
        ),
    ],
)
def test_the_register_is_filtered(coordinator, world, query, expected):
    RecommendationFactory(agenda_item=world.item, number="2020-R1", due_on=date(2020, 10, 1))
    RecommendationFactory(agenda_item=world.item, number="2020-R2", status="implemented")
    RecommendationFactory(agenda_item=world.item, number="2021-R1")

    register = reverse("projects:resolutions", args=[world.project.code])
    page = coordinator.get(register, query).context["page"]

    assert {resolution.number for resolution in page} == expected


# Editing


def committee_form(**facts):
    return {
        "name_fr": "Comité directeur",
        "meetings_per_year": "1",
        "notice_days": "15",
        "notice_days_extraordinary": "7",
        "quorum_rule": "majority",
        "quorum_share": "50",
        "decision_rule": "consensus",
    } | facts


def test_the_coordinator_edits_the_rules(coordinator, world):
    url = reverse("committees:edit", args=[world.committee.pk])

    coordinator.post(url, committee_form(quorum_share="66", quorum_rule="share"))

    world.committee.refresh_from_db()
    assert (world.committee.name_fr, world.committee.quorum_share) == (
        "Comité directeur",
        Decimal("0.66"),
    )
    assert world.committee.status == Committee.Status.ACTIVE


def test_minima_by_kind_are_kept_and_said(coordinator, world):
    url = reverse("committees:edit", args=[world.committee.pk])

    coordinator.post(url, committee_form(minimum_state="1", minimum_civil_society="0"))

    assert list(world.committee.quorum_minima.values_list("kind", "seats")) == [("state", 1)]
    assert "State institution: at least 1" in rules_of(coordinator, world.committee).text
    coordinator.post(url, committee_form(minimum_state=""))
    assert not world.committee.quorum_minima.exists()


def test_a_minimum_that_could_never_be_reached_is_refused(coordinator, world):
    url = reverse("committees:edit", args=[world.committee.pk])

    response = coordinator.post(url, committee_form(minimum_state="2"))

    assert "fewer voting seats of this kind" in response.content.decode()
    assert not world.committee.quorum_minima.exists()


def test_minutes_are_called_as_the_committee_calls_them(world):
    world.committee.minutes_name_fr = "Compte rendu"

    with translation.override("fr"):
        assert world.committee.minutes_label == "Compte rendu"
    assert world.committee.minutes_label == "Minutes"


@pytest.mark.parametrize(
    "facts",
    [
        {"notice_days_extraordinary": "-1"},
        {"papers_due_days": "400"},
        {"minutes_silence_days": "0"},
        {"minimum_state": "-1"},
        {"quorum_share": "150"},
        {"quorum_share": "0,5"},
        {"quorum_share": "66,67"},
        {"quorum_share": "0"},
        {"quorum_share": "half"},
        {"second_call_share": "-20"},
        {"meetings_per_year": "0"},
        {"name_fr": ""},
        {"quorum_rule": "whim"},
    ],
)
def test_rules_that_make_no_sense_are_refused(coordinator, world, facts):
    url = reverse("committees:edit", args=[world.committee.pk])

    response = coordinator.post(url, committee_form(**facts))

    assert response.context["form"].errors
    world.committee.refresh_from_db()
    assert world.committee.name_fr == "Comité de pilotage"


def test_a_project_gets_one_committee(coordinator, world):
    project = ProjectFactory(code="NEW-1")
    project.assignments.create(user=world.people["coordinator"], role="coordinator")
    url = reverse("committees:create", args=["NEW-1"])

    for _each in range(2):
        response = coordinator.post(url, committee_form())

    committee = Committee.objects.get(project=project)
    assert response.url == committee.get_absolute_url()
    assert committee.status == Committee.Status.DRAFT


def test_a_committee_is_constituted_with_its_ground(coordinator, world):
    Committee.objects.update(status=Committee.Status.DRAFT)
    url = reverse("committees:committee-step", args=[world.committee.pk, "constitute"])

    asked = coordinator.post(url, {"on": "2019-08-23", "why": ""})
    coordinator.post(url, {"on": "2019-08-23", "why": "Décision 2019-01."})

    world.committee.refresh_from_db()
    change = world.committee.status_changes.get()
    assert asked.status_code == 200
    assert world.committee.status == Committee.Status.ACTIVE
    assert (change.happened_on, change.why) == (date(2019, 8, 23), "Décision 2019-01.")


def test_a_committee_is_constituted_by_the_decision_that_adopted_its_terms(coordinator, world):
    Committee.objects.update(status=Committee.Status.DRAFT)
    url = reverse("committees:committee-step", args=[world.committee.pk, "constitute"])

    coordinator.post(url, {"on": "2020-09-03", "decision": world.decision.pk, "why": ""})

    world.committee.refresh_from_db()
    assert world.committee.terms_adopted_by == world.decision
    why = world.committee.status_changes.get().why
    assert why == "Terms of reference adopted by Decision 2020-01."


def test_a_decision_of_another_committee_constitutes_nothing(coordinator, world):
    Committee.objects.update(status=Committee.Status.DRAFT)
    url = reverse("committees:committee-step", args=[world.committee.pk, "constitute"])
    foreign = ResolutionFactory()

    response = coordinator.post(url, {"on": "2020-09-03", "decision": foreign.pk, "why": "Oui."})

    assert response.status_code == 200
    world.committee.refresh_from_db()
    assert world.committee.status == Committee.Status.DRAFT


def test_without_a_voting_seat_nothing_is_constituted(coordinator, world):
    Committee.objects.update(status=Committee.Status.DRAFT)
    Seat.objects.update(is_voting=False)
    url = reverse("committees:committee-step", args=[world.committee.pk, "constitute"])

    response = coordinator.post(url, {"on": "2019-08-23", "why": "Décision 2019-01."})

    assert "add its seats first" in response.content.decode()
    world.committee.refresh_from_db()
    assert world.committee.status == Committee.Status.DRAFT


@pytest.mark.parametrize("role", ["member", "partner", "donor", "reader", "monitoring", "auditor"])
def test_only_the_coordination_edits(world, sign_in, role):
    client = sign_in(role)

    for name, key in (
        ("edit", world.committee.pk),
        ("seat-create", world.committee.pk),
        ("seat-edit", world.seat.pk),
        ("term-create", world.seat.pk),
        ("term-end", world.seat.terms.get().pk),
    ):
        url = reverse(f"committees:{name}", args=[key])
        assert (client.get(url).status_code, client.post(url, {}).status_code) == (403, 403)


# Seats


def seat_form(institution, **facts):
    return {"institution": institution.pk, "is_voting": "on", "position": "2"} | facts


def test_a_seat_is_added_once(coordinator, world):
    url = reverse("committees:seat-create", args=[world.committee.pk])
    form = seat_form(
        world.institutions["partner"], label_fr="Collectif", entry_key=str(uuid.uuid4())
    )

    for _each in range(2):
        assert coordinator.post(url, form).status_code == 302

    seat = world.committee.seats.exclude(pk=world.seat.pk).get()
    assert (seat.institution, seat.label_fr) == (world.institutions["partner"], "Collectif")


def test_only_partners_of_the_project_get_a_seat(coordinator, world):
    url = reverse("committees:seat-create", args=[world.committee.pk])

    response = coordinator.post(url, seat_form(world.foreign_institution))

    assert response.context["form"].has_error("institution")
    assert world.committee.seats.count() == 1


def test_a_seat_ends_on_a_day(coordinator, world):
    url = reverse("committees:seat-edit", args=[world.seat.pk])
    form = seat_form(world.institutions["member"], since="2019-06-01", until="2020-12-31")

    refused = coordinator.post(url, form | {"until": "2018-12-31"})
    coordinator.post(url, form)

    world.seat.refresh_from_db()
    assert refused.context["form"].errors
    assert world.seat.until == date(2020, 12, 31)


def test_a_seat_that_was_held_is_not_removed(coordinator, world):
    response = coordinator.post(
        reverse("committees:seat-remove", args=[world.seat.pk]), follow=True
    )

    assert "enter its last day" in response.content.decode()
    assert Seat.objects.filter(pk=world.seat.pk).exists()


def test_a_seat_entered_by_mistake_is_removed(coordinator, world):
    seat = SeatFactory(committee=world.committee)

    coordinator.post(reverse("committees:seat-remove", args=[seat.pk]))

    assert not Seat.objects.filter(pk=seat.pk).exists()


def test_a_seat_that_was_present_is_not_removed(coordinator, world):
    seat = SeatFactory(committee=world.committee)
    AttendanceFactory(meeting=world.meeting, seat=seat)

    coordinator.post(reverse("committees:seat-remove", args=[seat.pk]))

    assert Seat.objects.filter(pk=seat.pk).exists()


def test_a_seat_of_another_project_is_not_found(coordinator, world):
    seat = SeatFactory(committee=CommitteeFactory(project=world.neighbour))

    for name in ("seat-edit", "seat-remove", "term-create"):
        url = reverse(f"committees:{name}", args=[seat.pk])
        assert coordinator.post(url, {}).status_code == 404


# Terms of office


def term_form(contact, **facts):
    return {"contact": contact.pk, "capacity": "holder", "since": "2020-01-01"} | facts


def test_one_holder_at_a_time(coordinator, world):
    other = ContactFactory(institution=world.institutions["member"])
    url = reverse("committees:term-create", args=[world.seat.pk])

    response = coordinator.post(url, term_form(other))

    assert "end that term" in response.content.decode()
    assert world.seat.terms.count() == 1


def test_a_new_holder_follows_the_one_whose_term_ended(coordinator, world):
    term = world.seat.terms.get()
    other = ContactFactory(institution=world.institutions["member"])

    coordinator.post(reverse("committees:term-end", args=[term.pk]), {"until": "2019-12-31"})
    coordinator.post(reverse("committees:term-create", args=[world.seat.pk]), term_form(other))

    assert world.seat.holder_on(date(2019, 12, 31)).contact == term.contact
    assert world.seat.holder_on(date(2020, 1, 1)).contact == other


def test_alternates_stand_beside_the_holder(coordinator, world):
    other = ContactFactory(institution=world.institutions["member"])
    url = reverse("committees:term-create", args=[world.seat.pk])

    for _each in range(2):
        coordinator.post(url, term_form(other, capacity="alternate"))

    assert world.seat.terms.filter(capacity="alternate").count() == 1


def test_a_term_ends_after_it_starts(coordinator, world):
    term = world.seat.terms.get()

    response = coordinator.post(
        reverse("committees:term-end", args=[term.pk]), {"until": "2019-01-01"}
    )

    assert response.context["form"].has_error("until")
    term.refresh_from_db()
    assert term.until is None


def test_only_people_of_the_institution_hold_its_seat(coordinator, world):
    stranger = ContactFactory(institution=world.institutions["partner"])
    url = reverse("committees:term-create", args=[world.seat.pk])

    response = coordinator.post(url, term_form(stranger, capacity="alternate"))

    assert response.context["form"].has_error("contact")
    assert world.seat.terms.count() == 1


def test_whoever_left_the_institution_is_no_choice(coordinator, world):
    former = ContactFactory(institution=world.institutions["member"], ended_on=timezone.localdate())
    url = reverse("committees:term-create", args=[world.seat.pk])

    assert coordinator.post(url, term_form(former, capacity="alternate")).status_code == 200
    assert world.seat.terms.count() == 1


def test_a_term_of_another_project_is_not_found(coordinator, world):
    seat = SeatFactory(committee=CommitteeFactory(project=world.neighbour))
    term = SeatTermFactory(seat=seat)

    url = reverse("committees:term-end", args=[term.pk])
    assert coordinator.post(url, {"until": "2020-01-01"}).status_code == 404


def test_the_database_refuses_two_open_holders(world):
    other = ContactFactory(institution=world.institutions["member"])

    with pytest.raises(IntegrityError), transaction.atomic():
        SeatTermFactory(seat=world.seat, contact=other)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="an exclusion constraint")
def test_postgresql_refuses_two_holders_whose_terms_overlap(world):
    other = ContactFactory(institution=world.institutions["member"])
    world.seat.terms.update(until=date(2020, 12, 31))

    with pytest.raises(IntegrityError), transaction.atomic():
        SeatTermFactory(
            seat=world.seat,
            contact=other,
            since=date(2020, 6, 1),
            until=date(2021, 6, 1),
            capacity=SeatTerm.Capacity.HOLDER,
        )


def test_whose_term_is_over_is_no_member(world, sign_in):
    """The role follows from the term: nothing else has to be taken away."""
    world.seat.terms.update(until=timezone.localdate() - timedelta(days=1))

    assert sign_in("member").get(world.meeting.get_absolute_url()).status_code == 404


def test_a_meeting_that_is_a_draft_is_not_shown_to_members(world, planned, sign_in):
    assert page_of(sign_in("coordinator"), world.committee).context["meeting"] == planned
    assert page_of(sign_in("member"), world.committee).context["meeting"] is None

    later = planned.starts_at + timedelta(days=1)
    convened = MeetingFactory(
        committee=world.committee,
        number=12,
        status=Meeting.Status.CONVENED,
        starts_at=later,
        ends_at=later + timedelta(hours=1),
    )

    assert page_of(sign_in("member"), world.committee).context["meeting"] == convened
