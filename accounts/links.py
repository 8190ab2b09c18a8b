"""Access links: pages that a person opens from a mail, without signing in.

Mail scanners open links too, so opening such a page changes nothing: an action needs a press
of a button, and only actions are written into the access log.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta, tzinfo
from functools import wraps
from typing import Any, Protocol
from urllib.parse import unquote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Model
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts.acting import refusal_about
from accounts.drafts import PageDraft
from accounts.models import AccessEvent, AccessLink, User
from accounts.reading import written_for

View = Callable[..., HttpResponse]
# By model, the statement that reads one by its key, with what a page shows.
Readers = Mapping[Any, Callable[[int], Iterable[Model]]]


class LinkNotValid(Http404):
    """An access link that is altered, expired, revoked or made for another purpose.

    All of them get the same answer, which does not reveal the reason.
    """


def absolute_url(path: str) -> str:
    """Return the address of a page for mail and documents, from SITE_URL and never from a
    request."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"A path of this portal starts with one slash: {path!r}")
    return f"{settings.SITE_URL}{path}"


def readable_url(name: str, *args: object) -> str:
    """Return the address of a page; in a preview it has “…” for its token."""
    return absolute_url(unquote(reverse(name, args=args)))


def new_link(
    person: User,
    purpose: str,
    thing: Model,
    page: str,
    *,
    by: User | None,
    lasts: timedelta = timedelta(days=30),
) -> str:
    """Return the address of a new link for the person, whose page has this name. Only its hash is
    stored: show or send it now."""
    _link, token = AccessLink.issue(person, purpose, thing, by=by, lasts=lasts)
    return absolute_url(reverse(page, args=[token]))


def link_or_404(token: str, purpose: str, read: Readers | None = None) -> AccessLink:
    """Return the valid link that the token opens for this purpose, with its `user` and `thing`;
    `read` reads things of some models with what the page shows."""
    link = AccessLink.objects.opened_by(token, purpose)
    if link and (reader := (read or {}).get(link.content_type.model_class())):
        link.thing = next(iter(reader(link.object_id)), None)
    if link is None or link.thing is None:
        raise LinkNotValid
    return link


def record_use(link: AccessLink, **details: Any) -> AccessEvent:
    """Write into the access log that the bearer did something. Call it on POST only. What was sent is
    saved then, and its draft ends."""
    link.is_used = True
    return AccessEvent.record(
        AccessEvent.Kind.LINK, user=link.user, thing=link.thing, purpose=link.purpose, **details
    )


def link_page(purpose: str, read: Readers | None = None) -> Callable[[View], View]:
    """Make a view of the page that links of this purpose open.

        @link_page("plan-review")
        def review_plan(request, link): …

    Its URL gives `token`, the view gets the `AccessLink`. The page needs no sign-in, is kept by
    no cache and speaks the language of the person whom the link is for. What is typed on it is kept
    as a draft until it is sent (`accounts.drafts`).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
            link = link_or_404(token, purpose, read)
            assert link.thing is not None  # there is none without a thing
            # Read by `base.html`, which leaves out navigation and account, and by
            # `components/bottom.html`, which leads to the choices of mail.
            request.link_user = link.user  # type: ignore[attr-defined]
            with written_for(link.user, link.thing), reading_as(request, link.user):
                draft = PageDraft(request, link.thing, link.user)

                def answer() -> HttpResponse:
                    if request.method == "POST" and (refused := _refused(request, link)):
                        return refused
                    answered = view(request, link, *args, **kwargs)
                    draft.is_sent = link.is_used
                    is_file = "attachment" in answered.get("Content-Disposition", "")
                    if is_file and (refused := _refused(request, link)):
                        answered.close()  # the file, which nobody reads
                        return refused
                    return answered

                return draft.answer(answer)

        # No cookie identifies the person, so a form on a foreign page could not act for them.
        return csrf_exempt(login_not_required(never_cache(page)))

    return decorate


def _refused(request: HttpRequest, link: AccessLink) -> HttpResponse | None:
    """Refuse what the person sends or takes, where a reason against it is known."""
    assert link.thing is not None  # `link_or_404` looked
    sentence = refusal_about(link.user, link.thing)
    return render(request, "403.html", {"reason": sentence}, status=403) if sentence else None


def token_of(request: HttpRequest) -> str:
    """Return the token in the address of the page, for links to further pages of its bearer."""
    match = request.resolver_match
    assert match is not None  # a view is answering, so an address was matched
    return str(match.kwargs["token"])


def draft_of(request: HttpRequest) -> PageDraft:
    """Return the draft of a page that opens by link, for a view that renders its form itself."""
    draft: PageDraft = request.draft  # type: ignore[attr-defined]  # set by `PageDraft`
    return draft


def too_late(request: HttpRequest, form: BaseForm, back: str) -> HttpResponse:
    """Lead back from a form that is taken no more. What somebody sends all the same is kept, in case
    they get more time."""
    draft_of(request).forms = (form,)
    if request.method == "POST":
        sentence = gettext(
            "The time has run out: this was not recorded. What you typed is kept as a draft. Ask the "
            "coordination for more time."
        )
        messages.warning(request, sentence)
    return redirect(back)


class HasLanguageAndZone(Protocol):
    """A person, or a proposal with the language that its organisation chose."""

    @property
    def language(self) -> str: ...
    @property
    def zone(self) -> tzinfo: ...


@contextmanager
def reading_as(request: HttpRequest, person: HasLanguageAndZone) -> Iterator[None]:
    """Use the person's language and time zone, unless the reader chose a language here before."""
    with reading_in(request, person.language), timezone.override(person.zone):
        yield


@contextmanager
def reading_in(request: HttpRequest, language: str) -> Iterator[None]:
    """Use this language, unless the reader chose one here before."""
    if request.user.is_authenticated or settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        language = translation.get_language()
    with translation.override(language):
        yield
