"""The thread below a remark: replies of the coordination and of its author, until it is settled."""

import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import ActionPlan, Remark, Reply
from kernel.refusal import Refusal
from partners.models import Institution


@transaction.atomic
def reply_to(
    remark: Remark,
    *,
    text: str,
    by: User,
    institution: Institution | None = None,
    settle: bool = False,
    key: uuid.UUID | None = None,
) -> Reply | None:
    """Add a reply to the thread; the coordination (no institution) may settle the remark with it,
    also without a text. Raises Refusal if the remark was settled or the review ended meanwhile."""
    held = Remark.objects.select_for_update(of=("self",)).select_related("plan").get(pk=remark.pk)
    if key and (before := Reply.objects.filter(entry_key=key, remark=held).first()):
        return before
    if held.settled_at:
        raise Refusal(_("This remark was settled in the meantime."))
    if institution and held.plan.status != ActionPlan.Status.IN_REVIEW:
        raise Refusal(held.plan.why_no_answers)
    reply = None
    if text.strip():
        reply = Reply(remark=held, institution=institution, text=text.strip(), by=by, entry_key=key)
        reply.full_clean()
        reply.save()
    if settle:
        held.settled_at, held.settled_by = timezone.now(), by
        held.save(update_fields=["settled_at", "settled_by"])
    return reply
