"""The context of every page: where its help is."""

from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse

from ibcr_portal.help.pages import page_for

SECRETS = frozenset({"token", "key"})


def help_links(request: HttpRequest) -> dict[str, str]:
    """Return where the help with this page is, and the same with the way back; nothing where it has
    none."""
    match = request.resolver_match
    page = page_for(match.view_name) if match else ""
    if match is None or not page:
        return {}
    url = reverse("help-page", args=[page])
    # What opens a page to whoever has it is written into no other address, and the page of signing
    # in may lead back to such a page.
    is_secret = bool(SECRETS & match.kwargs.keys()) or "next" in request.GET
    is_secret = is_secret or match.view_name == "committees:check-in"
    back = "" if is_secret else f"?from={quote(request.get_full_path())}"
    return {"help_url": url, "help_page_url": f"{url}{back}"}
