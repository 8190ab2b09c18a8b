"""Drafts of whole forms on pages that open by link: on the server, since there is no session.

A script keeps what is typed while it is typed (static/js/draft.js), a button does without scripts,
and a form that was refused is kept as it was sent. What is sent and saved ends the draft.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import FormDraft, User

KEEP, DISCARD = "keep_draft", "discard_draft"
MOST_CHARACTERS = 100_000


class PageDraft:
    """The draft of the page that is asked for, where `form_page` finds it. Nothing is read or kept
    before the view, which knows what the person may do, comes to a form that is to be filled in."""

    def __init__(self, request: HttpRequest, thing: models.Model, user: User | None) -> None:
        request.draft = self  # type: ignore[attr-defined]
        self.request, self.thing, self.user = request, thing, user
        self.forms: tuple[forms.BaseForm, ...] = ()
        self.is_filled_in = self.is_sent = False
        self.narrow()

    def narrow(self, **further: str) -> None:
        """Make it the draft of a part of what the page shows, such as one sentence, which the view
        found there: a name that anybody makes up is no key."""
        match = self.request.resolver_match
        assert match is not None  # a view is answering, so an address was matched
        self.key = key_of(self.thing, self.user, match.view_name, match.kwargs | further)

    @cached_property
    def row(self) -> FormDraft | None:
        return FormDraft.objects.filter(key=self.key).first()

    def answer(self, view: Callable[[], HttpResponse]) -> HttpResponse:
        """Answer the request: keep or discard the draft, or let the view answer, which says by
        `is_sent` that it saved what was sent."""
        if self.request.method != "POST":
            return view()
        if KEEP in self.request.POST or DISCARD in self.request.POST:
            self.request.method = "GET"  # so the view shows its form and saves nothing
            view()
            if KEEP in self.request.POST:
                self.keep()
            else:
                self.forget()
            return self._done()
        response = view()
        if self.is_sent:
            self.forget()
        else:
            self.keep()
        return response

    def _done(self) -> HttpResponse:
        if "X-Draft" in self.request.headers:  # the script stays where it is
            return HttpResponse(status=204)
        return redirect(self.request.get_full_path())

    def keep(self) -> None:
        """Keep what was typed in the fields of the forms that the view came to."""
        content: dict[str, list[str]] = {}
        for form in self.forms:
            data: Any = form.data if form.is_bound else self.request.POST
            for bound in _fields_to_keep(form):
                if any(values := data.getlist(bound.html_name)):
                    # PostgreSQL takes no NUL in a text.
                    content[bound.html_name] = [value.replace("\0", "") for value in values]
        if not content or len(str(content)) > MOST_CHARACTERS:
            return
        values = {"user": self.user, "content": content, "saved_at": timezone.now()}
        FormDraft.objects.update_or_create(key=self.key, defaults=values)

    def forget(self) -> None:
        FormDraft.objects.filter(key=self.key).delete()

    def fill_in(self, *shown: forms.BaseForm) -> None:
        """Show what was typed in forms that nobody has sent. What is stored stays what the stamp of
        the form compares with (`kernel.stamps`)."""
        self.forms = shown
        if all(form.is_bound for form in shown) or not self.row:
            return
        data = QueryDict(mutable=True)
        for name, values in self.row.content.items():
            data.setlist(name, values)
        for form in shown:
            if not form.is_bound:
                self.is_filled_in |= _fill_in(form, data)


def _fields_to_keep(form: forms.BaseForm) -> Iterator[Any]:
    for name, field in form.fields.items():
        bound = form[name]
        if not (bound.is_hidden or isinstance(field, forms.FileField) or field.disabled):
            yield bound


def _fill_in(form: forms.BaseForm, data: QueryDict) -> bool:
    filled = False
    for bound in _fields_to_keep(form):
        widget = bound.field.widget
        if not widget.value_omitted_from_data(data, {}, bound.html_name):
            bound.initial = widget.value_from_datadict(data, {}, bound.html_name)
            filled = True
    return filled


def key_of(
    thing: models.Model, user: User | None, page: str, arguments: dict[str, Any] | None = None
) -> str:
    """Return the key of a draft. The token is no part of it: another link to the same thing shows
    the same draft."""
    further = sorted((name, str(value)) for name, value in (arguments or {}).items())
    further = [pair for pair in further if pair[0] != "token"]
    parts = [thing._meta.label_lower, thing.pk, user.pk if user else None, page, further]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
