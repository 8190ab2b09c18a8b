"""What docker-compose.yml and Dockerfile promise, without a Docker Engine."""

import re
from datetime import timedelta

import pytest
from celery.schedules import schedule
from django.conf import settings

from ibcr_portal import alive, web_server
from ibcr_portal.periodic_tasks import BEAT_SCHEDULE
from scripts import trim_image

COMPOSE = (settings.BASE_DIR / "docker-compose.yml").read_text("utf-8")
CADDY = (settings.BASE_DIR / "deploy" / "Caddyfile").read_text("utf-8")


def services():
    text = COMPOSE.split("\nservices:\n")[1].split("\nnetworks:\n")[0]
    parts = re.split(r"^  ([a-z-]+):(?: &\w+)?\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def with_anchors(name):
    """The text of a service with what it merges."""
    text = services()[name]
    if "<<: *web" in text:
        text += services()["web-a"]
    if "<<: *portal" in text:
        text += COMPOSE.split("x-portal: &portal\n")[1].split("\nservices:")[0]
    return text


@pytest.mark.parametrize("name", services())
def test_every_service_is_limited_and_its_log_as_well(name):
    text = with_anchors(name)

    for limit in (
        "mem_limit:",
        "pids_limit:",
        "cpus:",
        "logging:",
        "no-new-privileges",
        "restart:",
    ):
        assert limit in text, limit
    if name != "clamav":  # it starts as root and writes into its image
        assert "read_only: true" in text
        assert "cap_drop: [ALL]" in text


def test_compose_waits_for_services_that_can_be_asked():
    """`docker compose up --wait` fails for one whose check is switched off, unless it ends."""
    off = {name for name, text in services().items() if "healthcheck: {disable: true}" in text}

    assert off == {"migrate"}


def seconds(text):
    found = re.search(r"stop_grace_period: (\d+)s", text)
    return int(found[1])


def test_a_worker_may_finish_its_document_before_it_is_killed():
    assert seconds(services()["worker"]) > settings.RENDER_SECONDS + 30


def test_a_worker_that_makes_a_document_is_not_taken_for_ill():
    (minutes,) = re.findall(r"find /tmp/alive-\* ! -mmin -(\d+)", COMPOSE)

    assert timedelta(minutes=int(minutes)).total_seconds() > (
        settings.RENDER_SECONDS + 2 * alive.SECONDS
    )


def test_the_scheduler_has_a_task_often_enough_for_its_file_to_be_new():
    assert min(each["schedule"].run_every for each in BEAT_SCHEDULE.values()) < timedelta(minutes=1)
    assert all(isinstance(each["schedule"], schedule) for each in BEAT_SCHEDULE.values())


def test_the_proxy_closes_connections_before_the_web_server_does():
    (kept,) = re.findall(r"keepalive (\d+)s", CADDY)

    assert int(kept) < web_server.keepalive


def test_the_proxy_knows_both_web_servers_and_the_page_for_when_they_are_away():
    assert "reverse_proxy web-a:8000 web-b:8000 {" in CADDY
    assert "rewrite * /down.html" in CADDY
    assert {"web-a", "web-b"} <= services().keys()
    page = (settings.BASE_DIR / "deploy" / "down.html").read_text("utf-8")
    assert re.findall(r'lang="(\w\w)"', page) == ["fr", "es", "en"]


def test_what_machines_ask_is_closed_to_the_outside_here_and_in_the_guide():
    guide = (settings.BASE_DIR / "docs" / "proxies.md").read_text("utf-8")

    for text in (CADDY, guide):
        assert "@inside path /health/ready /metrics" in text
    # Caddy sorts: `handle` comes before `respond`, and `reverse_proxy` after it.
    assert "handle @inside {\n\t\trespond 404" in CADDY
    assert "respond @inside 404\n" in guide
    for path in ("/health/ready", "/metrics"):
        assert f"location = {path} {{ return 404; }}\n" in guide


def test_the_sign_of_life_is_a_file_that_a_worker_touches_and_takes_away(tmp_path, settings):
    settings.EMBEDDED = False
    calls = []

    class Timer:
        def call_repeatedly(self, every, what):
            calls.append((every, what))
            return self

        def cancel(self):
            calls.append("cancelled")

    worker = type("Worker", (), {"timer": Timer(), "steps": []})()
    step = alive.SignOfLife(worker, file=tmp_path / "alive")

    step.start(worker)
    assert (tmp_path / "alive").exists()
    (tmp_path / "alive").unlink()
    calls[0][1]()
    assert (tmp_path / "alive").exists()
    step.stop(worker)

    assert not (tmp_path / "alive").exists()
    assert (calls[0][0], calls[1]) == (alive.SECONDS, "cancelled")


def test_packages_lose_other_languages_and_services_and_nothing_else(tmp_path):
    packages = tmp_path / "lib" / "python3.13" / "site-packages"
    kept = {
        "django/conf/locale/es_MX/LC_MESSAGES/django.mo",
        "django/conf/locale/fr/formats.py",
        "faker/locale/de.py",
        "babel/locale-data/root.dat",
        "babel/locale-data/fr_CA.dat",
        "pyphen/dictionaries/hyph_es.dic",
        "botocore/data/s3/2006-03-01/service-2.json.gz",
        "botocore/data/endpoints.json",
        "allauth/socialaccount/providers/openid_connect/views.py",
        "thing-1.dist-info/licenses/LICENSE",
    }
    gone = {
        "django/conf/locale/de/LC_MESSAGES/django.mo",
        "django/conf/locale/fr/LC_MESSAGES/django.po",
        "django/contrib/gis/models.py",
        "babel/locale-data/de_AT.dat",
        "pyphen/dictionaries/hyph_de_DE.dic",
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "allauth/socialaccount/providers/github/views.py",
        "lxml/tests/test_etree.py",
        "lxml/etree.pyx",
    }
    for name in (*kept, *gone, "django/conf/locale/fr/LC_MESSAGES/django.mo"):
        file = packages / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    # A catalogue of another language is one by its folder.
    trim_image.main(str(tmp_path))

    left = {str(file.relative_to(packages)) for file in packages.rglob("*") if file.is_file()}
    assert left == kept | {"django/conf/locale/fr/LC_MESSAGES/django.mo"}
