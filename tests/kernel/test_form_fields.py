"""A field of a form is asked for by its kind."""

import pytest
from django import forms

from kernel.form_fields import field_of


class SeatForm(forms.Form):
    seat = forms.ChoiceField()
    note = forms.CharField()


def test_a_field_is_given_as_what_it_is():
    form = SeatForm()

    field_of(form, "seat", forms.ChoiceField).choices = [("1", "Chair")]

    assert form.fields["seat"].choices == [("1", "Chair")]


def test_a_field_of_another_kind_is_an_error_of_the_program():
    with pytest.raises(TypeError, match="note of SeatForm is no ChoiceField"):
        field_of(SeatForm(), "note", forms.ChoiceField)
