"""Signs grants, pays their instalments and takes their reports, each under the grant's row lock."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.channel import Channel
from kernel.files import CheckedFile
from kernel.formats import money
from partners.models import Agreement
from projects.models import Grant, GrantReport, GrantReportFile, Instalment
from projects.money.services.advances import advance_of


def locked_grant(pk: int) -> Grant:
    return Grant.objects.select_for_update(of=("self",)).get(pk=pk)


@transaction.atomic
def sign_grant(grant: Grant, *, reference: str, signed_on: date, by: User) -> None:
    """Records the agreement that was signed with the institution. Raises ValidationError."""
    grant.status = locked_grant(grant.pk).status
    agreement = Agreement(
        institution=grant.institution,
        kind=Agreement.Kind.GRANT,
        reference=reference,
        signed_on=signed_on,
        starts_on=grant.starts_on,
        ends_on=grant.ends_on,
        illustrative=grant.illustrative,
    )
    agreement.full_clean()
    agreement.save()
    grant.take("sign", by=by, on=signed_on, agreement=agreement)


@transaction.atomic
def take_grant_step(grant: Grant, verb: str, *, by: User, on: date, why: str = "") -> None:
    """Starts, closes, or with a reason ends a grant early.

    Raises ValidationError where reports or payments are open, TransitionError where the status does
    not allow the step.
    """
    grant.status = locked_grant(grant.pk).status
    if verb == "end" and not why.strip():
        raise ValidationError({"why": _("Say why the grant ends early.")})
    if verb == "close" and (waiting := _unsettled_message(grant)):
        raise ValidationError(waiting)
    grant.take(verb, by=by, on=on, why=why)


def _unsettled_message(grant: Grant) -> str:
    if grant.reports.exclude(status=GrantReport.Status.ACCEPTED).exists():
        return _("A report is still to be accepted.")
    if grant.instalments.filter(paid_on=None).exists():
        return _("An instalment is still to be paid; remove it if it is no longer due.")
    return ""


@transaction.atomic
def save_instalment(instalment: Instalment) -> None:
    """Plans an instalment or changes an unpaid one.

    Raises ValidationError where the instalments would add up to more than the grant.
    """
    grant = locked_grant(instalment.grant_id)
    if grant.is_over:
        raise ValidationError(_("This grant is over; its instalments can no longer change."))
    if instalment.pk and Instalment.objects.get(pk=instalment.pk).paid_on:
        raise ValidationError(_("This instalment has been paid and can no longer change."))
    others = grant.instalments.exclude(pk=instalment.pk)
    planned = others.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    if planned + instalment.amount > grant.amount:
        message = _("Of the grant, %(left)s is left for this instalment.") % {
            "left": money(grant.amount - planned, grant.currency)
        }
        raise ValidationError({"amount": message})
    instalment.full_clean()
    instalment.save()


@transaction.atomic
def pay_instalment(
    instalment: Instalment, *, on: date, reference: str, settle_by: date | None = None
) -> None:
    """Records a payment, and an advance where vouchers are asked for until a day.

    Raises ValidationError before the signature, and if it was paid.
    """
    grant = locked_grant(instalment.grant_id)
    if not grant.may_be_paid or grant.agreement is None:
        raise ValidationError(
            _("Nothing is paid before the agreement is signed, or after it ends.")
        )
    if grant.agreement.signed_on and on < grant.agreement.signed_on:
        raise ValidationError({"on": _("This day is before the signature of the agreement.")})
    current = Instalment.objects.filter(pk=instalment.pk).first()
    if current is None:
        raise ValidationError(_("This instalment was removed in the meantime. Reload the page."))
    if current.paid_on:
        raise ValidationError(_("This instalment has already been paid."))
    current.paid_on, current.reference = on, reference
    current.full_clean()
    current.save()
    if settle_by:
        advance_of(current, settle_by=settle_by)
    instalment.refresh_from_db()


@transaction.atomic
def submit_report(
    report: GrantReport,
    *,
    by: User,
    received_on: date,
    channel: str = Channel.PORTAL,
    upload: CheckedFile | None = None,
    **texts: Any,
) -> None:
    """Submits the report of a grantee, or one that the coordination enters with its channel."""
    locked_grant(report.grant_id)
    if upload and not report.files.filter(sha256=upload.sha256).exists():
        file = GrantReportFile(report=report)
        file.keep(upload)
        file.save()
    report.take(
        "submit",
        by=by,
        on=received_on,
        submitted_by=by,
        received_on=received_on,
        channel=channel,
        **texts,
    )


@transaction.atomic
def judge_report(report: GrantReport, verb: str, *, by: User, remark: str) -> None:
    """Returns a report with a remark, or accepts one that somebody else submitted.

    Raises ValidationError.
    """
    locked_grant(report.grant_id)
    fresh = GrantReport.objects.get(pk=report.pk)
    if verb == "return" and not remark.strip():
        raise ValidationError({"remark": _("Say what is missing or unclear.")})
    if verb == "accept" and fresh.submitted_by_id == by.pk:
        raise ValidationError(
            _("You submitted this report yourself: somebody else has to accept it.")
        )
    changes: dict[str, Any] = {"accepted_by": by} if verb == "accept" else {}
    fresh.take(verb, by=by, why=remark.strip(), **changes)
    report.refresh_from_db()
