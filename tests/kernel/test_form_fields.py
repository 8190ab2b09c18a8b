"""A field of a form is asked for by its kind."""

import pytest
from django import forms
from django.utils.translation import override

from kernel.form_fields import field_of
from projects.models import Dimension


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


class EveryForm(forms.ModelForm):
    text = forms.CharField()
    day = forms.DateField()
    one = forms.ChoiceField()
    thing = forms.ModelChoiceField(None)
    some = forms.MultipleChoiceField()
    things = forms.ModelMultipleChoiceField(None)
    box = forms.BooleanField()
    file = forms.FileField()
    own = forms.CharField(error_messages={"required": "Say why."})

    class Meta:
        model = Dimension
        fields = ["code"]


@pytest.mark.parametrize(
    ("language", "fill", "one", "some", "tick", "file"),
    [
        (
            *("en", "Fill in this field.", "Choose one of these.", "Choose at least one."),
            *("Tick this box.", "Choose a file."),
        ),
        (
            *(
                "fr",
                "Remplissez ce champ.",
                "Faites un choix.",
                "Faites au moins un choix.",
            ),
            *("Cochez cette case.", "Choisissez un fichier."),
        ),
        (
            *("es", "Complete este campo.", "Elija una opción.", "Elija al menos una opción."),
            *("Marque esta casilla.", "Elija un archivo."),
        ),
    ],
)
def test_what_is_missing_is_asked_for(language, fill, one, some, tick, file):
    """“This field is required” says what is wrong, and not what to do."""
    with override(language):
        said = {name: errors[0] for name, errors in EveryForm({}).errors.items()}

    assert said == {
        **dict.fromkeys(["text", "day", "code"], fill),
        **dict.fromkeys(["one", "thing"], one),
        **dict.fromkeys(["some", "things"], some),
        "box": tick,
        "file": file,
        "own": "Say why.",
    }


@pytest.mark.django_db
def test_what_is_taken_may_be_written_otherwise():
    Dimension.objects.get_or_create(code="sex")
    with override("en"):
        errors = EveryForm({"code": "sex"}).errors

    assert errors["code"] == ["This is already taken: write another one."]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Write at most 3 characters: this has 4."),
        ("fr", "Écrivez 3 caractères au plus\u00a0; il y en a 4."),
        ("es", "Escriba como máximo 3 caracteres; ahora son 4."),
    ],
)
def test_a_text_that_is_too_long_may_be_as_long_as_it_says(language, said):
    """The Spanish of Django says “less than”."""
    field = forms.CharField(max_length=3)

    with override(language), pytest.raises(forms.ValidationError) as refused:
        field.clean("four")

    assert field.clean("two") == "two"
    with override(language):
        assert refused.value.messages == [said]
