"""What the public pages say of the seal, and what administrators see of documents that wait."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from time_machine import travel

from kernel.jobs import Job
from reports.models import Rendition, SealCertificate
from reports.sealing.making import new_key
from tests.reports.test_verifying import SHA256, check, file_of

pytestmark = pytest.mark.django_db

PAGE = "reports:seal"


@pytest.fixture
def certificates():
    """The one in use, and one that expired long ago."""
    now = timezone.now()
    with travel(now - timedelta(days=3000), tick=False):
        old = SealCertificate.of(new_key("old.example.org", "", years=5).certificate)
    new = SealCertificate.of(new_key("new.example.org", "Organisation", years=5).certificate)
    SealCertificate.objects.filter(pk=old.pk).update(first_used_at=now - timedelta(days=3000))
    old.refresh_from_db()
    return new, old


def text_of(page) -> str:
    return " ".join(page.content.decode().split())


# The page of the seal


def test_everybody_reads_which_certificates_were_used(client, published, certificates, settings):
    settings.SEAL_KEY = "/nowhere/seal.p12"
    new, old = certificates
    used_at = datetime(2024, 5, 3, 12, tzinfo=UTC)
    file_of(published.snapshot, seal=old, finished_at=used_at)
    SealCertificate.objects.filter(pk=old.pk).update(last_used_at=used_at)

    page = client.get(reverse(PAGE))

    rows = page.context["certificates"]
    assert [(row.pk, row.last_used_at is None) for row in rows] == [(new.pk, True), (old.pk, False)]
    text = text_of(page)
    assert [one.fingerprint in text for one in rows] == [True, True]
    assert reverse("reports:seal-earlier", args=[old.sha256]) in text
    assert gettext("At present this portal does not seal documents.")[:20] not in text


def test_without_a_seal_the_page_says_so(client):
    page = client.get(reverse(PAGE))

    assert page.status_code == 200
    assert gettext(
        "At present this portal does not seal documents. Each can be checked by its code or by the "
        "file itself."
    ) in text_of(page)
    assert page.context["certificates"] == []


def test_the_page_asks_as_often_for_many_certificates_as_for_one(
    client, settings, django_assert_max_num_queries
):
    settings.SEAL_KEY = "/nowhere/seal.p12"
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            SealCertificate.of(new_key(f"{number}.example.org", "", years=1).certificate)

        with django_assert_max_num_queries(15) as statements:
            page = client.get(reverse(PAGE))
        counts.append(len(statements))

        assert len(page.context["certificates"]) == numbers.stop

    few, many = counts
    assert many <= few


def test_the_certificate_in_use_is_at_a_stable_address(client, certificates):
    new, old = certificates
    der = client.get("/seal/certificate.cer")
    pem = client.get("/seal/certificate.pem")
    earlier = client.get(f"/seal/{old.sha256.upper()}.cer")

    assert der.content == bytes(new.content)
    assert der["Content-Type"] == "application/pkix-cert"
    assert der["Content-Disposition"] == 'attachment; filename="seal.cer"'
    assert x509.load_pem_x509_certificate(pem.content) == x509.load_der_x509_certificate(
        der.content
    )
    assert base64.b64encode(der.content)[:40] in pem.content
    assert earlier.content == bytes(old.content)


def test_without_a_certificate_there_is_no_file(client):
    urls = ["/seal/certificate.cer", "/seal/certificate.pem", f"/seal/{'0' * 64}.cer"]

    assert [client.get(url).status_code for url in urls] == [404, 404, 404]


def test_the_certificate_in_use_is_the_one_that_sealed_last_and_is_not_revoked(
    client, certificates
):
    new, old = certificates
    ways = []
    for step in (lambda: None, old.note_use, new.note_use, new.revoke, old.revoke):
        step()
        answer = client.get("/seal/certificate.cer")
        ways.append(answer.content if answer.status_code == 200 else answer.status_code)

    first, second = bytes(new.content), bytes(old.content)
    assert ways == [first, second, first, second, 404]


def test_a_revoked_certificate_is_named_as_such(client, published, certificates):
    new, _old = certificates
    file_of(published.snapshot, seal=new, finished_at=timezone.now())
    words = "Revoked on", "was revoked on"
    before = [words[0] in seal_page(client), words[1] in in_english(client)]

    new.revoke()

    after = [words[0] in seal_page(client), words[1] in in_english(client)]
    assert (before, after) == ([False, False], [True, True])
    assert reverse("reports:seal-earlier", args=[new.sha256]) in seal_page(client)


def seal_page(client) -> str:
    return text_of(client.get(reverse(PAGE), headers={"accept-language": "en"}))


def in_english(client) -> str:
    url = reverse("reports:verify-file", args=[SHA256])
    return text_of(client.get(url, headers={"accept-language": "en"}))


# What waits, for administrators


@pytest.mark.parametrize(
    ("key", "is_off", "is_known", "is_told"),
    [
        ("", False, True, True),
        ("", True, True, False),
        ("", False, False, False),
        ("/nowhere/seal.p12", False, True, False),
    ],
)
def test_administrators_read_that_the_key_is_missing(
    client, world, settings, key, is_off, is_known, is_told
):
    settings.SEAL_KEY, settings.SEAL_OFF = key, is_off
    if is_known:
        SealCertificate.of(new_key("portal.example.org", "", years=5).certificate)
    sentence, found = "The key of the seal is missing", {}
    for role in ("administrator", "coordinator"):
        client.force_login(world.people[role])
        home = text_of(client.get(reverse("home"), headers={"accept-language": "en"}))
        found[role] = (sentence in home, sentence in seal_page(client))

    assert found == {"administrator": (is_told, is_told), "coordinator": (False, False)}


def waiting_in(client, world, role):
    if role:
        client.force_login(world.people[role])
    return client.get(reverse(PAGE)).context["waiting"]


def test_administrators_read_what_waits_and_why(client, world, published):
    for failure, count in (("seal_key", 2), ("seal_broken", 1), ("too_long", 1)):
        for _number in range(count):
            file_of(published.snapshot, state=Job.State.FAILED, failure=failure, file="")

    assert waiting_in(client, world, None) == []
    assert waiting_in(client, world, "coordinator") == []
    told = {key: (why, count) for why, count, key in waiting_in(client, world, "administrator")}
    assert {key: count for key, (_why, count) in told.items()} == {"seal_key": 2, "seal_broken": 1}
    assert told["seal_key"][0] in text_of(client.get(reverse(PAGE)))
    assert "SEAL_KEY" in told["seal_key"][0]


def test_administrators_find_it_among_what_waits_for_them(client, world, published, settings):
    settings.SEAL_KEY = "/nowhere/seal.p12"
    for _number in range(2):
        file_of(published.snapshot, state=Job.State.FAILED, failure="seal_key", file="")

    found = {}
    for role in ("administrator", "coordinator"):
        client.force_login(world.people[role])
        text = text_of(client.get(reverse("home"), headers={"accept-language": "en"}))
        found[role] = "2 documents wait for their seal" in text

    assert found == {"administrator": True, "coordinator": False}


@pytest.mark.parametrize(("days", "is_told"), [(70, False), (50, True)])
def test_administrators_are_told_before_the_certificate_expires(
    client, world, settings, days, is_told
):
    settings.SEAL_KEY = "/nowhere/seal.p12"
    row = SealCertificate.of(new_key("portal.example.org", "", years=1).certificate)
    SealCertificate.objects.filter(pk=row.pk).update(
        valid_until=timezone.now() + timedelta(days=days)
    )
    for_visitors = client.get(reverse(PAGE)).context["ends_soon"]
    client.force_login(world.people["administrator"])

    assert not for_visitors
    assert bool(client.get(reverse(PAGE)).context["ends_soon"]) == is_told


# The page of verification


def test_the_file_of_a_sealed_report_tells_of_its_seal(client, published, certificates):
    new, _old = certificates
    sealed_at = datetime(2026, 5, 3, 12, tzinfo=UTC)
    file_of(published.snapshot, seal=new, finished_at=sealed_at)

    page = check(client)

    found = page.context["found"]
    assert (found.seal, found.sealed_at) == (new, sealed_at)
    text = text_of(page)
    assert gettext("Its electronic seal") in text
    assert reverse(PAGE) in text
    assert gettext("No authority vouches for the certificate.")[:10]


def test_a_file_stays_genuine_after_its_certificate_expired(client, published, certificates):
    _new, old = certificates
    file_of(published.snapshot, seal=old, finished_at=old.valid_from + timedelta(days=1))

    page = check(client)

    assert page.status_code == 200
    assert page.context["found"].seal.has_expired
    assert old.subject in text_of(page)


def test_a_file_without_a_seal_says_nothing_of_one(client, published):
    file_of(published.snapshot)

    page = check(client)

    assert page.context["found"].seal is None
    assert gettext("Its electronic seal") not in text_of(page)


def test_a_code_leads_to_what_a_seal_means_where_there_are_seals(client, published, settings):
    url = reverse("reports:verify-code", args=[published.snapshot.code])
    without = client.get(url)
    settings.SEAL_KEY = "/nowhere/seal.p12"
    page = client.get(url)

    assert page.context["found"].seal is None
    assert [reverse(PAGE) in text_of(one) for one in (without, page)] == [False, True]


def test_a_seal_costs_the_check_no_question(
    client, published, certificates, django_assert_max_num_queries
):
    file = file_of(published.snapshot, finished_at=timezone.now())
    with django_assert_max_num_queries(15) as without:
        check(client, SHA256)
    file.seal = certificates[0]
    file.save()

    with django_assert_max_num_queries(len(without)):
        check(client, SHA256)

    assert Rendition.objects.get(sha256=SHA256).seal == certificates[0]
