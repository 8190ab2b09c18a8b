"""What may be typed about grants: sentences at the fields, and what is offered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.calls.forms.grants import (
    GrantForm,
    GrantReportForm,
    GrantReportReviewForm,
    GrantSignatureForm,
    GrantStepForm,
    InstalmentForm,
    InstalmentPaymentForm,
    PrepareGrantForm,
    SupportNoteForm,
)
from projects.models import Grant, SupportNote
from tests.factories import InstitutionFactory
from tests.projects.calls import things_of
from tests.sending import sent_form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "still_today")]

TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)
REQUIRED = ["Fill in this field."]
TO_COME = ["This day is in the future."]


@pytest.fixture
def things(world):
    return things_of(world)


def errors(form):
    return {name: [str(each) for each in found] for name, found in form.errors.items()}


def needed(form):
    return {name for name, field in form.fields.items() if field.required}


def test_a_grant_is_of_an_institution_that_the_coordination_knows(world, things):
    user = world.people["coordinator"]
    InstitutionFactory()

    form = GrantForm({"currency": " usd "}, instance=Grant(project=world.project), user=user)
    prepare = PrepareGrantForm(user=user, project=world.project)

    known = set(form.fields["institution"].queryset)
    assert world.institutions["partner"] in known
    assert world.foreign_institution not in known
    assert set(prepare.fields["institution"].queryset) == known
    assert "currency" not in form.errors
    assert form.cleaned_data["currency"] == "USD"
    assert needed(form) == {
        "institution", "title", "language", "amount", "currency", "starts_on", "ends_on",
    }  # fmt: skip
    assert needed(prepare) == {"starts_on", "ends_on"}
    assert prepare.fields["project_amount"].help_text == "CAD"


def test_a_grant_is_not_less_than_what_is_planned_of_it(world, things):
    typed = {
        "institution": things.grant.institution_id,
        "title": "Radio",
        "language": "es",
        "currency": "USD",
        "starts_on": "2021-01-01",
        "ends_on": "2021-06-30",
    }

    def said(amount):
        given = {"instance": things.grant, "user": world.people["coordinator"]}
        return errors(sent_form(GrantForm, typed | {"amount": amount}, **given))

    assert said("1000") == {}
    assert said("999.99") == {"amount": ["The instalments planned so far add up to more."]}


def test_days_of_grants_are_in_their_order_and_have_come(world, things):
    user = world.people["coordinator"]

    def prepared(start, end):
        typed = {"starts_on": start, "ends_on": end}
        return errors(PrepareGrantForm(typed, user=user, project=world.project))

    assert prepared("2021-01-01", "2021-01-02") == {}
    assert prepared("2021-01-01", "2021-01-01") == {"ends_on": ["A grant ends after it starts."]}
    assert errors(GrantSignatureForm({"reference": "x" * 100, "on": TODAY})) == {}
    assert errors(GrantSignatureForm({"reference": "x" * 101, "on": TOMORROW}))["on"] == TO_COME
    assert errors(InstalmentPaymentForm({"reference": "x" * 100, "on": TODAY})) == {}
    assert set(InstalmentPaymentForm({"reference": "x" * 101, "on": TOMORROW}).errors) == {
        "reference",
        "on",
    }
    step = GrantStepForm()
    assert (step["on"].initial, needed(step)) == (TODAY, {"on"})
    assert errors(GrantStepForm({"on": TOMORROW})) == {"on": TO_COME}
    assert list(GrantStepForm({"on": TODAY, "why": "x" * 1001}).errors) == ["why"]
    assert GrantStepForm({"on": TODAY, "why": "x" * 1000}).is_valid()
    note = {"on": TOMORROW, "kind": "visit", "text": "x"}
    assert errors(SupportNoteForm(note, instance=SupportNote(grant=things.grant))) == {
        "on": TO_COME
    }
    assert needed(InstalmentForm(instance=things.instalment)) == {"number", "due_on", "amount"}


def test_a_report_is_confirmed_to_hold_nothing_of_victims():
    texts = {"narrative": "x" * 10_000, "financial": "x" * 5_000}

    own = GrantReportForm(texts, {}, entered=False)
    entered = GrantReportForm(texts | {"no_victim_data": "on"}, {}, entered=True)
    late = {"no_victim_data": "on", "channel": "letter", "received_on": TOMORROW}

    assert errors(own) == {"no_victim_data": ["Confirm this before you submit."]}
    assert set(entered.errors) == {"channel", "received_on"}
    assert errors(GrantReportForm(texts | late, {}, entered=True)) == {"received_on": TO_COME}
    long = {"narrative": "x" * 10_001, "financial": "x" * 5_001, "no_victim_data": "on"}
    assert set(GrantReportForm(long, {}, entered=False).errors) == {"narrative", "financial"}
    assert not own.fields["upload"].required
    assert GrantReportReviewForm({"remark": ""}).is_valid()
    assert not GrantReportReviewForm({"remark": "x" * 2001}).is_valid()
