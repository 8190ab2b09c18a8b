"""Writing minutes: their words, translations and errata; and destroying the annex of names."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from committees.minutes.forms import ErratumForm, MinutesForm, StartMinutesForm, TranslationForm
from committees.minutes.services import minutes as services
from committees.minutes.services.names import destroy_annex
from committees.minutes.views.minutes import minutes_form, not_now, own_minutes
from committees.models import Meeting, Minutes
from committees.pages import meeting_or_404, meeting_trail
from committees.permissions.meetings import may_edit_meeting
from kernel.languages import first_language
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved
from kernel.text import LANGUAGES

# Writing


@READ_OR_SAVE
def minutes_create(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    if known := Minutes.objects.filter(meeting=meeting).first():
        return redirect(known)
    form = StartMinutesForm(posted(request), initial={"language": language_of_notes(meeting)})
    if form.is_valid() and (
        started := act(form, lambda: services.start_minutes(meeting, **form.cleaned_data))
    ):
        return redirect(started.result)
    return form_page(
        request,
        form,
        title=_("Write the minutes"),
        back=meeting,
        crumbs=meeting_trail(meeting),
        intro=_(
            "The minutes are composed from the agenda, the notes, the attendance and the "
            "resolutions. Until they are circulated, they follow every change made there."
        ),
        submit=_("Begin"),
    )


def language_of_notes(meeting: Meeting) -> str:
    """Return the language in which most of the notes are written, else the first of the project."""
    written = list(meeting.items.exclude(notes="").values_list("notes_language", flat=True))
    return max(written, key=written.count) if written else first_language()


@READ_OR_SAVE
def minutes_edit(request: Request, pk: int) -> HttpResponse:
    minutes = own_minutes(request, pk)
    if not minutes.may_be_written:
        return not_now(request, minutes)
    form = MinutesForm(posted(request), instance=minutes)
    if form.is_valid() and act(form, lambda: services.write_minutes(minutes, **form.cleaned_data)):
        return saved(request, _("The minutes were saved."), minutes)
    return minutes_form(request, form, minutes, _("Opening and closing"), keep=True)


@READ_OR_SAVE
def minutes_translate(request: Request, pk: int, language: str) -> HttpResponse:
    minutes = own_minutes(request, pk)
    if language not in LANGUAGES or language == minutes.language:
        raise Http404
    form = TranslationForm(posted(request), minutes=minutes, language=language)
    if form.is_valid() and act(
        form,
        lambda: services.translate_minutes(
            minutes,
            language,
            form.texts,
            seen_version=form.cleaned_data["version"],
            by=request.user,
        ),
    ):
        return saved(request, _("The translation was saved."), minutes)
    title = _("Courtesy translation: %(language)s") % {"language": LANGUAGES[language]}
    template = "committees/minutes_translate.html"
    return minutes_form(request, form, minutes, title, template=template, keep=True)


@require_POST
def minutes_to_agenda(request: Request, pk: int) -> HttpResponse:
    """Put the adoption on the agenda of the next meeting."""
    minutes = own_minutes(request, pk)
    if put := act(request, lambda: services.put_on_next_agenda(minutes)):
        return saved(request, _("The adoption is on the agenda of that meeting."), put.result)
    return redirect("committees:minutes-step", pk, "adopt")


# After the sealing


@READ_OR_SAVE
def erratum_create(request: Request, pk: int) -> HttpResponse:
    minutes = own_minutes(request, pk)
    if not minutes.is_sealed:
        return not_now(request, minutes)
    form = ErratumForm(posted(request), minutes=minutes)
    if form.is_valid():
        form.instance.by, form.instance.entry_key = request.user, form.key
        if act(form, lambda: services.add_erratum(form.instance)):
            return saved(request, _("The erratum is shown with the minutes."), minutes)
    return minutes_form(request, form, minutes, _("Add an erratum"))


@require_POST
def annex_destroy(request: Request, pk: int) -> HttpResponse:
    minutes = own_minutes(request, pk)
    if destroyed := act(request, lambda: destroy_annex(minutes)):
        sentences = [_("The names are destroyed. The sealed text is untouched."), *destroyed.result]
        messages.success(request, " ".join(sentences))
    return redirect(minutes)
