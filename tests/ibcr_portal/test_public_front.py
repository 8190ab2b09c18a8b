"""What visitors and search engines find, and that nothing private is among it."""

import re
from datetime import timedelta
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from committees.models import AgendaItem, Committee, Resolution
from ibcr_portal.public.pages import DESCRIPTIONS, paths
from ibcr_portal.public.visitors import PUBLIC
from kernel.organisation_row import Organisation
from kernel.refusal import Refusal
from kernel.text import columns_of
from partners.models import Contact, InstitutionName
from projects.models import CallForProposals, NamingChoice, Project, Proposal, Result
from reports.models import DocumentKind, Rendition, SharedLink
from reports.services.published import refuse_listing
from tests.factories import CallFactory, ProposalFactory
from tests.reports.shelves import final_document, standing_report
from tests.world import World

pytestmark = pytest.mark.django_db

PRIVATE = (
    (User, ("full_name", "email")),
    (Contact, ("full_name", "email")),
    (InstitutionName, ("acronym", *columns_of("name"))),
    (Project, ("code", *columns_of("title", "short_title"))),
    (Committee, columns_of("name")),
    (AgendaItem, columns_of("title")),
    (Resolution, columns_of("text")),
    (Result, columns_of("statement")),
    (Proposal, ("organisation", "title", "contact_name", "contact_email")),
)


@pytest.fixture
def world():
    world = World()
    row = Organisation.objects.get()
    row.name_en, row.name_es, row.name_fr = "Bureau Example", "Oficina Ejemplo", "Bureau Exemple"
    row.about_en = "We support institutions."
    row.save()
    return world


@pytest.fixture
def call(world):
    """An open call with a question, one that is a draft, and one that was proposed to."""
    ProposalFactory()
    CallFactory(project=world.project, status="draft", title_fr="Appel en préparation")
    call = CallFactory(
        project=world.project,
        code="OUVERT-1",  # contains the code of no project, as “APP-004” does
        title_fr="Appel ouvert",
        theme_fr="Des écoles sûres pour toutes et tous",
    )
    call.questions.create(
        question_en="May two of us apply?",
        answer_en="Yes.",
        question_fr="À deux ?",
        answer_fr="Oui.",
    )
    return call


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def public_record(world):
    return final_document(world.meeting, DocumentKind.RECORD, audience="public")


def listed(world, **changes):
    """A link by which the public page lists a final document."""
    facts = {
        "label": "Public",
        "expires_at": timezone.now() + timedelta(days=9),
        "by": world.people["coordinator"],
        "is_listed": True,
    }
    return SharedLink.issue(public_record(world), **facts | changes)[0]


def crawl(client, start="/"):
    """Return what a visitor finds by following links, by address."""
    found, waiting = {}, [start]
    while waiting:
        url = waiting.pop()
        if url in found:
            continue
        answer = client.get(url, headers={"accept-language": "fr"})
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        found[url] = answer.content.decode() if is_page and not answer.streaming else ""
        assert answer.status_code in {200, 302}, url
        for href in re.findall(r'<a [^>]*href="([^"#]+)', found[url]):
            target = urlsplit(urljoin(url, href.replace("&amp;", "&")))
            if not target.netloc and target.scheme in {"", "http"}:
                waiting.append(target.path + (f"?{target.query}" if target.query else ""))
    return found


def test_a_visitor_finds_no_private_name_or_title(client, world, call):
    standing_report(world, status="published")
    private = {
        value
        for model, names in PRIVATE
        for row in model.objects.values_list(*names)
        for value in row
        if value and len(value) > 4
    }

    found = crawl(client)

    told = {(word, url) for url, text in found.items() for word in private if word in text}
    assert told == set()
    assert {reverse("calls:open"), call.get_public_url(), reverse("reports:verify")} <= set(found)
    assert "Appel en préparation" not in "".join(found.values())


def test_the_first_page_says_who_it_is_and_leads_to_what_is_public(client, world, call):
    link = listed(world)

    text = client.get("/", headers={"accept-language": "en"}).content.decode()

    assert "Bureau Example</h1>" in text
    for words in (
        "We support institutions.",
        "Appel ouvert",
        call.get_public_url(),
        reverse("account_login"),
        reverse("reports:verify"),
        reverse("reports:published", args=[link.pk]),
    ):
        assert words in text


def test_a_listed_document_is_downloaded_until_its_link_ends(client, world):
    link = listed(world)
    url = reverse("reports:published", args=[link.pk])

    before = client.get(url).getvalue()
    link.revoke()

    assert before.startswith(b"%PDF-1.7")
    assert client.get(url).status_code == 404
    assert url not in client.get("/").content.decode()


def test_a_link_that_is_not_listed_opens_nothing_by_its_number(client, world):
    link = listed(world, is_listed=False)

    assert client.get(reverse("reports:published", args=[link.pk])).status_code == 404


def test_a_document_that_names_who_is_hidden_from_the_public_is_not_listed(client, world):
    hidden = world.institutions["partner"]
    document = public_record(world)
    document.snapshot.data["public"]["fr"]["title"] = hidden.name
    document.snapshot.save()
    NamingChoice.objects.create(
        institution=hidden, to_committee=True, said_on=timezone.localdate(), channel="letter"
    )

    answer = list_it(client, world, document)

    assert answer.context["form"].errors
    assert not SharedLink.objects.exists()


def list_it(client, world, document):
    client.force_login(world.people["coordinator"])
    until = timezone.localdate() + timedelta(days=3)
    page = reverse("reports:links", args=[document.pk])
    return client.post(page, {"label": "Public", "until": until, "is_listed": "on"})


def test_a_document_that_was_made_for_other_readers_is_not_listed(client, world):
    document = final_document(world.meeting, DocumentKind.RECORD, audience="donor")

    answer = list_it(client, world, document)

    tick = answer.context["form"].fields["is_listed"]
    assert (tick.disabled, "made for other readers" in tick.help_text) == (True, True)
    assert not SharedLink.objects.filter(is_listed=True).exists()
    with translation.override("en"), pytest.raises(Refusal, match="made for other readers"):
        refuse_listing(document)


def test_of_a_kind_that_is_never_made_for_the_public_the_page_says_so(client, world):
    report = final_document(standing_report(world, status="published"), DocumentKind.ANNUAL_REPORT)
    client.force_login(world.people["coordinator"])

    page = client.get(reverse("reports:links", args=[report.pk])).content.decode()

    assert "Documents of this kind are never made for the public." in page


def test_what_was_listed_although_it_was_made_for_others_is_not_published(client, world):
    link = listed(world)
    Rendition.objects.update(audience="donor")

    url = reverse("reports:published", args=[link.pk])
    assert client.get(url).status_code == 404
    assert url not in client.get("/").content.decode()


def test_calls_show_their_questions_and_answers(client, call):
    text = client.get(f"{call.get_public_url()}?lang=en").content.decode()

    assert "May two of us apply?" in text
    assert "<p>Yes.</p>" in text


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_each_public_page_is_found_in_each_language(client, call, language):
    for path in paths():
        answer = client.get(f"{path}?lang={language}", headers={"accept-language": "de"})
        head = answer.content.decode().split("<body")[0]
        own = f'<link rel="canonical" href="{settings.SITE_URL}{path}?lang={language}">'

        assert (answer.status_code, answer.headers["Content-Language"]) == (200, language)
        assert f'<html lang="{language}">' in head
        assert own in head
        assert re.search(r'<meta name="description" content="[^"]{5,170}">', head), path
        assert head.count('rel="alternate"') == 4
        assert "X-Robots-Tag" not in answer.headers


def test_the_sitemap_lists_the_public_pages_alone(client, call):
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)

    found = {one.text for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    hidden = CallForProposals.objects.exclude(pk__in=CallForProposals.objects.public())
    assert found == {f"{settings.SITE_URL}{path}" for path in paths()}
    assert f"{settings.SITE_URL}{call.get_public_url()}" in found
    assert not any(one.code in url for one in hidden for url in found)


def allowed(robots, path):
    """Whether a search engine may read the path: of the rules that fit, the longest counts."""
    fitting = []
    for line in robots.splitlines():
        kind, _colon, rule = line.partition(": ")
        pattern = re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$")
        if kind in {"Allow", "Disallow"} and re.match(pattern, path):
            fitting.append((len(rule), kind == "Allow"))
    return max(fitting)[1]


def test_search_engines_may_read_exactly_the_public_pages(client, call):
    robots = client.get("/robots.txt").content.decode()
    private = ["/projects/", "/people/", "/accounts/login/", "/documents/1/", "/shared/abc/"]
    private += ["/plans/link/abc/", f"{call.get_public_url()}propose/", "/verify/1234-5678-9ABC/"]

    assert all(allowed(robots, path) for path in paths())
    assert all(allowed(robots, f"{path}?lang=es") for path in paths())
    assert not any(allowed(robots, path) for path in private)


def test_pages_that_are_not_public_say_so(client, call):
    for path in (f"{call.get_public_url()}propose/", reverse("account_login"), "/help/"):
        assert client.get(path).headers["X-Robots-Tag"] == "noindex"


def test_both_lists_of_public_pages_agree():
    assert frozenset(DESCRIPTIONS) == PUBLIC
