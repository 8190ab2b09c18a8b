"""Values are entered in any notation, submitted, and approved by somebody else."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import override

from kernel.lifecycle import StatusChange
from projects.models import DataPoint, Indicator
from tests.factories import DataPointFactory, PeriodFactory

pytestmark = pytest.mark.django_db


def errors_of(response):
    return response.context["form"].errors


@pytest.fixture
def create_url(world):
    return reverse("projects:value-create", args=[world.project.code, world.indicator.pk])


@pytest.fixture
def draft(world):
    return DataPointFactory(
        indicator=world.indicator,
        period=world.year,
        status="draft",
        entered_by=world.people["monitoring"],
    )


@pytest.fixture
def submitted(world, draft):
    draft.take("submit", by=world.people["monitoring"])
    return draft


def url_of(world, point, page, *args):
    return reverse(f"projects:{page}", args=[world.project.code, point.pk, *args])


def press(client, world, point, verb, **data):
    response = client.post(url_of(world, point, "value-step", verb), data)
    point.refresh_from_db()
    return response


# Entering


@pytest.mark.parametrize("language", ["fr", "es", "en"])
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1250", "1250"),
        ("1 250,5", "1250.5"),
        ("1,250.50", "1250.5"),
        ("1.250,5", "1250.5"),
        ("0", "0"),
        ("", None),
    ],
)
def test_a_number_may_be_typed_in_the_notation_of_any_language(
    client, world, sign_in, create_url, language, typed, expected
):
    person = sign_in("monitoring")
    person.language = language
    person.save()
    data = {"kind": "actual", "period": world.year.pk, "numerator": typed, "comment": "Liste"}

    client.post(create_url, data)

    point = DataPoint.objects.get()
    assert point.numerator == (Decimal(expected) if expected is not None else None)
    assert (point.status, point.entered_by) == ("draft", person)


@pytest.mark.parametrize(
    ("language", "shown"), [("fr", "1\u202f250,5"), ("es", "1,250.5"), ("en", "1,250.5")]
)
def test_a_number_is_shown_in_the_notation_of_its_reader(
    client, world, sign_in, submitted, language, shown
):
    DataPoint.objects.filter(pk=submitted.pk).update(numerator=Decimal("1250.5"))
    person = sign_in("reader")
    person.language = language
    person.save()

    assert shown in client.get(url_of(world, submitted, "value")).content.decode()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"numerator": "1.234"}, "numerator"),  # a thousand or a decimal?
        ({"numerator": "twelve"}, "numerator"),
        ({"numerator": "1.234.5"}, "numerator"),
        ({"numerator": "9" * 30}, "numerator"),
        ({"numerator": "1.005"}, "numerator"),
        ({"numerator": ""}, "__all__"),  # neither a number nor words
        ({"kind": "nonsense"}, "kind"),
        ({"period": ""}, "period"),  # an actual value needs its period
        ({"kind": "baseline"}, "period"),  # a baseline has none
        ({"comment": "x" * 2001}, "comment"),
    ],
)
def test_what_cannot_be_a_value_is_refused(client, world, sign_in, create_url, data, field):
    sign_in("monitoring")
    whole = {"kind": "actual", "period": world.year.pk, "numerator": "12"} | data

    response = client.post(create_url, whole)

    assert set(errors_of(response)) == {field}
    assert not DataPoint.objects.exists()


@pytest.mark.parametrize(("typed", "sentence"), [("-3", "from zero"), ("1.5", "whole numbers")])
def test_a_number_of_persons_that_cannot_be_is_refused_for_what_is_wrong(
    client, world, sign_in, create_url, typed, sentence
):
    Indicator.objects.filter(pk=world.indicator.pk).update(counts_persons=True)
    sign_in("monitoring")

    response = client.post(
        create_url, {"kind": "actual", "period": world.year.pk, "numerator": typed}
    )

    with override("en"):
        assert sentence in " ".join(errors_of(response)["numerator"])


def test_a_form_sent_twice_enters_one_value(client, world, sign_in, create_url):
    sign_in("monitoring")
    data = {"kind": "actual", "period": world.year.pk, "numerator": "12"}

    client.post(create_url, data)
    second = client.post(create_url, data)

    assert errors_of(second) == {
        "__all__": ["There is already a value for this period: correct that one."]
    }
    baseline = {"kind": "baseline", "numerator": "1"}
    client.post(create_url, baseline)
    assert errors_of(client.post(create_url, baseline)) == {
        "__all__": ["There is already a baseline: correct that one."]
    }
    assert DataPoint.objects.count() == 2


def test_years_and_their_quarters_are_not_told_of_one_indicator(
    client, world, sign_in, create_url, draft
):
    quarter = PeriodFactory(project=world.project, kind="quarter")
    sign_in("monitoring")

    response = client.post(create_url, {"kind": "actual", "period": quarter.pk, "numerator": "12"})

    assert errors_of(response) == {
        "period": ["The values of this indicator are reported per: Project year."]
    }


@pytest.fixture
def percentage(world):
    world.indicator.measure = Indicator.Measure.PERCENTAGE
    world.indicator.save()
    return world.indicator


def test_a_percentage_is_entered_by_its_parts(client, world, sign_in, create_url, percentage):
    sign_in("monitoring")
    data = {"kind": "actual", "period": world.year.pk, "numerator": "12", "denominator": "40"}

    client.post(create_url, data)

    point = DataPoint.objects.get()
    assert point.value == 30
    content = client.get(url_of(world, point, "value")).content.decode()
    assert "30%" in content
    assert "12 of 40" in content


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"denominator": ""}, "denominator"),
        ({"denominator": "0"}, "denominator"),
        ({"denominator": "-1"}, "denominator"),
        ({"denominator": "11"}, "numerator"),
        ({"numerator": "-1"}, "numerator"),
        ({"kind": "target", "denominator": "", "numerator": "101"}, "numerator"),
    ],
)
def test_parts_that_cannot_be_are_refused(
    client, world, sign_in, create_url, percentage, data, field
):
    sign_in("monitoring")
    whole = {"kind": "actual", "period": world.year.pk, "numerator": "12", "denominator": "40"}

    response = client.post(create_url, whole | data)

    assert field in errors_of(response)
    assert not DataPoint.objects.exists()


def test_a_target_in_per_cent_needs_no_parts(client, world, sign_in, create_url, percentage):
    sign_in("monitoring")

    client.post(create_url, {"kind": "target", "period": world.year.pk, "numerator": "80"})

    assert DataPoint.objects.get().value == 80


def test_what_is_told_in_words_has_no_number(client, world, sign_in, create_url):
    world.indicator.measure = Indicator.Measure.QUALITATIVE
    world.indicator.save()
    sign_in("monitoring")
    data = {"kind": "actual", "period": world.year.pk, "numerator": "12"}
    assert errors_of(client.post(create_url, data | {"comment": " "}))

    client.post(create_url, data | {"comment": "<b>Réunions régulières</b>"})

    point = DataPoint.objects.get()
    assert point.numerator is None
    content = client.get(world.indicator.get_absolute_url()).content.decode()
    assert "&lt;b&gt;Réunions régulières&lt;/b&gt;" in content


def test_the_measure_of_an_indicator_with_values_stays(client, world, coordinator, draft):
    url = reverse("projects:indicator-edit", args=[world.project.code, world.indicator.pk])
    data = {
        "result": world.result.pk,
        "code": "1100.1",
        "name_fr": "Nom",
        "measure": "percentage",
        "cumulative": "sum",
    }

    assert "measure" in errors_of(client.post(url, data))

    draft.delete()
    assert client.post(url, data).status_code == 302


# Approving


def test_somebody_else_approves_what_was_entered(client, world, sign_in, draft):
    sign_in("monitoring")
    press(client, world, draft, "submit")
    assert draft.status == "submitted"

    sign_in("coordinator")
    press(client, world, draft, "approve")

    assert draft.status == "approved"
    assert [change.by.full_name for change in draft.status_changes] == [
        "Rôle — monitoring",
        "Rôle — coordinator",
    ]


@pytest.mark.parametrize("why", [None, "", "   "])
def test_nobody_approves_what_they_entered_without_a_reason(client, world, sign_in, submitted, why):
    sign_in("monitoring")
    data = {"approve-why": why} if why is not None else {}

    response = press(client, world, submitted, "approve", **data)

    assert submitted.status == "submitted"
    assert response.status_code == 200
    assert "Fill in this field" in response.content.decode()


def test_an_exception_with_its_reason_is_kept_as_such(client, world, sign_in, submitted):
    sign_in("monitoring")

    press(client, world, submitted, "approve", **{"approve-why": "Équipe d’une personne"})

    assert submitted.status == "approved"
    why = StatusChange.objects.get(verb="approve").why
    assert why == "Exception to the rule of two people: Équipe d’une personne"


def test_who_changed_the_number_has_entered_it(client, world, sign_in, draft):
    sign_in("coordinator")
    url = url_of(world, draft, "value-edit")

    client.post(url, {"numerator": "10", "comment": "Source: liste"})
    draft.refresh_from_db()
    assert draft.entered_by == world.people["monitoring"]

    client.post(url, {"numerator": "11", "comment": "Source: liste"})
    draft.refresh_from_db()
    assert draft.entered_by == world.people["coordinator"]


def test_who_administers_the_portal_approves_nothing_without_a_role(
    client, world, sign_in, submitted
):
    sign_in("administrator")

    assert press(client, world, submitted, "approve").status_code == 403
    assert submitted.status == "submitted"


def test_a_value_is_returned_with_a_reason_and_corrected(client, world, sign_in, submitted):
    sign_in("coordinator")
    assert press(client, world, submitted, "return").status_code == 200
    assert submitted.status == "submitted"

    press(client, world, submitted, "return", **{"return-why": "Compté deux fois"})

    assert submitted.status == "draft"
    sign_in("monitoring")
    assert "Compté deux fois" in client.get(url_of(world, submitted, "value")).content.decode()


@pytest.mark.parametrize("page", ["value-edit", "value-delete"])
def test_only_a_draft_is_changed(client, world, sign_in, submitted, page):
    sign_in("monitoring")

    response = client.post(url_of(world, submitted, page), {"numerator": "99"}, follow=True)

    assert "Only a draft can be" in response.content.decode()
    submitted.refresh_from_db()
    assert submitted.numerator == 10


def test_of_two_who_press_a_button_one_is_told(client, world, sign_in, submitted):
    sign_in("coordinator")
    press(client, world, submitted, "return", **{"return-why": "À revoir"})

    late = client.post(url_of(world, submitted, "value-step", "approve"), follow=True)

    submitted.refresh_from_db()
    assert submitted.status == "draft"
    assert "is no longer possible" in late.content.decode()


def test_an_unknown_step_is_not_there(client, world, sign_in, submitted):
    sign_in("coordinator")

    assert press(client, world, submitted, "nonsense").status_code == 404


def test_only_approved_values_count(client, world, sign_in, submitted):
    DataPointFactory(indicator=world.indicator, kind="target", period=world.year, numerator=20)
    sign_in("coordinator")
    page = world.indicator.get_absolute_url()
    assert "Not yet measured" in client.get(page).content.decode()

    press(client, world, submitted, "approve")

    content = client.get(page).content.decode()
    assert "Not yet measured" not in content
    assert "−10" in content
    assert "−50%" in content


def test_a_missing_value_is_never_shown_as_zero(client, world, sign_in):
    DataPointFactory(
        indicator=world.indicator, period=world.year, numerator=None, comment="Enquête reportée"
    )
    sign_in("partner")

    framework = reverse("projects:framework", args=[world.project.code])
    for url in (framework, world.indicator.get_absolute_url()):
        content = client.get(url).content.decode()
        assert "Not yet measured" in content
        assert ">0<" not in content
