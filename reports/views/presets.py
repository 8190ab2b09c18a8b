"""The pages of report presets: their sections in order, and a preview of a report made with one."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.models import Audience
from kernel.cells import Cell, Chip, Column, dotted
from kernel.form_fields import field_of
from kernel.ordering import keys_in_order
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    ask,
    form_page,
    posted,
    saved,
    trail,
)
from kernel.records import RecordPages
from kernel.text import StrOrPromise, active_language
from reports.compose import AUDIENCES, compose
from reports.document_types import Chapter
from reports.forms.reports import (
    NewReportPresetForm,
    PresetPreviewForm,
    PresetSectionForm,
    ReportPresetForm,
)
from reports.models import About, PresetSection, ReportPreset, ReportQuerySet
from reports.permissions.documents import audiences_offered
from reports.permissions.reports import every_visible_report, may_edit_presets, may_see_presets
from reports.services.presets import (
    add_section,
    copy_sections,
    move_section,
    order_sections,
    remove_section,
)

ONLY_ADMINISTRATORS = gettext_lazy(
    "Presets are used by every project: ask an administrator of the portal to change one."
)


def presets_for(user: User) -> QuerySet[ReportPreset]:
    if not may_see_presets(user):
        raise Http404
    return ReportPreset.objects.with_related()


def preset_or_404(user: User, pk: int) -> ReportPreset:
    return get_object_or_404(presets_for(user), pk=pk)


def editable_preset(user: User, pk: int) -> ReportPreset:
    preset = preset_or_404(user, pk)
    ask(may_edit_presets(user), str(ONLY_ADMINISTRATORS))
    return preset


def crumbs(*more: ReportPreset) -> Crumbs:
    return trail(
        (_("Reports"), reverse("reports:list")),
        (_("Presets of reports"), reverse("reports:presets")),
        *more,
    )


class PresetPages(RecordPages[ReportPreset]):
    model, name, names = ReportPreset, "preset", "presets"
    prefix, namespace = "reports/", "reports:"
    title, heading = gettext_lazy("Presets of reports"), gettext_lazy("Presets")
    list_template, page_template = "reports/presets.html", "reports/preset.html"
    form_class = ReportPresetForm
    new_label, new_title = gettext_lazy("New preset"), gettext_lazy("New preset of reports")
    edit_title = gettext_lazy("Edit the preset")
    saved_sentence, refusal = gettext_lazy("The preset was saved."), ONLY_ADMINISTRATORS

    def find_place(self) -> None:
        presets_for(self.request.user)

    def rows(self) -> QuerySet[ReportPreset]:
        return presets_for(self.request.user).annotate(used=Count("reports")).order_by("pk")

    def editable_rows(self) -> QuerySet[ReportPreset]:
        return presets_for(self.request.user)

    def may_edit(self) -> bool:
        return may_edit_presets(self.request.user)

    def crumbs(self, *more: ReportPreset) -> Crumbs:
        return crumbs(*more)

    def place_context(self) -> dict[str, Any]:
        return {"crumbs": crumbs()[:1]}

    def columns(self) -> list[Column]:
        return [Column("name", _("Name"), name_cell), Column("state", _("State"), offered_cell)]

    def page_context(self, preset: ReportPreset) -> dict[str, Any]:
        reports = reports_to_preview(self.request.user)
        initial = {"report": reports.first(), "language": active_language()}
        has_reports = initial["report"] is not None
        return {
            "sections": preset.sections.all(),
            "templates": preset.word_templates.with_related(),
            "preview": PresetPreviewForm(reports=reports, initial=initial) if has_reports else None,
        }

    def new_record(self) -> ReportPreset:
        return ReportPreset()

    def form(self, preset: ReportPreset) -> ReportPresetForm:
        form_class = ReportPresetForm if preset.pk else NewReportPresetForm
        return form_class(posted(self.request), instance=preset)

    def save(self, form: ReportPresetForm) -> bool:
        if not super().save(form):
            return False
        if source := form.cleaned_data.get("source"):
            copy_sections(source, form.instance)
        return True

    def form_of(self, preset: ReportPreset, title: StrOrPromise, crumbs: Crumbs) -> HttpResponse:
        is_used = preset.pk is not None and preset.reports.exists()
        self.can_be_removed = not (preset.key or is_used)
        return super().form_of(preset, title, crumbs)

    def delete(self, pk: int) -> HttpResponse:
        """Delete a preset that somebody added and that no report follows.

        One that came with the portal would come back with the next update: it is only withdrawn
        from the choice for new reports.
        """
        self.ask_editor()
        preset = self.record(self.editable_rows(), pk)
        if preset.key:
            sentence = _(
                "This preset came with the portal. Mark it as no longer offered for new "
                "reports instead."
            )
            return self.refuse(preset, sentence)
        return super().delete(pk)


def name_cell(preset: Any) -> Cell:  # of `rows`, with the number of its reports
    sections = len(preset.sections.all())
    facts = dotted(
        preset.get_type_display(),
        ngettext("%(number)s section", "%(number)s sections", sections) % {"number": sections},
        ngettext("%(number)s report", "%(number)s reports", preset.used) % {"number": preset.used},
    )
    return Cell(preset, url=preset.get_absolute_url(), notes=facts)


def offered_cell(preset: ReportPreset) -> Cell:
    chip = Chip(_("Offered"), "ok") if preset.is_offered else Chip(_("Not offered"))
    return Cell(chips=[chip])


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


def reports_to_preview(user: User) -> ReportQuerySet:
    return every_visible_report(user).with_related().order_by("-pk")


@require_safe
def preset_preview(request: Request, pk: int) -> HttpResponse:
    """Show the chapters of a report that the person sees, as this preset would arrange them.

    Nothing is stored, and the report keeps its own preset.
    """
    preset = preset_or_404(request.user, pk)
    form = PresetPreviewForm(request.GET, reports=reports_to_preview(request.user))
    if not form.is_valid():
        return redirect(preset)
    report, language = form.cleaned_data["report"], form.cleaned_data["language"]
    report.preset = preset
    offered = audiences_offered(request.user, About(report), AUDIENCES)
    audience = Audience.COORDINATION if Audience.COORDINATION in offered else offered[0]
    document = compose(report, language=language, audience=audience, as_of=timezone.localdate())
    context = {
        "title": _("Preview"),
        "place_title": preset,
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
