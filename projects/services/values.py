"""Values of indicators: approved by somebody else than who entered them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from projects.models import DataPoint


@transaction.atomic
def approve_value(point: DataPoint, *, by: User, exception: str = "") -> None:
    """Approve a submitted value. Whoever entered it does so only by an exception with a reason.

    Raises ValidationError without that reason, TransitionError where it is not submitted.
    """
    locked = DataPoint.objects.select_for_update().get(pk=point.pk)
    if locked.entered_by_id == by.pk and not exception.strip():
        raise ValidationError(
            _("You entered this value yourself. Say why nobody else can approve it.")
        )
    own = locked.entered_by_id == by.pk
    why = _("Exception to the rule of two people: %(why)s") % {"why": exception.strip()}
    point.take("approve", by=by, why=why if own else exception.strip())
