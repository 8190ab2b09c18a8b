"""What may be typed about money: sentences at the fields, what is offered, what is filled in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kernel.form_fields import CurrencyField
from projects.models import Contribution, Expenditure, ImportMapping
from projects.money.accounting_file import AccountingColumn
from projects.money.forms.budget import ContributionForm, ExchangeRateForm
from projects.money.forms.spending import (
    AccountingLockForm,
    AdjustmentForm,
    ExpenditureFilterForm,
    ExpenditureForm,
    LiftLockForm,
)
from projects.money.forms.spending_import import (
    AccountingColumnsForm,
    AmountField,
    ImportConfirmForm,
    ImportQuestionsForm,
    RateField,
)
from tests.factories import (
    BudgetCategoryFactory,
    ExchangeRateFactory,
    ExpenditureFactory,
    PeriodFactory,
    ResultFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "still_today")]

TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)
TOO_LARGE = "This amount is too large: check its digits."


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(project=world.project, code="VOY", name_fr="Voyages")


def errors(form):
    return {name: [str(each) for each in found] for name, found in form.errors.items()}


def refusal(field, text):
    try:
        field.clean(text)
    except Exception as error:  # the field's own
        return error.messages
    return []


# Single fields


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("999 999 999 999,99", []),
        ("1.0055", ["An amount has at most two decimals: round it to cents."]),
        ("1 000 000 000 000", [TOO_LARGE]),
        ("-1", ["An amount cannot be negative."]),
        ("", ["Fill in this field."]),
    ],
)
def test_an_amount_is_of_cents_and_of_twelve_digits(text, sentences):
    assert refusal(AmountField(min_value=0), text) == sentences


def test_a_field_may_say_its_own_sentence():
    field = AmountField(error_messages={"required": "How much?"}, max_digits=3)

    assert refusal(field, "") == ["How much?"]
    assert refusal(field, "12,50") == [TOO_LARGE]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("0,12345678", []),
        ("9999999999", []),
        ("0,123456789", ["A rate has at most eight decimals."]),
        ("12345678901", ["This rate is too large: check its digits."]),
    ],
)
def test_a_rate_has_eight_decimals_and_ten_digits_before_them(text, sentences):
    assert refusal(RateField(), text) == sentences
    assert str(RateField().label) == "Rate"


def test_a_currency_is_three_letters_however_they_are_typed():
    field, free = CurrencyField(), CurrencyField(required=False, label="Which")

    assert (field.clean(" cad "), free.clean("")) == ("CAD", "")
    assert refusal(field, "C4D") == ["Use the three letters of the currency, such as CAD or HNL."]
    for none in ("CADX", "DOLLARS", "DOL", "L."):  # nor may the browser cut one to three letters
        assert refusal(field, none) == refusal(field, "C4D")
    assert "maxlength" not in field.widget.attrs
    assert (str(field.label), free.label) == ("Currency", "Which")


# Expenditure and corrections


def test_a_new_expenditure_offers_what_is_of_its_project(world, category):
    BudgetCategoryFactory(project=world.neighbour)
    ResultFactory(project=world.neighbour)

    new = ExpenditureForm(instance=Expenditure(project=world.project))
    kept = ExpenditureForm(instance=ExpenditureFactory(category=category, currency="HNL", rate=2))

    assert list(new.fields["category"].queryset) == [category]
    assert list(new.fields["result"].queryset) == [world.result]
    assert (new["currency"].value(), new["rate"].value()) == ("CAD", None)
    assert (kept["currency"].value(), kept["rate"].value()) == ("HNL", "2")
    needed = {name for name, field in new.fields.items() if field.required}
    assert needed == {"spent_on", "category", "amount", "currency"}


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({}, {}),
        ({"spent_on": TODAY}, {}),
        ({"spent_on": TOMORROW}, {"spent_on": ["This day is in the future."]}),
        (
            {"currency": "HNL"},
            {
                "rate": [
                    "There is no rate of HNL for this day: enter it here, or under Rates.",
                ]
            },
        ),
        ({"currency": "HNL", "rate": "0,05"}, {}),
        (
            {"currency": "HNL", "rate": "0,123456789"},
            {"rate": ["A rate has at most eight decimals."]},
        ),
        ({"currency": "HNL", "spent_on": ""}, {"spent_on": ["Fill in this field."]}),
        ({"amount": "0"}, {"__all__": ["An amount of zero is not an expenditure."]}),
    ],
)
def test_an_expenditure_has_its_rate_or_is_asked_for_it(world, category, changes, sentences):
    typed = {"spent_on": "2020-05-04", "category": category.pk, "amount": "5", "currency": "CAD"}

    form = ExpenditureForm(typed | changes, instance=Expenditure(project=world.project))

    assert errors(form) == sentences


def test_a_correction_asks_for_the_right_amount_in_the_currency_of_the_original(world, category):
    BudgetCategoryFactory(project=world.neighbour)
    original = ExpenditureFactory(category=category, currency="HNL")
    typed = {"category": category.pk, "amount": "0", "spent_on": TODAY, "reason": "x" * 300}

    form = AdjustmentForm(typed, original=original)
    wrong = AdjustmentForm(typed | {"spent_on": TOMORROW, "reason": "x" * 301}, original=original)

    assert form.fields["amount"].label == "Correct amount (HNL)"
    assert list(form.fields["category"].queryset) == [category]
    assert list(form.fields["result"].queryset) == [world.result]
    assert form.is_valid()
    assert (form.cleaned_data["amount"], form.cleaned_data["result"]) == (0, None)
    assert sorted(wrong.errors) == ["reason", "spent_on"]


def test_the_books_are_filtered_by_what_is_in_them(world, category):
    quarter = PeriodFactory(project=world.neighbour)
    form = ExpenditureFilterForm(
        {"source": "x", "currency": "EUR", "period": quarter.pk, "q": "x" * 101},
        project=world.project,
        periods=world.project.periods.all(),
        currencies=["CAD", "HNL"],
    )

    assert form.fields["currency"].choices == [("", "Any"), ("CAD", "CAD"), ("HNL", "HNL")]
    assert list(form.fields["category"].queryset) == [category]
    assert [str(label) for _key, label in form.fields["source"].choices] == [
        "Any",
        "Entered by hand",
        "Imported",
        "Corrections",
    ]
    assert set(form.errors) == {"q", "source", "currency", "period"}
    assert not any(field.required for field in form.fields.values())


# Locks


def test_the_last_day_of_a_lock_is_not_before_its_first_nor_to_come():
    def said(start, end):
        return errors(AccountingLockForm({"starts_on": start, "ends_on": end}))

    assert said(TODAY, TODAY) == {}
    assert said(TODAY, TODAY - timedelta(days=1)) == {
        "ends_on": ["The last day has to come after the first."]
    }
    assert list(said(TODAY, TOMORROW)) == ["ends_on"]
    assert list(said("", TODAY)) == ["starts_on"]
    assert list(errors(LiftLockForm({"reason": ""}))) == ["reason"]
    assert errors(LiftLockForm({"reason": "x" * 500})) == {}
    assert list(errors(LiftLockForm({"reason": "x" * 501}))) == ["reason"]


# The file


def test_questions_offer_what_the_project_knows(world, category):
    def form(**said):
        known = {"open_day": "", "open_amount": "", "categories": [], "results": []}
        return ImportQuestionsForm(project=world.project, **known | said)

    asked = form(categories=["Boletos"], results=["Meta"])
    category_field, result_field = asked.fields["category_0"], asked.fields["result_0"]

    assert category_field.choices == [("", "–"), (category.pk, "Voyages")]
    assert result_field.choices == [("", "none of them"), (world.result.pk, str(world.result))]
    assert (category_field.required, result_field.required) == (True, False)
    assert result_field.clean("") is None
    assert category_field.clean(str(category.pk)) == category.pk
    assert list(form().fields) == []
    marks = [
        str(label) for _mark, label in form(open_amount="1,234").fields["decimal_mark"].choices
    ]
    assert marks == ["a point: 1,234.50", "a comma: 1.234,50"]


def test_answers_are_added_to_what_was_known(world, category):
    mapping = ImportMapping(project=world.project, categories={"x": 1}, results={"y": 2})
    typed = {"category_0": category.pk, "result_0": "", "decimal_mark": ","}

    form = ImportQuestionsForm(
        typed,
        project=world.project,
        open_day="",
        open_amount="1,234",
        categories=["Los Boletos"],
        results=["Meta"],
    )

    assert form.is_valid()
    assert form.answers(mapping) == {
        "decimal_mark": ",",
        "categories": {"x": 1, "los boletos": category.pk},
        "results": {"y": 2, "meta": None},
    }


def test_a_column_begins_with_what_it_is_taken_for_and_the_currency_with_what_was_said(world):
    columns = [AccountingColumn(3, "Montant", "amount", ())]

    first = AccountingColumnsForm(columns=columns, mapping=ImportMapping(project=world.project))
    later = AccountingColumnsForm(
        columns=columns, mapping=ImportMapping(project=world.project, currency="USD")
    )

    assert (first["column_3"].label, first["column_3"].initial) == ("Montant", "amount")
    assert (first["currency"].initial, later["currency"].initial) == ("CAD", "USD")
    assert not first.fields["column_3"].required


def test_a_confirmation_asks_about_locked_rows_where_there_are_some():
    assert list(ImportConfirmForm(locked=0).fields) == ["seen"]
    form = ImportConfirmForm({"seen": "x", "enter_locked": "on"}, locked=1)
    assert list(form.fields) == ["seen", "enter_locked", "locked_on"]
    assert form.fields["locked_on"].initial == TODAY
    assert errors(form) == {"locked_on": ["Say on which day of an open period they are entered."]}


# Contributions and rates


def test_a_new_contribution_is_in_the_project_s_currency_from_who_funds_it(world):
    donor = world.project.participations.get(role="funding")
    kept = Contribution(pk=1, participation=donor, currency="USD", rate=2)

    new = ContributionForm(instance=Contribution(), project=world.project)
    old = ContributionForm(instance=kept, project=world.project)

    assert (new["currency"].value(), new["rate"].value()) == ("CAD", None)
    assert (old["currency"].value(), old["rate"].value()) == ("USD", "2")
    choices = [(str(pk), label) for pk, label in new.fields["participation"].choices]
    assert choices[1:] == [(str(donor.pk), donor.institution.name)]


def test_a_contribution_without_a_day_takes_the_rate_of_today(world):
    donor = world.project.participations.get(role="funding")
    ExchangeRateFactory(
        project=world.project, currency="USD", starts_on=TODAY, ends_on=TODAY, rate=3
    )
    typed = {"participation": donor.pk, "currency": "usd", "promised": "5", "expected_on": ""}

    form = ContributionForm(typed, instance=Contribution(), project=world.project)

    assert list(form.errors) == ["__all__"]  # a promise has its day
    assert form.cleaned_data["rate"] == 3
    received = typed | {"received": "5", "received_on": TOMORROW}
    late = ContributionForm(received, instance=Contribution(), project=world.project)
    assert "received_on" in late.errors


def test_a_rate_is_wholly_typed(world):
    form = ExchangeRateForm({}, instance=ExchangeRateFactory.build(project=world.project))

    assert set(form.errors) == {"currency", "starts_on", "ends_on", "rate", "source"}
