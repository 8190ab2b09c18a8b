"""What is written of minutes: their words, translations, errata; and the names destroyed."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_POST

from committees.minutes.forms import ErratumForm, MinutesForm, StartMinutesForm, TranslationForm
from committees.minutes.services import minutes as services
from committees.minutes.views.minutes import minutes_form, not_now, own_minutes
from committees.models import Meeting, Minutes
from committees.pages import accepted, allow, done, meeting_or_404, meeting_trail, typed
from committees.permissions.meetings import may_edit_meeting
from kernel.text import LANGUAGES

# Writing


def minutes_create(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, meeting))
    if known := Minutes.objects.filter(meeting=meeting).first():
        return redirect(known)
    form = StartMinutesForm(typed(request), initial={"language": language_of_notes(meeting)})
    started: list[Minutes] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(
            form, lambda: started.append(services.start_minutes(meeting, **form.cleaned_data))
        )
    ):
        return redirect(started[0])
    context = {
        "form": form,
        "title": _("Write the minutes"),
        "intro": _(
            "They are composed from the agenda, the notes, the attendance and what was resolved. "
            "Until they circulate they follow whatever is changed there."
        ),
        "submit": _("Begin"),
        "crumbs": meeting_trail(meeting),
        "cancel_url": meeting.get_absolute_url(),
    }
    return render(request, "committees/form.html", context)


def language_of_notes(meeting: Meeting) -> str:
    """The language in which most of the notes are written."""
    written = list(meeting.items.exclude(notes="").values_list("notes_language", flat=True))
    return max(written, key=written.count) if written else (get_language() or "fr")[:2]


def minutes_edit(request: HttpRequest, pk: int) -> HttpResponse:
    minutes = own_minutes(request, pk)
    if not minutes.may_be_written:
        return not_now(request, minutes)
    form = MinutesForm(typed(request), instance=minutes)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: services.write_minutes(minutes, **form.cleaned_data))
    ):
        messages.success(request, _("The minutes are saved."))
        return redirect(minutes)
    return minutes_form(request, form, minutes, _("Opening and closing"), keep=True)


def minutes_translate(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    minutes = own_minutes(request, pk)
    if language not in LANGUAGES or language == minutes.language:
        raise Http404
    form = TranslationForm(typed(request), minutes=minutes, language=language)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(
            form,
            lambda: services.translate_minutes(
                minutes,
                language,
                form.texts,
                seen_version=form.cleaned_data["version"],
                by=request.user,
            ),
        )
    ):
        messages.success(request, _("The translation is saved."))
        return redirect(minutes)
    title = _("Courtesy translation: %(language)s") % {"language": LANGUAGES[language]}
    template = "committees/minutes_translate.html"
    return minutes_form(request, form, minutes, title, template=template, keep=True)


# After the sealing


def erratum_create(request: HttpRequest, pk: int) -> HttpResponse:
    minutes = own_minutes(request, pk)
    if not minutes.is_sealed:
        return not_now(request, minutes)
    form = ErratumForm(typed(request), minutes=minutes)
    if request.method == "POST" and form.is_valid():
        form.instance.by, form.instance.entry_key = request.user, form.key
        if accepted(form, lambda: services.add_erratum(form.instance)):
            return redirect(minutes)
    return minutes_form(request, form, minutes, _("Add an erratum"))


@require_POST
def annex_destroy(request: HttpRequest, pk: int) -> HttpResponse:
    minutes = own_minutes(request, pk)
    if done(request, lambda: services.destroy_annex(minutes)):
        messages.success(request, _("The names are destroyed. The sealed text is untouched."))
    return redirect(minutes)
