"""Whether a visitor reads a public page, and in which language. It is imported before the models are
there."""

from django.http import HttpRequest

from kernel.languages import LANGUAGES

# By the names of their views (`ibcr_portal.public.pages` has more of each).
PUBLIC = frozenset({"home", "calls:open", "calls:call", "reports:verify", "privacy"})


def asked_language(request: HttpRequest) -> str:
    """Return the language that the address names, such as `?lang=es`; else nothing."""
    language = request.GET.get("lang", "")
    return language if language in LANGUAGES else ""


def is_public(request: HttpRequest) -> bool:
    """Whether a visitor reads a page that anybody may find."""
    match = getattr(request, "resolver_match", None)
    user = getattr(request, "user", None)
    is_visitor = user is not None and not user.is_authenticated
    return is_visitor and match is not None and match.view_name in PUBLIC
