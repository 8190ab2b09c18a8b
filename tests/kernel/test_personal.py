"""What may identify a person in a text, and forms that ask before they save it."""

import re

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.utils.html import escape
from django.utils.translation import override

from kernel.personal import CHECKED, TextForm, looks_personal, personal_data_in

IDENTITY = "This looks like an identity number."
TELEPHONE = "This looks like a telephone number."
EMAIL = "This looks like an e-mail address."
ACCOUNT = "This looks like the number of an account."
PAGE = "This looks like the page of a person in a social network."
STREET = "This looks like a street address."


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("DNI 0801-1990-12345", IDENTITY),
        ("DNI 0801199012345.", IDENTITY),
        ("SIN 046 454 286", IDENTITY),
        ("NAS : 046-454-286", IDENTITY),
        ("Son numéro est 046-454-286", IDENTITY),
        ("pasaporte n.º F123456", IDENTITY),
        ("passport AB123456", IDENTITY),
        ("passeport no GA302922", IDENTITY),
        ("tél. +504 9812-3456", TELEPHONE),
        ("llamar al 9812-3456", TELEPHONE),
        ("call 514-555-0134", TELEPHONE),
        ("Ana Pérez, cel. 9812 3456", TELEPHONE),
        ("téléphone : 98 12 34 56", TELEPHONE),
        ("llamen al 9988 7766", TELEPHONE),
        ("2234 7766 o después de las seis", TELEPHONE),
        ("rosa arroba correo punto hn", EMAIL),
        ("rosa.m (arroba) correo (punto) hn", EMAIL),
        ("rose arobase courriel point ca", EMAIL),
        ("rose [at] mail [dot] org", EMAIL),
        ("rosa arroba correo.hn", EMAIL),
        ("cuenta de ahorros n.º 21-345-678901", ACCOUNT),
        ("depositar a la cuenta 200012345678", ACCOUNT),
        ("compte bancaire : 0123456789", ACCOUNT),
        ("account number 1234 5678 9012", ACCOUNT),
        ("IBAN FR76 3000 6000 0112 3456 7890 189", ACCOUNT),
        ("está en facebook.com/rosa.martinez.5", PAGE),
        ("https://www.instagram.com/rosa_m", PAGE),
        ("linkedin.com/in/rosa-martinez", PAGE),
        ("escribir a ana.perez+1@example.org", EMAIL),
        ("Vive en la calle 3, casa 12", STREET),
        ("Col. Palmira, bloque B, casa 1204", STREET),
        ("Avenida Morazán n.º 14", STREET),
        ("habite au 12, rue des Érables", STREET),
        ("1450 boul. René-Lévesque Ouest", STREET),
        ("lives at 221 Baker Street", STREET),
        ("221, Old Mill Road", STREET),
        ("Montréal H2X 1Y4", STREET),
        ("née le 3 mai 2008", "This looks like a date of birth."),
        ("Fecha de nacimiento: 3/5/2008", "This looks like a date of birth."),
        ("la víctima María López declaró", "This looks like the name of a victim."),
        ("la victime, nommée Rose, dit", "This looks like the name of a victim."),
    ],
)
def test_what_may_identify_a_person_is_pointed_out(source, sentence):
    with override("en"):
        assert looks_personal(source) == [sentence]


@pytest.mark.parametrize(
    "source",
    ["Année 2019-2020, 31 700 CAD", "protection des victimes au Honduras", "Décision 2020-02",
     "atención a víctimas de trata", "victims of trafficking in Honduras", "134 personnes formées",
     "1er avril 2019 – 31 mars 2020", "indicateurs 1310, 1320 et 1330", "2020-09-03 9:00",
     "123 456 789 L", "12 000 000,00", "el barrio El Centro y la colonia Kennedy de Tela",
     "8 avenues de travail", "la route vers 2030", "3 rutas seguras en la calle",
     "5 place de marché", "projet D-002345", "P007254001", "la casa de la mujer de 2019",
     "2 Court Houses were visited", "@iatistandard", "versión 2.03 y 1.2.3", "IATI XM-DAC-6-4",
     "Convention C-189, art. 3", "100-200-300 %", "en 2026 1500 personas", "de 2026 2027",
     "la cuenta con 12000000 lempiras", "3 500 2 000", "at the point of contact", "dot by dot",
     "cuentas del periodo 2026-2027", "la página de facebook.com", "el punto de la agenda"]
)  # fmt: skip
def test_ordinary_sentences_are_left_alone(source):
    assert looks_personal(source) == []


def test_the_words_are_shown_each_with_what_they_look_like():
    with override("en"):
        found = personal_data_in("Ana: 9812-3456 o\nana@example.org, Luis: 3312-3456.")

    assert found == [
        (TELEPHONE, "9812-3456"),
        (TELEPHONE, "3312-3456"),
        (EMAIL, "ana@example.org"),
    ]


# Forms


class NoteForm(TextForm):
    readers = "The team reads it."
    meant_for_persons = ("phone",)

    title = forms.CharField(required=False)
    text = forms.CharField(widget=forms.Textarea)
    phone = forms.CharField(required=False)
    email = forms.EmailField(required=False)
    code = forms.CharField(required=False)


PERSONAL = "Llamar a Ana <9812-3456>."


def sent(text=PERSONAL, *, initial=None, checked=(), **more):
    data = QueryDict(mutable=True)
    data.update({"text": text} | more)
    data.setlist(CHECKED, checked)
    with override("en"):
        form = NoteForm(data, initial=initial)
        form.is_valid()
        return form


def ticks(form) -> list[str]:
    page = Template("{% load crispy_forms_filters %}{{ form|crispy }}").render(
        Context({"form": form})
    )
    return re.findall(rf'<input type="checkbox" [^>]*name="{CHECKED}" value="([^"]+)">', page)


def test_a_text_is_asked_about_beside_it_with_its_words_and_its_readers():
    form = sent(title="ana@example.org")

    assert list(form.errors) == ["title", "text"]
    error = form.errors["text"][0]
    said = " ".join(re.sub("<[^>]+>", " ", error).split())
    assert said.startswith(f"{TELEPHONE} “9812-3456” The team reads it. I have checked this")
    assert "I have checked this: it may be saved as it is." in error
    assert len(ticks(form)) == 2
    assert escape(PERSONAL) in str(form["text"])


def test_the_words_are_shown_as_text():
    found = sent('<b>ana@example.org</b> "+504 9812-3456"').errors["text"][0]

    assert "<b>" not in found


def test_a_tick_is_good_for_the_words_that_it_was_shown_with():
    checked = ticks(sent())

    assert sent(checked=checked).is_valid()
    assert sent("Otra vez: 9812-3456.", checked=checked).is_valid()
    assert not sent("Ahora: 9812-3457.", checked=checked).is_valid()
    assert not sent(title="9812-3456", checked=checked).is_valid()


def test_only_a_text_that_changed_is_asked_about():
    assert sent(initial={"text": PERSONAL}).is_valid()
    assert sent(f"{PERSONAL} Gracias.", initial={"text": PERSONAL}).is_valid()
    assert not sent("Ana: 3312-3456.", initial={"text": PERSONAL}).is_valid()
    spaced = "Vive en calle Real   #12."
    assert not sent(spaced).is_valid()
    assert sent(f"{spaced} Gracias.", initial={"text": spaced}).is_valid()


def test_fields_that_are_meant_for_persons_and_numbers_of_things_are_not_asked_about():
    form = sent("Hola.", phone="9812-3456", email="ana@example.org", code="0801-1990-12345")

    assert form.is_valid()


def test_who_reads_it_is_said_in_general_where_the_form_does_not_know(monkeypatch):
    monkeypatch.setattr(NoteForm, "readers", "")

    assert "Everybody who sees this page can read it" in sent().errors["text"][0]
