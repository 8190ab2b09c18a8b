"""What a file by others would become: a project with its days, places, institutions and money."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.models import Institution
from projects.exchange.services.draft import Answers, draft_project
from projects.exchange.services.importing import create_project
from projects.iati.document import (
    CodePercentage,
    IatiDocument,
    IatiOrganisation,
    Participant,
    PolicyMarker,
)
from projects.iati.read import ActivityReading
from projects.models import Project
from tests.factories import InstitutionFactory, InstitutionNameFactory, ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "still_today")]

START, END = date(2019, 4, 1), date(2022, 3, 31)
TODAY = timezone.localdate()
DONOR = IatiOrganisation({"fr": "Agence"}, "XM-DAC-301", "10")


def draft(answers=None, **facts):
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
    return draft_project(ActivityReading(IatiDocument(**said | facts), version="2.03"), answers)


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


BY_HAND = "The file does not say it: entered by hand."


@pytest.mark.parametrize(
    ("facts", "not_said"),
    [
        ({}, []),
        ({"currency": ""}, ["currency"]),
        ({"countries": []}, ["country"]),
        ({"countries": [CodePercentage("ZZ")], "currency": ""}, ["currency", "country"]),
    ],
)
def test_country_and_currency_are_asked_and_never_guessed(facts, not_said):
    asked, answered = draft(**facts), draft(Answers("GT", "GTQ"), **facts)

    assert (asked.not_said, asked.asked, asked.may_be_created) == (
        not_said,
        not_said,
        not not_said,
    )
    assert (answered.not_said, answered.asked, answered.may_be_created) == (not_said, [], True)
    project = answered.project
    assert str(project.country) == ("GT" if "country" in not_said else "HN")
    assert project.currency == ("GTQ" if "currency" in not_said else "CAD")
    assert whys(answered).count(BY_HAND) == len(not_said)
    if not_said:
        with pytest.raises(ValidationError, match="say"):
            create_project(asked, file_name="a.xml", sha256="0" * 64, by=None)
        assert not Project.objects.exists()


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
        ([("ZZ", 100)], "", []),
        ([], "", []),
    ],
)
def test_countries_are_kept_where_they_make_a_whole(shares, country, rows):
    made = draft(
        countries=[CodePercentage(code, share and Decimal(share)) for code, share in shares]
    )

    assert str(made.project.country.code or "") == country
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
