"""Pages of the vouchers of an advance: sent by the institution, accepted or sent back."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessEvent, User
from kernel.channel import Channel
from kernel.files import serve
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    form_page,
    posted,
    posted_files,
    saved,
)
from kernel.sent_forms import counted_once
from projects.models import AdvanceVoucher, AdvanceVoucherFile
from projects.money.forms.advances import (
    AcceptVoucherForm,
    AdvanceVoucherForm,
    SendBackVoucherForm,
)
from projects.money.services.advances import accept_voucher, send_back_voucher, send_voucher
from projects.money.views.advances import advance_crumbs, advance_or_404
from projects.permissions.advances import (
    is_recipient,
    may_accept_voucher,
    may_see_voucher_files,
    may_send_voucher,
)
from projects.permissions.money import may_approve_vouchers
from projects.permissions.roles import works_for


def voucher_or_404(user: User, code: str, pk: int, voucher_pk: int) -> AdvanceVoucher:
    advance = advance_or_404(user, code, pk)
    voucher = get_object_or_404(advance.vouchers.all(), pk=voucher_pk)
    voucher.advance = advance
    return voucher


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
def voucher_create(request: Request, code: str, pk: int) -> HttpResponse:
    advance = advance_or_404(request.user, code, pk)
    new = AdvanceVoucher(advance=advance)
    return _voucher_form(request, new, _("Send a voucher"))


@READ_OR_SAVE
def voucher_edit(request: Request, code: str, pk: int, voucher_pk: int) -> HttpResponse:
    voucher = voucher_or_404(request.user, code, pk, voucher_pk)
    ask(may_send_voucher(request.user, voucher.advance), _sentence())
    if voucher.status != AdvanceVoucher.Status.RETURNED:
        return redirect(voucher)
    return _voucher_form(request, voucher, _("Send the voucher again"))


def _voucher_form(request: Request, voucher: AdvanceVoucher, title: str) -> HttpResponse:
    advance = voucher.advance
    ask(may_send_voucher(request.user, advance), _sentence())
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
        back=voucher if voucher.pk else advance,
        crumbs=advance_crumbs(request.user, advance.project, advance),
        submit=_("Send"),
    )


def _sentence() -> str:
    return _("The institution sends its vouchers; finance enters those received in another way.")


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
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if act(form, lambda: send_back_voucher(voucher, reason=reason, by=request.user)):
            return saved(request, _("The voucher was sent back."), voucher.advance)
    return form_page(
        request,
        form,
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
    answer = serve(file, filename=f"{_('Voucher')} {voucher.pk}-{file.pk}", inline=True)
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=file)
    return answer
