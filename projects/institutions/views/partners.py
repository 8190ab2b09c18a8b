"""Pages of the institutions that take part in a project, with role and agreement."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    form_page,
    locked,
    page_of,
    posted,
    saved,
    trail,
)
from kernel.sorting import SortedLines
from partners.models import Institution
from partners.reading import hidden_last
from projects.forms import ParticipationAgreementForm
from projects.models import Participation
from projects.models.project import ParticipationQuerySet
from projects.pages import editable_project, project_tabs, reverse_in, visible_project
from projects.permissions.agreements import visible_agreements
from projects.permissions.money import may_see_budget
from projects.permissions.representations import loses_people
from projects.permissions.roles import may_edit


def in_order(rows: ParticipationQuerySet) -> ParticipationQuerySet:
    """Sort by role and entry, as far as the reader may know who takes part."""
    institutions = Institution.objects.filter(participations__in=rows)
    return rows.order_by("role", hidden_last(institutions, "institution"), "pk")


ORDERS = {
    "name": lambda row: row.institution.name,
    "role": lambda row: str(row.get_role_display()),
}


@require_safe
def participation_list(request: Request, code: str) -> HttpResponse:
    user = request.user
    project = visible_project(user, code)
    rows = project.participations.with_institutions().select_related("agreement")
    edits = may_edit(user, project)
    sorting = SortedLines(request, ORDERS)
    rows = rows.with_people().order_by("role", "pk") if edits else in_order(rows)
    page = page_of(request, sorting.of(list(rows)) if sorting.name else rows)
    named = [row.agreement_id for row in page if row.agreement_id]
    context = {
        "project": project,
        "page": page,
        "sorting": sorting,
        "agreements": set(
            visible_agreements(user).filter(pk__in=named).values_list("pk", flat=True)
        ),
        "sees_amounts": may_see_budget(user, project),
        "may_edit": edits,
        "crumbs": trail(project),
        "tabs": project_tabs(user, project, "participations"),
    }
    return render(request, "projects/participations.html", context)


def _takes_access(user: User, form: ParticipationAgreementForm) -> bool:
    before = Participation.objects.select_related("project").get(pk=form.instance.pk)
    return loses_people(user, before, form.cleaned_data["role"])


@READ_OR_SAVE
def participation_edit(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    rows = project.participations.select_related("institution")
    row = get_object_or_404(locked(request, rows), pk=pk)
    form = ParticipationAgreementForm(
        posted(request), instance=row, agreements=visible_agreements(request.user)
    )
    back = reverse_in(project, "participations")
    if form.is_valid() and "role" in form.changed_data and _takes_access(request.user, form):
        form.add_error(
            "role",
            _(
                "People of this institution would lose access at once. End their access first, or ask "
                "an administrator to change the role."
            ),
        )
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The participation was saved."), back)
    return form_page(
        request,
        form,
        title=row.institution.name,
        back=back,
        crumbs=trail(project, (_("Partners"), back)),
        delete_url=reverse_in(project, "participation-delete", row.pk),
    )
