"""What may not be published never leaves: a secret in every field that is not to leave."""

from datetime import date
from decimal import Decimal

import pytest

from partners.models import Agreement, Institution
from projects.iati.export import to_xml
from projects.iati.held_back import HeldBack
from projects.iati.publishable import publishable
from projects.iati.publishable_results import breakdown
from projects.iati.sources import Cell
from projects.models import DataPoint, Indicator, Project, ProjectSector
from projects.services.iati_publication import errors_of
from tests.factories import (
    ActivityFactory,
    AmendmentFactory,
    AssignmentFactory,
    ContactFactory,
    DataPointFactory,
    IndicatorFactory,
    InstitutionFactory,
    InstitutionNameFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
    UserFactory,
)

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
    outgoing = publishable(project)
    assert errors_of(outgoing) == []
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
    hidden = an_institution(SECRET, is_at_risk=True, identifier=f"XX-{SECRET}", kind="donor")
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
        "1 institution has a role that IATI does not know (beneficiary, represents the donor).",
        "1 amount is of an institution at risk.",
    ]


def test_an_accountable_institution_at_risk_does_not_report(project):
    project.participations.all().delete()
    hidden = an_institution(SECRET, is_at_risk=True, kind=Institution.Kind.IMPLEMENTER)
    ParticipationFactory(project=project, institution=hidden, role="accountable")

    outgoing = publishable(project)

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
        hidden = an_institution("Xóchitl 01", is_at_risk=True)
        if who == "by its former name":
            InstitutionNameFactory(institution=hidden, name_fr="Autre", since=date(2020, 1, 1))
    thing = {"statement": result, "name": indicator}.get(where, project)
    setattr(thing, f"{where}_es", "Con la ayuda de XOCHITL 01.")
    thing.save()

    outgoing = publishable(Project.objects.get(pk=project.pk))

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
    assert held_back == ["1 value in words may tell of a person."]


def test_a_breakdown_with_a_small_count_leaves_whole_or_not_at_all():
    held = HeldBack()
    told, hidden = (
        breakdown(
            [
                Cell((("sex", "women"),), Decimal(women), women),
                Cell((("sex", "men"),), Decimal(men), men),
            ],
            held,
        )
        for women, men in ((12, 9), (18, 3))
    )

    assert [(each.value, each.dimensions) for each in told] == [
        (Decimal(12), [("sex", "women")]),
        (Decimal(9), [("sex", "men")]),
    ]
    assert hidden == []
    assert held.sentences() == ["1 breakdown has a count of fewer than five persons."]
