"""Pages of advances to grantees and partner institutions: the list with ages, one advance, and
money that comes back."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    HasPage,
    Request,
    act,
    ask,
    form_page,
    posted,
    saved,
    trail,
)
from projects.models import Advance, AdvanceVoucher, Project
from projects.money.forms.advances import AdvanceForm, AdvanceReturnForm
from projects.money.services.advances import (
    by_institution,
    return_money,
    save_advance,
    with_excess,
)
from projects.money.views.budget import money_context
from projects.money.views.spending import books_project
from projects.pages import project_tabs, reverse_in, visible_project
from projects.permissions.advances import (
    may_accept_voucher,
    may_keep_advances,
    may_send_voucher,
    visible_advances,
)
from projects.permissions.money import may_see_books


def advance_or_404(user: User, code: str, pk: int) -> Advance:
    project = visible_project(user, code)
    advances = visible_advances(user, project).with_related()
    advance: Advance = get_object_or_404(with_excess(advances), pk=pk)
    advance.project = project
    return advance


def kept_advance(user: User, code: str, pk: int) -> Advance:
    advance = advance_or_404(user, code, pk)
    ask(may_keep_advances(user, advance.project), _("Only coordination and finance can do this."))
    return advance


def advance_crumbs(user: User, project: Project, *more: HasPage | tuple[str, str]) -> Crumbs:
    """An institution sees its own advances and no list of them."""
    advances = (_("Advances"), reverse_in(project, "advances"))
    return trail(project, *([advances] if may_see_books(user, project) else []), *more)


@require_safe
def advance_list(request: Request, code: str) -> HttpResponse:
    project = books_project(request.user, code)
    advances = list(with_excess(project.advances.with_related()))
    for one in advances:
        one.project = project
    context = money_context(request.user, project, "advances") | {
        "groups": by_institution(advances),
        "crumbs": trail(project),
    }
    return render(request, "projects/advances.html", context)


@READ_OR_SAVE
def advance_create(request: Request, code: str) -> HttpResponse:
    project = books_project(request.user, code)
    ask(may_keep_advances(request.user, project), _("Only coordination and finance can do this."))
    return _advance_form(request, Advance(project=project), _("New advance"))


@READ_OR_SAVE
def advance_edit(request: Request, code: str, pk: int) -> HttpResponse:
    advance = kept_advance(request.user, code, pk)
    return _advance_form(request, advance, _("Edit the advance"))


def _advance_form(request: Request, advance: Advance, title: str) -> HttpResponse:
    project = advance.project
    form = AdvanceForm(posted(request), instance=advance)
    if form.is_valid() and act(form, lambda: save_advance(form.instance)):
        return saved(request, _("The advance was saved."), form.instance)
    back = advance.get_absolute_url() if advance.pk else reverse_in(project, "advances")
    crumbs = advance_crumbs(request.user, project, *([advance] if advance.pk else []))
    return form_page(request, form, title=title, back=back, crumbs=crumbs)


@require_safe
def advance(request: Request, code: str, pk: int) -> HttpResponse:
    user = request.user
    advance = advance_or_404(user, code, pk)
    project = advance.project
    vouchers = list(advance.vouchers.prefetch_related("files"))
    for voucher in vouchers:
        voucher.advance = advance
    context = {
        "advance": advance,
        "project": project,
        "grant": advance.instalment.grant if advance.instalment else None,
        "tabs": project_tabs(user, project, "advances"),
        "crumbs": advance_crumbs(user, project),
        "rows": [(one, may_accept_voucher(user, one)) for one in vouchers],
        "waiting": sum(one.status == AdvanceVoucher.Status.SENT for one in vouchers),
        "returns": list(advance.returns.all()),
        "may_keep": may_keep_advances(user, project),
        "may_send": may_send_voucher(user, advance),
    }
    return render(request, "projects/advance.html", context)


@READ_OR_SAVE
def advance_return(request: Request, code: str, pk: int) -> HttpResponse:
    advance = kept_advance(request.user, code, pk)
    form = AdvanceReturnForm(posted(request), advance=advance, initial={"amount": advance.balance})
    if form.is_valid():
        facts = form.cleaned_data
        if act(form, lambda: return_money(advance, by=request.user, **facts)):
            return saved(request, _("The money returned was recorded."), advance)
    return form_page(
        request,
        form,
        title=_("Record money returned"),
        intro=str(advance),
        back=advance,
        crumbs=advance_crumbs(request.user, advance.project, advance),
    )
