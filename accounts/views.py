"""A person's own account, the language of the pages, and pages for administrators."""

from operator import itemgetter
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import idle, organisation_sign_in
from accounts.checkpoints import own_checkpoints, public_key, public_key_id
from accounts.forms import (
    AccessLogFilterForm,
    CheckpointForm,
    LanguageForm,
    LostFactorForm,
    ProfileForm,
)
from accounts.identities import identity_changes, name_of_browser, remember_device
from accounts.log_check import check_log
from accounts.log_words import (
    kind_of,
    lines_of,
    name_of_thing,
    names_in,
    nobody,
    person_in,
    with_names,
    words_of,
)
from accounts.mail_in.addresses import takes_mail
from accounts.models import AccessEvent, AccessEventQuerySet, FactorReset, Pseudonym, User
from accounts.permissions import (
    helps_anybody,
    may_check_access_log,
    may_help,
    may_read_access_log,
    may_read_mailbox,
)
from accounts.second_factor import ask_for_reset, confirm_reset, sign_out_everywhere, withdraw_reset
from accounts.sign_in_views import clear_device
from kernel.cells import Action, Cell, Column, Empty
from kernel.formats import city_of
from kernel.pages import (
    READ_OR_SAVE,
    Crumb,
    Crumbs,
    Request,
    act,
    ask,
    form_page,
    posted,
    posted_files,
    saved,
    trail,
)
from kernel.records import RecordPages
from kernel.sheets import as_download


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep a visitor's choice in a cookie, and a signed-in person's also in their account, so that
    it holds on every device."""
    form = LanguageForm(request.POST)
    # Not `redirect`, which would read text without a slash as the name of a view.
    response = HttpResponseRedirect(safe_next(request))
    if not form.is_valid():
        messages.error(request, _("Choose one of the languages of the menu."))
        return response
    language = form.cleaned_data["language"]
    if isinstance(request.user, User):
        request.user.keep_language(language)
    return remember_language(response, language)


def safe_next(request: HttpRequest) -> str:
    """Return the page to go to, if it is one of this portal's, else the home page."""
    url = request.POST.get("next", "")
    host = settings.SITE_URL.partition("://")[2]
    # “on” alone would be read as an address relative to this page.
    is_place = url.startswith(("/", settings.SITE_URL))
    if is_place and url_has_allowed_host_and_scheme(url, {host}, require_https=settings.HTTPS):
        return url
    return "/"


def remember_language(response: HttpResponse, language: str) -> HttpResponse:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response


@READ_OR_SAVE
def profile(request: Request) -> HttpResponse:
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(posted(request), instance=person)
    if form.is_valid():
        with identity_changes(person, by=person):
            form.save()
        with translation.override(person.language):
            messages.success(request, _("Your details were saved."))
        return remember_language(redirect("accounts:profile"), person.language)
    context = {
        "form": form,
        "title": _("My account"),
        "may_check_access_log": may_check_access_log(request.user),
        "may_read_mailbox": may_read_mailbox(request.user),
        "takes_mail": takes_mail(),
        "helps_others": helps_anybody(request.user),
    }
    return render(request, "accounts/profile.html", context)


@require_safe
def still_here(request: Request) -> HttpResponse:
    """Asked by a page while somebody types: they are there (accounts/idle.py)."""
    return HttpResponse(status=204)


@require_safe
def unsaved(request: Request) -> HttpResponse:
    """What they sent after their session had ended, to copy it from here."""
    texts = idle.unsaved_texts(request, request.user)
    title = _("Not saved yet")
    context = {"texts": texts, "title": title, "crumbs": own_crumbs(title)}
    return render(request, "accounts/unsaved.html", context)


def own_crumbs(here: str) -> Crumbs:
    return [*trail((_("My account"), reverse("accounts:profile"))), Crumb(here)]


# /people/me/sessions/


@require_safe
def sessions(request: Request) -> HttpResponse:
    found = UserSession.objects.purge_and_list(request.user)
    if not any(session.is_current() for session in found):
        # Not written down yet (accounts/idle.py), and a page that is read writes nothing.
        found.append(this_session(request))
    found = sorted(
        found,
        key=lambda session: (session.is_current(), session.last_seen_at),
        reverse=True,
    )
    rows = [
        {"session": session, "device": name_of_browser(session.user_agent)} for session in found
    ]
    context = {
        "rows": rows,
        "idle_minutes": settings.IDLE_MINUTES,
        "days": settings.SESSION_COOKIE_AGE // (24 * 3600),
        "title": _("Where you are signed in"),
        "crumbs": own_crumbs(_("Signed in on")),
    }
    return render(request, "accounts/sessions.html", context)


def this_session(request: Request) -> UserSession:
    """Return the session of the request as one that is not saved."""
    return UserSession(
        session_key=request.session.session_key,
        user=request.user,
        ip=get_account_adapter().get_client_ip(request),
        user_agent=request.headers.get("User-Agent", ""),
    )


@require_POST
def end_session(request: Request, pk: int) -> HttpResponse:
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    session.end()
    AccessEvent.record(AccessEvent.Kind.ACCOUNT, user=request.user, change="session ended")
    return saved(request, _("You are signed out there."), "accounts:sessions")


@require_POST
def end_all_sessions(request: Request) -> HttpResponse:
    """Sign out everywhere else, or here, too."""
    here = "here" in request.POST
    sign_out_everywhere(request.user, but=None if here else request.session.session_key)
    AccessEvent.record(AccessEvent.Kind.ACCOUNT, user=request.user, change="all sessions ended")
    if here:
        organisation_sign_in.sign_out(request)
        return clear_device(saved(request, _("You are signed out everywhere."), "account_login"))
    idle.keep(request)
    response = saved(request, _("You are signed out everywhere else."), "accounts:sessions")
    remember_device(request, response, request.user)
    return response


# /people/lost-factors/


@require_safe
def lost_factors(request: Request) -> HttpResponse:
    """The open requests that concern the person, and what they can do about each."""
    waiting = FactorReset.objects.open().select_related("person", "asked_by")
    rows = [
        {
            "reset": reset,
            "is_own": reset.person_id == request.user.pk,
            "may_confirm": reset.asked_by_id != request.user.pk
            and may_help(request.user, reset.person),
        }
        for reset in waiting
        if concerns(reset, request.user)
    ]
    title = _("Lost second steps")
    context = {
        "rows": rows,
        "helps_others": helps_anybody(request.user),
        "title": title,
        "crumbs": own_crumbs(title),
    }
    return render(request, "accounts/lost_factors.html", context)


@READ_OR_SAVE
def lost_factor_create(request: Request) -> HttpResponse:
    ask(helps_anybody(request.user))
    form = LostFactorForm(posted(request), by=request.user)
    if form.is_valid():
        facts = form.cleaned_data
        if act(form, lambda: ask_for_reset(**facts, by=request.user)):
            text = _(
                "Noted, and a message was sent to %(person)s. A second person now has to "
                "confirm it."
            )
            return saved(request, text % {"person": facts["person"]}, "accounts:lost-factors")
    return form_page(
        request,
        form,
        title=_("Somebody lost their second step"),
        submit=_("Ask for its removal"),
        back=reverse("accounts:lost-factors"),
        crumbs=trail((_("Lost second steps"), reverse("accounts:lost-factors"))),
    )


@require_POST
def lost_factor_confirm(request: Request, pk: int) -> HttpResponse:
    reset = reset_or_404(request.user, pk)
    ask(reset.person_id != request.user.pk, _("Somebody else on the team confirms it, not you."))
    if act(request, lambda: confirm_reset(reset, by=request.user)):
        text = _("The second step of %(person)s is removed. They sign in and set up a new one.")
        messages.success(request, text % {"person": reset.person})
    return redirect("accounts:lost-factors")


@require_POST
def lost_factor_withdraw(request: Request, pk: int) -> HttpResponse:
    reset = reset_or_404(request.user, pk)
    if act(request, lambda: withdraw_reset(reset, by=request.user)):
        messages.success(request, _("The request has ended: nothing was removed."))
    return redirect("accounts:lost-factors")


def reset_or_404(user: User, pk: int) -> FactorReset:
    reset = get_object_or_404(FactorReset.objects.select_related("person"), pk=pk)
    if not concerns(reset, user):
        raise Http404
    return reset


def concerns(reset: FactorReset, user: User) -> bool:
    return reset.person_id == user.pk or may_help(user, reset.person)


class AccessLogPages(RecordPages[AccessEvent]):
    model, name, names = AccessEvent, "access-event", "access-log"
    namespace = "accounts:"
    title, heading = gettext_lazy("Access log"), gettext_lazy("Events")
    filter_class = AccessLogFilterForm
    rows_on_a_page = 50

    def find_place(self) -> None:
        if not may_read_access_log(self.request.user):
            raise Http404

    def rows(self) -> AccessEventQuerySet:
        return AccessEvent.objects.all()

    def read(self, lines: list[AccessEvent]) -> list[dict[str, Any]]:
        return log_rows(lines)

    def columns(self) -> list[Column]:
        return [
            Column("when", _("When"), lambda row: row["event"].at),
            Column("what", _("What"), itemgetter("kind")),
            Column("who", _("Who"), who_cell),
            Column("about", _("About"), about_cell),
        ]

    def empty(self) -> Empty:
        text = _("Nothing matches the filter. Clear a field to see more.")
        return Empty(_("No event"), text, icon="shield-check")

    no_match = empty

    def list_context(self, rows: AccessEventQuerySet) -> dict[str, Any]:
        sentence = _(
            "Who signed in, was given or refused access, downloaded or exported. Nothing here can be "
            "changed unnoticed."
        )
        check = Action(_("Check the log"), reverse("accounts:access-log-check"))
        return {"facts": [sentence, log_times(), check]}


def log_times() -> str:
    return _("Times of %(city)s.") % {"city": city_of(timezone.get_current_timezone_name())}


def who_cell(row: dict[str, Any]) -> Cell:
    if row["name"]:
        return Cell(row["name"])
    if row["event"].key:
        return Cell(notes=[_("a person who was forgotten")])
    return Cell(notes=[nobody(row["event"])])


def about_cell(row: dict[str, Any]) -> Cell:
    return Cell(" · ".join(row["about"]), notes=lines_of(row["details"]))


def log_rows(events: list[AccessEvent]) -> list[dict[str, Any]]:
    """Return each event with its other details and two names, unless these people were forgotten:
    the person who acted, and the person whom the event concerns."""
    things = names_in(events)
    concerned = [person_in(event) for event in events]
    keys = {key for key in [*(event.key for event in events), *concerned] if key}
    people = Pseudonym.objects.filter(key__in=keys)
    names = dict(people.values_list("key", "user__full_name"))
    return [
        {
            "event": event,
            "kind": kind_of(event),
            "name": names.get(event.key) if event.key else None,
            "about": list(
                filter(None, [name_of_thing(event, things), names.get(key) if key else None])
            ),
            "details": words_of(with_names(event.details, things)),
        }
        for event, key in zip(events, concerned, strict=True)
    ]


@READ_OR_SAVE
def access_log_check(request: Request) -> HttpResponse:
    """Tell an auditor who has no shell whether the log is whole. Nothing is written."""
    if not may_check_access_log(request.user):
        raise Http404
    form = CheckpointForm(posted(request), posted_files(request))
    check = None
    if form.is_valid():
        check = check_log(form.cleaned_data["checkpoints"] or own_checkpoints())
    context = {
        "form": form,
        "check": check,
        "is_own": bool(check) and not form.cleaned_data["checkpoints"],
        "title": _("Check the access log"),
        "crumbs": check_crumbs(request.user),
        "key": public_key(),
        "key_id": public_key_id(),
    }
    return render(request, "accounts/access_log_check.html", context)


def check_crumbs(user: User) -> Crumbs:
    here = _("Check")
    if not may_read_access_log(user):
        return own_crumbs(here)
    return [*trail((_("Access log"), reverse("accounts:access-log"))), Crumb(here)]


@require_safe
def access_log_checkpoints(request: Request) -> HttpResponse:
    """Hand out the portal's own checkpoints, to be kept elsewhere."""
    if not may_check_access_log(request.user):
        raise Http404
    return as_download(own_checkpoints(), "checkpoints", "txt")
