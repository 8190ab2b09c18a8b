"""What a project is goes out as a file, comes in as a draft, and goes out as the same file."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from ibcr_portal.demo.loader import read
from partners.models import Agreement, Institution
from projects.iati.export import to_xml
from projects.iati.publishable import publishable
from projects.iati.read import open_file, read_activity
from projects.iati.rules import rule_findings
from projects.iati.schema import schema_findings
from projects.models import (
    Classification,
    DataPoint,
    IatiImport,
    Participation,
    Project,
    ProjectCountry,
    ProjectMarker,
    ProjectSector,
    ProjectTag,
)
from projects.services.iati_draft import draft_of
from projects.services.iati_import import create_project
from projects.services.iati_publication import errors_of, file_of
from tests.factories import (
    DataPointFactory,
    IndicatorFactory,
    InstitutionFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def demonstration(settings):
    settings.EMBEDDED = True
    call_command("load_demo", stdout=io.StringIO())


def reading_of(content):
    opened = open_file(content)
    return read_activity(opened, opened.activities[0])


def come_in(content):
    draft = draft_of(reading_of(content))
    return draft, create_project(draft, file_name="a.xml", sha256="0" * 64, by=None)


def put_aside(project):
    """As if the portal had never known it: the file comes in under its own code."""
    Project.objects.filter(pk=project.pk).update(code=f"OLD-{project.pk}")


def test_the_demonstration_is_valid_and_comes_back_as_it_went(demonstration):
    codes = ["HN-TRATA", "EXEMPLE-01", "BF-ENFANCE", "CD-ENFANCE"]
    assert sorted(Project.objects.values_list("code", flat=True)) == sorted(codes)

    for code in ("HN-TRATA", "BF-ENFANCE", "CD-ENFANCE"):
        project = Project.objects.get(code=code)
        content = file_of(project)
        opened = open_file(content)
        assert (opened.findings, rule_findings(opened.activities[0].element)) == ([], [])
        put_aside(project)

        _draft, again = come_in(content)

        assert (again.code, file_of(again)) == (code, content)


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
    words = IndicatorFactory(result=middle, code="1100.2", measure="qualitative")
    DataPointFactory(
        indicator=words, kind="actual", period=years[0], numerator=None, comment="Mieux", **approved
    )


def test_everything_that_a_file_can_tell_comes_back_as_it_went():
    project = a_full_project()
    content = file_of(project)
    put_aside(project)

    draft, again = come_in(content)

    assert file_of(again) == content
    assert [(each.element, each.why) for each in draft.notes] == []
    points = DataPoint.objects.filter(indicator__result__project=again)
    assert {(str(p.kind), p.numerator, p.comment) for p in points} == {
        ("baseline", Decimal(0), ""),
        ("target", Decimal(10), ""),
        ("target", Decimal(20), ""),
        ("actual", Decimal("12.5"), ""),
        ("actual", Decimal("33.33"), ""),
        ("actual", None, "Mieux"),
    }
    funding = again.participations.get(role="funding")
    assert (funding.amount, funding.agreement.reference) == (1_500_000, "A-1")
    assert again.results.get(code="1100").parent.code == "1000"


def test_where_nobody_is_known_the_institutions_are_entered():
    project = a_full_project()
    content = file_of(project)
    Participation.objects.filter(project=project).delete()
    Agreement.objects.all().delete()
    Institution.objects.all().delete()
    put_aside(project)

    draft, again = come_in(content)

    assert len(draft.new_institutions) == 3
    assert file_of(again) == content


def test_the_same_activity_comes_in_once():
    project = a_full_project()
    content = file_of(project)

    own = draft_of(reading_of(content))
    put_aside(project)
    draft, again = come_in(content)
    second = draft_of(reading_of(content))

    assert (own.known_project, second.known_project) == (project, again)
    with pytest.raises(ValidationError, match="here already"):
        create_project(second, file_name="a.xml", sha256="0" * 64, by=None)
    draft.project.pk = None
    with pytest.raises(ValidationError):
        create_project(replace(draft), file_name="a.xml", sha256="0" * 64, by=None)
    assert IatiImport.objects.count() == 1


def test_one_number_of_queries_for_any_number_of_results(django_assert_num_queries):
    for count in (1, 3, 30):
        project = ProjectFactory(description_fr="Texte")
        ProjectSector.objects.create(project=project, code="15160", percentage=100)
        period = PeriodFactory(project=project)
        for _ in range(count):
            ParticipationFactory(project=project, role="accountable")
            indicator = IndicatorFactory(result=ResultFactory(project=project))
            DataPointFactory(indicator=indicator, period=period, status="approved")

        # participations, names; countries; names not to be told (3); classification, sectors,
        # targets, markers; indicators, values, results
        with django_assert_num_queries(13):
            outgoing = publishable(project)

        assert len(outgoing.document.results) == count
        assert errors_of(outgoing) == []
        assert schema_findings(open_root(to_xml(outgoing.document))) == []


def open_root(content):
    return open_file(content).activities[0].element.getparent()
