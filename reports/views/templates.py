"""The pages of donors' own Word templates: those of a preset, and a report filled into one."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.files import serve
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    form_page,
    posted,
    posted_files,
    saved,
)
from kernel.sent_forms import counted_once
from reports.forms.documents import AtOnceForm, complaints
from reports.forms.reports import WordTemplateForm
from reports.models import DocumentKind, Report, WordTemplate
from reports.services.file_names import name_for
from reports.services.filling import FillFailed, filled_template
from reports.views.documents import about_or_404, as_file, document_form
from reports.views.presets import crumbs, editable_preset, preset_or_404
from reports.word_fields import field_groups

# /reports/presets/<pk>/templates/


@require_safe
def preset_template(request: Request, pk: int, template_pk: int) -> FileResponse:
    """Answer with the template as it was uploaded."""
    preset = preset_or_404(request.user, pk)
    template = get_object_or_404(preset.word_templates.all(), pk=template_pk)
    return serve(template, filename=template.name)


@require_safe
def template_example(request: Request, pk: int) -> HttpResponse:
    """Answer with an example to begin with, in the language of the page."""
    from reports.example_template import example_template  # noqa: PLC0415  (it imports docx)

    preset_or_404(request.user, pk)
    return as_file(example_template(), _("Example of a template"), "docx")


@READ_OR_SAVE
def template_create(request: Request, pk: int) -> HttpResponse:
    preset = editable_preset(request.user, pk)
    return template_page(request, WordTemplate(preset=preset), _("Add a Word template"))


@READ_OR_SAVE
def template_edit(request: Request, pk: int, template_pk: int) -> HttpResponse:
    template = editable_template(request.user, pk, template_pk)
    return template_page(request, template, str(template))


def template_page(request: Request, template: WordTemplate, title: str) -> HttpResponse:
    preset = template.preset
    form = WordTemplateForm(
        posted(request), posted_files(request), instance=template, by=request.user
    )
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The template was saved."), preset)
    return form_page(
        request,
        form,
        title=title,
        back=preset,
        crumbs=crumbs(preset),
        template="reports/template_form.html",
        preset=preset,
        groups=field_groups(),
        shown_if=("{%p if decisions %}", "{%p endif %}"),
    )


def editable_template(user: User, pk: int, template_pk: int) -> WordTemplate:
    preset = editable_preset(user, pk)
    template = get_object_or_404(preset.word_templates.all(), pk=template_pk)
    template.preset = preset
    return template


@require_POST
@counted_once
def template_remove(request: Request, pk: int, template_pk: int) -> HttpResponse:
    template = editable_template(request.user, pk, template_pk)
    template.remove()
    return saved(request, _("The template was removed."), template.preset)


# /reports/<pk>/templates/


@require_safe
def filled_report(request: Request, pk: int, template_pk: int) -> HttpResponse:
    """Answer with the report in the donor's template, filled in this request."""
    about = about_or_404(request.user, DocumentKind.ANNUAL_REPORT, pk)
    report = about.of(Report)
    templates = WordTemplate.objects.filter(preset=report.preset_id)
    template = get_object_or_404(templates, pk=template_pk)
    form = document_form(request.user, about, request.GET, AtOnceForm)
    back = f"{report.get_absolute_url()}#documents"
    if not form.is_valid():
        messages.error(request, complaints(form))
        return redirect(back)
    language = template.language or form.cleaned_data["language"]
    try:
        content = filled_template(
            template,
            about,
            language=language,
            audience=form.cleaned_data["audience"],
            by=request.user,
        )
    except FillFailed as failure:
        messages.error(
            request,
            _("“%(template)s” could not be filled: %(why)s")
            % {"template": template, "why": " ".join(failure.sentences)},
        )
        return redirect(back)
    audience = form.cleaned_data["audience"]
    name = name_for(request.user, about, language=language, audience=audience)
    return as_file(content, f"{name} {template.pk}", "docx")
