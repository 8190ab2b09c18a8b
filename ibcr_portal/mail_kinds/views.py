"""Pages that show each kind of message as its readers see it, where there is no mail server."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.mail import MailText
from accounts.mail_views import as_mail, mailbox_crumbs
from accounts.permissions import may_read_mailbox
from ibcr_portal.mail_kinds.examples import EXAMPLES, examples_for
from ibcr_portal.mail_kinds.of_committees import NoExample
from kernel.pages import Crumb, Request


@require_safe
def kinds(request: Request) -> HttpResponse:
    if not may_read_mailbox(request.user):
        raise Http404
    rows = [
        {"name": name, "words": example and example.words_for(request.user)}
        for name, example in examples_for(request.user)
    ]
    title = _("Kinds of messages")
    context = {"rows": rows, "title": title, "crumbs": mailbox_crumbs(Crumb(title))}
    return render(request, "ibcr_portal/mail_kinds.html", context)


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its types know no arguments
@require_safe
def kind(request: Request, name: str) -> HttpResponse:
    words = words_or_404(request, name)
    kinds = Crumb(_("Kinds of messages"), reverse("mail-kinds"))
    context = {
        "name": name,
        "words": words,
        "title": words.subject,
        "crumbs": mailbox_crumbs(kinds, Crumb(words.subject)),
    }
    return render(request, "ibcr_portal/mail_kind.html", context)


@xframe_options_sameorigin
@require_safe
def kind_html(request: Request, name: str) -> HttpResponse:
    return as_mail(words_or_404(request, name).html)


def words_or_404(request: Request, name: str) -> MailText:
    make = EXAMPLES.get(name) if may_read_mailbox(request.user) else None
    if make is None:
        raise Http404
    try:
        return make(request.user).words_for(request.user)
    except NoExample:
        raise Http404 from None
