"""Following a plan: its timeline, how far it is by institution, result or quarter, what the
coordination passes on to those who read no mail, the weekly summary, and shifts."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from committees.models import ActionPlan, ActionTerms, Committee
from committees.permissions.amounts import amounts_read
from committees.permissions.plans import may_edit_plan
from committees.permissions.roles import people_known_in
from committees.plans.forms.progress import ActionShiftForm
from committees.plans.services.due_actions import (
    DueActions,
    due_by_institution,
    due_by_person,
    due_of,
)
from committees.plans.services.figures import WAYS, PlanPart, parts_of, plan_burn_up
from committees.plans.services.reading import read_plan
from committees.plans.services.reminders import choose_digest, digest_short_text, has_digest
from committees.plans.services.shifts import disclosed, shifts_of, validated_values
from committees.plans.views.parts import plan_context, plan_or_404, plan_trail
from kernel.addresses import addresses
from kernel.cells import Cell, Chip, Column, Table, text_cell
from kernel.languages import first_language, language_rank
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved
from kernel.timeline import Bar, TimelineScale, described, pieces, span
from partners.models import Contact, Institution

# In a longer plan, a table is written for one picture at a time.
LONG = 100


@require_safe
def plan_timeline(request: Request, pk: int) -> HttpResponse:
    plan, terms, context = followed(request, pk, "timeline")
    parts = parts_of(plan, terms, context["by"])
    today = timezone.localdate()
    bars = {one.pk: bar_of(one, today) for one in terms}
    if days := span(bars.values()):
        scale = TimelineScale.over(*days)
        context["months"] = scale.months()
        context["today"] = scale.place_of(today)
        pictures = [picture for part in parts for picture in pictures_of(part, bars, scale, today)]
        add_tables(request, pictures, context["by"], one_at_a_time=len(terms) > LONG)
        context["pictures"] = pictures
    return render(request, "committees/plan_timeline.html", context | {"parts": parts})


@require_safe
def plan_progress(request: Request, pk: int) -> HttpResponse:
    plan, terms, context = followed(request, pk, "progress")
    curve = plan_burn_up(plan, terms)
    amounts = amounts_read(request.user, plan.project)
    parts = parts_of(plan, terms, context["by"], amounts=amounts)
    context |= {
        "parts": parts,
        "whole": PlanPart("", terms),
        "course": [
            (day, planned, None if done is None else round(done, 1))
            for day, planned, done in zip(curve.days, curve.planned, curve.done, strict=True)
        ],
        "show_budget": any(part.budget is not None for part in parts),
        "shifts": disclosed(shifts_of(plan), amounts),
    }
    return render(request, "committees/plan_progress.html", context)


@require_safe
def plan_messages(request: Request, pk: int) -> HttpResponse:
    """Show what each institution has to do, as a short text in its language."""
    plan = plan_or_404(request.user, pk)
    ask(may_edit_plan(request.user, plan))
    due = due_by_institution(plan)
    institutions = Institution.objects.filter(pk__in=due).with_names()
    contacts = people_known_in(plan.project).filter(institution__in=due).select_related("user")
    rows = [
        {
            "institution": institution,
            "due": due[institution.pk],
            "contacts": (own := [one for one in contacts if one.institution_id == institution.pk]),
            "texts": [
                {"language": language, "text": digest_short_text(due[institution.pk], language)}
                for language in sorted(
                    {language_of(one) for one in own} or {first_language()}, key=language_rank
                )
            ],
        }
        for institution in institutions
    ]
    rows.sort(key=lambda row: str(row["institution"]).casefold())
    context = {"plan": plan, "rows": rows, "title": _("To pass on"), "crumbs": plan_trail(plan)}
    return render(request, "committees/plan_messages.html", context)


# The parts of these views


def followed(
    request: Request, pk: int, current: str
) -> tuple[ActionPlan, list[ActionTerms], dict[str, Any]]:
    plan = plan_or_404(request.user, pk)
    overview = read_plan(plan)
    by = request.GET.get("by")
    by = by if by in WAYS else WAYS[0]
    context = plan_context(request, overview, current, count=len(overview.terms))
    return plan, overview.terms, context | {"by": by, "ways": ways(plan, current, by)}


def ways(plan: ActionPlan, page: str, chosen: str) -> list[dict[str, Any]]:
    labels = {
        "result": _("By result"),
        "institution": _("By institution"),
        "quarter": _("By quarter"),
    }
    url = reverse(f"committees:plan-{page}", args=[plan.pk])
    return [
        {"label": labels[way], "url": f"{url}?by={way}", "current": way == chosen} for way in WAYS
    ]


def bar_of(terms: ActionTerms, today: date) -> Bar:
    late = terms.late_on(today)
    note = ngettext("%(days)s day late", "%(days)s days late", late) % {"days": late}
    return Bar(
        f"{terms.action.reference} {terms.title}",
        terms.starts_on,
        terms.ends_on,
        done=terms.action.share_done,
        is_late=bool(late),
        note=note if late else "",
    )


def pictures_of(
    part: PlanPart, bars: dict[int, Bar], scale: TimelineScale, today: date
) -> list[dict[str, Any]]:
    """Return the part's timeline in pictures that fit a printed page, as rows for a template."""
    found: list[dict[str, Any]] = []
    for piece in pieces(part.terms):
        drawn = [bars[one.pk] for one in piece]
        found.append(
            {
                "title": "" if found else part.title,
                "name": part.title,
                "text": described(drawn, today),
                "rows": [scale.row(bar) for bar in drawn],
                "drawn": list(zip(piece, drawn, strict=True)),
            }
        )
    return found


def add_tables(
    request: Request, pictures: list[dict[str, Any]], by: str, *, one_at_a_time: bool
) -> None:
    """Add the table to each picture; or only to the one that the address names, and to the others a
    link to theirs."""
    chosen = request.GET.get("table", "")
    for number, picture in enumerate(pictures, start=1):
        picture["number"] = number
        picture["is_chosen"] = one_at_a_time and chosen == str(number)
        if one_at_a_time and not picture["is_chosen"]:
            picture["table_url"] = f"?by={by}&table={number}#table-{number}"
        else:
            picture["table"] = table_of(picture)


def table_of(picture: dict[str, Any]) -> Table:
    url = addresses("committees:action")

    def name_cell(drawn: tuple[ActionTerms, Bar]) -> Cell:
        terms, bar = drawn
        chips = [Chip(bar.note, "bad")] if bar.note else []
        cell = text_cell(terms, "title", url=url(terms.action_id), chips=chips)
        return replace(cell, text=bar.name)

    def done(drawn: tuple[ActionTerms, Bar]) -> str:
        return _("%(number)s %%") % {"number": drawn[1].done}

    columns = [
        Column("action", _("Action"), name_cell, css="w-50"),
        Column("start", _("Start"), lambda drawn: drawn[0].starts_on),
        Column("end", _("End"), lambda drawn: drawn[0].ends_on),
        Column("done", pgettext("share", "Done"), done, css="num"),
    ]
    return Table(columns, picture["drawn"])


def language_of(contact: Contact) -> str:
    return contact.user.language if contact.user else contact.language


# The weekly summary


@require_safe
def my_actions(request: Request) -> HttpResponse:
    """Show overdue and coming actions of the institutions for which the person speaks."""
    terms = due_by_person(people=[request.user.pk]).get(request.user.pk, [])
    groups: dict[tuple[str, str], list] = {}
    for one in due_of(terms).all:
        groups.setdefault((str(one.plan.project), str(one.responsible)), []).append(one)
    context = {
        "groups": [
            {"project": project, "institution": institution, "due": due_of(found)}
            for (project, institution), found in sorted(groups.items())
        ],
        "due": DueActions() if not terms else due_of(terms),
        "has_digest": has_digest(request.user),
    }
    return render(request, "committees/my_actions.html", context)


@require_POST
def digest_choice(request: Request) -> HttpResponse:
    wanted = "again" in request.POST
    choose_digest(request.user, wanted=wanted)
    sentence = (
        _("You will receive the weekly summary again.")
        if wanted
        else _("You will no longer receive the weekly summary.")
    )
    return saved(request, sentence, "committees:actions")


# Shifts


@READ_OR_SAVE
def action_shift(request: Request, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_or_404(request.user, pk)
    ask(may_edit_plan(request.user, plan))
    terms = get_object_or_404(plan.terms.with_related().prefetch_related("shifts"), pk=terms_pk)
    terms.plan = plan
    if plan.status != ActionPlan.Status.IN_EXECUTION:
        messages.error(request, _("Only an action of a plan in execution can be shifted."))
        return redirect(plan)
    form = ActionShiftForm(posted(request), instance=terms)
    if form.is_valid() and act(form, lambda: form.record(by=request.user)):
        sentence = _("Action %(reference)s was shifted. The next meeting is informed.")
        here = plan.url_of(terms.action_id)
        return saved(request, sentence % {"reference": terms.action.reference}, here)
    return form_page(
        request,
        form,
        title=_("Shift action %(reference)s") % {"reference": terms.action.reference},
        back=plan,
        crumbs=plan_trail(plan),
        submit=_("Shift"),
        template="committees/action_shift.html",
        plan=plan,
        terms=terms,
        committee=Committee.objects.filter(project=plan.project_id).first(),
        validated=validated_values(terms),
    )
