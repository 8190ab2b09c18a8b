"""Pages about messages: what a person chooses about theirs, by a signed address, and the mailbox of
an embedded portal.
"""

from operator import attrgetter
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts.links import LinkNotValid, reading_as
from accounts.mailbox import MailboxMessage, find_letter, letter_files, letters_in
from accounts.models import AccessEvent, IncomingMail, User
from accounts.models.people import MAIL_TITLES
from accounts.permissions import may_read_incoming_mail, may_read_mailbox
from accounts.recurrent import Recurrent, opened_by, recurrent_messages
from kernel.cells import NOTHING, Cell, Chip, Column, Empty
from kernel.pages import READ_OR_SAVE, Crumb, Crumbs, Request, page_of, trail
from kernel.records import RecordPages

TITLES = {"usual": None, "named": True, "neutral": False}


@csrf_exempt  # no cookie identifies the person, so a forged form could not use one
@READ_OR_SAVE
@login_not_required
@never_cache
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """Let the person choose which messages repeat and what the outside of all shows.

    Opening the page changes nothing, since mail scanners do. A mail program that posts to it by itself
    (RFC 8058) acts for the person who pressed its button, and follows no redirect.
    """
    if not (found := opened_by(token)):
        raise LinkNotValid
    person, kind = found
    with reading_as(request, person):
        if request.method == "POST":
            sentence = chosen(request, person, kind)
            if "List-Unsubscribe" in request.POST:
                return HttpResponse(sentence, content_type="text/plain; charset=utf-8")
            return redirect(request.path)
        return choices_page(request, person, kind)


def chosen(request: HttpRequest, person: User, kind: Recurrent | None) -> str:
    """Do what the pressed button asks, and say so in the access log."""
    if (titles := request.POST.get("titles", "")) in TITLES:
        person.titles_in_mail = TITLES[titles]
        person.save(update_fields=["titles_in_mail"])
        _record(person, titles=titles)
        return _("Saved.")
    kinds = {one.name: one for one in recurrent_messages()}
    wanted = "again" in request.POST
    name = request.POST.get("again") or request.POST.get("stop") or (kind.name if kind else "")
    if name not in kinds:
        raise Http404
    kinds[name].choose(person, wanted=wanted)
    _record(person, messages=name, wanted=wanted)
    return _("These messages come no more.")


def _record(person: User, **details: Any) -> None:
    AccessEvent.record(
        AccessEvent.Kind.LINK, user=person, thing=person, purpose="mail_choices", **details
    )


def choices_page(request: HttpRequest, person: User, kind: Recurrent | None) -> HttpResponse:
    kinds = sorted(recurrent_messages(), key=lambda one: one != kind)
    present = next(name for name, value in TITLES.items() if value == person.titles_in_mail)
    labels = [label for _value, label in MAIL_TITLES]
    context = {
        "kinds": [{"kind": one, "is_wanted": one.is_wanted(person)} for one in kinds],
        "asked": kind,
        "title": _("Your e-mails"),
        "titles": [
            {"name": name, "label": label, "is_chosen": name == present}
            for name, label in zip(TITLES, labels, strict=True)
        ],
    }
    return render(request, "accounts/mail_choices.html", context)


# The mailbox


@require_safe
def mailbox(request: Request) -> HttpResponse:
    if not may_read_mailbox(request.user):
        raise Http404
    page = page_of(request, letter_files())
    letters = [letter for path in page for letter in letters_in(path)]
    title = _("Mailbox")
    context = {"page": page, "letters": letters, "title": title, "crumbs": [Crumb(title)]}
    return render(request, "accounts/mailbox.html", context)


def mailbox_crumbs(*more: Crumb) -> Crumbs:
    return [*trail((_("Mailbox"), reverse("accounts:mailbox"))), *more]


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its types know no arguments
@require_safe
def letter(request: Request, file: str, number: int) -> HttpResponse:
    found = letter_or_404(request, file, number)
    subject = found.subject
    context = {"letter": found, "title": subject, "crumbs": mailbox_crumbs(Crumb(subject))}
    return render(request, "accounts/letter.html", context)


@xframe_options_sameorigin
@require_safe
def letter_html(request: Request, file: str, number: int) -> HttpResponse:
    """Answer with the HTML part as a mail program shows it, for the frame on the page."""
    return as_mail(letter_or_404(request, file, number).html)


def letter_or_404(request: Request, file: str, number: int) -> MailboxMessage:
    found = find_letter(file, number) if may_read_mailbox(request.user) else None
    if found is None:
        raise Http404
    return found


def as_mail(html: str) -> HttpResponse:
    """Return a page of its own, which loads nothing, runs nothing and is shown in a frame of this
    portal alone. Styles in the text are what mail programs read."""
    response = HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
    response.headers["Content-Security-Policy"] = (
        "sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
        "style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response


# --- Pages for administrators: what mail came in, and what became of it ---
#
# Nobody else's words are shown.


class IncomingPages(RecordPages[IncomingMail]):
    model, name, names = IncomingMail, "incoming-message", "incoming"
    namespace, prefix = "accounts:", "mail/"
    title = gettext_lazy("Incoming mail")
    rows_on_a_page = 50

    def find_place(self) -> None:
        if not may_read_incoming_mail(self.request.user):
            raise Http404

    def rows(self) -> QuerySet[IncomingMail]:
        return IncomingMail.objects.defer("content").select_related("content_type")

    def columns(self) -> list[Column]:
        return [
            Column("received", _("Received"), attrgetter("received_at")),
            Column("kind", _("Kind"), lambda mail: mail.get_kind_display()),
            Column("about", _("About"), lambda mail: mail.about or NOTHING),
            Column("outcome", _("What became of it"), outcome_cell),
        ]

    def empty(self) -> Empty:
        text = _("Answers by e-mail and from calendars come here, once INBOUND_ADDRESS is set.")
        return Empty(_("Nothing has come in yet"), text, icon="envelope")

    def list_context(self, rows: QuerySet[IncomingMail]) -> dict[str, Any]:
        sentence = _(
            "What came in, and what became of it. Only what could not be read is kept, for "
            "administrators."
        )
        return {"facts": [sentence]}


def outcome_cell(mail: IncomingMail) -> Cell:
    notes = [mail.get_reason_display()] if mail.reason else []
    if mail.outcome == IncomingMail.Outcome.QUARANTINED:
        url = reverse("accounts:incoming-message", args=[mail.pk])
        notes.append(format_html('<a href="{}">{}</a>', url, _("Download the message")))
    return Cell(chips=[Chip(mail.get_outcome_display(), mail.tone)], notes=notes)


@require_safe
def incoming_message(request: Request, pk: int) -> HttpResponse:
    """Hand out a message that nothing could read, as a file: no browser shows it."""
    if not may_read_incoming_mail(request.user):
        raise Http404
    row = get_object_or_404(IncomingMail.objects.quarantined().exclude(content=None), pk=pk)
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=row)
    response = HttpResponse(bytes(row.content or b""), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="message-{row.pk}.eml"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
