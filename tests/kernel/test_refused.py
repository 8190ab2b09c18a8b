"""What a page begins with after a refusal."""

import pytest
from django import forms
from django.template import Context, RequestContext, Template
from django.utils.translation import override

from kernel.personal import TextForm
from kernel.refused import ErrorLine, error_lines, forms_in

pytestmark = pytest.mark.sqlite


class WishForm(TextForm):
    title = forms.CharField(label="Title")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False)
    key = forms.IntegerField(widget=forms.HiddenInput)


class Sheet:
    def __init__(self, *rows):
        self.rows = rows

    @property
    def all_forms(self):
        return self.rows


def refused(**data):
    form = WishForm(data)
    form.is_valid()
    form.add_error(None, "Too late.")
    return form


def test_each_error_leads_to_its_field():
    with override("en"):
        form = refused(note="Write to ana@example.org", kind="a", key="1")

        assert error_lines([form]) == [
            ErrorLine("Title", "id_title", "Fill in this field."),
            ErrorLine(
                "Note", "id_note", "It may hold data about a person: tick that you have checked it."
            ),
            ErrorLine("", "", "Too late."),
        ]
        assert error_lines([form]) == []  # said once on a page


def test_errors_come_in_the_order_of_the_fields_whenever_they_were_found():
    form = refused(kind="a", key="1")
    form.add_error("note", "Say more.")
    form.errors.pop("title")
    form.add_error("title", "Too short.")

    assert [line.target for line in error_lines([form])] == ["id_title", "id_note", ""]


def test_choices_are_led_to_by_the_first_and_hidden_fields_by_none():
    with override("en"):
        lines = error_lines([refused(title="x")])

    assert [(line.label, line.target) for line in lines] == [
        ("Kind", "id_kind_0"),
        ("", ""),
        ("", ""),
    ]


def test_a_form_that_nobody_sent_is_not_checked():
    form = WishForm({})

    assert error_lines([form]) == []
    assert form._errors is None


def test_forms_are_found_in_lists_and_in_what_names_its_forms():
    one, two, three = refused(), refused(), refused()

    assert list(forms_in(["title", one, [two, 4], Sheet(three), None])) == [one, two, three]


@pytest.mark.parametrize(("method", "times"), [("post", 1), ("get", 0)])
def test_a_page_begins_with_it_once_and_takes_the_focus(rf, method, times):
    page = Template(
        "{% load kernel_tags crispy_forms_filters %}{% refusals %}<h1>Wish</h1>{{ form|as_crispy_errors }}"
    )
    html = page.render(RequestContext(getattr(rf, method)("/"), {"form": refused()}))

    assert html.count("error-summary") == 1
    assert (html.index("error-summary") < html.index("<h1>")) == bool(times)
    assert 'tabindex="-1" autofocus' in html


def test_a_form_fetched_as_a_part_begins_with_it():
    html = Template("{% load crispy_forms_filters %}{{ form|crispy }}").render(
        Context({"form": refused()})
    )

    assert html.index('href="#id_title"') < html.index('id="id_title"')
