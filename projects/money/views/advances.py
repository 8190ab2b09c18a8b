"""Pages of advances to grantees and partner institutions: the list with ages, one advance with its
vouchers and the money that comes back, and the page by which an institution sends vouchers without
signing in.

Opening that page changes nothing and shows no amount, because mail scanners open links too: a button
shows the balance and what was sent, with the form for a further voucher.
"""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.codes import confirm_use
from accounts.links import draft_of, link_page, record_use, token_of
from accounts.mail import confirmed_words
from accounts.models import AccessLink, User
from kernel.channel import Channel
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    HasPage,
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
from projects.models import Advance, AdvanceVoucher, AdvanceVoucherFile, Project
from projects.money.forms.spending import (
    AcceptVoucherForm,
    AdvanceForm,
    AdvanceReturnForm,
    AdvanceVoucherForm,
    SendBackVoucherForm,
)
from projects.money.services.advances import (
    PAGE,
    PURPOSE,
    accept_voucher,
    by_institution,
    return_money,
    return_reasons,
    save_advance,
    send_back_voucher,
    send_voucher,
    with_excess,
)
from projects.money.views.budget import money_context
from projects.money.views.spending import books_project
from projects.pages import handed_file, project_page, reverse_in, visible_project
from projects.permissions.advances import (
    is_recipient,
    may_accept_voucher,
    may_keep_advances,
    may_see_voucher_files,
    may_send_voucher,
    visible_advances,
)
from projects.permissions.money import may_approve_vouchers, may_see_books
from projects.permissions.roles import works_for


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
    context = money_context(request.user, project, "advances", _("Advances")) | {
        "groups": by_institution(advances),
        "crumbs": trail(project),
    }
    return render(request, "projects/advances.html", context)


@READ_OR_SAVE
def advance_form(request: Request, code: str, pk: int | None = None) -> HttpResponse:
    if pk is not None:
        advance, title = advance_or_404(request.user, code, pk), _("Edit the advance")
    else:
        advance = Advance(project=books_project(request.user, code))
        title = _("New advance")
    project = advance.project
    ask(may_keep_advances(request.user, project), _("Only coordination and finance can do this."))
    form = AdvanceForm(posted(request), instance=advance)
    crumbs = advance_crumbs(request.user, project, *([advance] if pk else []))
    return save_page(
        request,
        form,
        lambda: save_advance(form.instance),
        sentence=_("The advance was saved."),
        to=form.instance,
        title=title,
        crumbs=crumbs,
    )


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
        "grant": advance.instalment.grant if advance.instalment else None,
        "crumbs": advance_crumbs(user, project),
        "rows": [(one, may_accept_voucher(user, one)) for one in vouchers],
        "waiting": sum(one.status == AdvanceVoucher.Status.SENT for one in vouchers),
        "returns": list(advance.returns.all()),
        "may_keep": may_keep_advances(user, project),
        "may_send": may_send_voucher(user, advance),
    }
    return project_page(request, "projects/advance.html", project, context, tab="advances")


@READ_OR_SAVE
def advance_return(request: Request, code: str, pk: int) -> HttpResponse:
    advance = kept_advance(request.user, code, pk)
    form = AdvanceReturnForm(posted(request), advance=advance, initial={"amount": advance.balance})
    return save_page(
        request,
        form,
        lambda: return_money(advance, by=request.user, **form.cleaned_data),
        sentence=_("The money returned was recorded."),
        title=_("Record money returned"),
        intro=str(advance),
        crumbs=advance_crumbs(request.user, advance.project, advance),
    )


def voucher_or_404(user: User, code: str, pk: int, voucher_pk: int) -> AdvanceVoucher:
    return get_object_or_404(advance_or_404(user, code, pk).vouchers, pk=voucher_pk)


@require_safe
def voucher(request: Request, code: str, pk: int, voucher_pk: int) -> HttpResponse:
    user = request.user
    voucher = voucher_or_404(user, code, pk, voucher_pk)
    advance, status = voucher.advance, AdvanceVoucher.Status
    history = list(voucher.status_changes)
    reasons = [change.why for change in history if change.to_status == status.RETURNED]
    is_returned = voucher.status == status.RETURNED
    context = {
        "voucher": voucher,
        "advance": advance,
        "project": advance.project,
        "crumbs": advance_crumbs(user, advance.project, advance),
        "files": list(voucher.files.all()),
        "shows_files": may_see_voucher_files(user, advance),
        "decides": may_accept_voucher(user, voucher),
        "may_change": is_returned and may_send_voucher(user, advance),
        "reason": reasons[-1] if is_returned and reasons else "",
        "shows_names": works_for(user, advance.project),
        "history": history,
    }
    return render(request, "projects/advance_voucher.html", context)


@READ_OR_SAVE
def voucher_form(
    request: Request, code: str, pk: int, voucher_pk: int | None = None
) -> HttpResponse:
    advance = advance_or_404(request.user, code, pk)
    voucher, title = AdvanceVoucher(advance=advance), _("Send a voucher")
    if voucher_pk is not None:
        voucher = get_object_or_404(advance.vouchers, pk=voucher_pk)
        title = _("Send the voucher again")
    ask(
        may_send_voucher(request.user, advance),
        _("The institution sends its vouchers; finance enters those received in another way."),
    )
    if voucher_pk and voucher.status != AdvanceVoucher.Status.RETURNED:
        return redirect(voucher)
    own = is_recipient(request.user, advance)
    form = AdvanceVoucherForm(
        posted(request), posted_files(request), instance=voucher, entered=not own
    )
    if form.is_valid():
        facts = {
            "channel": form.cleaned_data.get("channel", Channel.PORTAL),
            "received_on": form.cleaned_data.get("received_on"),
        }
        uploads = form.cleaned_data["uploads"]
        if act(form, lambda: send_voucher(form.instance, uploads, by=request.user, **facts)):
            sentence = _("The voucher was sent.") if own else _("The voucher was recorded.")
            return saved(request, sentence, advance)
    return form_page(
        request,
        form,
        title=title,
        intro=str(advance),
        back=voucher if voucher_pk else advance,
        crumbs=advance_crumbs(request.user, advance.project, advance),
        submit=_("Send"),
    )


@require_POST
@counted_once
def voucher_accept(request: Request, code: str, pk: int, voucher_pk: int) -> HttpResponse:
    voucher = _decidable(request.user, code, pk, voucher_pk)
    form = AcceptVoucherForm(request.POST)
    seen = form.cleaned_data["seen"] if form.is_valid() else -voucher.amount
    if act(request, lambda: accept_voucher(voucher, seen=seen, by=request.user)):
        return saved(request, _("The voucher was accepted."), voucher.advance)
    return redirect(voucher)


@READ_OR_SAVE
def voucher_return(request: Request, code: str, pk: int, voucher_pk: int) -> HttpResponse:
    voucher = _decidable(request.user, code, pk, voucher_pk)
    form = SendBackVoucherForm(posted(request))
    return save_page(
        request,
        form,
        lambda: send_back_voucher(voucher, reason=form.cleaned_data["reason"], by=request.user),
        sentence=_("The voucher was sent back."),
        to=voucher.advance,
        title=_("Send the voucher back"),
        intro=str(voucher),
        back=voucher,
        crumbs=advance_crumbs(request.user, voucher.advance.project, voucher.advance),
        submit=_("Send back"),
    )


def _decidable(user: User, code: str, pk: int, voucher_pk: int) -> AdvanceVoucher:
    voucher = voucher_or_404(user, code, pk, voucher_pk)
    ask(
        may_approve_vouchers(user, voucher.advance.project) and voucher.submitted_by_id != user.pk,
        _("Coordination and finance accept vouchers, never those that they sent themselves."),
    )
    return voucher


@require_safe
def voucher_file(
    request: Request, code: str, pk: int, voucher_pk: int, file_pk: int
) -> FileResponse:
    voucher = voucher_or_404(request.user, code, pk, voucher_pk)
    if not may_see_voucher_files(request.user, voucher.advance):
        raise Http404
    file = get_object_or_404(AdvanceVoucherFile, voucher=voucher, pk=file_pk)
    return handed_file(request, file, f"{_('Voucher')} {voucher.pk}-{file.pk}", inline=True)


@READ_OR_SAVE
@link_page(PURPOSE)
def advance_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    advance = _advance(link)
    sends = request.method == "POST" and request.POST.get("do") == "send"
    voucher = AdvanceVoucher(advance=advance)
    form = AdvanceVoucherForm(
        request.POST if sends else None, request.FILES if sends else None, instance=voucher
    )
    if sends and form.is_valid() and _send(form, link):
        record_use(link, answer="voucher")
        _confirm(request, link, advance, str(voucher))
        return redirect(f"{reverse(PAGE, args=[token_of(request)])}?done=1")
    draft = draft_of(request)
    if request.method == "POST":
        draft.fill_in(form)
    else:
        draft.forms, draft.is_filled_in = (form,), bool(draft.row)
    vouchers = list(advance.vouchers.all())
    reasons = return_reasons(vouchers)
    context = {
        "advance": advance,
        "project": advance.project,
        "form": form,
        "draft": draft,
        "shows_amounts": request.method == "POST",
        "vouchers": [(one, reasons.get(one.pk, "")) for one in vouchers],
        "done": _arrived(link.user) if request.GET.get("done") == "1" else "",
    }
    return render(request, "projects/advance_link.html", context)


def _send(form: AdvanceVoucherForm, link: AccessLink) -> bool:
    uploads = form.cleaned_data["uploads"]
    sent = act(
        form,
        lambda: send_voucher(form.instance, uploads, by=link.user, channel=Channel.LINK),
    )
    return sent is not None


def _arrived(person: User) -> str:
    return f"{_('Your voucher has arrived.')} {confirmed_words(person)}".rstrip()


def _confirm(request: HttpRequest, link: AccessLink, advance: Advance, said: str) -> None:
    confirm_use(
        request,
        link,
        what=str(advance),
        said=said,
        institution=advance.institution,
        project=advance.project,
        page=PAGE,
    )


def _advance(link: AccessLink) -> Advance:
    """Return the advance while the person speaks for its institution in the project."""
    if not isinstance(link.thing, Advance):
        raise Http404
    project = link.thing.project
    found = with_excess(visible_advances(link.user, project).with_related())
    advance: Advance | None = found.filter(pk=link.thing.pk).first()
    if advance is None or not is_recipient(link.user, advance):
        raise Http404
    advance.project = project
    return advance
