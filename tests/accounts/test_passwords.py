"""A password that others would think of, too, is refused."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from tests.factories import PASSWORD, UserFactory

PERSON = User(
    full_name="Ximena Argüello Pacheco",
    email="x.arguello@ejemplar.example",
    language="es",
    time_zone="America/Tegucigalpa",
)

REFUSED = [
    *("tegucigalpa", "honduras2020", "ibcr2026", "contraseña1", "motdepasse1"),
    *("tegucigalpa-2020", "Contraseña.2026", "M0tDeP@sse!", "PortalIBCR2026!", "teamohonduras"),
    *("Arguello.1987", "ximena-argüello", "ejemplar2026"),
    *("12345678", "qwertyuiop", "x" * 300, "aB3$" * 40),
]
ACCEPTED = [
    PASSWORD,
    *("perro azul mesa luna", "cheval agrafe lampe nuage", "nueve gatos bajo la lluvia"),
    *("k7#Vq2!mZt9", "Tegucigalpa suena con dos trenes lentos"),
]


@pytest.mark.parametrize("password", REFUSED)
def test_what_others_think_of_is_refused(password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, PERSON)

    assert "password_guessable" in {error.code for error in refused.value.error_list}


@pytest.mark.parametrize("password", ACCEPTED)
def test_what_nobody_thinks_of_is_accepted(password):
    validate_password(password, PERSON)


def test_the_words_of_another_person_say_nothing():
    validate_password("argüello-ximena", User(full_name="Membre 01", email="membre@example.org"))


@pytest.mark.django_db
def test_the_form_says_why_and_what_to_do(client):
    person = UserFactory(password="")
    person.set_unusable_password()
    person.save()
    client.force_login(person)

    form = {"password1": "Honduras2020", "password2": "Honduras2020"}
    page = client.post("/accounts/password/set/", form).content.decode()

    assert "others think of “honduras”, too. Choose four words or more" in page
    person.refresh_from_db()
    assert not person.has_usable_password()
