"""What a file by others would become: a project with its days, places, institutions and money."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from partners.models import Institution
from projects.exchange.services.draft import draft_project
from projects.iati.document import (
    CodePercentage,
    IatiAmount,
    IatiBudget,
    IatiDocument,
    IatiOrganisation,
    IatiTransaction,
    Participant,
    PlannedDisbursement,
    PolicyMarker,
)
from projects.iati.read import ActivityReading
from tests.factories import InstitutionFactory, InstitutionNameFactory, ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

START, END = date(2019, 4, 1), date(2022, 3, 31)
TODAY = timezone.localdate()
DONOR = IatiOrganisation({"fr": "Agence"}, "XM-DAC-301", "10")


def draft(**facts):
    """Of an activity that says all that is needed and nothing else, but for what is given."""
    said = {
        "identifier": "XX-A-HN-9",
        "reporting": IatiOrganisation({"fr": "Bureau"}, "XX-A", "21"),
        "title": {"fr": "Titre"},
        "status": "2",
        "currency": "CAD",
        "dates": {"1": START, "3": END},
        "countries": [CodePercentage("HN", Decimal(100))],
        "participants": [Participant(DONOR, "1")],
    }
    return draft_project(ActivityReading(IatiDocument(**said | facts), version="2.03"))


def whys(draft):
    return [each.why for each in draft.notes]


def test_an_activity_that_is_whole_becomes_a_project_without_a_remark():
    made = draft()

    project = made.project
    assert (project.code, project.title_fr, project.status, project.currency) == (
        "HN-9",
        "Titre",
        "active",
        "CAD",
    )
    assert (project.starts_on, project.original_end, project.current_end) == (START, END, END)
    assert (made.notes, made.problem, project.donor_number) == ([], "", "XX-A-HN-9")


@pytest.mark.parametrize(
    ("identifier", "taken", "code"),
    [
        ("XX-A-HN-9", [], "HN-9"),
        ("XX-A-HN-9", ["HN-9"], "HN-9-2"),
        ("XX-A-HN-9", ["HN-9", "HN-9-2"], "HN-9-3"),
        ("XX-A-new", [], "IATI"),
        ("XX-A-", [], "IATI"),
        ("XX-A-á/b c", [], "b-c"),
        ("XX-A-" + "1" * 40, [], "1" * 30),
        ("XX-B-1", [], "XX-B-1"),
    ],
)
def test_a_code_is_what_follows_the_organisation_and_free(identifier, taken, code):
    for each in taken:
        ProjectFactory(code=each)

    assert draft(identifier=identifier).project.code == code


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("1", "planned"),
        ("2", "active"),
        ("3", "active"),
        ("4", "closed"),
        ("5", "cancelled"),
        ("6", "suspended"),
    ],
)
def test_a_status_has_its_word(said, status):
    made = draft(status=said)

    assert made.project.status == status
    assert whys(made) == (["Finalisation is imported as in progress."] if said == "3" else [])


@pytest.mark.parametrize(("said", "kept"), [("HNL", "HNL"), ("", "CAD"), ("CA", "CAD")])
def test_without_a_currency_amounts_are_taken_as_canadian_dollars(said, kept):
    made = draft(currency=said)

    assert made.project.currency == kept
    assert ("There is none: CAD is used." in whys(made)) is (said != kept)


@pytest.mark.parametrize(
    ("dates", "start", "end", "remark"),
    [
        ({"1": START, "2": date(2019, 5, 1), "3": END}, START, END, ""),
        ({"2": date(2019, 5, 1), "3": END}, date(2019, 5, 1), END, ""),
        ({"1": START, "4": END}, START, END, ""),
        ({"1": START}, START, START + timedelta(days=365), "end after the start"),
        ({"1": START, "3": START}, START, START + timedelta(days=365), "end after the start"),
        ({"1": START, "3": START + timedelta(days=1)}, START, START + timedelta(days=1), ""),
        ({"3": TODAY + timedelta(days=9)}, TODAY, TODAY + timedelta(days=9), "no start"),
    ],
)
def test_a_project_starts_and_ends_as_planned_or_as_it_did(dates, start, end, remark):
    made = draft(dates=dates)

    assert (made.project.starts_on, made.project.current_end) == (start, end)
    assert bool(whys(made)) is bool(remark)
    assert all(remark in why for why in whys(made))


@pytest.mark.parametrize(
    ("actual", "kept", "remark"),
    [
        ({"2": TODAY}, (TODAY, None), None),
        (
            {"2": TODAY + timedelta(days=1)},
            (None, None),
            "An actual day that is in the future.",
        ),
        ({"2": START, "4": END}, (START, END), None),
        (
            {"2": END, "4": END},
            (END, None),
            "The actual end is before the actual start.",
        ),
    ],
)
def test_what_happened_has_happened_and_in_its_order(actual, kept, remark):
    made = draft(dates={"1": START, "3": END} | actual)

    assert (made.project.actual_start, made.project.actual_end) == kept
    assert whys(made) == ([remark] if remark else [])


@pytest.mark.parametrize(
    ("shares", "country", "rows"),
    [
        ([("GT", None)], "GT", []),
        ([("GT", 40), ("HN", 60)], "HN", [("GT", 40), ("HN", 60)]),
        ([("GT", 40), ("HN", 50)], "HN", []),
        ([("GT", 60), ("HN", None)], "GT", []),
        ([("GT", 50), ("GT", 50)], "GT", []),
        ([("ZZ", 100)], "HN", []),
        ([], "HN", []),
    ],
)
def test_countries_are_kept_where_they_make_a_whole(shares, country, rows):
    made = draft(
        countries=[CodePercentage(code, share and Decimal(share)) for code, share in shares]
    )

    assert str(made.project.country.code) == country
    assert [(each.country.code, each.percentage) for each in made.countries] == rows


@pytest.mark.parametrize(
    ("shares", "rows"),
    [
        ([("15160", None)], [("15160", 100)]),
        ([("15160", 60), ("15180", 40)], [("15160", 60), ("15180", 40)]),
        ([("15160", 60), ("15180", 41)], []),
        ([("15160", 100), ("15180", None)], []),
        ([("15160", 50), ("15160", 50)], []),
        ([], []),
    ],
)
def test_sectors_are_kept_where_they_make_a_whole(shares, rows):
    made = draft(sectors=[CodePercentage(code, share and Decimal(share)) for code, share in shares])

    assert [(each.code, each.percentage) for each in made.sectors] == rows
    assert bool(whys(made)) is bool(shares and not rows)


def test_a_marker_or_a_target_that_comes_twice_is_kept_as_it_first_came():
    made = draft(
        markers=[
            PolicyMarker("1", "1", "2"),
            PolicyMarker("8", "1", "0"),
            PolicyMarker("1", "1", "0"),
        ],
        tags=["8.7", "16.2", "8.7"],
    )

    assert {each.code: each.significance for each in made.markers} == {"1": "2", "8": "0"}
    assert [each.code for each in made.tags] == ["8.7", "16.2"]


# With whom


@pytest.mark.parametrize(
    ("organisation", "how"),
    [
        (IatiOrganisation({"fr": "Autre"}, "xm-dac-301"), "its identifier"),
        (IatiOrganisation({"es": "AGENCIA  canadiense"}), "a name, without its accents"),
        (IatiOrganisation({"en": "Former agency"}), "a former name"),
    ],
)
def test_an_institution_is_known_by_its_identifier_or_one_of_its_names(organisation, how):
    known = InstitutionFactory(name=None, identifier="XM-DAC-301")
    InstitutionNameFactory(institution=known, name_fr="Former agency", acronym="")
    InstitutionNameFactory(
        institution=known, name_fr="Agence", name_es="Agencia Canadíense", since=START
    )

    (place,) = draft(participants=[Participant(organisation, "1")]).participations

    assert (place.institution, place.is_new) == (known, False)


@pytest.mark.parametrize(
    ("kind", "role", "kept"),
    [
        ("10", "1", "donor"),
        ("", "1", "donor"),
        ("21", "1", "implementer"),
        ("10", "2", "state"),
        ("24", "4", "civil_society"),
        ("40", "3", "multilateral"),
        ("80", "4", "academic"),
        ("90", "4", "civil_society"),
    ],
)
def test_an_institution_that_is_new_has_the_kind_of_its_type(kind, role, kept):
    organisation = IatiOrganisation({"fr": "Inconnue"}, "", kind)

    made = draft(participants=[Participant(organisation, role)])

    (place,) = made.participations
    assert (place.is_new, place.institution.kind) == (True, Institution.Kind(kept))
    assert ("Its kind is unknown." in whys(made)) is (kind == "90")


def test_an_institution_stands_once_in_each_role():
    places = [Participant(DONOR, role) for role in ("1", "1", "4")]

    made = draft(participants=places)

    assert [place.role for place in made.participations] == ["funding", "partner"]
    assert len({id(place.institution) for place in made.participations}) == 1
    assert whys(made) == ["The same institution twice in one role."]


# Money


def cad(amount, currency="CAD"):
    return IatiAmount(Decimal(amount), currency, START)


YEAR = (START, date(2020, 3, 31))


@pytest.mark.parametrize(
    ("budgets", "lines", "approved_on"),
    [
        ([IatiBudget(*YEAR, cad(5))], [(5, None)], None),
        ([IatiBudget(*YEAR, cad(5), status="2")], [(5, None)], START),
        ([IatiBudget(*YEAR, cad(7), kind="2"), IatiBudget(*YEAR, cad(5))], [(5, 7)], START),
        ([IatiBudget(*YEAR, cad(7), kind="2")], [(7, None)], START),
        ([IatiBudget(*YEAR, cad(-5))], [], None),
        ([IatiBudget(*YEAR, cad(0))], [(0, None)], None),
        ([IatiBudget(*YEAR, cad(5, "USD"), status="2")], [], None),
    ],
)
def test_a_budget_has_its_original_amount_and_its_revised_one(budgets, lines, approved_on):
    money = draft(budgets=budgets).money

    assert [(line.original, line.revised) for line in money.lines] == lines
    assert money.approved_on == approved_on


@pytest.mark.parametrize(("start", "count"), [(date(2020, 3, 31), 1), (date(2020, 4, 1), 2)])
def test_two_budgets_share_no_day(start, count):
    other = IatiBudget(start, date(2021, 3, 31), cad(5))

    made = draft(budgets=[IatiBudget(*YEAR, cad(5)), other])

    assert len(made.money.lines) == count
    assert ("It overlaps other budgets in the file." in whys(made)) is (count == 1)


def test_what_a_donor_gave_promised_and_plans_is_kept_with_its_place():
    partner = IatiOrganisation({"fr": "Autre"}, "XX-B", "22")
    moved = [
        IatiTransaction("1", TODAY, cad(10), provider=DONOR),
        IatiTransaction("1", TODAY + timedelta(days=1), cad(11), provider=DONOR),
        IatiTransaction("1", START, cad(12), provider=partner),
        IatiTransaction("1", START, cad("0.01"), provider=DONOR),
        IatiTransaction("11", START, cad(100), provider=DONOR),
        IatiTransaction("4", START, cad(13)),
    ]
    planned = [
        PlannedDisbursement(START, None, cad(20), DONOR),
        PlannedDisbursement(START, None, cad(21), DONOR, kind="2"),
        PlannedDisbursement(END, None, cad(22), DONOR),
        PlannedDisbursement(END, None, cad(23), receiver=partner),
    ]
    made = draft(
        participants=[Participant(DONOR, "1"), Participant(partner, "4")],
        transactions=moved,
        planned_disbursements=planned,
    )

    money, donor = made.money, made.participations[0]
    assert [
        (place is donor, each.promised, each.received) for place, each in money.contributions
    ] == [
        (True, 21, None),
        (True, 22, None),
        (True, None, 10),
        (True, None, Decimal("0.01")),
    ]
    assert [(place is donor, each.amount, each.reference) for place, each in money.promises] == [
        (True, 100, "XX-A-HN-9")
    ]
