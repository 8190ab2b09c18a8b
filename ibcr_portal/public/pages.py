"""The pages that anybody may find: their addresses in each language, and what search engines are
told about them. All others are marked as not to be listed."""

from collections.abc import Iterator
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.links import absolute_url
from ibcr_portal.public.visitors import asked_language, is_public
from kernel.languages import LANGUAGES
from kernel.text import StrOrPromise
from projects.models import CallForProposals

# By the names of their views, with what is said of each. A call says it by its theme.
DESCRIPTIONS: dict[str, StrOrPromise] = {
    "home": gettext_lazy(
        "Who runs this portal, open calls for projects, published documents, and how to check that "
        "a document is genuine."
    ),
    "calls:open": gettext_lazy(
        "Open calls for projects of civil-society organisations: amounts, deadlines, questions and "
        "answers, and how to propose a project."
    ),
    "calls:call": "",
    "reports:verify": gettext_lazy(
        "Check by its code, or by the file itself, whether a document of this portal is genuine."
    ),
    "privacy": gettext_lazy("Which data about persons this portal holds, why, and for how long."),
}


class PublicPage(NamedTuple):
    """A public page, as its head describes it."""

    canonical: str
    plain: str  # its address in the language of the browser
    alternates: list[tuple[str, str]]  # language and address
    description: StrOrPromise
    query: str  # keeps the language that the address names, on links to other public pages


def public_page(request: HttpRequest) -> PublicPage | None:
    if not is_public(request):
        return None
    assert request.resolver_match is not None  # a public page has one
    plain, language = absolute_url(request.path), asked_language(request)
    query = f"?lang={language}" if language else ""
    return PublicPage(
        canonical=f"{plain}{query}",
        plain=plain,
        alternates=in_each_language(request.path),
        description=DESCRIPTIONS[request.resolver_match.view_name],
        query=query,
    )


def in_each_language(path: str) -> list[tuple[str, str]]:
    return [(language, f"{absolute_url(path)}?lang={language}") for language in LANGUAGES]


def paths() -> Iterator[str]:
    """Return the paths of all public pages."""
    for name in DESCRIPTIONS:
        if name != "calls:call":
            yield reverse(name)
    for call in CallForProposals.objects.public().order_by("-opens_at", "pk"):
        yield call.get_public_url()


def robots() -> str:
    """Allow the public pages, the files that they load, and nothing else."""
    one_page = [path for name in DESCRIPTIONS if name != "calls:call" for path in [reverse(name)]]
    calls = reverse("calls:open")
    lines = [
        "User-agent: *",
        *(f"Allow: {path}{end}" for path in one_page for end in ("$", "?lang=")),
        f"Allow: {calls}",
        f"Disallow: {calls}*/propose/",
        "Allow: /published/",
        "Allow: /guides/",
        "Allow: /static/",
        "Disallow: /",
        f"Sitemap: {absolute_url(reverse('sitemap'))}",
    ]
    return "\n".join([*lines, ""])
