"""What a report's steps bring about beyond its status: data is frozen, documents are asked for."""

import uuid
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Audience
from kernel.lifecycle import TransitionError
from reports.compose import freeze
from reports.models import About, Report, Snapshot
from reports.services.errors import ReportError
from reports.services.requesting import LANGUAGES, request_renditions
from reports.services.writing import writers_of


@transaction.atomic
def sign_off(report: Report, *, by: User, on: date | None = None, exception: str = "") -> None:
    """Freeze the report as it is known on that day. Whoever wrote does not sign, unless a
    small team has nobody else and says so (`exception`)."""
    Report.objects.select_for_update().get(pk=report.pk)
    if by.pk in writers_of(report) and not exception.strip():
        raise ReportError(
            _(
                "You wrote in this report: somebody else signs it off. Where there is nobody, "
                "write down why you sign it yourself."
            )
        )
    if not report.may_take("sign_off"):
        raise TransitionError(_("The report must be in review before it is signed off."))
    day = on or timezone.localdate()
    report.signed_off_on = day  # what is frozen names the day
    report.take(
        "sign_off",
        by=by,
        on=day,
        why=exception,
        signed_off_by=by,
        signed_off_on=day,
        four_eyes_exception=exception.strip(),
        snapshot=Snapshot.keep(About(report), freeze(report, as_of=day), is_final=True),
    )


@transaction.atomic
def present_report(report: Report, *, by: User, on: date | None = None, why: str = "") -> None:
    """From here the members of the committee see it."""
    report.take("present", by=by, on=on, why=why)
    request_renditions(About(report), LANGUAGES, audience=Audience.COMMITTEE, by=by)


@transaction.atomic
def submit_report(report: Report, *, by: User, on: date | None = None) -> None:
    """From here the donor sees it: the documents are asked for in the same step."""
    report.take("resubmit" if report.status == Report.Status.RETURNED else "submit", by=by, on=on)
    request_renditions(About(report), LANGUAGES, audience=Audience.DONOR, by=by)


@transaction.atomic
def publish_report(report: Report, *, by: User, on: date | None = None) -> None:
    day = on or timezone.localdate()
    report.take("publish", by=by, on=day, published_on=day)
    batch = uuid.uuid4()
    for audience in (Audience.DONOR, Audience.PARTNERS):
        request_renditions(About(report), LANGUAGES, audience=audience, by=by, batch=batch)
