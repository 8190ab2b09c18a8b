"""Takes back comments on minutes, for good, until somebody has answered them."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import MinutesRemark
from kernel.refusal import Refusal


def sent_before(remark: MinutesRemark) -> MinutesRemark | None:
    """Return what the same form recorded before. Raises Refusal if that was withdrawn since."""
    if not remark.entry_key:
        return None
    known = MinutesRemark._base_manager.filter(entry_key=remark.entry_key).first()
    if known and known.withdrawn_at:
        raise Refusal(_("This was withdrawn. Open the page again if you want to send it."))
    return known


def why_settled(remark: MinutesRemark) -> str:
    """Return the sentence for somebody who answers a comment that is no longer open."""
    if MinutesRemark._base_manager.filter(pk=remark.pk, withdrawn_at__isnull=False).exists():
        return _("The seat has withdrawn this comment: there is nothing to answer.")
    return _("Somebody has already answered this comment. Reload the page to see the answer.")


@transaction.atomic
def withdraw_remark(remark: MinutesRemark) -> None:
    """Take back a comment of one's own seat. Raises Refusal once it was answered."""
    open_still = MinutesRemark._base_manager.filter(pk=remark.pk, settled_at=None)
    if not open_still.update(withdrawn_at=timezone.now()):
        raise Refusal(_("The coordination has answered it already: write another comment instead."))
