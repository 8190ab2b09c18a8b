"""Correcting what was resolved, and removing what was recorded by mistake."""

from django.db.models import ProtectedError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Resolution
from committees.pages import resolution_or_404
from committees.permissions.resolutions import may_edit_resolution
from committees.resolutions.correcting import (
    change_text,
    correct_resolution,
    remove_resolution,
)
from committees.resolutions.forms.correcting import correction_form
from committees.resolutions.forms.following import SetAsideForm
from committees.resolutions.forms.recording import ResolutionTextForm
from committees.resolutions.services import meeting_of
from committees.resolutions.views.effects import undone_with
from committees.resolutions.views.resolutions import resolution_form
from kernel.pages import READ_OR_SAVE, Request, act, ask, in_use, posted, saved
from kernel.refusal import Refusal


@READ_OR_SAVE
def resolution_edit(request: Request, pk: int) -> HttpResponse:
    """Correct all that was recorded, until the minutes circulate; of what was resolved between
    meetings the words, the addressee and the due day."""
    resolution = resolution_or_404(request.user, pk)
    ask(may_edit_resolution(request.user, resolution))
    if resolution.meeting is None:
        return edit_words(request, resolution)
    form = correction_form(posted(request), resolution)
    if form.is_valid():
        form.note_translations()
        correction = form.correction
        if act(form, lambda: correct_resolution(resolution, correction, by=request.user)):
            return saved(request, _("The correction was saved."), resolution)
    return resolution_form(
        request,
        form,
        resolution,
        _("Correct: %(name)s") % {"name": resolution},
        template="committees/resolution_correct.html",
    )


def edit_words(request: Request, resolution: Resolution) -> HttpResponse:
    form = ResolutionTextForm(posted(request), instance=resolution)
    if form.is_valid():
        form.note_translations()
        if act(form, lambda: change_text(resolution)):
            return redirect(resolution)
    return resolution_form(request, form, resolution, _("Edit: %(name)s") % {"name": resolution})


@READ_OR_SAVE
def resolution_remove(request: Request, pk: int) -> HttpResponse:
    """Remove what was recorded by mistake, with a reason, until the minutes circulate."""
    resolution = resolution_or_404(request.user, pk)
    ask(may_edit_resolution(request.user, resolution))
    if resolution.meeting is None:
        return redirect(resolution)
    form, label = SetAsideForm(posted(request)), str(resolution)
    was_ratified = resolution.was_ratified
    if form.is_valid() and act(
        form, lambda: remove(resolution, by=request.user, why=form.cleaned_data["why"])
    ):
        if was_ratified:
            sentence = _("%(name)s is provisional again: its ratification was taken back.")
            return saved(request, sentence % {"name": label}, resolution)
        sentence = _("%(name)s was removed. The history of the meeting keeps it.")
        return saved(request, sentence % {"name": label}, meeting_of(resolution))
    return resolution_form(
        request,
        form,
        resolution,
        _("Remove: %(name)s") % {"name": resolution},
        submit=_("Remove"),
        danger=True,
        template="committees/resolution_remove.html",
        removes=True,
        was_ratified=was_ratified,
        **undone_with(resolution),
    )


def remove(resolution: Resolution, *, by: User, why: str) -> None:
    try:
        remove_resolution(resolution, by=by, why=why)
    except ProtectedError as error:
        raise Refusal(in_use(resolution, error.protected_objects)) from error
