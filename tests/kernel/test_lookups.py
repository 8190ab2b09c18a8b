"""Numbers that no column holds are in no row, on either database."""

import pytest
from django import forms

from partners.models import Contact, Institution
from tests.factories import ContactFactory, InstitutionFactory

pytestmark = pytest.mark.django_db

HUGE = "9" * 30


def test_a_huge_number_among_choices_is_no_choice():
    here = InstitutionFactory()
    field = forms.ModelMultipleChoiceField(Institution.objects.all())

    assert list(field.clean([str(here.pk)])) == [here]
    for numbers in ([HUGE], [str(here.pk), HUGE], ["-" + HUGE]):
        with pytest.raises(forms.ValidationError):
            field.clean(numbers)


def test_a_huge_number_in_a_list_finds_nothing_and_hides_nothing():
    here = InstitutionFactory()

    assert list(Institution.objects.filter(pk__in=[here.pk, int(HUGE)])) == [here]
    assert not Institution.objects.filter(pk__in=[int(HUGE)]).exists()
    assert list(Institution.objects.filter(pk__in=Institution.objects.all())) == [here]


def test_a_huge_number_for_a_foreign_key_finds_nothing_and_hides_nothing():
    contact = ContactFactory()
    by_institution = Contact.objects.filter(institution=contact.institution_id)

    assert list(by_institution) == [contact]
    assert not Contact.objects.filter(institution=int(HUGE)).exists()
    assert list(Contact.objects.exclude(institution=-int(HUGE))) == [contact]
