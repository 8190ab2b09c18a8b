"""The demonstration in the running portal, and people who read it in a browser."""

from contextlib import ExitStack

import pytest
from django.utils import translation

from accounts.models import User
from projects.models import Proposal
from tests.browser.cut_line import Line
from tests.browser.places import Demonstration
from tests.conftest import LIVE_URL, LOCALES, WIDTHS, signed_in
from tests.demonstration import load_demonstration
from tests.factories import PASSWORD

PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def demonstration(web_server, django_db_blocker, empty_database):
    """Loaded once for all tests of a file, which keeps pytest from emptying the database:

    @pytest.fixture
    def transactional_db(demonstration): ...
    """
    with django_db_blocker.unblock():
        load_demonstration()
        yield Demonstration()
        empty_database()


@pytest.fixture
def in_english():
    """Lets a test compare with the words of the portal in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def reader_of(chromium, demonstration, transactional_db):
    """`reader_of("coordinator", "es")`: a page of the browser in which that role reads Spanish."""
    with ExitStack() as stack:

        def reader_of(role, language="fr", **options):
            width, height = WIDTHS["desktop"]
            context = stack.enter_context(
                chromium.new_context(
                    base_url=LIVE_URL,
                    viewport={"width": width, "height": height},
                    locale=LOCALES[language],
                    reduced_motion="reduce",
                    **options,
                )
            )
            # Who comes by a link is a person, too, but has no session.
            person = demonstration.people.get("partner" if role == "link" else role)
            if person:
                User.objects.filter(pk=person.pk).update(language=language)
            # Who proposes a project has no account: the pages speak the language of the proposal.
            Proposal.objects.filter(status=Proposal.Status.DRAFT).update(language=language)
            if person and role != "link":
                context.add_cookies([signed_in(person)])
            page = context.new_page()
            page.set_default_timeout(10_000)
            return page

        yield reader_of


@pytest.fixture
def with_password(settings):
    """Give a person a password as the running portal keeps them: it knows not the fast hashes of
    tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]

    def with_password(person):
        person.set_password(PASSWORD)
        person.save()
        return person

    return with_password


# Telephones on a bad line


@pytest.fixture
def line(live_portal):
    """A line to the portal that breaks when a test wants it to."""
    line = Line(live_portal.url)
    yield line
    line.close()


@pytest.fixture
def phone(chromium, line):
    """A telephone of 360 px whose every request goes over the line."""
    contexts = []

    def phone(language="en", **options):
        context = chromium.new_context(
            base_url=line.url, locale=LOCALES[language], viewport=PHONE, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield phone
    for context in contexts:
        context.close()
