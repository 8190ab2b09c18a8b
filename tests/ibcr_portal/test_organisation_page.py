"""An administrator edits the organisation; what it says is on every page at once."""

import io
import tomllib

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from kernel.logos import BOX, MOST_BYTES
from kernel.models import Organisation
from kernel.organisation import organisation as present
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

FACTS = {
    "name_fr": "Le bureau",
    "controller": "Le bureau, 2 rue de l’Exemple",
    "country": "CA",
    "time_zone": "America/Toronto",
    "languages": "fr,en",
    "safeguarding_contact": "alerte@example.org",
    "privacy_contact": "donnees@example.org",
    "iati_type": "22",
    "iati_identifier": "XX-2",
    "public_email": "",
    "website": "example.org",
}


@pytest.fixture
def administrator(client):
    client.force_login(UserFactory(is_staff=True, language="fr"))
    return client


def picture(size=(1200, 300)):
    written = io.BytesIO()
    Image.new("RGB", size, "#083d48").save(written, "PNG")
    return SimpleUploadedFile("logo.png", written.getvalue(), "image/png")


def test_an_administrator_sees_which_version_this_is(administrator):
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]

    assert f"Version {version} du portail" in administrator.get("/organisation/").text


def test_what_is_saved_is_on_the_next_page(administrator):
    answer = administrator.post("/organisation/", FACTS, follow=True)

    assert "alerte@example.org" in answer.text
    assert "Le bureau, 2 rue de l’Exemple" in administrator.get("/privacy/").text
    row = Organisation.objects.get()
    assert (row.languages, row.website) == (["fr", "en"], "https://example.org")
    assert present().iati_identifier == "XX-2"


def test_who_saves_second_sees_what_changed(administrator):
    page = administrator.get("/organisation/")
    seen = {"seen": page.context["form"]["seen"].value()}
    Organisation.objects.update(controller="Somebody else’s")

    answer = administrator.post("/organisation/", FACTS | seen)

    assert answer.status_code == 200
    assert "Somebody else’s" in answer.text
    assert Organisation.objects.get().controller == "Somebody else’s"


def test_a_logo_is_made_small_and_open_to_everybody(administrator, client):
    administrator.post("/organisation/", FACTS | {"new_logo": picture()})
    row = Organisation.objects.get()
    with Image.open(io.BytesIO(bytes(row.logo))) as small:
        assert small.width <= BOX[0]
        assert small.height <= BOX[1]
    assert len(row.logo) <= MOST_BYTES
    address = f"/organisation/logo/{row.logo_sha256}.png"
    assert address in administrator.get("/").text

    client.logout()
    file = client.get(address)
    assert (file["Content-Type"], file["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert client.get(f"/organisation/logo/{'0' * 64}.png").status_code == 404


def test_without_a_logo_again(administrator):
    administrator.post("/organisation/", FACTS | {"new_logo": picture()})

    administrator.post("/organisation/", FACTS | {"no_logo": "on"})

    assert not Organisation.objects.get().logo_sha256


def test_it_is_for_administrators(client):
    client.force_login(UserFactory())

    assert client.get("/organisation/").status_code == 404
    assert client.post("/organisation/", FACTS).status_code == 404
