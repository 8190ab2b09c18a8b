"""The pages of report presets: their sections in order, and a preview of a report made with one."""

from collections import Counter

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.models import Audience
from kernel.form_fields import field_of
from kernel.ordering import keys_in_order
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    ask,
    delete_page,
    form_page,
    posted,
    saved,
    trail,
)
from kernel.text import active_language
from reports.compose import AUDIENCES, compose
from reports.document_types import Chapter
from reports.forms.reports import (
    NewReportPresetForm,
    PresetPreviewForm,
    PresetSectionForm,
    ReportPresetForm,
)
from reports.models import About, PresetSection, ReportPreset
from reports.permissions.documents import audiences_offered
from reports.permissions.reports import every_visible_report, may_edit_presets, may_see_presets
from reports.services.presets import (
    add_section,
    copy_sections,
    move_section,
    order_sections,
    remove_section,
)


def presets_for(user: User) -> QuerySet[ReportPreset]:
    if not may_see_presets(user):
        raise Http404
    return ReportPreset.objects.with_related()


def preset_or_404(user: User, pk: int) -> ReportPreset:
    return get_object_or_404(presets_for(user), pk=pk)


def editable_preset(user: User, pk: int) -> ReportPreset:
    preset = preset_or_404(user, pk)
    ask_for_editor(user)
    return preset


def ask_for_editor(user: User) -> None:
    ask(
        may_edit_presets(user),
        _("Presets are used by every project: ask an administrator of the portal to change one."),
    )


def crumbs(preset: ReportPreset | None = None) -> Crumbs:
    found = trail(
        (_("Reports"), reverse("reports:list")),
        (_("Presets of reports"), reverse("reports:presets")),
    )
    return found + trail(preset) if preset else found


# /reports/presets/


@require_safe
def preset_list(request: Request) -> HttpResponse:
    presets = presets_for(request.user).annotate(used=Count("reports"))
    context = {
        "presets": presets,
        "crumbs": crumbs()[:1],
        "may_edit": may_edit_presets(request.user),
    }
    return render(request, "reports/presets.html", context)


@READ_OR_SAVE
def preset_create(request: Request) -> HttpResponse:
    presets_for(request.user)
    ask_for_editor(request.user)
    form = NewReportPresetForm(posted(request), instance=ReportPreset())
    if form.is_valid() and form.save_or_explain():
        copy_sections(form.cleaned_data["source"], form.instance)
        return saved(request, _("The preset was saved."), form.instance)
    return form_page(
        request,
        form,
        title=_("New preset of reports"),
        back=reverse("reports:presets"),
        crumbs=crumbs(),
    )


@require_safe
def preset_detail(request: Request, pk: int) -> HttpResponse:
    preset = preset_or_404(request.user, pk)
    reports = every_visible_report(request.user).with_related().order_by("-pk")
    context = {
        "preset": preset,
        "crumbs": crumbs(),
        "sections": preset.sections.all(),
        "templates": preset.word_templates.with_related(),
        "used": preset.reports.count(),
        "may_edit": may_edit_presets(request.user),
    }
    if reports.exists():
        context["preview"] = PresetPreviewForm(
            reports=reports, initial={"report": reports.first(), "language": active_language()}
        )
    return render(request, "reports/preset.html", context)


@READ_OR_SAVE
def preset_edit(request: Request, pk: int) -> HttpResponse:
    preset = editable_preset(request.user, pk)
    form = ReportPresetForm(posted(request), instance=preset)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The preset was saved."), preset)
    is_own = not (preset.key or preset.reports.exists())
    return form_page(
        request,
        form,
        title=_("Edit the preset"),
        back=preset,
        crumbs=crumbs(preset),
        delete_url=reverse("reports:preset-delete", args=[preset.pk]) if is_own else "",
    )


@READ_OR_SAVE
def preset_delete(request: Request, pk: int) -> HttpResponse:
    """Delete a preset that somebody added and that no report follows.

    One that came with the portal would come back with the next update: it is only withdrawn from
    the choice for new reports.
    """
    preset = editable_preset(request.user, pk)
    back = preset.get_absolute_url()
    if preset.key:
        messages.error(
            request,
            _(
                "This preset came with the portal. Mark it as no longer offered for new "
                "reports instead."
            ),
        )
        return redirect(back)
    done = reverse("reports:presets")
    return delete_page(request, preset, back=back, done=done, crumbs=crumbs(preset))


# Sections of a preset


def editable_section(user: User, pk: int, section_pk: int) -> PresetSection:
    preset = editable_preset(user, pk)
    section = get_object_or_404(preset.sections.all(), pk=section_pk)
    section.preset = preset
    return section


@READ_OR_SAVE
def section_create(request: Request, pk: int) -> HttpResponse:
    preset = editable_preset(request.user, pk)
    form = PresetSectionForm(posted(request), instance=PresetSection(preset=preset))
    if not field_of(form, "kind", forms.TypedChoiceField).choices:
        messages.error(request, _("The preset already has every possible section."))
        return redirect(preset)
    if form.is_valid():
        form.note_translations()
        add_section(form.instance)
        return saved(request, _("The section was saved."), preset)
    return section_page(request, form, _("Add a section"))


@READ_OR_SAVE
def preset_section_edit(request: Request, pk: int, section_pk: int) -> HttpResponse:
    section = editable_section(request.user, pk, section_pk)
    form = PresetSectionForm(posted(request), instance=section)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The section was saved."), section.preset)
    return section_page(request, form, section.name)


def section_page(request: Request, form: PresetSectionForm, title: str) -> HttpResponse:
    preset = form.instance.preset
    return form_page(request, form, title=title, back=preset, crumbs=crumbs(preset))


@require_POST
def section_move(request: Request, pk: int, section_pk: int, direction: str) -> HttpResponse:
    section = editable_section(request.user, pk, section_pk)
    move_section(section, up=direction == "up")
    return redirect(section.preset)


@require_POST
def sections_order(request: Request, pk: int) -> HttpResponse:
    """Store the order of all sections after one of them was dragged."""
    preset = editable_preset(request.user, pk)
    order_sections(preset, keys_in_order(request))
    return redirect(preset)


@require_POST
def section_remove(request: Request, pk: int, section_pk: int) -> HttpResponse:
    """Take a section out of the preset.

    What was written under it stays with the reports, and is shown again if the section comes back.
    """
    section = editable_section(request.user, pk, section_pk)
    remove_section(section)
    return saved(request, _("The section was removed from the preset."), section.preset)


# Preview


@require_safe
def preset_preview(request: Request, pk: int) -> HttpResponse:
    """Show the chapters of a report that the person sees, as this preset would arrange them.

    Nothing is stored, and the report keeps its own preset.
    """
    preset = preset_or_404(request.user, pk)
    reports = every_visible_report(request.user).with_related().order_by("-pk")
    form = PresetPreviewForm(request.GET, reports=reports)
    if not form.is_valid():
        return redirect(preset)
    report, language = form.cleaned_data["report"], form.cleaned_data["language"]
    report.preset = preset
    offered = audiences_offered(request.user, About(report), AUDIENCES)
    audience = Audience.COORDINATION if Audience.COORDINATION in offered else offered[0]
    document = compose(report, language=language, audience=audience, as_of=timezone.localdate())
    context = {
        "preset": preset,
        "crumbs": crumbs(preset),
        "form": form,
        "report": report,
        "language": language,
        "document": document,
        "chapters": [(chapter, computed_parts(chapter)) for chapter in document["chapters"]],
    }
    return render(request, "reports/preset_preview.html", context)


def computed_parts(chapter: Chapter) -> dict[str, object]:
    """Count the tables, figures and boxes that the portal puts into a chapter, and list its first
    headings."""
    types = Counter(block["type"] for block in chapter["blocks"])
    return {
        "tables": types["table"],
        "figures": types["figure"],
        "boxes": types["box"],
        "headings": [
            block
            for block in chapter["blocks"]
            if block["type"] == "heading" and block["level"] == 1
        ][:8],
    }
