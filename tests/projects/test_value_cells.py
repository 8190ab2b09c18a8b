"""Values by cell: entered with their total, steps taken together, evidence for few."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from projects.framework.services.values import Numbers, ValueEntry, decide_values, keep_values
from projects.framework.values_due import values_due
from projects.models import DataPoint
from tests.factories import (
    CategoryFactory,
    DataPointFactory,
    DimensionFactory,
    IndicatorFactory,
    PeriodFactory,
)
from tests.kernel.made_files import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def sex(db):
    dimension = DimensionFactory(name_fr="Sexe")
    for name in ("Femmes", "Hommes"):
        CategoryFactory(dimension=dimension, name_fr=name)
    return dimension


@pytest.fixture
def indicator(world, sex):
    world.indicator.dimension = sex
    world.indicator.counts_persons = True
    world.indicator.responsible = world.institutions["partner"]
    world.indicator.due_per = "project_year"
    world.indicator.save()
    return world.indicator


@pytest.fixture
def total(world, indicator):
    return DataPointFactory(
        indicator=indicator,
        period=world.year,
        numerator=None,
        status="draft",
        entered_by=world.people["partner"],
        given_by=world.institutions["partner"],
    )


def url_of(world, page, *args):
    return reverse(f"projects:{page}", args=[world.project.code, *args])


def rows(indicator):
    points = DataPoint.objects.filter(indicator=indicator).order_by("category", "pk")
    return {p.category and p.category.name_fr: (p.numerator, p.status) for p in points}


def test_the_total_is_the_sum_of_all_cells(client, world, sign_in, indicator, total):
    sign_in("partner")
    cells = url_of(world, "value-cells", total.pk)

    client.post(cells, {"cell_0": "60", "cell_1": "74"})

    total.refresh_from_db()
    assert (total.numerator, total.is_computed) == (134, True)
    client.post(cells, {"cell_0": "60"})  # one is missing: so is the sum
    total.refresh_from_db()
    assert (total.numerator, total.is_computed) == (None, False)
    assert rows(indicator) == {None: (None, "draft"), "Femmes": (60, "draft")}


def test_a_total_that_differs_is_kept_and_said(client, world, sign_in, indicator, total):
    sign_in("partner")
    data = {"cell_0": "60", "cell_1": "74", "total": "140"}

    client.post(url_of(world, "value-cells", total.pk), data)

    total.refresh_from_db()
    assert total.numerator == 140
    assert "The total and the breakdown differ" in client.get(total.get_absolute_url()).text


@pytest.mark.parametrize("language", ["fr", "es", "en"])
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"cell_0": "1.234"}, "cell_0"),
        ({"cell_0": "twelve"}, "cell_0"),
        ({"cell_0": "2,5"}, "cell_0"),  # nobody is half a person
        ({"cell_1": "-1"}, "cell_1"),
        ({"nothing_to_report": "on"}, "comment"),
        ({"nothing_to_report": "on", "comment": "x", "total": "0"}, "nothing_to_report"),
    ],
)
def test_what_a_cell_cannot_hold_is_said_at_its_field(
    client, world, sign_in, total, language, data, field
):
    person = sign_in("partner")
    person.language = language
    person.save()

    response = client.post(url_of(world, "value-cells", total.pk), data)

    assert list(response.context["form"].errors) == [field]


@pytest.mark.parametrize(("language", "kept"), [("fr", None), ("es", 1234), ("en", 1234)])
def test_a_count_is_read_as_the_pages_of_the_language_write_it(
    client, world, sign_in, indicator, total, language, kept
):
    """In French a comma begins the decimals: there “1,234” may mean two numbers."""
    person = sign_in("partner")
    person.language = language
    person.save()

    response = client.post(url_of(world, "value-cells", total.pk), {"cell_0": "1,234"})

    assert rows(indicator).get("Femmes", (None,))[0] == kept
    errors = response.context["form"].errors if response.context else {}
    assert list(errors) == ([] if kept else ["cell_0"])


def test_a_part_is_not_more_than_its_whole_unless_it_may_be(
    client, world, sign_in, indicator, total
):
    indicator.measure = "percentage"
    indicator.save()
    sign_in("partner")
    cells = url_of(world, "value-cells", total.pk)
    data = {"cell_0": "41", "cell_0_of": "40", "cell_1": "0", "cell_1_of": "0"}

    errors = client.post(cells, data).context["form"].errors
    assert sorted(errors) == ["cell_0", "cell_1_of"]

    indicator.may_exceed_whole = True
    indicator.save()
    assert client.post(cells, data | {"cell_1_of": "2"}).status_code == 302
    total.refresh_from_db()
    assert (total.numerator, total.denominator) == (41, 42)


def test_steps_take_the_cells_along(client, world, sign_in, indicator, total):
    sign_in("partner")
    client.post(url_of(world, "value-cells", total.pk), {"cell_0": "60", "cell_1": "74"})
    client.post(url_of(world, "value-step", total.pk, "submit"))
    sign_in("monitoring")

    client.post(url_of(world, "value-step", total.pk, "approve"))

    assert rows(indicator) == {
        None: (134, "approved"),
        "Femmes": (60, "approved"),
        "Hommes": (74, "approved"),
    }


def test_who_entered_one_cell_does_not_approve_the_value(client, world, sign_in, indicator, total):
    sign_in("monitoring")
    client.post(url_of(world, "value-cells", total.pk), {"cell_0": "60", "cell_1": "74"})
    DataPoint.objects.totals().update(entered_by=world.people["partner"])
    client.post(url_of(world, "value-step", total.pk, "submit"))

    response = client.post(url_of(world, "value-step", total.pk, "approve"))

    assert response.status_code == 200  # asked for the reason of an exception
    total.refresh_from_db()
    assert total.status == "submitted"


def test_among_several_values_too_who_entered_a_cell_approves_none_of_them(
    client, world, sign_in, indicator, total
):
    entered_by = sign_in("monitoring")
    client.post(url_of(world, "value-cells", total.pk), {"cell_0": "60", "cell_1": "74"})
    DataPoint.objects.totals().update(entered_by=world.people["partner"])
    client.post(url_of(world, "value-step", total.pk, "submit"))
    total.refresh_from_db()

    with translation.override("en"):
        refused = decide_values([total], "approve", by=entered_by)
        done = decide_values([total], "approve", by=world.people["coordinator"])
        refusal = f"{total}: You entered this value yourself. Say why nobody else can approve it."

    assert (refused, done) == (([], [refusal]), ([total], []))


def test_a_cell_is_told_once(indicator, total, sex):
    cell = {"indicator": indicator, "period": total.period, "category": sex.categories.first()}
    DataPointFactory(**cell)

    with pytest.raises(IntegrityError), transaction.atomic():
        DataPointFactory(**cell)
    with pytest.raises(IntegrityError), transaction.atomic():
        DataPointFactory(indicator=indicator, period=total.period)


def test_what_was_approved_meanwhile_is_not_overwritten(world, indicator, total):
    DataPoint.objects.update(status="approved")

    with pytest.raises(ValidationError):
        keep_values(indicator, "actual", world.year, ValueEntry(by=None, total=Numbers(Decimal(3))))


def test_the_groups_of_an_indicator_with_cells_stay(client, world, coordinator, indicator, total):
    DataPointFactory(
        indicator=indicator, period=world.year, category=indicator.dimension.categories.first()
    )
    data = {
        "result": world.result.pk,
        "code": "1100.1",
        "name_fr": "Nom",
        "measure": "unit",
        "cumulative": "sum",
    }

    response = client.post(url_of(world, "indicator-edit", indicator.pk), data)

    assert "dimension" in response.context["form"].errors


def test_evidence_is_for_the_team_and_for_who_gave_it(client, world, sign_in, indicator, total):
    sign_in("partner")
    letter = SimpleUploadedFile("liste.png", picture("PNG"), "image/png")
    client.post(url_of(world, "value-cells", total.pk), {"total": "20", "file": letter})
    file = total.files.get()
    url = url_of(world, "value-file", total.pk, file.pk)
    assert client.get(url).getvalue()

    DataPoint.objects.update(status="approved")
    sign_in("reader")
    assert client.get(url).getvalue()
    for role in ("member", "donor", "embassy", "outsider"):
        sign_in(role)
        assert client.get(url).status_code == 404
    sign_in("partner")
    file.given_by = world.institutions["member"]  # of an institution that answered before
    file.save()
    assert client.get(url).status_code == 404


def test_what_the_coordination_enters_for_an_institution_says_how_it_came(
    client, world, sign_in, indicator
):
    sign_in("coordinator")
    url = url_of(world, "value-create", indicator.pk)
    data = {"kind": "actual", "period": world.year.pk, "numerator": "12", "channel": "telephone"}

    assert "__all__" in client.post(url, data).context["form"].errors
    client.post(url, data | {"evidence": "Appel du service", "received_on": "2020-04-02"})

    point = DataPoint.objects.get()
    assert (point.given_by, point.received_on) == (
        world.institutions["partner"],
        date(2020, 4, 2),
    )


# What others are told


def test_few_persons_are_told_to_the_team_alone(client, world, sign_in, indicator, sex):
    women, men = sex.categories.all()
    for category, count in ((None, 40), (women, 37), (men, 3)):
        DataPointFactory(indicator=indicator, period=world.year, category=category, numerator=count)
    pages = [
        indicator.get_absolute_url(),
        url_of(world, "framework"),
        url_of(world, "result", world.result.pk),
    ]

    for role, is_told in (("reader", True), ("donor", False), ("member", False)):
        sign_in(role)
        texts = [client.get(page).text for page in pages]
        assert [">37<" in text or " 37<" in text for text in texts[:2]] == [is_told, is_told]
        assert all("40" in text for text in texts)

    donor = world.project.participations.get(institution=world.institutions["donor"])
    donor.agreement = donor.institution.agreements.create(
        kind="contribution", reference="A-1", tells_small_counts=True
    )
    donor.save()
    sign_in("donor")
    assert " 37<" in client.get(pages[0]).text
    sign_in("embassy")
    assert " 37<" not in client.get(pages[0]).text


# What is owed


def test_what_is_owed_is_told_until_it_is_submitted(
    world, indicator, django_assert_max_num_queries
):
    world.project.values_due_days = 10
    world.project.save()
    later = IndicatorFactory(result=world.result, due_per="project_year", due_days=400)
    coming = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    DataPointFactory(indicator=later, period=world.year, status="submitted")
    DataPointFactory(
        indicator=indicator,
        period=world.year,
        category=indicator.dimension.categories.first(),
        status="draft",
    )
    day = date(2020, 4, 15)

    with django_assert_max_num_queries(7):
        owed = values_due([world.project], day)

    assert [(o.indicator, o.period, o.due_on, o.institution) for o in owed] == [
        (indicator, world.year, date(2020, 4, 10), world.institutions["partner"])
    ]
    assert [[str(one) for one, _other in o.cells] for o in owed] == [["Hommes"]]
    assert owed[0].is_late
    until = values_due([world.project], day, due_until=date(2021, 4, 10))
    assert [(o.indicator, o.period) for o in until] == [
        (indicator, world.year),
        (indicator, coming),
    ]
