"""Pages of activities: the list, the page of one, and its forms."""

from functools import cached_property
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.forms import model_to_dict
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy, pgettext

from accounts.models import User
from kernel.cells import Cell, Chip, Column, Empty, Table, dotted, illustrative, text_cell
from kernel.formats import number
from kernel.pages import Request, locked, page_of, posted, save_page, saved
from kernel.sheets import SheetOfRows
from partners.naming import shown_place
from partners.reading import named_institutions
from projects.activities.forms.activities import ActivityFilterForm, ActivityForm, ActivityStepForm
from projects.activities.forms.participants import ParticipantsForm
from projects.activities.participants import Headcount, headcount, sum_of
from projects.activities.services import date_changes, sheet_head, sheet_rows
from projects.framework.numbering import next_code
from projects.models import Activity, Deliverable
from projects.models.activity import SEXES, ActivityQuerySet
from projects.permissions.activities import (
    may_add_evidence,
    may_edit_activities,
    openable_evidence,
    removable_evidence,
    visible_evidence,
)
from projects.permissions.roles import works_for
from projects.permissions.values import may_see_small_counts
from projects.presets import ACTIVITY
from projects.records import ProjectRecords
from projects.templatetags.projects_tags import happens, heads as heads_told

ONLY_KEEPERS = gettext_lazy(
    "Only coordination and monitoring can keep activities. Ask your coordinator."
)


class ActivityPages(ProjectRecords[Activity]):
    """The list is one of three presentations, which share a filter: see `presentations`."""

    model, name, names, icon = Activity, "activity", "activities", "calendar-event"
    form_class, filter_class = ActivityForm, ActivityFilterForm
    title, new_label = gettext_lazy("Activities"), gettext_lazy("New activity")
    new_title, edit_title = gettext_lazy("New activity"), gettext_lazy("Edit the activity")
    saved_sentence, refusal = gettext_lazy("The activity was saved."), ONLY_KEEPERS
    list_template, page_template = "projects/activities.html", "projects/activity.html"
    export_kinds = ("xlsx", "csv")
    presentation = "activities"

    def may_edit(self) -> bool:
        return may_edit_activities(self.request.user, self.place)

    def rows(self) -> ActivityQuerySet:
        return self.place.activities.with_related()

    def editable_rows(self) -> ActivityQuerySet:
        return self.place.activities.all()

    # The list, by kind, and within a kind by date

    def filter_form(self) -> ActivityFilterForm:
        return ActivityFilterForm(self.request.GET, project=self.place)

    def filtered(self, form: Any, rows: ActivityQuerySet) -> list[Activity]:
        found: list[Activity] = form.narrow(rows)
        for activity in found:
            activity.project = self.place
        return found

    def lines(self, rows: list[Activity]) -> list[Activity]:
        return sorted(rows, key=lambda activity: activity.kind)

    def columns(self) -> list[Column]:
        return [
            Column("activity", _("Activity"), self.activity_cell, css="w-50"),
            Column("result", _("Result"), self.result_cell),
            Column("dates", _("Dates"), dates_cell),
            Column("state", _("State"), state_cell),
            Column("participants", _("Participants"), self.heads_cell, css="num"),
        ]

    @cached_property
    def small_counts(self) -> bool:
        return may_see_small_counts(self.request.user, self.place)

    def headcount(self, activity: Activity) -> Headcount:
        return headcount(activity, small_counts=self.small_counts)

    def heads_cell(self, activity: Activity) -> str:
        return heads_told(self.headcount(activity))

    def activity_cell(self, activity: Activity) -> Cell:
        return text_cell(
            activity,
            "title",
            lead=activity.code,
            url=activity.get_absolute_url(),
            chips=illustrative(activity),
            notes=dotted(
                activity.where, activity.responsible.short_name if activity.responsible else ""
            ),
        )

    def result_cell(self, activity: Activity) -> Cell | None:
        if activity.result is None:
            return None
        return Cell(activity.result.code, url=self.url("result", activity.result_id))

    def empty(self) -> Empty:
        if self.edits:
            text = _(
                "Enter the first one with “New activity”: workshops, training kits, missions and "
                "anything else the project does."
            )
        else:
            text = _(
                "Workshops, training kits, missions and anything else the project does are listed "
                "here."
            )
        return Empty(_("No activity yet."), text, icon=self.icon)

    def no_match(self) -> Empty:
        text, action = _("Choose other filters or clear them."), _("Show all activities")
        return Empty(_("No activity matches."), text, self.request.path, action, "search")

    def list_context(self, rows: list[Activity]) -> dict[str, Any]:
        page, columns = page_of(self.request, self.lines(rows)), self.columns()
        states = [activity.state for activity in rows]
        sums = sum_of(self.headcount(activity) for activity in rows)
        return self.presentations() | {
            "tables": [
                Table(columns, list(group), kind)
                for kind, group in groupby(page, key=Activity.get_kind_display)
            ],
            "counts": [
                {"label": state.label, "value": states.count(state)}
                for state in Activity.State
                if state in states
            ],
            "sums": sums,
            "sexes": sexes_in_words(sums.by_sex),
        }

    def presentations(self) -> dict[str, Any]:
        """Return the links to the list, calendar and timeline, which keep the filter."""
        query = self.request.GET.copy()
        for name in ("page", "month"):
            query.pop(name, None)
        asked = f"?{query.urlencode()}" if query else ""
        labels = {
            "activities": _("List"),
            "activities-calendar": _("Calendar"),
            "activities-timeline": pgettext("of activities", "Timeline"),
        }
        ways = [
            {"label": label, "url": self.url(name) + asked, "current": name == self.presentation}
            for name, label in labels.items()
        ]
        return {"ways": ways, "list_url": self.request.path}

    def sheet(self) -> SheetOfRows:
        """Return the filtered list, without counts that are withheld from the reader."""
        found = self.found()[1]
        prefetch_related_objects(found, "partners__names")
        rows = sheet_rows((activity, self.headcount(activity)) for activity in found)
        return SheetOfRows(_("Activities"), sheet_head(), rows)

    # The page of one

    def page_context(self, activity: Activity) -> dict[str, Any]:
        if activity.result:
            activity.result.project = self.place
        groups = activity.groups.all()
        named = named_institutions(group.institution_id for group in groups)
        for group in groups:
            if group.institution_id:
                group.institution = named[group.institution_id]
        return self.facts(activity) | proofs_of(self.request.user, activity)

    def facts(self, activity: Activity) -> dict[str, Any]:
        user, is_done = self.request.user, activity.state == Activity.State.DONE
        deliverables = list(activity.deliverables.all())
        all_are_delivered = bool(deliverables) and all(
            deliverable.state == deliverable.State.DELIVERED for deliverable in deliverables
        )
        changes = [] if activity.is_going else list(activity.status_changes)
        heads = self.headcount(activity)
        return {
            "indicators": list(activity.result.indicators.all()) if activity.result else [],
            "deliverables": Table(self.deliverable_columns(), deliverables, _("Deliverables")),
            "partners": sorted(activity.partners.with_names(), key=shown_place),
            "heads": heads,
            "by_sex": sexes_in_words(heads.by_sex or {}),
            "sexes": SEXES,
            "steps": [
                {"verb": verb, "label": Activity.STEPS[verb].label}
                for verb in activity.open_steps
                if self.edits and not is_done
            ],
            "stopped": changes[-1] if changes else None,
            "proposes_whole": self.edits
            and all_are_delivered
            and activity.is_going
            and not is_done,
            "moved": date_changes(activity) if works_for(user, self.place) else [],
        }

    def deliverable_columns(self) -> list[Column]:
        planned = pgettext("dates", "Planned")
        return [
            Column("deliverable", _("Deliverable"), self.deliverable_cell, css="w-50"),
            Column("planned", planned, lambda one: one.planned_on),
            Column("delivered", _("Delivered"), lambda one: one.delivered_on),
            Column("quantity", _("Quantity"), quantity_of, css="num"),
            Column("state", _("State"), state_chip),
        ]

    def deliverable_cell(self, deliverable: Deliverable) -> Cell:
        url = self.url("deliverable-edit", deliverable.pk) if self.edits else ""
        notes = [deliverable.get_kind_display()]
        return text_cell(
            deliverable, "title", url=url, chips=illustrative(deliverable), notes=notes
        )

    # Its forms

    def form(self, activity: Activity) -> ActivityForm:
        initial = {} if activity.pk else self.initial()
        return ActivityForm(posted(self.request), instance=activity, initial=initial)

    def initial(self) -> dict[str, Any]:
        """`?copy=` fills in the facts of another one except its time and place; `?result=` puts it
        below that result, with the next customary code."""
        project = self.place
        if source := self.named("copy", project.activities):
            return model_to_dict(source, fields=ActivityForm.REPEATED)
        if result := self.named("result", project.results):
            taken = set(project.activities.values_list("code", flat=True))
            code = next_code(project, ACTIVITY, result, taken=taken)
            return {"result": result.pk, "code": code}
        return {}

    def named(self, name: str, rows: Any) -> Any:
        """Return the row whose primary key the address names, if it is one of these."""
        key = self.request.GET.get(name, "")
        is_key = self.request.method != "POST" and key.isdecimal() and len(key) < 10
        return rows.filter(pk=key).first() if is_key else None

    def participants(self, pk: int) -> HttpResponse:
        self.ask_editor()
        activity = self.record(locked(self.request, self.editable_rows()), pk)
        form = ParticipantsForm(posted(self.request), instance=activity)
        if form.is_valid() and form.save_or_explain():
            return saved(self.request, _("The participants were saved."), activity)
        context = {
            "form": form,
            "title": _("Participants"),
            "intro": _("Numbers only: no names, no lists of people, nothing about victims."),
            "sexes": SEXES.values(),
            "cancel_url": activity.get_absolute_url(),
            "crumbs": self.crumbs(activity),
        }
        return render(self.request, "projects/participants.html", context)

    def whole(self, pk: int) -> HttpResponse:
        """Set the share done to 100 %, once all deliverables are delivered."""
        self.ask_editor()
        activity = self.record(self.editable_rows(), pk)
        activity.complete()
        return saved(self.request, _("The activity is done: 100 %."), activity)

    def step(self, pk: int, verb: str) -> HttpResponse:
        """Postpone, cancel or resume an activity, with a reason."""
        if verb not in Activity.STEPS:
            raise Http404
        self.ask_editor()
        activity = self.record(self.editable_rows(), pk)
        if not activity.may_take(verb) or activity.state == Activity.State.DONE:
            sentence = _("This is not possible now: see the status of the activity.")
            messages.error(self.request, sentence)
            return redirect(activity)
        form = ActivityStepForm(posted(self.request), verb=verb)
        label = Activity.STEPS[verb].label
        return save_page(
            self.request,
            form,
            lambda: take(self.request, activity, verb, form),
            sentence=_("Noted, with your reason."),
            title=_("%(what)s: %(value)s") % {"what": label, "value": activity},
            submit=label,
            danger=verb == "cancel",
            crumbs=self.crumbs(activity),
        )


def take(request: Request, activity: Activity, verb: str, form: ActivityStepForm) -> None:
    activity.take(verb, by=request.user, why=form.cleaned_data["why"], **form.new_days)


def sexes_in_words(by_sex: dict[str, int]) -> list[str]:
    return [f"{number(n)} {SEXES[sex]}" for sex, n in by_sex.items() if n]


def dates_cell(activity: Activity) -> Cell:
    first = activity.actual_start or activity.planned_start
    return Cell(happens(activity), key=first.isoformat() if first else "")


def state_chip(thing: Activity | Deliverable) -> Cell:
    return Cell(chips=[Chip(thing.state.label, thing.state)])


def state_cell(activity: Activity) -> Cell:
    if activity.state == Activity.State.DONE or not activity.is_going:
        return state_chip(activity)
    done = _("%(percent)s %% done") % {"percent": activity.share_done}
    return Cell(chips=state_chip(activity).chips, notes=[done])


def quantity_of(deliverable: Deliverable) -> str:
    delivered = number(deliverable.quantity_actual)
    if not deliverable.quantity_planned:
        return delivered
    planned = number(deliverable.quantity_planned)
    return _("%(part)s of %(whole)s") % {"part": delivered, "whole": planned}


def proofs_of(user: User, activity: Activity) -> dict[str, Any]:
    proofs = list(visible_evidence(user, activity).with_related())
    openable, removable = (
        set(allowed(user, activity).values_list("pk", flat=True))
        for allowed in (openable_evidence, removable_evidence)
    )
    for proof in proofs:
        proof.activity = activity
        proof.is_openable = proof.pk in openable
        proof.is_removable = proof.pk in removable
    return {
        "proofs": proofs,
        "is_team": works_for(user, activity.project),
        "may_add_evidence": may_add_evidence(user, activity),
    }
