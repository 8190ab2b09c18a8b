"""Fields of filter bars are the same as crispy writes them."""

import pytest
from django import forms
from django.template.loader import get_template
from django.test.html import parse_html

from kernel.filter_fields import filter_field

pytestmark = pytest.mark.sqlite


class Bar(forms.Form):
    q = forms.CharField(label="Code & “title”", required=False, max_length=9)
    text = forms.CharField(required=False, widget=forms.SearchInput(attrs={"placeholder": "<HN>"}))
    state = forms.ChoiceField(
        required=False, choices=[("", "All"), ("a", "<b>"), (2, "Two & more")]
    )
    count = forms.IntegerField(required=False)
    needed = forms.ChoiceField(choices=[("a", "A")], help_text="Why")


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"q": "a\"<'&", "text": "é", "state": "a"},
        {"state": "2"},
        {"state": "no"},
        {"q": "x" * 10},
    ],
)
def test_a_field_is_as_crispy_writes_it(typed):
    for field in Bar(typed):
        theirs = get_template("components/crispy_field.html").render({"field": field})
        assert parse_html(filter_field(field)) == parse_html(theirs), field.name
