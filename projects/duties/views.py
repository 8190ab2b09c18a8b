"""Pages of reporting duties, of what was handed in, and of periods opened in a row."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessEvent, User
from kernel.files import serve
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    locked,
    page_of,
    posted,
    posted_files,
    saved,
    trail,
)
from kernel.sent_forms import counted_once
from kernel.sorting import RowOrders, SortedRows, by_label, written
from projects.duties.forms import DutyDoneForm, DutyForm, DutyPresetForm, OpenPeriodsForm
from projects.duties.services import add_preset_duties, open_periods, record_done, remove_record
from projects.models import DutyDone, DutyFile, Period, Project, ReportingDuty
from projects.pages import editable_project, project_tabs, reverse_in, visible_project
from projects.permissions.duties import may_edit_duties, may_see_duty_files, visible_duties

PERIOD_KINDS = dict(ReportingDuty._meta.get_field("period_kind").flatchoices)
ORDERS: RowOrders = {
    "duty": lambda: written("title"),
    "period": lambda: by_label("period_kind", PERIOD_KINDS),
}


def duty_or_404(user: User, code: str, pk: int) -> ReportingDuty:
    project = visible_project(user, code)
    duties = visible_duties(user, [project]).filter(project=project).with_related()
    return get_object_or_404(duties, pk=pk)


def _crumbs(project: Project) -> Crumbs:
    return trail(project, (_("Reporting duties"), reverse_in(project, "duties")))


@require_safe
def duty_list(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    duties = visible_duties(request.user, [project]).filter(project=project).with_related()
    sorting = SortedRows(request, ORDERS)
    context = {
        "project": project,
        "page": page_of(request, sorting.of(duties.order_by("kind", "pk"))),
        "sorting": sorting,
        "may_edit": may_edit_duties(request.user, project),
        "presets": DutyPresetForm(),
        "crumbs": trail(project),
        "tabs": project_tabs(request.user, project, "duties"),
    }
    return render(request, "projects/duties.html", context)


@READ_OR_SAVE
def duty_create(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    duty = ReportingDuty(project=project, role="coordinator")
    return _duty_form(request, duty, _("New reporting duty"))


@READ_OR_SAVE
def duty_edit(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    duty = get_object_or_404(locked(request, project.reporting_duties.all()), pk=pk)
    return _duty_form(request, duty, _("Edit the reporting duty"))


def _duty_form(request: Request, duty: ReportingDuty, title: str) -> HttpResponse:
    project = duty.project
    form = DutyForm(posted(request), instance=duty)
    back = reverse_in(project, "duties")
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The reporting duty was saved."), back)
    return form_page(
        request,
        form,
        title=title,
        back=back,
        crumbs=_crumbs(project),
        delete_url=reverse_in(project, "duty-delete", duty.pk) if duty.pk else "",
    )


@READ_OR_SAVE
def duty_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    duty = get_object_or_404(project.reporting_duties, pk=pk)
    back = reverse_in(project, "duties")
    return delete_page(
        request,
        duty,
        back=back,
        done=back,
        crumbs=_crumbs(project),
        intro=_(
            "What was noted as handed in is deleted with it. To end a duty, give it a last day."
        ),
    )


@require_POST
@counted_once
def duty_preset(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    form = DutyPresetForm(request.POST)
    back = reverse_in(project, "duties")
    if not form.is_valid():
        messages.error(request, _("Choose one of the donors in the list."))
        return redirect(back)
    added = add_preset_duties(project, form.cleaned_data["preset"])
    sentence = ngettext(
        "%(number)s duty was entered: compare it with the agreement.",
        "%(number)s duties were entered: compare them with the agreement.",
        added,
    )
    return saved(request, sentence % {"number": added}, back)


# What was handed in


def period_of(duty: ReportingDuty, pk: int) -> Period | None:
    """Return the period of the duty with that key; None, of key 0, for what is asked for once."""
    if duty.is_once and pk == 0:
        return None
    return get_object_or_404(duty.project.periods.filter(kind=duty.period_kind), pk=pk)


@READ_OR_SAVE
def duty_done(request: Request, code: str, pk: int, period_pk: int) -> HttpResponse:
    duty = duty_or_404(request.user, code, pk)
    ask(may_edit_duties(request.user, duty.project))
    period = period_of(duty, period_pk)
    known = duty.done.filter(period=period).first()
    row = known or DutyDone(duty=duty, period=period, on=duty.project.today)
    form = DutyDoneForm(posted(request), posted_files(request), instance=row)
    back = reverse_in(duty.project, "due")
    if form.is_valid():
        content = form.cleaned_data["upload"]
        if act(form, lambda: record_done(row, by=request.user, content=content)):
            return saved(request, _("It is noted."), back)
    has_file = known and DutyFile.objects.filter(done=known).exists()
    return form_page(
        request,
        form,
        title=f"{duty} · {period}" if period else str(duty),
        back=back,
        crumbs=_crumbs(duty.project),
        undo_url=reverse_in(duty.project, "duty-undone", pk, period_pk) if known else "",
        file_url=reverse_in(duty.project, "duty-file", pk, period_pk) if has_file else "",
    )


@require_POST
def duty_undone(request: Request, code: str, pk: int, period_pk: int) -> HttpResponse:
    duty = duty_or_404(request.user, code, pk)
    ask(may_edit_duties(request.user, duty.project))
    remove_record(get_object_or_404(duty.done, period=period_of(duty, period_pk)))
    back = reverse_in(duty.project, "due")
    return saved(request, _("It is open again."), back)


@require_safe
def duty_file(request: Request, code: str, pk: int, period_pk: int) -> FileResponse:
    duty = duty_or_404(request.user, code, pk)
    ask(may_see_duty_files(request.user, duty.project))
    file = get_object_or_404(DutyFile, done__duty=duty, done__period=period_of(duty, period_pk))
    answer = serve(file, filename=f"{_('Report')} {duty.pk}-{period_pk}")
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=file)
    return answer


# Periods


@require_safe
def period_list(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    context = {
        "project": project,
        "page": page_of(request, project.periods.order_by("kind", "start")),
        "may_edit": may_edit_duties(request.user, project),
        "crumbs": trail(project),
        "tabs": project_tabs(request.user, project, "periods"),
    }
    return render(request, "projects/periods.html", context)


@READ_OR_SAVE
def period_open(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    form = OpenPeriodsForm(
        posted(request), project=project, initial={"kind": request.GET.get("kind")}
    )
    back = reverse_in(project, "periods")
    if form.is_valid():
        kind, start = form.cleaned_data["kind"], form.cleaned_data["start"]
        if opened := act(form, lambda: open_periods(project, kind, start=start)):
            number = len(opened.result)
            sentence = ngettext(
                "%(number)s period was opened.", "%(number)s periods were opened.", number
            )
            return saved(request, sentence % {"number": number}, back)
    return form_page(
        request,
        form,
        title=_("Open periods in a row"),
        intro=_("Periods of one kind, one after another, to the end of the project."),
        back=back,
        crumbs=trail(project, (_("Periods"), back)),
        submit=_("Open"),
    )
