"""What identifies a report, and the acronyms that it uses."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from partners.models import Agreement
from projects.models import Amendment, Participation
from reports.compose import compose
from reports.compose.identification import acronyms, identification
from tests.factories import (
    AgreementFactory,
    AmendmentFactory,
    InstitutionFactory,
    InstitutionNameFactory,
    PeriodFactory,
)
from tests.reports.conftest import SIGNED_ON
from tests.reports.reading_blocks import reading_of, rows_of

pytestmark = pytest.mark.django_db

LATER = SIGNED_ON + timedelta(days=30)
MONEY = ("Maximum contribution", "Maximum contribution as first agreed")


def told(report, **who):
    with reading_of(report, **who) as reading:
        return dict(identification(reading, report_type="Combined report"))


@pytest.fixture
def funded(world, report, organisation):
    organisation.iati_identifier = "XX-1"
    type(world.project).objects.update(donor_number="P-123")
    donor = world.institutions["donor"]
    agreement = AgreementFactory(
        institution=donor, kind="contribution", reference="7001", signed_on=date(2019, 3, 25)
    )
    world.project.participations.filter(role=Participation.Role.FUNDING).update(
        agreement=agreement, amount=Decimal(500000)
    )
    PeriodFactory(
        project=world.project, kind="fiscal_year", start=date(2019, 1, 1), end=date(2019, 12, 31)
    )
    report.project.refresh_from_db()
    return report


def test_it_names_everything_but_persons(world, funded):
    donor = world.institutions["donor"].names.get().name

    assert told(funded) == {
        "Report": "Combined report",
        "Country": "Honduras",
        "Donor": donor,
        "Donor's project number": "P-123",
        "Agreement": "Contribution agreement 7001, March 25, 2019",
        "IATI identifier": "XX-1-HN-1",
        "Reporting period": "April 1, 2019 – March 31, 2020",
        "Donor's fiscal year": "January 1 – December 31, 2019",
        "Start of the project": "April 1, 2019",
        "End as first agreed": "March 31, 2022",
        "Maximum contribution": "500,000\xa0CAD",
        "Version": "1, draft",
        "Language": "English",
        "Prepared by": "Coordinator",
        "Prepared for": "Donor",
    }


def test_who_signed_is_told_by_function_once_it_was(world, funded):
    type(funded).objects.filter(pk=funded.pk)
    funded.signed_off_by, funded.signed_off_on = world.people["monitoring"], SIGNED_ON

    facts = told(funded)
    assert (facts["Version"], facts["Approved by"]) == (
        "1, signed off on September 30, 2020",
        "Monitoring",
    )
    before = told(funded, as_of=SIGNED_ON - timedelta(days=1))
    assert (before["Version"], "Approved by" in before) == ("1, draft", False)
    assert world.people["monitoring"].full_name not in str(facts)


@pytest.mark.parametrize("audience", ["committee", "partners"])
def test_money_is_for_donor_and_team(funded, audience):
    assert not [
        label for label in told(funded, audience=audience) if "contribution" in label.lower()
    ]
    assert "500,000" not in str(told(funded, audience=audience))
    assert told(funded, audience="coordination")["Maximum contribution"] == "500,000\xa0CAD"


def budget(project, before, after, *, number, on=None):
    return AmendmentFactory(
        project=project,
        number=number,
        kind="budget",
        end_before=None,
        end_after=None,
        amount_before=before,
        amount_after=after,
        status="effective" if on else "submitted",
        donor_decided_on=on,
    )


def amounts(report, **who):
    return [value for label, value in told(report, **who).items() if "Maximum" in label]


def test_original_and_amended_contribution_stand_apart(world, funded):
    budget(world.project, 400000, 450000, number=101, on=date(2020, 1, 1))
    budget(world.project, 450000, 500000, number=102, on=date(2020, 6, 1))

    assert amounts(funded) == ["400,000\xa0CAD", "500,000\xa0CAD"]


def test_an_amendment_inside_the_budget_moves_no_contribution(world, funded):
    budget(world.project, 62000, 50000, number=101, on=date(2020, 1, 1))

    assert amounts(funded) == ["500,000\xa0CAD"]


def test_an_amount_agreed_later_is_not_known_yet(world, funded):
    amendment = budget(world.project, 400000, 500000, number=101)
    by = world.people["coordinator"]
    amendment.take("approve", by=by, on=LATER, donor_decided_on=LATER)
    amendment.take("take_effect", by=by, on=LATER)
    funded.project = type(world.project).objects.get(pk=world.project.pk)

    assert amounts(funded) == ["400,000\xa0CAD"]
    assert amounts(funded, as_of=LATER) == ["400,000\xa0CAD", "500,000\xa0CAD"]


def test_an_amendment_that_nobody_wrote_into_the_participation_counts(world, funded):
    budget(world.project, 500000, 600000, number=101, on=date(2020, 1, 1))

    assert amounts(funded) == ["500,000\xa0CAD", "600,000\xa0CAD"]


def test_the_end_is_told_as_agreed_and_as_amended(world, funded):
    Amendment.objects.update(status="effective", donor_decided_on=date(2020, 7, 1))
    type(world.project).objects.update(current_end=date(2022, 9, 30))
    funded.project = type(world.project).objects.get(pk=world.project.pk)

    facts = told(funded)
    assert facts["End as first agreed"] == "March 31, 2022"
    assert facts["End as amended"] == "September 30, 2022"


@pytest.mark.parametrize("as_of", [SIGNED_ON, SIGNED_ON - timedelta(days=1)])
def test_the_cover_says_the_same_as_the_first_page(world, funded, as_of):
    Amendment.objects.update(status="effective", donor_decided_on=date(2020, 7, 1))
    type(world.project).objects.update(current_end=date(2022, 9, 30))
    funded.project.refresh_from_db()
    funded.signed_off_on = SIGNED_ON

    document = compose(funded, language="en", audience="donor", as_of=as_of)

    cover, first = (
        {row["label"]: row["value"] for row in document[part]}
        for part in ("facts", "identification")
    )
    assert {"Version", "End as amended"} <= cover.keys() & first.keys()
    assert {label: first[label] for label in cover} == cover


# Acronyms


def found(report, composed, **who):
    with reading_of(report, **who) as reading:
        blocks = acronyms(reading, composed)
        return rows_of(blocks[0]) if blocks else []


def test_acronyms_that_occur_are_explained_by_alphabet(world, report):
    institution = InstitutionFactory(name=None)
    InstitutionNameFactory(institution=institution, acronym="CEM-H", name_en="Women's centre")
    InstitutionNameFactory(
        institution=InstitutionFactory(name=None), acronym="ZZZ", name_en="Not mentioned"
    )
    composed = {"blocks": [{"text": "The PMF of CEM-H."}, {"rows": [["POA", "cem-h"]]}]}

    assert found(report, composed) == [
        ["CEM-H", "Women's centre"],
        ["PMF", "performance measurement framework"],
        ["POA", "plan operativo anual"],
    ]
    assert found(report, ["nothing", {"of": "the kind"}]) == []


def test_what_is_explained_in_another_language_says_so(report):
    with reading_of(report) as reading:
        (table,) = acronyms(reading, "POA")
    assert table["rows"][0]["cells"][1]["lang"] == "es"


def test_an_institution_is_called_as_on_the_last_day_reported_on(report):
    institution = InstitutionFactory(name=None)
    InstitutionNameFactory(institution=institution, acronym="OLD", name_en="Old name")
    InstitutionNameFactory(
        institution=institution, acronym="NEW", name_en="New name", since=date(2021, 1, 1)
    )

    assert found(report, "OLD and NEW") == [["OLD", "Old name"]]


def test_of_two_of_one_acronym_that_of_the_project_counts(world, report):
    InstitutionNameFactory(
        institution=InstitutionFactory(name=None), acronym="TWIN", name_en="Elsewhere"
    )
    world.institutions["donor"].names.update(acronym="TWIN", name_en="Here")

    assert found(report, "TWIN") == [["TWIN", "Here"]]


def test_the_codes_of_the_donors_books_are_for_the_donor_and_the_team(world, funded):
    codes = {"purchase_order": "PO-7", "vendor_number": "V-1", "fund_code": ""}
    Agreement.objects.update(**codes)
    labels = ("Purchase order", "Vendor number", "Fund or cost centre")

    def seen(audience, **options):
        found = told(funded, audience=audience, **options)
        return {label: found[label] for label in labels if label in found}

    assert seen("donor") == seen("coordination")
    assert seen("donor") == {"Purchase order": "PO-7", "Vendor number": "V-1"}
    assert seen("committee") == seen("partners") == {}
    assert seen("donor", as_of=date(2019, 3, 1)) == {}  # not signed yet
