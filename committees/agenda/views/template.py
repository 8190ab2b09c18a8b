"""The template of a committee's agendas: one page, edited by the coordination."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.agenda.forms import TemplateItemForm
from committees.agenda.services.agenda import (
    add_template_item,
    begin_usual_template,
    copy_template,
    move_template_item,
    order_template,
    remove_template_item,
    save_columns,
)
from committees.forms import CopyFromForm
from committees.models import Committee, TemplateItem
from committees.pages import committee_or_404
from committees.permissions.seats import may_edit_committee, templates_to_copy
from kernel.ordering import keys_in_order
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved, trail

COLUMNS = ("title", "purpose", "minutes_planned", "audience", "is_recurring")


def template_item_or_404(user: User, pk: int) -> TemplateItem:
    committee = committee_or_404(user, get_object_or_404(TemplateItem, pk=pk).committee_id)
    item = get_object_or_404(committee.template, pk=pk)
    item.committee = committee
    return item


@require_safe
def agenda_template(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    items = list(committee.template.all())
    context = {
        "committee": committee,
        "crumbs": trail(committee.project, committee),
        "items": items,
        "planned": sum(item.minutes_planned or 0 for item in items),
    }
    return render(request, "committees/agenda_template.html", context)


@READ_OR_SAVE
def template_copy(request: Request, pk: int) -> HttpResponse:
    """Add the items of the template of another project's committee."""
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    committees = templates_to_copy(request.user, committee)
    form = CopyFromForm(posted(request), committees=committees)
    if form.is_valid() and (
        copied := act(form, lambda: copy_template(committee, form.cleaned_data["source"]))
    ):
        return saved(request, added(copied.result), "committees:agenda-template", pk)
    return form_page(
        request,
        form,
        title=_("Copy the template of another committee"),
        intro=_("Its items are added below yours; those with the same title are left out."),
        submit=_("Copy the items"),
        back=reverse("committees:agenda-template", args=[pk]),
        crumbs=trail(committee.project, committee),
    )


@require_POST
def template_usual(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    number = begin_usual_template(committee)
    return saved(request, added(number), "committees:agenda-template", pk)


def added(number: int) -> str:
    if not number:
        return _("The template already has these items.")
    sentence = ngettext("%(count)d item was added.", "%(count)d items were added.", number)
    return sentence % {"count": number}


@READ_OR_SAVE
def template_item_create(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    item = TemplateItem(committee=committee)
    form = TemplateItemForm(posted(request), instance=item)
    if form.is_valid():
        item.entry_key = form.key
        form.note_translations()
        if act(form, lambda: add_template_item(item)):
            return redirect("committees:agenda-template", committee.pk)
    return template_item_page(request, form, committee, _("Add an item to the template"))


@READ_OR_SAVE
def template_item_edit(request: Request, pk: int) -> HttpResponse:
    item = template_item_or_404(request.user, pk)
    ask(may_edit_committee(request.user, item.committee))
    form = TemplateItemForm(posted(request), instance=item)
    if form.is_valid():
        form.note_translations()
        save_columns(item, *COLUMNS)
        return redirect("committees:agenda-template", item.committee_id)
    return template_item_page(request, form, item.committee, _("Edit the item of the template"))


def template_item_page(
    request: Request, form: TemplateItemForm, committee: Committee, title: str
) -> HttpResponse:
    back = reverse("committees:agenda-template", args=[committee.pk])
    crumbs = trail(committee.project, committee)
    return form_page(request, form, title=title, back=back, crumbs=crumbs)


@require_POST
def template_item_move(request: Request, pk: int) -> HttpResponse:
    item = template_item_or_404(request.user, pk)
    ask(may_edit_committee(request.user, item.committee))
    move_template_item(item, up="up" in request.POST)
    return redirect("committees:agenda-template", item.committee_id)


@require_POST
def template_order(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    order_template(committee, keys_in_order(request))
    return redirect("committees:agenda-template", committee.pk)


@require_POST
def template_item_remove(request: Request, pk: int) -> HttpResponse:
    item = template_item_or_404(request.user, pk)
    ask(may_edit_committee(request.user, item.committee))
    remove_template_item(item)
    return saved(
        request,
        _("The item was removed from the template."),
        "committees:agenda-template",
        item.committee_id,
    )
