"""Everything of a project that leaves as an IATI file, thing by thing, and in which order."""

from datetime import date
from decimal import Decimal

import pytest

from projects import codelists
from projects.exchange.services.importing import publication_errors
from projects.iati.document import (
    SENTENCES,
    CodePercentage,
    ContactPoint,
    HeldBack,
    HeldBackReason,
    IatiAmount,
    IatiBudget,
    IatiOrganisation,
    IatiTransaction,
    MeasuredValue,
    PlannedDisbursement,
)
from projects.iati.publishable import publishable_file
from projects.models import Budget as ProjectBudget, Instalment, ProjectSector
from tests.factories import (
    AgreementFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    ContributionFactory,
    DataPointFactory,
    ExpenditureFactory,
    GrantFactory,
    IndicatorFactory,
    InstitutionFactory,
    InstitutionNameFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

DAY = date(2019, 6, 1)


@pytest.fixture
def project():
    project = ProjectFactory(code="HN-1", description_fr="Ce que c’est")
    ProjectSector.objects.create(project=project, code="15160", percentage=100)
    ParticipationFactory(
        project=project, role="accountable", institution=an_institution("Le bureau")
    )
    return project


def an_institution(name, **facts):
    facts = {"kind": "implementer"} | facts
    return InstitutionNameFactory(
        institution=InstitutionFactory(name=None, **facts), name_fr=name, acronym=""
    ).institution


def document_of(project):
    outgoing = publishable_file(project)
    assert publication_errors(outgoing) == []
    return outgoing.document


# The project itself


def test_a_project_leaves_with_its_own_facts(project, organisation):
    organisation.iati_identifier, organisation.iati_type = "XX-A", "21"
    project.source_note_fr, project.donor_number = "Des archives.", "D-1"
    project.title_es, project.actual_start = "Título", date(2019, 4, 5)
    project.save()

    document = document_of(project)

    assert (document.identifier, document.language, document.currency) == ("XX-A-HN-1", "fr", "CAD")
    assert document.reporting == IatiOrganisation({"fr": "Le bureau"}, "XX-A", "21")
    assert document.title == {"fr": project.title_fr, "es": "Título"}
    assert document.descriptions == {"1": {"fr": "Ce que c’est"}, "4": {"fr": "Des archives."}}
    assert document.other_identifiers == [("A9", "D-1")]
    assert document.dates == {
        "1": date(2019, 4, 1),
        "2": date(2019, 4, 5),
        "3": date(2022, 3, 31),
    }
    assert (document.sectors, document.scope, document.defaults) == (
        [CodePercentage("15160", 100)],
        "",
        {},
    )
    assert document.countries == [CodePercentage(project.country.code, codelists.WHOLE)]
    assert (document.tags, document.markers, document.contact) == ([], [], None)


@pytest.mark.parametrize(
    ("email", "website", "point"),
    [
        ("a@example.org", "", ContactPoint({"fr": "Le bureau"}, "a@example.org", "")),
        ("", "https://x.org", ContactPoint({"fr": "Le bureau"}, "", "https://x.org")),
        ("", "", None),
    ],
)
def test_an_office_is_named_where_it_has_an_address(project, organisation, email, website, point):
    organisation.public_email, organisation.website = email, website

    assert document_of(project).contact == point


def test_what_iati_requires_and_the_portal_does_not_know_is_asked_for(organisation):
    organisation.iati_identifier = ""

    outgoing = publishable_file(ProjectFactory())

    assert outgoing.document is None
    assert outgoing.missing == [
        "The IATI identifier of your organisation is missing: ask an administrator to "
        "enter it on the page of the organisation, as registered with IATI.",
        "No institution is accountable for the project: add it.",
        "The project has no description, which IATI requires: write it.",
        "No institution that can be named takes part: add the donor.",
        "The project has no sector: choose at least one.",
    ]


def test_without_a_registered_identifier_no_institution_is_taken_for_the_reporter(
    project, organisation
):
    """Most institutions have none, and none is that of all of them."""
    organisation.iati_identifier = ""
    ParticipationFactory(project=project, role="funding", institution=an_institution("Autre"))
    project.participations.filter(role="accountable").delete()

    outgoing = publishable_file(project)

    assert "No institution is accountable for the project: add it." in outgoing.missing


def test_institutions_leave_by_role_identifier_and_name(project):
    for role, name, identifier in (
        ("partner", "B", ""),
        ("implementing", "A", ""),
        ("extending", "C", "XX-2"),
        ("funding", "Z", "XX-1"),
        ("funding", "Y", "XX-2"),
        ("beneficiary", "none", ""),
        ("representing", "none", ""),
    ):
        institution = an_institution(name, identifier=identifier)
        ParticipationFactory(project=project, role=role, institution=institution)

    rows = document_of(project).participants

    assert [(row.role, row.organisation.names["fr"]) for row in rows] == [
        ("1", "Z"),
        ("1", "Y"),
        ("2", "Le bureau"),
        ("3", "C"),
        ("4", "A"),
        ("4", "B"),
    ]
    assert rows[0].organisation == IatiOrganisation({"fr": "Z"}, "XX-1", "21")


def test_an_institution_that_has_no_name_leaves_without_one(project):
    nameless = InstitutionFactory(name=None, identifier="XX-9", kind="donor")
    ParticipationFactory(project=project, role="funding", institution=nameless)

    (funding, _accountable) = document_of(project).participants

    assert funding.organisation == IatiOrganisation({}, "XX-9", "10")


# Money


def test_budgets_leave_in_their_order_original_before_revised(project):
    category = BudgetCategoryFactory(project=project)
    for number, start in ((2, date(2020, 4, 1)), (1, date(2019, 4, 1))):
        period = PeriodFactory(
            project=project, number=number, start=start, end=date(start.year + 1, 3, 31)
        )
        BudgetLineFactory(category=category, period=period, original=10, revised=10 + number)
    ProjectBudget.objects.create(project=project, approved_on=DAY)

    budgets = document_of(project).budgets

    def budget(year, amount, kind):
        start = date(year, 4, 1)
        return IatiBudget(
            start, date(year + 1, 3, 31), IatiAmount(Decimal(amount), "CAD", start), kind, "2"
        )

    assert budgets == [
        budget(2019, 10, "1"),
        budget(2019, 11, "2"),
        budget(2020, 10, "1"),
        budget(2020, 12, "2"),
    ]


def test_promises_and_instalments_leave_as_payments_to_come(project):
    donor, grantee = an_institution("Donneur"), an_institution("Grupo")
    giving = ParticipationFactory(project=project, role="funding", institution=donor)
    promise = {"participation": giving, "currency": "USD", "rate": "1.333"}
    for on in (date(2021, 1, 1), date(2020, 1, 1)):
        ContributionFactory(promised=10, expected_on=on, **promise)
    ContributionFactory(participation=giving, promised=5, received=5, received_on=DAY)
    grant = GrantFactory(
        project=project,
        institution=grantee,
        status="running",
        agreement=AgreementFactory(institution=grantee),
    )
    for number, due in ((1, date(2021, 6, 1)), (2, date(2021, 3, 1))):
        Instalment.objects.create(grant=grant, number=number, due_on=due, amount=7)
    Instalment.objects.create(
        grant=grant, number=3, due_on=DAY, amount=7, paid_on=DAY, reference="T"
    )

    planned = document_of(project).planned_disbursements

    def to_project(on):
        return PlannedDisbursement(
            on,
            None,
            IatiAmount(Decimal("13.33"), "CAD", on),
            provider=IatiOrganisation({"fr": "Donneur"}, "", "21"),
        )

    def to_grantee(on):
        return PlannedDisbursement(
            on,
            None,
            IatiAmount(Decimal(7), "USD", on),
            receiver=IatiOrganisation({"fr": "Grupo"}, "", "21"),
        )

    assert planned == [
        to_project(date(2020, 1, 1)),
        to_project(date(2021, 1, 1)),
        to_grantee(date(2021, 3, 1)),
        to_grantee(date(2021, 6, 1)),
    ]


def test_what_moved_leaves_as_transactions_with_the_days_that_a_sum_is_of(project):
    donor = an_institution("Donneur")
    agreement = AgreementFactory(institution=donor, signed_on=date(2019, 3, 1), reference="EX-1")
    giving = ParticipationFactory(
        project=project, role="funding", institution=donor, amount=500, agreement=agreement
    )
    ContributionFactory(participation=giving, received=7, received_on=DAY)
    PeriodFactory(project=project)
    for is_passed_on, amount in ((True, 3), (False, 4)):
        category = BudgetCategoryFactory(project=project, is_passed_on=is_passed_on)
        ExpenditureFactory(category=category, amount=amount)
    who = IatiOrganisation({"fr": "Donneur"}, "", "21")
    end = date(2020, 3, 31)
    rows = document_of(project).transactions

    assert rows[:2] == [
        IatiTransaction(
            "11", date(2019, 3, 1), IatiAmount(500, "CAD", date(2019, 3, 1)), "EX-1", {}, who
        ),
        IatiTransaction("1", DAY, IatiAmount(Decimal(7), "CAD", DAY), "", {}, who),
    ]
    assert [
        (row.kind, row.on, row.money.amount, row.provider, row.receiver) for row in rows[2:]
    ] == [
        ("3", end, 3, None, None),
        ("4", end, 4, None, None),
    ]
    said = rows[2].description
    assert said["en"] == "Sum of April 1, 2019 – March 31, 2020"
    assert len({said["fr"], said["es"], said["en"]}) == 3


# Results


def test_results_and_their_indicators_leave_by_their_codes(project):
    later = ResultFactory(project=project, code="1200", level="immediate", statement_es="Más")
    first = ResultFactory(project=project, code="1100", level="output")
    ResultFactory(project=project, code="1000")
    for code in ("1200.2", "1200.1"):
        IndicatorFactory(result=later, code=code)
    IndicatorFactory(result=first, code="1100.1", ascending=False)

    outgoing = publishable_file(project)

    results = outgoing.document.results
    assert [(result.code, result.kind, result.level) for result in results] == [
        ("1100", "1", "output"),
        ("1200", "2", "immediate"),
    ]
    assert [indicator.code for indicator in results[1].indicators] == ["1200.1", "1200.2"]
    assert results[1].title == {"fr": later.statement_fr, "es": "Más"}
    assert [indicator.ascending for result in results for indicator in result.indicators] == [
        False,
        True,
        True,
    ]
    assert "1 result has no indicator, without which IATI does not accept it." in outgoing.held_back


@pytest.mark.parametrize(
    ("measure", "cumulative", "kind", "adds_up"),
    [
        ("unit", "sum", "1", True),
        ("unit", "latest", "1", False),
        ("percentage", "latest", "2", False),
        ("qualitative", "latest", "5", False),
    ],
)
def test_an_indicator_adds_up_where_it_is_counted_and_summed(
    project, measure, cumulative, kind, adds_up
):
    IndicatorFactory(result__project=project, measure=measure, cumulative=cumulative)

    ((indicator,),) = [result.indicators for result in document_of(project).results]

    assert (indicator.measure, indicator.adds_up) == (kind, adds_up)
    assert (indicator.baselines, indicator.periods) == ([], [])


def test_values_leave_by_period_the_whole_before_its_cells(project):
    indicator = IndicatorFactory(result__project=project, counts_persons=False)
    periods = [
        PeriodFactory(
            project=project, number=n, start=date(2018 + n, 4, 1), end=date(2019 + n, 3, 31)
        )
        for n in (2, 1)
    ]
    point = {"indicator": indicator}
    DataPointFactory(period=None, kind="baseline", numerator=1, **point)
    for period in periods:
        DataPointFactory(period=period, kind="target", numerator=9, **point)
    for value in ("30", "12.345"):
        DataPointFactory(period=periods[int(value == "30")], numerator=Decimal(value), **point)

    ((said,),) = [result.indicators for result in document_of(project).results]

    assert [(each.year, each.measured) for each in said.baselines] == [
        (2019, MeasuredValue(Decimal(1)))
    ]
    assert [period.start for period in said.periods] == [date(2019, 4, 1), date(2020, 4, 1)]
    assert [period.targets for period in said.periods] == [[MeasuredValue(Decimal(9))]] * 2
    values = [measured.value for period in said.periods for measured in period.actuals]
    assert values == [30, Decimal("12.35")]


def test_of_a_percentage_the_parts_leave_with_it_and_comments_stay(project):
    indicator = IndicatorFactory(result__project=project, measure="percentage")
    period = PeriodFactory(project=project)
    DataPointFactory(
        indicator=indicator, period=period, numerator=12, denominator=40, comment="Pour nous."
    )

    outgoing = publishable_file(project)

    (measured,) = outgoing.document.results[0].indicators[0].periods[0].actuals
    assert measured == MeasuredValue(Decimal(30), {"fr": "12 / 40"}, [])
    assert "1 comment on a number stays with the team." in outgoing.held_back


# What stays, in words


def test_what_is_held_back_is_told_by_reason_in_their_order_and_number():
    held = HeldBack()

    assert held.sentences() == []
    assert held.hold_back(HeldBackReason.SMALL) is False
    held.hold_back(HeldBackReason.AT_RISK, 2)
    held.hold_back(HeldBackReason.SMALL)
    assert held.sentences() == [
        "2 institutions at risk are not named.",
        "2 breakdowns contain a count of fewer than five persons, or would reveal one.",
    ]
    assert all(str(SENTENCES[why] % {"number": 1}).startswith("1 ") for why in HeldBackReason)
    assert all(str(SENTENCES[why] % {"number": 3}).startswith("3 ") for why in HeldBackReason)
    assert len({str(SENTENCES[why] % {"number": 1}) for why in HeldBackReason}) == len(
        HeldBackReason
    )
