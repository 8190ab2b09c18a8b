"""The link to a new password, when it no longer opens anything."""

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

SENTENCES = {
    "fr": "Il a déjà servi, ou il est trop ancien.",
    "es": "Ya se usó o es demasiado antiguo.",
    "en": "It was used already, or it is too old.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_an_old_link_says_so_and_offers_a_new_one(client, language):
    client.cookies["django_language"] = language
    url = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "abc"})
    page = client.get(url).content.decode()

    assert f"<p>{SENTENCES[language]}</p>" in page
    assert f'class="btn btn-primary" href="{reverse("account_reset_password")}"' in page
