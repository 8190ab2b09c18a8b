"""Pages of reporting duties, of what was handed in, and of periods."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.cells import Action, Cell, Column, Empty, illustrative, text_cell
from kernel.formats import number, range_in_table
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    form_page,
    posted,
    posted_files,
    save_page,
    saved,
    trail,
)
from kernel.sent_forms import counted_once
from kernel.sorting import by_label, written
from projects.duties.forms import DutyDoneForm, DutyForm, DutyPresetForm, OpenPeriodsForm
from projects.duties.services import add_preset_duties, open_periods, record_done, remove_record
from projects.forms import ProjectPeriodForm
from projects.models import DutyDone, DutyFile, Period, ReportingDuty
from projects.models.duty import ReportingDutyQuerySet
from projects.pages import editable_project, handed_file, reverse_in, visible_project
from projects.permissions.duties import may_edit_duties, may_see_duty_files, visible_duties
from projects.records import ProjectRecords

PERIOD_KINDS = dict(ReportingDuty._meta.get_field("period_kind").flatchoices)


class DutyPages(ProjectRecords[ReportingDuty]):
    model, name, names, icon = ReportingDuty, "duty", "duties", "calendar-event"
    form_class = DutyForm
    title, new_label = gettext_lazy("Reporting duties"), gettext_lazy("New duty")
    new_title, edit_title = (
        gettext_lazy("New reporting duty"),
        gettext_lazy("Edit the reporting duty"),
    )
    saved_sentence = gettext_lazy("The reporting duty was saved.")
    removal_intro = gettext_lazy(
        "What was noted as handed in is deleted with it. To end a duty, give it a last day."
    )
    list_template = "projects/duties.html"

    def rows(self) -> ReportingDutyQuerySet:
        seen = visible_duties(self.request.user, [self.place]).filter(project=self.place)
        return seen.with_related().order_by("kind", "pk")

    def editable_rows(self) -> QuerySet[ReportingDuty]:
        return self.place.reporting_duties.all()

    def new_record(self) -> ReportingDuty:
        return ReportingDuty(project=self.place, role="coordinator")

    def columns(self) -> list[Column]:
        return [
            Column("duty", _("Duty"), self.title_cell, order=lambda: written("title")),
            Column(
                "period",
                _("For each"),
                period_cell,
                order=lambda: by_label("period_kind", PERIOD_KINDS),
            ),
            Column("due", _("Due"), lambda duty: duty.rule),
            Column("to", _("Owed to"), donor_of),
            Column("responsible", _("Responsible"), responsible_for),
        ]

    def title_cell(self, duty: ReportingDuty) -> Cell:
        url = self.url("duty-edit", duty.pk) if self.edits else ""
        kind = duty.get_kind_display()
        return text_cell(duty, "title", url=url, chips=illustrative(duty), notes=[kind])

    def counted(self, total: int) -> str:
        return ngettext("%(total)s duty", "%(total)s duties", total) % {"total": number(total)}

    def empty(self) -> Empty:
        if self.edits:
            text = _(
                "Copy those that the donor usually requires, then adapt them to your agreement."
            )
        else:
            text = _("The coordination enters here what the project owes its donor.")
        return Empty(_("No reporting duty yet."), text, icon=self.icon)

    def list_context(self, rows: QuerySet[ReportingDuty]) -> dict[str, Any]:
        return {"presets": DutyPresetForm()}


def period_cell(duty: ReportingDuty) -> Cell:
    has_days = duty.since or duty.until
    notes = [range_in_table(duty.since, duty.until)] if has_days else []
    return Cell(duty.get_period_kind_display(), notes=notes)


def donor_of(duty: ReportingDuty) -> str:
    return duty.participation.institution.name if duty.participation else _("Every donor")


def responsible_for(duty: ReportingDuty) -> str:
    return duty.institution.name if duty.institution else duty.get_role_display()


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


# --- What was handed in ---


def duty_or_404(user: User, code: str, pk: int) -> ReportingDuty:
    project = visible_project(user, code)
    duties = visible_duties(user, [project]).filter(project=project).with_related()
    return get_object_or_404(duties, pk=pk)


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
    has_file = known and DutyFile.objects.filter(done=known).exists()
    return save_page(
        request,
        form,
        lambda: record_done(row, by=request.user, content=form.cleaned_data["upload"]),
        sentence=_("It is noted."),
        title=f"{duty} · {period}" if period else str(duty),
        back=back,
        crumbs=trail(duty.project, (_("Reporting duties"), reverse_in(duty.project, "duties"))),
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
    return handed_file(request, file, f"{_('Report')} {duty.pk}-{period_pk}")


# --- Periods ---


class PeriodPages(ProjectRecords[Period]):
    model, name, names, icon = Period, "period", "periods", "calendar-event"
    form_class = ProjectPeriodForm
    title, new_label = gettext_lazy("Periods"), gettext_lazy("New period")
    new_title, edit_title = gettext_lazy("New period"), gettext_lazy("Edit the period")
    saved_sentence = gettext_lazy("The period was saved.")
    list_template = "projects/periods.html"

    def rows(self) -> QuerySet[Period]:
        return self.place.periods.order_by("kind", "start")

    def actions(self) -> list[Action]:
        if not self.edits:
            return []
        several = self.url("periods-open")
        return [
            Action(self.new_label, self.url("period-create"), "plus-lg"),
            Action(_("Open several in a row"), several, "list-ol", is_primary=True),
        ]

    def counted(self, total: int) -> str:
        return ngettext("%(total)s period", "%(total)s periods", total) % {"total": number(total)}

    def empty(self) -> Empty:
        text = _("Values, plans and reporting duties belong to periods.")
        return Empty(_("No period yet."), text, icon=self.icon)


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
        crumbs=trail(project, (_("Periods"), back)),
        submit=_("Open"),
    )
