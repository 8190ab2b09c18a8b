"""The page that opens by link, where an institution sends the vouchers of an advance without signing
in.

Opening the page changes nothing and shows no amount, because mail scanners open links too: a button
shows the balance and what was sent, with the form for a further voucher.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.links import draft_of, link_page, record_use, token_of
from accounts.mail import confirmed_words
from accounts.models import AccessLink, User
from accounts.receipts import confirm_use
from kernel.channel import Channel
from kernel.pages import READ_OR_SAVE, act
from projects.models import Advance, AdvanceVoucher
from projects.money.forms.advances import AdvanceVoucherForm
from projects.money.services.advance_links import PAGE, PURPOSE
from projects.money.services.advances import return_reasons, send_voucher, with_excess
from projects.permissions.advances import is_recipient, visible_advances


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
