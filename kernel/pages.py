"""How every page is written: fetch what the person may see, ask whether they may do it, do it,
answer.

    @READ_OR_SAVE
    def meeting_create(request: Request, pk: int) -> HttpResponse:
        committee = committee_or_404(request.user, pk)
        ask(may_convene(request.user, committee))
        form = MeetingForm(posted(request), committee=committee)
        return save_page(
            request,
            form,
            lambda: plan_meeting(form.instance),
            sentence=_("The meeting is planned."),
            title=_("New meeting"),
            crumbs=trail(committee),
        )
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    NamedTuple,
    ParamSpec,
    Protocol,
    TypeVar,
)

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.utils.datastructures import MultiValueDict
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kernel.formats import join_list
from kernel.refusal import Refusal
from kernel.sent_forms import counted_once
from kernel.text import StrOrPromise
from kernel.undo import ALREADY, FIELD, is_over, say_with_undo

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from accounts.models import User

Result = TypeVar("Result")
Row = TypeVar("Row")
Rows = TypeVar("Rows", bound=models.QuerySet[Any])
AnyRequest = TypeVar("AnyRequest", bound=HttpRequest)
Arguments = ParamSpec("Arguments")
View = TypeVar("View", bound=Callable[..., HttpResponse])

ROWS_ON_A_PAGE = 25


def in_background(view: View) -> View:
    """Mark a view that pages ask by themselves: it says nothing about whether somebody is there."""
    view.is_background = True  # type: ignore[attr-defined]  # functions take attributes
    return view


def secret_address(view: View) -> View:
    """Mark a view behind the sign-in whose address opens something: it is written into no other
    address, which servers on the way would log (accounts/middleware.py)."""
    view.has_secret_address = True  # type: ignore[attr-defined]  # functions take attributes
    return view


class Request(HttpRequest):
    """The request of a page behind the sign-in, which LoginRequiredMiddleware guarantees.

    Pages that open without signing in take a plain HttpRequest, whose user may be anonymous.
    """

    user: "User"
    htmx: "HtmxDetails"


# --- Ask ----------------------------------------------------------------------------------


def ask(permitted: bool, sentence: str = "") -> None:
    """Refuse with a sentence (403) what a person may see here but not do."""
    if not permitted:
        raise PermissionDenied(
            sentence or _("Only the coordination of the project can do this. Ask your coordinator.")
        )


# --- Do -----------------------------------------------------------------------------------


def posted(request: HttpRequest) -> QueryDict | None:
    """Return the data for a form: what was posted, even if empty, or None on a page only read.

    `request.POST or None` would take an empty form for one that was not sent yet.
    """
    return request.POST if request.method == "POST" else None


def posted_files(request: HttpRequest) -> "MultiValueDict[str, Any] | None":
    """Return the files for a form: given on reading, even an empty dict would bind the form."""
    return request.FILES if request.method == "POST" else None


@dataclass(frozen=True)
class Done(Generic[Result]):
    """What an action returned. It is always true, even if the result is empty or None."""

    result: Result


def act(target: HttpRequest | forms.BaseForm, action: Callable[[], Result]) -> Done[Result] | None:
    """Run the action and return what it returned, or None if it was refused.

    The refusal is shown to the person: at the form if the target is one, else as a message. An
    action that adds errors to the form by itself counts as refused as well. The action should
    be one service call, which is atomic, so that a refusal leaves nothing half done.
    """
    try:
        result = action()
    except (Refusal, ValidationError) as refusal:
        refuse(target, refusal)
        return None
    if isinstance(target, forms.BaseForm) and target.errors:
        return None
    return Done(result)


def refuse(target: HttpRequest | forms.BaseForm, refusal: Refusal | ValidationError) -> None:
    """Show a refusal: at the form's fields, where it names them, or as a message."""
    error = refusal if isinstance(refusal, ValidationError) else ValidationError(str(refusal))
    if not isinstance(target, forms.BaseForm):
        messages.error(target, " ".join(error.messages))
        return
    # What concerns a field that the form does not show is said above the form.
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for name, errors in by_field.items():
        target.add_error(name if name in target.fields else None, errors)


def READ_OR_SAVE(  # noqa: N802 (it reads as what it lets through, like the constants of Django)
    view: Callable[Concatenate[AnyRequest, Arguments], HttpResponse],
) -> Callable[Concatenate[AnyRequest, Arguments], HttpResponse]:
    """Make a view a page with a form: other methods are refused, what is sent is saved in one
    transaction, and what is sent twice is saved once (`kernel.sent_forms`)."""
    page = require_http_methods(["GET", "HEAD", "POST"])(counted_once(view))
    page.has_form = True  # type: ignore[attr-defined]
    return page


def HANDS_OUT(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:  # noqa: N802 (as above)
    """Make a view one that hands out a file, which whoever only reads for a while does not get."""
    page: Any = require_safe(view)
    page.is_file = True
    return page  # type: ignore[no-any-return]  # the same function


def locked(request: HttpRequest, rows: Rows) -> Rows:
    """Lock the rows if a form is being saved, so that nobody changes them after its checks.

    To be used in a view under `READ_OR_SAVE`.
    """
    return rows.select_for_update(of=("self",)) if request.method == "POST" else rows


# --- Answer -------------------------------------------------------------------------------


class HasPage(Protocol):
    """A thing with a page of its own, as most models are."""

    def get_absolute_url(self) -> str: ...


class Crumb(NamedTuple):
    """One link of the way from the first page to this one."""

    label: str
    url: str = ""


Crumbs = list[Crumb]


def trail(*things: HasPage | tuple[str, str]) -> Crumbs:
    """Return the crumbs of a page: of things by their names, of other pages by (label, url)."""
    return [
        Crumb(*thing) if isinstance(thing, tuple) else Crumb(str(thing), thing.get_absolute_url())
        for thing in things
    ]


def way_back(request: HttpRequest) -> str:
    """Return the page of this portal to which `?back=` leads after this one, or an empty text.

    Steps of a checklist are done on pages that know nothing of it.
    """
    back = request.GET.get("back", "")
    is_here = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_here else ""


def already_undone(request: HttpRequest) -> HttpResponse | None:
    """Answer a press of “Undo” whose thing is gone (`kernel.undo`); None to any other request. What a
    stranger sends to an address that does not exist is not read for that."""
    is_known = request.resolver_match and request.user.is_authenticated
    if not is_known or FIELD not in request.POST:
        return None
    messages.info(request, ALREADY)
    return redirect(way_back(request) or "home")


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    title: StrOrPromise,
    back: Any = "",
    crumbs: Crumbs | None = None,
    template: str = "components/form_page.html",
    **context: Any,
) -> HttpResponse:
    """Answer with a page of one form; one that was refused is shown again with what was typed.

    `back` is where “Cancel” leads: an address or a thing, or the last of the crumbs. See the template
    for the rest that it takes; `template` may be another one that extends it. `?back=` comes first
    (`way_back`).
    """
    # A page that opens by link keeps what is typed on it (`accounts.drafts`). Nothing is typed where
    # something is only taken away.
    draft = None if context.get("danger") else getattr(request, "draft", None)
    if draft:
        draft.fill_in(form)
    back = back or (crumbs[-1].url if crumbs else "")
    context |= {
        "form": form,
        "draft": draft,
        "title": title,
        "cancel_url": way_back(request) or (resolve_url(back) if back else ""),
        "crumbs": crumbs or [],
    }
    return render(request, template, context)


def save_page(
    request: HttpRequest,
    form: Any,
    save: Any = None,
    *,
    sentence: Any,
    to: Any = "",
    remove: Callable[[], str] | None = None,
    **page: Any,
) -> HttpResponse:
    """Answer with a page of one form (`form_page`) that does one thing, then says so and leads on.

    `save` does it and may refuse; without it the form saves itself. `to` is where it leads, an address
    or a thing; if it is not given, there where “Cancel” does. Both this and the sentence may be functions
    of what `save` returned. `remove` returns where the thing of the form is removed: for the button of
    the page, and where the thing is new, for the one that undoes it (`kernel.undo`).
    """
    is_new = remove is not None and form.instance.pk is None
    if form.is_valid() and (done := act(form, save or form.save_or_explain)):
        told = sentence(done.result) if callable(sentence) else sentence
        place = to(done.result) if callable(to) else to
        before = page.get("back") or page["crumbs"][-1].url
        undo = remove() if remove and is_new else ""
        return saved(request, told, place or before, undo=undo, made_at=before)
    if remove and not is_new:
        page["delete_url"] = remove()
    return form_page(request, form, **page)


def saved(
    request: HttpRequest,
    sentence: StrOrPromise,
    to: str | HasPage,
    *args: Any,
    undo: str = "",
    made_at: Any = "",
) -> HttpResponse:
    """Say what was done, and lead to a page: an address, a thing, or the name of a page with its
    arguments; to the one of `?back=`, where somebody came from a checklist (`way_back`). `undo`: the
    address to which the button posts that undoes it (`kernel.undo`), such as that of the removal.
    `made_at`: the page to which that leads, from which the thing was made."""
    back = way_back(request)
    if undo and made_at:
        undo += f"?{urlencode({'back': back or resolve_url(made_at)})}"
    say_with_undo(request, sentence, undo)
    return redirect(back) if back else redirect(to, *args)


def delete_page(
    request: HttpRequest,
    thing: models.Model,
    *,
    back: Any = "",
    done: str = "",
    delete: Callable[[], object] | None = None,
    sentence: StrOrPromise = "",
    **context: Any,
) -> HttpResponse:
    """Ask first, then delete; refuse with a sentence if something else needs the thing.

    `back` is where somebody lands who cancels or is refused, the last of the crumbs if nothing else is
    said; `done` where the thing is gone, if not there.
    `delete` is the service that does it, where more goes with it than the row; it may refuse.
    `sentence` says what was done, if not that the thing was deleted. Raises Http404 if it is gone.
    """
    # Taken before: what is gone can no longer be asked for its name, or for its page.
    back = resolve_url(back or context["crumbs"][-1].url)
    told = _removed_words(request, thing, sentence)
    if is_over(request):
        return redirect(request.get_full_path())
    if request.method == "POST":
        try:
            with transaction.atomic():
                (delete or thing.delete)()
        except models.ProtectedError as error:
            messages.error(request, in_use(thing, error.protected_objects))
            return redirect(back)
        except (Refusal, ValidationError) as refusal:
            refuse(request, refusal)
            return redirect(back)
        except ObjectDoesNotExist as error:
            raise Http404 from error
        return saved(request, told, done or back)
    usual = {"intro": _("This cannot be undone."), "submit": _("Delete")}
    usual["title"] = _("Delete “%(thing)s”?") % {"thing": thing}
    return form_page(request, forms.Form(), back=back, danger=True, **(usual | context))


def _removed_words(
    request: HttpRequest, thing: models.Model, sentence: StrOrPromise
) -> StrOrPromise:
    name = str(thing).rstrip(".")  # as of “IBCR Inc.”: the sentence brings its own
    if FIELD in request.POST:
        return _("Undone, and removed: %(thing)s.") % {"thing": name}
    label = f"{thing._meta.verbose_name}, {name}"
    return sentence or _("Deleted: %(thing)s.") % {"thing": label}


def in_use(thing: models.Model, others: Collection[models.Model]) -> str:
    """Return the sentence that says why the thing cannot be deleted, and what refers to it."""
    # A row that merely links two things is named by the one that owns it (its `owner`): that is
    # what a reader finds in the portal and can change.
    owners = (getattr(other, "owner", other) for other in others)
    kinds = {capfirst(str(owner._meta.verbose_name_plural)) for owner in owners}
    return _(
        "“%(thing)s” is in use and cannot be deleted. First remove what refers to it: %(kinds)s."
    ) % {"thing": thing, "kinds": join_list(sorted(kinds))}


def page_of(
    request: HttpRequest,
    rows: "models.QuerySet[Any, Row] | list[Row]",
    size: int = ROWS_ON_A_PAGE,
    *,
    key: str = "page",
) -> "Page[Row]":
    """Return the page of a long list that `?page=` names; the nearest one if there is no such.
    `key`: of one of several lists."""
    return Paginator(rows, size).get_page(request.GET.get(key))
