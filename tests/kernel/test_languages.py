"""Working languages: any one suffices, the reader's comes first, and the others follow in order."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy, override

from kernel import text
from kernel.editing import EditingForm
from kernel.languages import validate_languages, working_in, working_languages


class Place:
    def __init__(self, *languages):
        self.languages = [*languages]


class Motto(text.Multilingual):
    title = text.translated(
        models.CharField(gettext_lazy("title"), max_length=20, help_text="A short one.")
    )
    summary = text.translated(models.TextField(gettext_lazy("summary"), blank=True))

    class Meta:
        app_label = "kernel_tests"


class MottoForm(EditingForm):
    class Meta:
        model = Motto
        fields = text.columns_of("title", "summary")


def boxes(form, name="title"):
    found = form.in_languages[name]
    return [box.name for box in found.shown], [box.name for box in found.folded], found.is_open


# Reading


@pytest.mark.parametrize(
    ("working", "active", "filled", "expected"),
    [
        (("es", "en"), "fr", {"fr": "Un", "es": "Uno", "en": "One"}, "fr"),
        (("es", "en"), "fr", {"es": "Uno", "en": "One"}, "es"),
        (("en", "es"), "fr", {"es": "Uno", "en": "One"}, "en"),
        (("es", "en"), "en", {"fr": "Un", "es": "Uno"}, "es"),
        (("es",), "en", {"fr": "Un"}, "fr"),
    ],
)
def test_a_reader_is_served_in_the_order_of_the_place(working, active, filled, expected):
    motto = Motto(**{f"title_{language}": words for language, words in filled.items()})

    with working_in(Place(*working)), override(active):
        assert text.which_language(motto, "title") == expected
        assert motto.title == filled[expected]
        assert text.shown(motto, "title", active) == (filled[expected], expected)


def test_without_a_place_the_organisations_languages_count(organisation):
    organisation.languages = ["en", "es"]

    assert working_languages() == ("en", "es")
    with working_in(Place("es")):
        assert working_languages() == ("es",)
        with working_in(None):
            assert working_languages() == ("en", "es")
    assert working_languages() == ("en", "es")


@pytest.mark.parametrize("languages", [[], ["es", "es"], ["de"], "es", None, {"es": 1}])
def test_working_languages_are_a_list_of_known_ones(languages):
    with pytest.raises(ValidationError):
        validate_languages(languages)


# Writing


@pytest.mark.parametrize("language", ["fr", "es", "en"])
def test_any_one_language_suffices(language):
    Motto(**{f"title_{language}": "Paz"}).clean_fields()


@pytest.mark.parametrize(
    ("active", "working", "at"),
    [
        ("en", ("es", "en"), "title_en"),
        ("fr", ("es", "en"), "title_es"),
        ("fr", ("fr",), "title_fr"),
    ],
)
def test_a_name_without_a_text_is_refused_at_its_first_box(active, working, at):
    with working_in(Place(*working)), override(active):
        with pytest.raises(ValidationError) as refused:
            Motto(title_en="  ").clean_fields()
        form = MottoForm({"title_en": "  "})

        assert list(refused.value.message_dict) == [at]
        assert list(form.errors) == [at]


def test_a_text_that_is_too_long_is_refused_once():
    with override("en"):
        form = MottoForm({"title_es": "x" * 21})

        assert list(form.errors) == ["title_es"]
        assert len(form.errors["title_es"]) == 1


@pytest.mark.parametrize(
    ("active", "working", "expected"),
    [
        ("es", ("fr", "es", "en"), (["title_es"], ["title_fr", "title_en"], False)),
        ("en", ("es", "en"), (["title_en"], ["title_es"], False)),
        ("fr", ("es", "en"), (["title_es"], ["title_en"], False)),
        ("fr", ("es",), (["title_es"], [], False)),
    ],
)
def test_the_readers_language_comes_first_and_the_others_are_folded(active, working, expected):
    with working_in(Place(*working)), override(active):
        form = MottoForm()

        assert boxes(form) == expected
        first = form.first_box("title")
        assert (first.required, first.help_text, first.widget.attrs["lang"]) == (
            True,
            "A short one.",
            expected[0][0][-2:],
        )
        assert [name for name, field in form.fields.items() if field.required] == expected[0]
        assert not form.first_box("summary").required
        assert next(iter(form.fields)) == expected[0][0]


def test_a_place_of_one_language_does_not_name_it():
    with working_in(Place("es")), override("en"):
        assert str(MottoForm().first_box("title").label) == "Title"


def test_a_text_in_another_language_is_shown_unfolded_where_it_is_the_only_one():
    with working_in(Place("es", "en")), override("es"):
        motto = Motto(title_fr="Un")

        assert boxes(MottoForm(instance=motto)) == (["title_es"], ["title_en", "title_fr"], True)


def test_what_is_written_in_another_language_is_kept():
    with working_in(Place("es", "en")), override("es"):
        form = MottoForm({"title_en": "One"})

        assert form.is_valid(), form.errors
        motto = form.save(commit=False)
    assert (motto.title_es, motto.title_en) == ("", "One")


def test_a_form_may_ask_for_what_the_model_does_not_need():
    class SummaryForm(MottoForm):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.leave_out("title")
            self.first_box("summary").required = True

    with override("es"):
        assert list(SummaryForm({"summary_fr": ""}).errors) == ["summary_es"]
        assert SummaryForm({"summary_fr": "Oui"}).errors == {}
        assert isinstance(SummaryForm().fields["summary_es"].widget, forms.Textarea)


# Translations


def test_the_text_that_was_written_first_is_the_origin():
    with working_in(Place("es", "fr")), override("es"):
        motto = Motto(title_es="Uno")
        motto.note_translations(["title_es"])
        motto.title_fr = "Un"
        motto.note_translations(["title_fr"])
    assert (motto.origin_of("title"), motto.stale_translations) == ("es", [])

    motto.title_es = "Unidad"
    motto.note_translations(["title_es"])

    assert motto.stale_translations == [("title", "fr")]


def test_of_texts_written_at_once_that_in_the_first_language_of_the_place_is_the_origin():
    motto = Motto(title_fr="Un", title_es="Uno")
    with working_in(Place("es", "fr")), override("fr"):
        motto.note_translations(["title_fr", "title_es"])

    assert motto.origin_of("title") == "es"


def test_another_text_becomes_the_origin_once_the_first_is_gone():
    motto = Motto(title_es="Uno", title_en="One", title_fr="Un")
    with working_in(Place("es")), override("es"):
        motto.note_translations(["title_es", "title_en", "title_fr"])
        motto.title_es = ""
        motto.note_translations(["title_es"])

    assert (motto.origin_of("title"), motto.stale_translations) == ("fr", [])


def test_texts_from_before_have_french_as_their_origin():
    motto = Motto(title_fr="Un", title_es="Uno")
    assert motto.origin_of("title") == "fr"

    motto.title_fr = "Unité"
    motto.note_translations(["title_fr"])

    assert motto.stale_translations == [("title", "es")]


def test_nothing_is_missing_in_a_language_in_which_the_place_does_not_work():
    motto = Motto(title_es="Uno")

    with working_in(Place("es", "en")):
        assert motto.missing_translations == [("title", "en")]
    with working_in(Place("es")):
        assert motto.missing_translations == []


def test_a_form_says_which_text_has_changed():
    motto = Motto(pk=1, title_es="Uno", title_fr="Un")
    motto._state.adding = False
    with working_in(Place("es", "fr")), override("es"):
        motto.note_translations(["title_es", "title_fr"])
        motto.title_es = "Unidad"
        form = MottoForm(instance=motto)

        assert boxes(form) == (["title_es"], ["title_fr", "fits_title_fr"], True)
        with override("en"):
            form = MottoForm(instance=motto)
            assert form.fields["title_fr"].help_text == (
                "The text in Spanish has changed since: check this."
            )
