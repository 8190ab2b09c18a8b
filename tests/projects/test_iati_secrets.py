"""What may not be published never leaves: a secret in every field that is not to leave."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st
from lxml import etree

from partners.models import Agreement, Institution
from projects.exchange.services.importing import publication_errors
from projects.framework.figures import by_period
from projects.iati.document import HeldBack
from projects.iati.export import to_xml
from projects.iati.publishable import publishable_file
from projects.iati.publishable_results import ForbiddenNames, _IndicatorComposer
from projects.models import (
    Budget,
    DataPoint,
    Dimension,
    Indicator,
    Instalment,
    Project,
    ProjectSector,
)
from tests.factories import (
    ActivityFactory,
    AgreementFactory,
    AmendmentFactory,
    AssignmentFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    CategoryFactory,
    ContactFactory,
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
    UserFactory,
)
from tests.projects.test_suppression import RULES, points_of, tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

SECRET = "Xochitl"


def an_institution(name, **facts):
    return InstitutionNameFactory(
        institution=InstitutionFactory(name=None, **facts), name_fr=name, acronym=""
    ).institution


@pytest.fixture
def project():
    project = ProjectFactory(description_fr="Ce que c’est")
    ProjectSector.objects.create(project=project, code="15160", percentage=100)
    ParticipationFactory(project=project, role="accountable")
    return project


def told(project):
    outgoing = publishable_file(project)
    assert publication_errors(outgoing) == []
    return to_xml(outgoing.document).decode(), outgoing.held_back


def test_no_person_no_comment_and_no_place_leaves(project):
    """Each of these rows has the secret in every text that it can hold."""
    partner = an_institution("Partenaire")
    ParticipationFactory(project=project, institution=partner)
    ContactFactory(
        institution=partner, full_name=f"{SECRET} 01", title=SECRET, email=f"{SECRET}@example.org"
    )
    AssignmentFactory(project=project, user=UserFactory(full_name=f"{SECRET} 02"))
    ActivityFactory(project=project, title_fr=SECRET, place=SECRET, evidence=SECRET)
    AmendmentFactory(project=project, title_fr=SECRET, reason_fr=SECRET)
    indicator = IndicatorFactory(
        result=ResultFactory(project=project), source=SECRET, method=SECRET, frequency=SECRET
    )
    period = PeriodFactory(project=project)
    points = {"indicator": indicator, "period": period, "comment": SECRET}
    DataPointFactory(kind="target", numerator=17, status="approved", **points)
    DataPointFactory(kind="actual", numerator=9876, status="submitted", **points)

    content, held_back = told(project)

    assert SECRET not in content
    assert ('<target value="17"/>' in content, "9876" in content) == (True, False)
    assert held_back == ["1 value is not approved.", "1 comment on a number stays with the team."]


def test_an_institution_at_risk_is_counted_and_never_named(project):
    hidden = an_institution(SECRET, named_to=[], identifier=f"XX-{SECRET}", kind="donor")
    agreement = Agreement.objects.create(
        institution=hidden, kind="contribution", reference=SECRET, signed_on=date(2019, 1, 1)
    )
    ParticipationFactory(
        project=project, institution=hidden, role="funding", amount=1234, agreement=agreement
    )
    IndicatorFactory(result=ResultFactory(project=project), responsible=hidden)
    ParticipationFactory(project=project, role="beneficiary")

    content, held_back = told(project)

    assert (SECRET in content, "1234" in content) == (False, False)
    assert held_back == [
        "1 institution at risk is not named.",
        "1 institution has a role unknown to IATI (beneficiary, represents the donor).",
        "1 amount belongs to an institution at risk.",
    ]


def test_an_accountable_institution_at_risk_does_not_report(project):
    project.participations.all().delete()
    hidden = an_institution(SECRET, named_to=[], kind=Institution.Kind.IMPLEMENTER)
    ParticipationFactory(project=project, institution=hidden, role="accountable")

    outgoing = publishable_file(project)

    assert outgoing.document is None
    assert outgoing.missing == [
        "No institution is accountable for the project: add it.",
        "No institution that can be named takes part: add the donor.",
    ]


@pytest.mark.parametrize("who", ["a person", "an institution at risk", "by its former name"])
@pytest.mark.parametrize("where", ["title", "description", "statement", "name"])
def test_a_text_that_names_them_stops_the_file(project, who, where):
    result = ResultFactory(project=project, code="1100")
    indicator = IndicatorFactory(result=result, code="1100.1")
    if who == "a person":
        partner = an_institution("Partenaire")
        ParticipationFactory(project=project, institution=partner)
        ContactFactory(institution=partner, full_name="Xóchitl 01")
    else:
        hidden = an_institution("Xóchitl 01", named_to=[])
        if who == "by its former name":
            InstitutionNameFactory(institution=hidden, name_fr="Autre", since=date(2020, 1, 1))
    thing = {"statement": result, "name": indicator}.get(where, project)
    setattr(thing, f"{where}_es", "Con la ayuda de XOCHITL 01.")
    thing.save()

    outgoing = publishable_file(Project.objects.get(pk=project.pk))

    places = {
        "title": "Title of the project",
        "description": "Description of the project",
        "statement": "Result 1100",
        "name": "Indicator 1100.1",
    }
    assert outgoing.document is None
    assert outgoing.missing == [
        f"{places[where]}: the text names a person or an institution at risk. Change it first."
    ]


@pytest.mark.parametrize("words", ["Xochitl 01 dirige", "Appelez le 504-555-1234"])
def test_a_value_in_words_that_tells_of_a_person_is_held_back(project, words):
    AssignmentFactory(project=project, user=UserFactory(full_name="Xochitl 01"))
    indicator = IndicatorFactory(
        result=ResultFactory(project=project), measure=Indicator.Measure.QUALITATIVE
    )
    DataPointFactory(
        indicator=indicator,
        period=PeriodFactory(project=project),
        numerator=None,
        comment=words,
        status=DataPoint.Status.APPROVED,
    )

    content, held_back = told(project)

    assert words not in content
    assert held_back == ["1 value in words may reveal something about a person."]


def test_no_voucher_no_payee_and_no_reference_leaves_with_the_money(project):
    """A secret in every text of the books, of grants and of calls; what leaves are sums."""
    donor = ParticipationFactory(project=project, role="funding")
    period = PeriodFactory(project=project)
    category = BudgetCategoryFactory(project=project, code=SECRET, name_fr=SECRET)
    BudgetLineFactory(category=category, period=period, original=10_000, note=SECRET)
    Budget.objects.create(project=project, approved_on=period.start)
    activity = ActivityFactory(project=project, title_fr=SECRET)
    for amount in ("777.77", "888.88"):
        ExpenditureFactory(
            category=category,
            activity=activity,
            amount=Decimal(amount),
            voucher=f"{SECRET}-{amount}",
            description=SECRET,
        )
    ContributionFactory(participation=donor, reference=SECRET)
    ContributionFactory(
        participation=donor, reference=SECRET, received=5, received_on=date(2019, 5, 1)
    )
    a_grant(project, an_institution("Collectif"))

    content, held_back = told(project)

    assert (SECRET in content, "777.77" in content, "888.88" in content) == (False,) * 3
    assert ("1666.65" in content, "4321" in content, held_back) == (True, True, [])


def a_grant(project, institution):
    grant = GrantFactory(
        project=project,
        institution=institution,
        status="signed",
        agreement=AgreementFactory(kind="grant", reference=SECRET),
        title=SECRET,
    )
    Instalment.objects.create(
        grant=grant, number=1, due_on=date(2021, 1, 1), amount=4321, condition=SECRET
    )


def test_what_an_institution_at_risk_may_have_received_is_in_no_amount(project):
    """Neither its instalment nor the sum that was passed on, in which its part may be all of it."""
    hidden = an_institution(SECRET, named_to=[])
    period = PeriodFactory(project=project)
    for is_passed_on, amount in ((True, 5432), (False, 6543)):
        category = BudgetCategoryFactory(project=project, is_passed_on=is_passed_on)
        ExpenditureFactory(category=category, amount=amount, spent_on=period.start)
    a_grant(project, hidden)

    content, held_back = told(project)

    assert [each in content for each in (SECRET, "4321", "5432", "6543")] == [False] * 3 + [True]
    assert held_back == [
        "1 amount belongs to an institution at risk.",
        "1 sum passed on to partners may include what an institution at risk received.",
    ]


def test_a_budget_that_is_still_written_stays(project):
    category = BudgetCategoryFactory(project=project)
    BudgetLineFactory(category=category, period=PeriodFactory(project=project), original=5432)

    content, held_back = told(project)

    assert ("5432" in content, held_back) == (False, ["1 budget is not approved."])


def test_small_counts_of_persons_leave_neither_alone_nor_in_what_gives_them_away(project):
    """Each value that must stay has a number that stands nowhere else in the file."""
    result = ResultFactory(project=project)
    sex = Dimension.objects.get(code="sex")
    years = [
        PeriodFactory(
            project=project, number=n, start=date(2018 + n, 4, 1), end=date(2019 + n, 3, 31)
        )
        for n in (1, 2, 3)
    ]
    persons = {"result": result, "counts_persons": True}
    adding = IndicatorFactory(**persons)
    for year, count in zip(years, (31, 3, 4001), strict=True):  # 3, and what follows gives it away
        DataPointFactory(indicator=adding, period=year, numerator=count)
    DataPointFactory(indicator=adding, kind="baseline", period=None, numerator=2)
    DataPointFactory(indicator=adding, kind="target", period=years[1], numerator=4)
    by_sex = IndicatorFactory(dimension=sex, **persons)
    for year, women, men in zip(years, (6001, 52), (3, 41), strict=False):
        for code, count in (("women", women), ("men", men), (None, women + men)):
            category = code and sex.categories.get(code=code)
            DataPointFactory(indicator=by_sex, period=year, category=category, numerator=count)
    share = IndicatorFactory(measure="percentage", cumulative="latest", **persons)
    for year, part, of in zip(years, (36, 7036), (48, 7040), strict=False):  # 4 are left of 7040
        DataPointFactory(indicator=share, period=year, numerator=part, denominator=of)
    nothing = IndicatorFactory(**persons)
    DataPointFactory(
        indicator=nothing,
        period=years[0],
        numerator=None,
        nothing_to_report=True,
        comment="Rien encore",
    )

    content, held_back = told(project)

    tree = etree.fromstring(content.encode())
    measured = [
        (each.tag, each.get("value"), [one.get("value") for one in each.iter("dimension")])
        for each in tree.iter("baseline", "target", "actual")
    ]
    assert measured == [
        ("actual", "31", []),
        ("target", "4", []),
        ("actual", "6004", []),
        ("actual", "93", []),
        ("actual", "52", ["women"]),
        ("actual", "41", ["men"]),
        ("actual", "75", []),
    ]
    assert tree.findtext(".//actual/comment/narrative") == "36 / 48"
    assert held_back == [
        "1 comment on a number stays with the team.",
        "1 breakdown contains a count of fewer than five persons, or would reveal one.",
        "4 values count fewer than five persons, or would reveal such a count.",
    ]


@given(tables, st.sampled_from(RULES))
def test_a_file_tells_of_persons_what_pages_tell_and_nothing_else(table, rule):
    """So what `test_suppression` finds of pages holds of files."""
    indicator, points = points_of(table, None, rule)
    for point in points:
        point.status = DataPoint.Status.APPROVED
        if point.category:
            point.category.dimension, point.category.code = Dimension(code="sex"), str(point.cell)
    project, nobody = Project(starts_on=date(2019, 1, 1)), ForbiddenNames(None)

    said = _IndicatorComposer(project, points, HeldBack(), nobody).indicator(indicator)

    shown = [
        (row.period.start, [row.actual, *(cell.value for cell in row.cells)])
        for row in by_period(indicator, points)
        if row.actual is not None
    ]
    assert [(each.start, [one.value for one in each.actuals]) for each in said.periods] == shown


def test_groups_that_have_no_name_in_a_file_are_held_back(project):
    category = CategoryFactory()
    indicator = IndicatorFactory(
        result=ResultFactory(project=project), dimension=category.dimension
    )
    period = PeriodFactory(project=project)
    for chosen, count in ((None, 70), (category, 69)):
        DataPointFactory(indicator=indicator, period=period, category=chosen, numerator=count)

    content, held_back = told(project)

    assert ('value="70"' in content, 'value="69"' in content) == (True, False)
    assert held_back == [
        "1 breakdown uses groups that have no name in a file (only sex, age group, kind "
        "of institution and department have one)."
    ]
