"""Nobody finds what they may not read: a secret in every text of a project that has everything, asked
for by nine roles, against what the pages themselves show to each of them.

What somebody may read is not asked of the rights of the search: they follow every link from the home
page, and open whatever the search says that they find.
"""

import re
from datetime import date
from html import unescape

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation

from committees.models import ActionPlan, ProposedChange, Shift
from ibcr_portal.models import SearchEntry
from ibcr_portal.search import tables
from ibcr_portal.search.showing import results, search, suggest
from ibcr_portal.search.writing import reindex
from kernel.apertium import close_idle
from partners.naming import read_by
from projects.models import Project
from projects.permissions.naming import NamesForPerson
from tests.reports.leaks.planting import SECRET, Place
from tests.reports.leaks.search import Search as Planted

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.deep(part="search"),
]

# With outsider, who coordinates the neighbouring project.
NINE = (
    *("coordinator", "monitoring", "finance", "reader", "member", "partner", "donor", "panel"),
    "outsider",
)
QUESTIONS = 200
MOST_PAGES = 1500
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
# Help, files, what is the same again, and forms: what is in a form has to be on a page as well.
NO_PAGE = re.compile(
    r"^/(?:static|accounts|language|admin|search|gist|help)"
    r"|\.(?:pdf|docx|xlsx|zip|ics|xml|csv|txt|json)$|export|download|/translations/|/data/"
    r"|/(?:new|edit|delete|remove|steps|protect|settle|sections)/|[?&](?:sort|page|lang)="
)


class Garden(Planted):
    """The same secrets in the same rows, of which no document is made."""

    def _sign_off(self):
        # What no form stores, and a page would fail at: words for dates, a review without an end.
        ProposedChange.objects.update(field="title_fr")
        Shift.objects.update(before="2019-05-01", after="2019-06-01")
        in_review = ActionPlan.objects.filter(status=ActionPlan.Status.IN_REVIEW)
        in_review.filter(review_until=None).update(review_until=date(2030, 1, 1))
        list(reindex())

    def _read_documents(self):
        pass

    def _read_files(self):
        pass


@pytest.fixture(scope="module")
def garden(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("secrets")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder), transaction.atomic():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tables, "SECONDS", 60.0)  # a refusal on a busy machine would hide a leak
            yield Garden()
        transaction.set_rollback(True)
    close_idle(0)


class PageReader:
    """A person, all that they read by following links, and what the search says that they find."""

    def __init__(self, person):
        self.person = person
        self.client = Client()
        self.client.force_login(person)
        self.pages: dict[str, frozenset[int]] = {}
        self._follow()

    def _follow(self):
        waiting = [reverse("home"), reverse("projects:list"), reverse("partners:list")]
        while waiting:
            assert len(self.pages) < MOST_PAGES, waiting
            text = self._open(waiting.pop(0))
            links = {unescape(link) for link in LINK.findall(text)}
            waiting += sorted(
                link
                for link in links
                if link not in self.pages and link not in waiting and not NO_PAGE.search(link)
            )

    def _get(self, address):
        answer = self.client.get(address)
        # Of a file, which nobody here reads; `close` would close the connection to the database too.
        for close in answer._resource_closers:
            close()
        return answer

    def _open(self, address):
        answer = self._get(address)
        is_page = answer.status_code == 200 and not answer.streaming
        text = answer.content.decode(errors="replace") if is_page else ""
        self.pages[address] = frozenset(map(int, SECRET.findall(text)))
        return text

    def reads(self, same, address):
        """Whether they read one of these on the page to which a result leads, or on any other."""
        address = address.partition("#")[0]
        if address not in self.pages:
            self._open(address)
        return any(not same.isdisjoint(seen) for seen in self.pages.values())

    def may_open(self, address):
        return self._get(address.partition("#")[0]).status_code == 200

    def finds(self, secret):
        with read_by(NamesForPerson(self.person, None)), translation.override("es"):
            found = search(self.person, f"xq{secret:05}z")
            # What was found by its letters alone has another secret, which is spelt almost so.
            exact = [hit for hit in found.hits if hit.language]
            alike = [hit for hit in found.hits if not hit.language]
            return (
                exact,
                results([*found.called_so, *exact], found.question),
                results(alike, found.question),
            )

    def is_offered(self, text):
        with read_by(NamesForPerson(self.person, None)), translation.override("es"):
            return suggest(self.person, text)


@pytest.fixture(scope="module")
def reader_of(garden):
    people, known = garden.rich.world.people, {}

    def reader_of(role):
        if role not in known:
            known[role] = PageReader(people[role])
        # The session of an earlier test went with its transaction.
        known[role].client.force_login(people[role])
        return known[role]

    return reader_of


@pytest.fixture(scope="module")
def asked(garden):
    """200 secrets: what outsider reads, of each field and case one, and then others."""
    theirs = Project.objects.get(pk=garden.rich.world.neighbour.pk)
    numbers = range(len(garden.garden.places))
    first: dict[Place, int] = {}
    for number in numbers:
        first.setdefault(garden.garden.places[number], number)
    others = [number for number in numbers if number not in set(first.values())]
    foreign = [n for n in others if garden.garden.places[n].case == "neighbour"]
    indexed = [n for n in first.values() if is_indexed(n)]
    rest = [n for n in [*foreign, *others] if is_indexed(n)]
    own = int(SECRET.fullmatch(theirs.title_fr)[1])
    chosen = list(dict.fromkeys([own, *indexed, *rest]))[:QUESTIONS]
    assert len(chosen) == QUESTIONS
    return chosen


def languages_of(garden, number):
    """Return the secrets of the same text in other languages, of which a page shows one."""
    places = garden.garden.places
    near = range(max(number - 2, 0), min(number + 3, len(places)))
    return {each for each in near if places[each] == places[number]}


def is_indexed(number):
    return bool(tables.having(((f"cxq{number:05}z",),)))


@pytest.mark.parametrize("role", NINE)
def test_nobody_finds_what_they_do_not_read(garden, reader_of, asked, role):
    reader = reader_of(role)
    leaks, found_by_search = [], 0
    for secret in asked:
        exact, shown, alike = reader.finds(secret)
        found_by_search += bool(exact)
        place = garden.garden.places[secret]
        leaks += [(str(place), "alike", one.url) for one in alike if not reader.may_open(one.url)]
        for one in shown:
            if not reader.reads(languages_of(garden, secret), one.url):
                leaks.append((str(place), one.kind, one.url))
        if exact and not shown:
            leaks.append((str(place), "counted", ""))
    assert leaks == []
    assert found_by_search >= (1 if role in ("panel", "outsider") else 10)


@pytest.mark.parametrize("role", NINE)
def test_suggestions_offer_nothing_else(garden, reader_of, asked, role):
    reader, leaks = reader_of(role), []
    for secret in asked:
        for one in reader.is_offered(f"xq{secret:05}z"[:7]):
            told = set(
                map(int, SECRET.findall(f"{one.title.text} {one.snippet and one.snippet.text}"))
            )
            leaks += [
                (str(garden.garden.places[n]), one.url)
                for n in told
                if not reader.reads(languages_of(garden, n), one.url)
            ]
    assert leaks == []


@pytest.mark.parametrize("role", NINE)
def test_numbers_and_filters_tell_no_more_than_the_results(
    garden, reader_of, asked, role, settings
):
    """The page counts and offers what this reader finds: of a secret that they do not read, nothing."""
    settings.ACCOUNT_RATE_LIMITS = {}  # nobody types as fast
    reader = reader_of(role)
    for secret in asked:
        _exact, shown, alike = reader.finds(secret)
        if shown or alike:
            continue
        answer = reader.client.get(reverse("search"), {"q": f"xq{secret:05}z", "all": "1"})
        form = answer.context["form"]
        offered = [value for name in ("kind", "year") for value, _ in form.fields[name].choices]
        assert answer.context["number"] == 0
        assert set(offered) == {""}


def test_the_oracle_reads_pages_indeed(reader_of):
    read = {
        role: len(frozenset().union(*reader_of(role).pages.values()))
        for role in ("coordinator", "member", "donor", "panel")
    }

    assert read["coordinator"] > 200
    assert read["member"] > 50
    assert read["coordinator"] > read["donor"] > read["panel"]
    assert SearchEntry.objects.exists()
