"""An empty portal is taken with the key that the terminal or the log shows, once and by nobody else."""

import logging

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import AccessEvent, User
from ibcr_portal.demo.people import DemoPeople
from ibcr_portal.demo.texts import read
from ibcr_portal.demo.whole import load_one, load_organisation
from ibcr_portal.models import FirstVisit
from ibcr_portal.starting.key import new_key
from ibcr_portal.starting.removing import made
from kernel.models import Organisation
from kernel.organisation import forget
from partners.models import Contact
from projects.models import Project
from tests.conftest import ReadingClient
from tests.factories import ContactFactory, InstitutionNameFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "perro violeta cuchara montaña"
ORGANISATION = {
    "name_es": "Fundación Ejemplo",
    "controller": "",
    "country": "HN",
    "time_zone": "",
    "languages": "es",
    "safeguarding_contact": "cuidado@example.org",
    "privacy_contact": "datos@example.org",
    "iati_identifier": "",
}
ADMINISTRATOR = {
    "full_name": "Coordinación 01",
    "email": "Coordinacion@Example.org",
    "language": "es",
    "password": PASSWORD,
    "again": PASSWORD,
}


@pytest.fixture
def empty(monkeypatch):
    """A portal that nobody has taken."""
    monkeypatch.setattr("ibcr_portal.starting.key._over", False)
    Organisation.objects.all().delete()
    forget()


@pytest.fixture
def visitor():
    return ReadingClient(headers={"accept-language": "es-HN,es;q=0.9"})


def post(client, name, data):
    return client.post(reverse(name), data)


def test_every_page_of_an_empty_portal_leads_to_the_first(empty, visitor):
    for name in ("home", "account_login", "privacy", "projects:list"):
        assert visitor.get(reverse(name)).headers["Location"] == reverse("start")
    assert visitor.get(reverse("health")).status_code == 200
    page = visitor.get(reverse("start"))
    assert "Este portal es nuevo" in page.text
    assert page.headers["Cache-Control"].count("no-store")


def test_without_the_key_nobody_goes_on(empty, visitor):
    key = new_key()

    assert visitor.get(reverse("start-organisation")).headers["Location"] == reverse("start")
    for wrong in ("", "A" * 20, key[:-1], f"{key}A", "x" * 60):
        answer = post(visitor, "start", {"key": wrong})
        assert answer.status_code == 200, wrong
    assert post(visitor, "start-organisation", ORGANISATION).headers["Location"] == reverse("start")
    answer = post(visitor, "start-administrator", ADMINISTRATOR)
    assert answer.headers["Location"] == reverse("start")
    assert not Organisation.objects.exists()
    assert not User.objects.exists()


def test_the_key_is_kept_as_a_hash_good_once_and_in_no_log(empty, visitor, caplog):
    caplog.set_level(logging.DEBUG)
    older, key = new_key(), new_key()
    row = FirstVisit.objects.get()
    assert key.replace("-", "") not in row.key_hash

    assert post(visitor, "start", {"key": older}).status_code == 200  # the newer one ended it
    typed = f"  {key.lower().replace('-', ' ')} "
    assert post(visitor, "start", {"key": typed}).headers["Location"].endswith("/organisation/")
    assert visitor.get(reverse("start-organisation")).status_code == 200

    other = ReadingClient()
    assert post(other, "start", {"key": key}).status_code == 200
    assert other.get(reverse("start-organisation")).headers["Location"] == reverse("start")
    assert key not in caplog.text
    assert visitor.session["first_visit"] not in caplog.text


def test_whoever_tries_keys_has_to_wait(empty, visitor, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"first_visit": "2/h/ip"}
    key = new_key()
    for _attempt in range(2):
        post(visitor, "start", {"key": "A" * 20})

    assert "Demasiados intentos" in post(visitor, "start", {"key": key}).text
    assert not visitor.session.get("first_visit")


def test_the_portal_is_taken_in_three_steps_in_spanish(empty, visitor):
    post(visitor, "start", {"key": new_key()})
    several = post(visitor, "start-organisation", ORGANISATION | {"country": "CA"})
    assert "elija una" in several.text  # it has several time zones
    page = post(visitor, "start-organisation", ORGANISATION)
    assert page.headers["Location"] == reverse("start-administrator")
    weak = {"password": "honduras", "again": "honduras"}
    assert post(visitor, "start-administrator", ADMINISTRATOR | weak).status_code == 200

    answer = post(visitor, "start-administrator", ADMINISTRATOR)

    assert answer.headers["Location"] == reverse("begin")
    row, person = Organisation.objects.get(), User.objects.get()
    assert (row.name_es, row.languages, row.time_zone) == (
        "Fundación Ejemplo",
        ["es"],
        "America/Tegucigalpa",
    )
    assert (person.email, person.language, str(person.zone)) == (
        "coordinacion@example.org",
        "es",
        "America/Tegucigalpa",
    )
    assert person.is_staff
    assert person.check_password(PASSWORD)
    assert not FirstVisit.objects.exists()
    assert AccessEvent.objects.filter(details__change="portal taken").count() == 1
    assert "¿Cómo quiere comenzar?" in visitor.get(reverse("begin")).text


@pytest.mark.parametrize("name", ["start", "start-organisation", "start-administrator"])
def test_the_first_visit_is_gone_once_somebody_has_an_account(empty, visitor, name):
    UserFactory()

    assert visitor.get(reverse(name)).status_code == 404
    assert post(visitor, name, {}).status_code == 404
    with pytest.raises(CommandError, match="has an account already"):
        call_command("first_visit")


def test_of_two_who_go_on_at_once_one_takes_it(empty, visitor, monkeypatch):
    post(visitor, "start", {"key": new_key()})
    post(visitor, "start-organisation", ORGANISATION)
    new_key()  # somebody with the terminal begins anew

    assert post(visitor, "start-administrator", ADMINISTRATOR).headers["Location"] == "/start/"
    assert not User.objects.exists()


def test_outside_the_embedded_portal_nobody_signs_in_to_the_demonstration_and_nothing_is_sent(
    empty,
):
    load_organisation()
    people = DemoPeople(is_open=False)
    load_one("burkina_faso", read("burkina_faso"), people, is_training=True)

    assert not any(one.has_usable_password() or one.is_staff for one in people.users.values())
    project = Project.objects.get()
    assert (project.training, project.demonstration) == (True, True)
    assert Organisation.objects.get().is_demonstration


def test_the_demonstration_gives_nothing_to_people_of_real_institutions():
    """Affaires mondiales Canada is in many portals, with people who have accounts."""
    donor = read("institutions")["amc"]["fr"]
    real = InstitutionNameFactory(name_fr=donor).institution
    contact = ContactFactory(institution=real, user=UserFactory())

    people = DemoPeople(is_open=False)
    load_one("drc", read("drc"), people, is_training=True)

    assert people.institutions["amc"] != real
    assert list(real.contacts.all()) == [contact]
    assert not contact.representations.exists()
    assert DemoPeople(is_open=False).institutions == people.institutions
    invented = Contact.objects.exclude(pk=contact.pk).values_list("pk", flat=True)
    assert made(Contact) == sorted(invented)
