"""What a project is goes out as a file, comes in as a draft, and goes out as the same file."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from ibcr_portal.demo.texts import read
from partners.models import Agreement, Institution
from projects.exchange.services.draft import draft_project
from projects.exchange.services.importing import compose_file, create_project, publication_errors
from projects.iati.document import (
    IatiAmount,
    IatiBudget,
    IatiOrganisation,
    IatiTransaction,
    PlannedDisbursement,
)
from projects.iati.export import to_xml
from projects.iati.publishable import publishable_file
from projects.iati.read import open_file, read_activity
from projects.iati.rules import rule_findings, schema_findings
from projects.iati.sources import FICTITIOUS
from projects.models import (
    Budget as ProjectBudget,
    Classification,
    Contribution,
    DataPoint,
    Dimension,
    Grant,
    IatiImport,
    Instalment,
    Participation,
    Project,
    ProjectCountry,
    ProjectMarker,
    ProjectSector,
    ProjectTag,
)
from tests.demonstration import load_demonstration
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
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def demonstration(organisation):
    load_demonstration()
    # What comes back is no demonstration: whoever reported it reports it again.
    organisation.iati_identifier = FICTITIOUS


def reading_of(content):
    opened = open_file(content)
    return read_activity(opened, opened.activities[0])


def come_in(content):
    draft = draft_project(reading_of(content))
    return draft, create_project(draft, file_name="a.xml", sha256="0" * 64, by=None)


def what_comes_back(project):
    """The file but for what is kept elsewhere: expenditure in the books, payments with the grant, the
    summary of results in a report."""
    document = publishable_file(project).document
    planned = [each for each in document.planned_disbursements if each.provider]
    moved = [each for each in document.transactions if each.kind not in ("3", "4")]
    kept = {"planned_disbursements": planned, "transactions": moved, "summary": {}}
    return to_xml(replace(document, **kept))


def put_aside(project):
    """As if the portal had never known it: the file comes in under its own code."""
    Project.objects.filter(pk=project.pk).update(code=f"OLD-{project.pk}")


def test_the_demonstration_is_valid_and_comes_back_as_it_went(demonstration):
    codes = ["HN-TRATA", "EXEMPLE-01", "BF-ENFANCE", "CD-ENFANCE"]
    light = ["EXEMPLE-02", "EXEMPLE-03"]  # for the portfolio alone: they lack what a file must have
    assert sorted(Project.objects.values_list("code", flat=True)) == sorted([*codes, *light])
    incomplete = map(publishable_file, Project.objects.filter(code__in=light))
    assert all(publication_errors(each) for each in incomplete)

    for code in codes:
        project = Project.objects.get(code=code)
        content, comes_back = compose_file(project), what_comes_back(project)
        opened = open_file(content)
        assert (opened.findings, rule_findings(opened.activities[0].element)) == ([], [])
        put_aside(project)

        _draft, again = come_in(content)

        assert (again.code, compose_file(again)) == (code, comes_back)
        is_whole = content == comes_back
        assert is_whole == (code in ("BF-ENFANCE", "CD-ENFANCE")), code


def test_the_neighbours_are_what_public_pages_tell(demonstration):
    burkina = Project.objects.get(code="BF-ENFANCE")
    shares = {each.code: each.percentage for each in burkina.sectors.all()}

    assert (burkina.original_end, burkina.current_end) == (date(2020, 10, 2), date(2021, 1, 31))
    assert burkina.participations.get(role="funding").amount == 6_277_272
    assert shares == {"15130": 20, "15160": 40, "15210": 20, "16015": 20}
    assert not DataPoint.objects.filter(indicator__result__project=burkina).exists()
    assert set(read("drc")["project"]["title"]) == {"fr", "es", "en"}


def a_full_project():
    """Every thing that a file can tell, with as many kinds of values as there are."""
    project = ProjectFactory(
        code="HN-7",
        title_fr="Un titre & « des » signes <",
        title_es="Un título",
        description_fr="Une ligne\n\nUne autre",
        source_note_en="A note",
        donor_number="P-0001",
        status="active",
        actual_start=date(2019, 4, 15),
    )
    for code, share in (("HN", "66.67"), ("GT", "33.33")):
        ProjectCountry.objects.create(project=project, country=code, percentage=Decimal(share))
    for code, share in (("15160", "62.5"), ("15180", "37.5")):
        ProjectSector.objects.create(project=project, code=code, percentage=Decimal(share))
    for code in ("8.7", "16.2"):
        ProjectTag.objects.create(project=project, code=code)
    ProjectMarker.objects.create(project=project, code="1", significance="2", gender_level="GE-3")
    ProjectMarker.objects.create(project=project, code="youth", significance="1")
    Classification.objects.create(project=project, **Classification.USUAL)
    donor = InstitutionFactory(kind=Institution.Kind.DONOR, country="CA", identifier="XM-DAC-301-2")
    agreement = Agreement.objects.create(
        institution=donor, kind="contribution", reference="A-1", signed_on=date(2019, 3, 1)
    )
    ParticipationFactory(
        project=project, institution=donor, role="funding", amount=1_500_000, agreement=agreement
    )
    for role, kind in (("accountable", "implementer"), ("partner", "civil_society")):
        institution = InstitutionFactory(kind=kind)
        ParticipationFactory(project=project, institution=institution, role=role)
    _measure(project)
    _pay(project)
    return project


def _measure(project):
    years = [
        PeriodFactory(
            project=project, number=n, start=date(2018 + n, 4, 1), end=date(2019 + n, 3, 31)
        )
        for n in (1, 2)
    ]
    fiscal = PeriodFactory(
        project=project, kind="fiscal_year", start=date(2019, 1, 1), end=date(2019, 12, 31)
    )
    top = ResultFactory(project=project, level="ultimate", code="1000")
    middle = ResultFactory(project=project, parent=top, code="1100")
    approved = {"status": DataPoint.Status.APPROVED}
    number = IndicatorFactory(result=middle, code="1100.1")
    DataPointFactory(indicator=number, kind="baseline", period=None, numerator=0, **approved)
    for year, target, actual in zip(years, (10, 20), ("12.5", None), strict=True):
        for kind, value in (("target", target), ("actual", actual)):
            DataPointFactory(indicator=number, kind=kind, period=year, numerator=value, **approved)
    share = IndicatorFactory(
        result=top, code="1000.1", measure="percentage", ascending=False, cumulative="latest"
    )
    DataPointFactory(
        indicator=share, kind="actual", period=fiscal, numerator=1, denominator=3, **approved
    )
    _break_down(middle, years)
    words = IndicatorFactory(result=middle, code="1100.2", measure="qualitative")
    DataPointFactory(
        indicator=words, kind="actual", period=years[0], numerator=None, comment="Mieux", **approved
    )


def _break_down(result, years):
    """Persons by sex and age, places of which one is not told, and a part of a whole by sex."""
    sex, age, place = (Dimension.objects.get(code=code) for code in ("sex", "age", "department-hn"))
    persons = IndicatorFactory(
        result=result, code="1100.3", dimension=sex, second_dimension=age, counts_persons=True
    )
    told_by_cell(persons, years[0], 62, {("women", "12-17"): (40,), ("men", "12-17"): (22,)})
    things = IndicatorFactory(result=result, code="1100.4", dimension=place)
    told_by_cell(things, years[0], None, {("hn-at",): (2,), ("elsewhere",): ("0.5",)})
    share = IndicatorFactory(
        result=result, code="1100.5", measure="percentage", dimension=sex, counts_persons=True
    )
    told_by_cell(share, years[1], (20, 32), {("women",): (12, 18), ("men",): (8, 14)})


def told_by_cell(indicator, period, total, cells, **facts):
    """An approved value: its total (None: unknown) and its cells, by the codes of categories."""
    facts = {"indicator": indicator, "period": period, "status": "approved"} | facts
    whole = total if isinstance(total, tuple) else (total,)
    for codes, numbers in {(): whole, **cells}.items():
        chosen = [
            dimension.categories.get(code=code)
            for dimension, code in zip(indicator.dimensions, codes, strict=False)
        ]
        first, second = (*chosen, None, None)[:2]
        part, of = (*numbers, None)[:2]
        DataPointFactory(
            numerator=part, denominator=of, category=first, second_category=second, **facts
        )


def _pay(project):
    """A budget of three periods, one of more than a year; promised, received, spent and granted."""
    years = list(project.periods.filter(kind="project_year").order_by("start"))
    long = PeriodFactory(project=project, number=3, start=date(2021, 4, 1), end=date(2022, 9, 30))
    lines = [(years[0], 1000, None), (years[1], 2000, "2500.50"), (long, 1000, "999.99")]
    for name, share in (("PERS", 1), ("SUB", 3)):
        category = BudgetCategoryFactory(project=project, code=name, is_passed_on=name == "SUB")
        for period, original, revised in lines:
            BudgetLineFactory(
                category=category,
                period=period,
                original=original * share,
                revised=revised and Decimal(revised),
            )
        for number in (1, 2):
            ExpenditureFactory(category=category, amount=Decimal("10.01") * number * share)
    ProjectBudget.objects.create(project=project, approved_on=date(2019, 3, 1))
    donor = project.participations.get(role="funding")
    paid = {"promised": None, "expected_on": None, "received": 700, "currency": "USD"}
    ContributionFactory(
        participation=donor, received_on=date(2019, 5, 2), rate=Decimal("1.333"), **paid
    )
    ContributionFactory(participation=donor, promised=Decimal("123.45"))
    grant = GrantFactory(
        project=project,
        status="signed",
        agreement=AgreementFactory(kind="grant"),
        institution=project.participations.get(role="partner").institution,
    )
    Instalment.objects.create(grant=grant, number=1, due_on=date(2021, 2, 1), amount=9000)


def test_everything_that_a_file_can_tell_comes_back_as_it_went():
    project = a_full_project()
    content, comes_back = compose_file(project), what_comes_back(project)
    opened = open_file(content)
    assert (opened.findings, rule_findings(opened.activities[0].element)) == ([], [])
    put_aside(project)

    draft, again = come_in(content)

    assert compose_file(again) == comes_back
    assert [(each.element, each.why) for each in draft.left_out] == [
        ("planned-disbursement", "Payments to others are planned with their grant."),
        ("transaction", "Spending comes from the accounting system."),
    ]
    points = DataPoint.objects.filter(indicator__result__project=again)
    assert {(str(p.kind), p.numerator, p.comment) for p in points.filter(category=None)} >= {
        ("baseline", Decimal(0), ""),
        ("target", Decimal(10), ""),
        ("actual", Decimal("12.5"), ""),
        ("actual", Decimal(1), ""),
        ("actual", None, "Mieux"),
    }
    cells = points.exclude(category=None).values_list(
        "category__code", "second_category__code", "numerator", "denominator"
    )
    assert set(cells) == {
        ("women", "12-17", 40, None),
        ("men", "12-17", 22, None),
        ("hn-at", None, 2, None),
        ("elsewhere", None, Decimal("0.5"), None),
        ("women", None, 12, 18),
        ("men", None, 8, 14),
    }
    incoming = {each.provider_activity for each in draft.document.transactions if each.provider}
    assert (incoming, again.donor_number) == ({"XM-DAC-301-2-P-0001"}, "P-0001")
    funding = again.participations.get(role="funding")
    assert (funding.amount, funding.agreement.reference) == (1_500_000, "A-1")
    assert again.results.get(code="1100").parent.code == "1000"
    assert again.preset == "gac"


def test_what_is_paid_and_spent_leaves_in_sums_and_comes_back_as_far_as_it_fits():
    project = a_full_project()
    document = publishable_file(project).document
    on, currency = date(2019, 4, 1), "CAD"

    assert [(b.start, b.kind, b.money.amount) for b in document.budgets] == [
        (date(2019, 4, 1), "1", 4000),
        (date(2020, 4, 1), "1", 8000),
        (date(2020, 4, 1), "2", 5001),
        (date(2021, 4, 1), "1", Decimal("2664.23")),
        (date(2021, 4, 1), "2", Decimal("1332.10")),
        (date(2022, 4, 1), "1", Decimal("1335.77")),
        (date(2022, 4, 1), "2", Decimal("667.88")),
    ]
    assert document.budgets[0].money == IatiAmount(Decimal(4000), currency, on)
    assert {b.status for b in document.budgets} == {"2"}
    assert [(p.money.amount, p.money.currency, bool(p.receiver)) for p in planned(document)] == [
        (Decimal("123.45"), "CAD", False),
        (9000, "USD", True),
    ]
    assert [(t.kind, t.money.amount, t.on) for t in document.transactions] == [
        ("11", 1_500_000, date(2019, 3, 1)),
        ("1", Decimal("933.10"), date(2019, 5, 2)),
        ("3", Decimal("90.09"), date(2020, 3, 31)),
        ("4", Decimal("30.03"), date(2020, 3, 31)),
    ]
    assert document.transactions[3].description["fr"].startswith("Somme des jours")

    put_aside(project)
    _draft, again = come_in(to_xml(document))

    lines = again.budget_lines.values_list("category__code", "original", "revised")
    assert list(lines)[:2] == [("IATI", 4000, None), ("IATI", 8000, 5001)]
    assert again.budget.approved_on == date(2019, 4, 1)
    kept = Contribution.objects.filter(participation__project=again)
    assert [(each.promised, each.received) for each in kept] == [
        (None, Decimal("933.10")),
        (Decimal("123.45"), None),
    ]
    assert not again.expenditures.exists()


def planned(document):
    return document.planned_disbursements


def test_money_that_does_not_fit_is_left_out_with_its_reason():
    project = a_full_project()
    document = publishable_file(project).document
    donor = document.transactions[0].provider
    cad, usd = (IatiAmount(Decimal(5), each, date(2019, 4, 1)) for each in ("CAD", "USD"))
    days = (date(2019, 4, 1), date(2020, 3, 31))
    document.budgets = [
        IatiBudget(*days, cad),
        IatiBudget(*days, cad),
        IatiBudget(*days, usd),
        IatiBudget(date(2019, 5, 1), date(2019, 6, 1), cad),
        IatiBudget(date(2022, 5, 1), date(2022, 6, 1), cad, "2"),
    ]
    document.planned_disbursements = [
        PlannedDisbursement(days[0], None, cad, IatiOrganisation({}, "X"))
    ]
    document.transactions = [
        IatiTransaction("11", days[0], cad, provider=donor),
        IatiTransaction("11", days[0], cad, provider=donor),
        IatiTransaction("1", date(2190, 1, 1), cad, provider=donor),
        IatiTransaction("1", days[0], replace(cad, amount=Decimal(0)), provider=donor),
        IatiTransaction("1", days[0], usd, provider=donor),
        IatiTransaction("2", days[0], cad),
    ]
    put_aside(project)

    draft = draft_project(reading_of(to_xml(document)))

    other = "An amount in another currency needs its exchange rate: enter it by hand."
    assert [(each.element, each.why) for each in draft.left_out] == [
        ("budget", "A second budget for the same days."),
        ("budget", other),
        ("budget", "It overlaps other budgets in the file."),
        ("planned-disbursement", "It does not come from an institution that funds the project."),
        ("transaction", "A second promise from the same institution."),
        ("transaction", "This day is in the future, which is not possible."),
        ("transaction", "An amount promised or received has to be more than zero."),
        ("transaction", other),
        ("transaction", "The portal keeps what was promised and received."),
    ]
    assert [line.original for line in draft.money.lines] == [5, 5]


def test_cells_whose_groups_are_unknown_are_left_out():
    project = a_full_project()
    content = compose_file(project).replace(b'value="men"', b'value="machines"')
    content = content.replace(b'name="location"', b'name="climate"')
    put_aside(project)

    draft, again = come_in(content)

    why = "The portal has no such dimension or category, or not together with the others."
    assert [(each.element, each.count) for each in draft.notes if each.why == why] == [
        ("actual/dimension", 4)
    ]
    cells = DataPoint.objects.filter(indicator__result__project=again).cells()
    assert sorted(cells.values_list("category__code", "numerator")) == [
        ("women", 12),
        ("women", 40),
    ]


def test_results_numbered_in_the_custom_of_another_donor_follow_its_levels():
    project = ProjectFactory(preset="eu", description_fr="Texte", code="HN-8")
    ProjectSector.objects.create(project=project, code="15160", percentage=100)
    ParticipationFactory(project=project, role="accountable")
    above = None
    for level, code in (("ultimate", "OG"), ("intermediate", "OC1"), ("output", "OP1.1")):
        above = ResultFactory(project=project, level=level, code=code, parent=above)
        IndicatorFactory(result=above, code=code)
    content = compose_file(project)
    put_aside(project)

    _draft, again = come_in(content)

    assert (again.preset, again.results.get(code="OP1.1").parent.code) == ("eu", "OC1")
    assert compose_file(again) == content


def test_where_nobody_is_known_the_institutions_are_entered():
    project = a_full_project()
    content, comes_back = compose_file(project), what_comes_back(project)
    put_aside(project)
    for model in (Contribution, Instalment, Grant, Participation, Agreement, Institution):
        model.objects.all().delete()

    draft, again = come_in(content)

    assert sum(each.is_new for each in draft.participations) == 3
    assert compose_file(again) == comes_back


def test_the_same_activity_comes_in_once():
    project = a_full_project()
    content = compose_file(project)

    own = draft_project(reading_of(content))
    put_aside(project)
    draft, again = come_in(content)
    second = draft_project(reading_of(content))

    assert (own.known_project, second.known_project) == (project, again)
    with pytest.raises(ValidationError, match="already here"):
        create_project(second, file_name="a.xml", sha256="0" * 64, by=None)
    draft.project.pk = None
    with pytest.raises(ValidationError):
        create_project(replace(draft), file_name="a.xml", sha256="0" * 64, by=None)
    assert IatiImport.objects.count() == 1


def test_as_many_queries_for_thirty_results_as_for_one(django_assert_max_num_queries):
    sex = Dimension.objects.get(code="sex")
    counts = []
    for count in (1, 30):
        project = a_project_with(count, sex)

        # Participations with names (2), books, who may not be named (2), instalments (2), what was
        # spent, and indicators with values and results (3).
        with django_assert_max_num_queries(30) as writing:
            outgoing = publishable_file(project)

        assert len(outgoing.document.results) == count
        assert publication_errors(outgoing) == []
        content = to_xml(outgoing.document)
        assert schema_findings(open_root(content)) == []
        put_aside(project)
        reading = reading_of(content)
        # whether it is known (2), its code; institutions and dimensions (2 each)
        with django_assert_max_num_queries(9) as coming_in:
            draft = draft_project(reading)
        counts.append((len(writing), len(coming_in)))
        assert (len(draft.money.lines), draft.results.cells) == (1, count)

    few, many = counts
    assert many[0] <= few[0]
    assert many[1] <= few[1]


def a_project_with(count, dimension):
    """So many of everything that a file holds many of."""
    project = ProjectFactory(description_fr="Texte")
    ProjectSector.objects.create(project=project, code="15160", percentage=100)
    ParticipationFactory(project=project, role="accountable")
    period = PeriodFactory(project=project)
    ProjectBudget.objects.create(project=project, approved_on=period.start)
    category = BudgetCategoryFactory(project=project, is_passed_on=True)
    BudgetLineFactory(category=category, period=period)
    for number in range(1, count + 1):
        ExpenditureFactory(category=category)
        donor = ParticipationFactory(project=project, role="funding")
        ContributionFactory(participation=donor)
        ContributionFactory(participation=donor, received=9, received_on=date(2019, 5, 1))
        agreement = AgreementFactory(kind="grant")
        grant = GrantFactory(project=project, status="signed", agreement=agreement)
        Instalment.objects.create(grant=grant, number=number, due_on=period.start, amount=9)
        indicator = IndicatorFactory(result=ResultFactory(project=project), dimension=dimension)
        told_by_cell(indicator, period, 9, {("women",): (9,)})
    return project


def open_root(content):
    return open_file(content).activities[0].element.getparent()
