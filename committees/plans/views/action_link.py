"""Noting progress by the access link of a reminder: one action, without a session.

Opening the page changes nothing, since mail scanners open links too; a note needs a pressed
button and is confirmed on the page. No cookie identifies the person: a forged form could use none.
"""

from collections.abc import Callable, Iterable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.kept import offer_by_link
from accounts.links import draft_of, link_page, record_use, token_of
from accounts.models import AccessLink
from accounts.receipts import confirm_use
from committees.models import Action, ActionPlan, ActionTerms, Channel, ProgressNote
from committees.models.action import ActionQuerySet, ActionTermsQuerySet
from committees.permissions.plans import notes_for
from committees.plans.forms.progress import ProgressForm
from committees.plans.services.progress import NOTE_PURPOSE
from committees.plans.views.actions import noted
from kernel.formats import percent
from kernel.pages import READ_OR_SAVE, posted, posted_files
from kernel.prepared import prepared
from kernel.text import columns_of
from partners.models import Institution
from partners.reading import named_institutions


@prepared
def _action(pk: int) -> ActionQuerySet:
    return Action.objects.filter(pk=pk).select_related("project").order_by()


@prepared
def _running(action: int) -> ActionTermsQuerySet:
    terms = ActionTerms.objects.filter(action=action, plan__status=ActionPlan.Status.IN_EXECUTION)
    columns = ("plan__status", "responsible", "starts_on", "ends_on", *columns_of("title"))
    return terms.select_related("plan").only(*columns).order_by("-plan__period__start", "-pk")


def action_link_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a page of one action, which somebody of the responsible institution opens."""

    @wraps(view)
    def page(request: HttpRequest, link: AccessLink) -> HttpResponse:
        if not isinstance(action := link.thing, Action):
            raise Http404
        institution = notes_for(link.user, action)
        if institution is None:  # the person left, or the plan was closed
            raise Http404
        return view(request, link, action, institution)

    return link_page(NOTE_PURPOSE, read={Action: _action})(page)


@READ_OR_SAVE
@action_link_page
def action_link(
    request: HttpRequest, link: AccessLink, action: Action, institution: Institution
) -> HttpResponse:
    form = ProgressForm(
        posted(request), posted_files(request), action=action, institution=institution
    )
    if form.is_valid() and (note := noted(form, by=link.user, channel=Channel.LINK)):
        record_use(link, answer=note.result._meta.model_name)
        confirm_use(
            request,
            link,
            what=f"{action.reference}: {percent(note.result.share_done / 100)}",
            said=note.result.text,
            institution=institution,
            project=action.project,
            page="committees:action-link",
        )
        here = reverse("committees:action-link", args=[token_of(request)])
        return redirect(f"{here}?done={note.result.pk}")
    draft = draft_of(request)
    draft.fill_in(form)
    terms = _running(action.pk)[0]  # `notes_for` found the plan in execution that has the action
    terms.action = action
    key = terms.responsible_id
    terms.responsible = institution if key == institution.pk else named_institutions([key])[key]
    own = action.notes.with_related().filter(institution=form.institution)
    context = {
        "action": action,
        "terms": terms,
        "project": action.project,
        "form": form,
        "draft": draft,
        "title": terms.title,
        "notes": list(own),
        "done": confirmation_for(request.GET.get("done", ""), own),
        "by_link": True,
        "offer": offer_by_link(request, link, token_of(request)),
        "submit": _("Note the progress"),
    }
    return render(request, "committees/action_link.html", context)


def confirmation_for(name: str, notes: Iterable[ProgressNote]) -> str:
    """Return the confirmation of the note just given, read from the stored one."""
    found = [note for note in notes if str(note.pk) == name]
    if not found:
        return ""
    return _("Noted: %(share)s %% done. Thank you.") % {"share": found[0].share_done}
