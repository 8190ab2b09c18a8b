"""The page that opens by the link of a request, where an institution enters values without signing
in.

Opening the page changes nothing and shows no value, because mail scanners open links too. A button
opens the form with the present values; another one keeps or submits them. A phone that keeps the page
after a press of its button gets the form at once.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.codes import confirm_use
from accounts.kept import is_kept, offer_by_link
from accounts.links import draft_of, link_page, record_use, token_of
from accounts.models import AccessLink
from kernel.channel import Channel
from kernel.pages import READ_OR_SAVE
from projects.framework.services.requests import PURPOSE
from projects.framework.views.requests import RequestSheet, answered, confirmation, sheet_of
from projects.models import ValueRequest
from projects.permissions.values import may_answer_request, visible_requests


@READ_OR_SAVE
@link_page(PURPOSE)
def request_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    asked = _asked(link)
    posted = request.method == "POST" and request.POST.get("do") in {"save", "submit"}
    is_open = may_answer_request(link.user, asked)
    sheet = sheet_of(asked, request, reads_post=posted)
    if (
        posted
        and is_open
        and (said := answered(request, sheet, None, by=link.user, channel=Channel.LINK))
    ):
        record_use(link, answer="values")
        if request.POST["do"] == "submit":
            _confirm(request, link, asked, said)
        here = reverse("projects:request-link", args=[token_of(request)])
        return redirect(f"{here}?done={request.POST['do']}")
    draft = draft_of(request)
    shows_values = request.method == "POST" or is_kept(request)
    if shows_values:
        draft.fill_in(*sheet.forms)
    else:  # before a button is pressed, the page shows no value
        draft.forms, draft.is_filled_in = tuple(sheet.forms), bool(draft.row)
    context = _context(request, sheet, is_open) | {"draft": draft, "shows_values": shows_values}
    context["offer"] = offer_by_link(request, link, token_of(request))
    return render(request, "projects/request_link.html", context)


def _confirm(request: HttpRequest, link: AccessLink, asked: ValueRequest, said: str) -> None:
    confirm_use(
        request,
        link,
        what=str(asked.period),
        said=said,
        institution=asked.institution,
        project=asked.project,
        page="projects:request-link",
    )


def _asked(link: AccessLink) -> ValueRequest:
    """Return the request while the person speaks for the institution and it takes part."""
    if not isinstance(link.thing, ValueRequest):
        raise Http404
    project = link.thing.project
    asked = visible_requests(link.user, project).with_related().filter(pk=link.thing.pk).first()
    if asked is None:
        raise Http404
    asked.project = asked.period.project = project
    return asked


def _context(request: HttpRequest, sheet: RequestSheet, is_open: bool) -> dict[str, Any]:
    return {
        "project": sheet.asked.project,
        "asked": sheet.asked,
        "sheet": sheet,
        "is_open": is_open,
        "done": _confirmation(request.GET.get("done", ""), sheet),
    }


def _confirmation(action: str, sheet: RequestSheet) -> str:
    """Confirm what is stored now, whatever the address of the page claims."""
    if action == "save" and any(form.kept for form in (*sheet.forms, *sheet.approved)):
        return confirmation(0, sheet.count, submit=False)
    if action == "submit" and sheet.submitted:
        return confirmation(sheet.submitted, sheet.count, submit=True)
    return ""
