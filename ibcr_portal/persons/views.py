"""Pages on which administrators deal with the data of persons: requests, incidents, consents and
holds; forgetting, protecting, and what is locked away."""

from collections import Counter
from typing import NamedTuple

from django.apps import apps
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.checkpoints import unlock
from accounts.exports import handed_out
from accounts.models import AccessEvent, Hold
from accounts.retention import retention_rules
from ibcr_portal.models import Erasure, LockedAway
from ibcr_portal.persons.forgetting import WHY_IT_REMAINS, forget, preview, refuse_forgetting
from ibcr_portal.persons.forms import ForgetForm, SpellingsForm
from ibcr_portal.persons.keeping import REASONS, opened
from ibcr_portal.persons.own_data import documents_that_name, file_of, protect, protection_summary
from ibcr_portal.persons.permissions import Reach, may_administer_persons, reach_of
from ibcr_portal.persons.places import label_of
from ibcr_portal.persons.searching import DataSubject, content_of
from kernel.file_contents import MIME_TYPES as MIME
from kernel.files import EXTENSIONS
from kernel.pages import (
    READ_OR_SAVE,
    Crumb,
    Crumbs,
    Request,
    act,
    page_of,
    posted,
    saved,
    trail,
)
from kernel.refusal import Refusal
from projects.pages import reverse_in

INDEX = "persons:index"
# For a search that saves nothing: what is typed stays out of addresses, and so out of logs and
# histories of browsers.
READ_OR_SEARCH = ["GET", "HEAD", "POST"]


def administrators_only(request: Request) -> None:
    if not may_administer_persons(request.user):
        raise Http404


def way_here(*more: tuple[str, str]) -> Crumbs:
    return trail((_("Personal data"), reverse(INDEX)), *more)


@require_safe
def retention(request: Request) -> HttpResponse:
    administrators_only(request)
    title = _("How long data are kept")
    context = {
        "title": title,
        "crumbs": [*way_here(), Crumb(title)],
        "rules": retention_rules(),
        "holds": Hold.objects.open(),
    }
    return render(request, "ibcr_portal/persons/retention.html", context)


# /persons/of/<who>/: u12 is an account, c5 an entry in the directory


@require_http_methods(READ_OR_SEARCH)
def person(request: Request, who: str) -> HttpResponse:
    administrators_only(request)
    form = SpellingsForm(posted(request))
    forget_form = ForgetForm(initial={"also": "\n".join(form.spellings())})
    return person_page(request, DataSubject.of_key(who), form, forget_form)


def person_page(
    request: Request, subject: DataSubject, form: SpellingsForm, forget_form: ForgetForm
) -> HttpResponse:
    """Show everything that forgetting would change, found by the same search."""
    seen = preview(subject, subject.spellings(form.spellings()))
    deleted = {(tied.place.name, str(key)) for tied in seen["deleted"] for key in tied.keys}
    try:
        refuse_forgetting(subject, seen["found"], by=request.user)
    except Refusal as refusal:
        refused = str(refusal)
    else:
        refused = ""
    context = seen | {
        "person": subject,
        "form": form,
        "forget": forget_form,
        "refused": refused,
        "reasons": [(REASONS[reason], count) for reason, count in seen["reasons"].items()],
        "unreadable": [row_to_look_at(place.name, key) for place, key in seen["found"].unreadable],
        "to_look_at": [
            row_to_look_at(place.name, key)
            for place, key, _reason in seen["found"].to_look_at
            if (place.name, str(key)) not in deleted
        ],
        "crumbs": way_here(),
    }
    return render(request, "ibcr_portal/persons/person.html", context)


@READ_OR_SAVE
def person_forget(request: Request, who: str) -> HttpResponse:
    administrators_only(request)
    subject = DataSubject.of_key(who)
    if request.method != "POST":
        return redirect(subject.get_absolute_url())
    form = ForgetForm(posted(request))
    typed = SpellingsForm(posted(request))
    spellings = subject.spellings(typed.spellings())
    if not form.is_valid():
        messages.error(
            request,
            _("Nothing was changed: tick the box to confirm that you have read what will happen."),
        )
    elif done := act(request, lambda: forget(subject, spellings, by=request.user)):
        erasure = Erasure.objects.get(pseudonym=done.result.pseudonym)
        return saved(request, _("The person has been forgotten."), "persons:erasure", erasure.pk)
    return person_page(request, subject, typed, form)


@require_safe
def erasure(request: Request, pk: int) -> HttpResponse:
    administrators_only(request)
    found = get_object_or_404(Erasure, pk=pk)
    changed: Counter[str] = Counter()
    for name, count in found.changed.items():
        changed[label_of(name)] += count
    context = {
        "erasure": found,
        "changed": sorted(changed.items()),
        "remains": [(named_row(row), WHY_IT_REMAINS[reason]) for row, reason in found.remains],
        "locked": LockedAway.objects.filter(pseudonym=found.pseudonym),
        "crumbs": way_here(),
    }
    return render(request, "ibcr_portal/persons/erasure.html", context)


class NamedRow(NamedTuple):
    """A row to look at: in words, such as “Minutes 12”, and its page if it has one."""

    words: str
    url: str


def named_row(row: str) -> NamedRow:
    """Return what an erasure keeps as the name and key of a table."""
    name, _space, key = row.partition(" ")
    return row_to_look_at(name, key)


def row_to_look_at(name: str, key: object) -> NamedRow:
    try:
        model = apps.get_model(name)
    except (LookupError, ValueError):  # of an earlier version, or no table
        return NamedRow(f"{label_of(name)} {key}", "")
    has_page = hasattr(model, "get_absolute_url")
    found = model._base_manager.filter(pk=key).first() if has_page else None
    label = capfirst(str(model._meta.verbose_name))
    return NamedRow(f"{label} {key}", found.get_absolute_url() if found else "")


@require_safe
def person_file(request: Request, who: str) -> HttpResponse:
    """The file for somebody who cannot sign in, once it is certain who asks."""
    administrators_only(request)
    subject = DataSubject.of_key(who)
    content = file_of(subject, for_others=True)
    thing = subject.user or subject.contacts[0]
    return handed_out(request, content, _("my-data"), "json", thing=thing, what="own data")


@READ_OR_SAVE
def person_protect(request: Request, who: str) -> HttpResponse:
    if not (reach := reach_of(request.user, DataSubject.of_key(who))):
        raise Http404
    if request.method == "POST" and act(request, lambda: protect(reach, by=request.user)):
        if reach.is_whole:
            sentence = _("Protected: sessions, links and feeds have ended, and the name is hidden.")
        else:
            sentence = _("Protected in your projects. Ask an administrator to do the rest.")
        return saved(request, sentence, "persons:protect", who)
    back = way_back(request, who, reach)
    documents = documents_that_name(reach)
    context = {
        "person": reach.known,
        "reach": reach,
        "ends": protection_summary(reach),
        "documents": documents,
        "projects": dict.fromkeys(rendition.snapshot.project for rendition, _lines in documents),
        "crumbs": back,
        "cancel_url": back[-1].url,
    }
    return render(request, "ibcr_portal/persons/protect.html", context)


def way_back(request: Request, who: str, reach: Reach) -> Crumbs:
    """Return the page from which somebody came to protect a person."""
    if request.user.is_staff:
        return way_here((str(reach.known), reverse("persons:person", args=[who])))
    if contacts := reach.known.contacts:
        institution = contacts[0].institution
        return trail((institution.short_name, f"{institution.get_absolute_url()}#people"))
    project = (reach.projects or [])[0]
    return trail(project, (_("Team"), reverse_in(project, "team")))


# /persons/locked/


@require_safe
def locked_away(request: Request) -> HttpResponse:
    administrators_only(request)
    page = page_of(request, LockedAway.objects.all())
    rows = [(row, [REASONS[reason] for reason in row.reasons]) for row in page]
    title = _("What is locked away")
    crumbs = [*way_here(), Crumb(title)]
    context = {"title": title, "crumbs": crumbs, "page": page, "rows": rows}
    return render(request, "ibcr_portal/persons/locked.html", context)


@require_POST
def locked_open(request: Request, pk: int) -> HttpResponse:
    """Show what is locked away, once, and log who looked."""
    administrators_only(request)
    row = get_object_or_404(LockedAway, pk=pk)
    AccessEvent.record(AccessEvent.Kind.EXPORT, user=request.user, thing=row, what="locked away")
    context = {
        "title": row,
        "crumbs": trail((_("What is locked away"), reverse("persons:locked"))),
        "row": row,
        "facts": opened(row),
        "reasons": [REASONS[one] for one in row.reasons],
    }
    return render(request, "ibcr_portal/persons/locked_open.html", context)


@require_POST
def locked_file(request: Request, pk: int) -> HttpResponse:
    administrators_only(request)
    row = get_object_or_404(LockedAway.objects.exclude(file=""), pk=pk)
    AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=row, what="locked away")
    facts = opened(row)
    response = HttpResponse(
        unlock(content_of(str(row.file.name))), content_type=MIME[facts["kind"]]
    )
    name = f"{row.pseudonym}.{EXTENSIONS[facts['kind']][0]}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# /persons/holds/


@require_POST
def hold_lift(request: Request, pk: int) -> HttpResponse:
    administrators_only(request)
    lifted = Hold.objects.open().filter(pk=pk)
    if lifted.update(lifted_at=timezone.now(), lifted_by=request.user):
        AccessEvent.record(
            AccessEvent.Kind.ACCOUNT,
            user=request.user,
            thing=Hold.objects.get(pk=pk),
            change="hold lifted",
        )
        messages.success(request, _("The hold was lifted: periods count again."))
    return redirect(INDEX)
