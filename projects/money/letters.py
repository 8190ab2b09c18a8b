"""Messages to institutions about the vouchers of their advances."""

from django.utils.translation import gettext as _

from accounts.letters import Button, Detail, Details, Letter
from accounts.links import absolute_url
from projects.models import AdvanceVoucher


def voucher_returned_letter(voucher: AdvanceVoucher, reason: str) -> Letter:
    advance = voucher.advance
    return Letter(
        subject=_("A voucher was sent back"),
        body=[
            _("The project sent back a voucher of your advance, with this reason:"),
            reason,
            Details(
                [
                    Detail(_("Voucher"), voucher.number),
                    Detail(_("Advance"), advance),
                    Detail(_("Institution"), advance.institution),
                    Detail(_("Project"), advance.project),
                ]
            ),
        ],
        button=Button(_("See the voucher"), absolute_url(voucher.get_absolute_url())),
        after=[
            _(
                "After signing in you can change it and send it again. By a link you can send it as "
                "a new one, with another number."
            )
        ],
    )
