"""Attaches scans to vouchers and takes them off again."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.files import CheckedFile
from projects.models import Expenditure, VoucherScan
from projects.money.services.budget import lock_project
from projects.money.services.locks import refuse_locked


@transaction.atomic
def add_scans(
    expenditure: Expenditure, uploads: list[CheckedFile], *, by: User
) -> list[Expenditure]:
    """Attaches files, also to a voucher that is locked: what was missing is added.

    Returns other vouchers of the project that have the very same file. Raises ValidationError.
    """
    lock_project(expenditure.project)
    for upload in uploads:
        scan = VoucherScan(expenditure=expenditure, added_by=by, sha256=upload.sha256)
        scan.clean()
        if expenditure.scans.filter(sha256=upload.sha256).exists():
            sentence = _("“%(file)s” is already attached to the voucher.")
            raise ValidationError({"uploads": sentence % {"file": upload.original_name}})
        scan.keep(upload)
        scan.save()
    files = [upload.sha256 for upload in uploads]
    others = expenditure.project.expenditures.filter(scans__sha256__in=files)
    return list(others.exclude(pk=expenditure.pk).select_related("category").distinct()[:5])


@transaction.atomic
def remove_scan(scan: VoucherScan) -> None:
    """Takes a scan off and deletes the file. Raises ValidationError once the voucher is approved or
    locked: the scan is part of what was looked at."""
    expenditure = scan.expenditure
    lock_project(expenditure.project)
    status = Expenditure.objects.values_list("status", flat=True).get(pk=expenditure.pk)
    if status == Expenditure.Status.APPROVED:
        raise ValidationError(
            _("The voucher is approved: its scans stay. Attach a better one beside it.")
        )
    refuse_locked(expenditure.project, expenditure.spent_on)
    scan.delete_content_on_commit()
    scan.delete()


def delete_scans(expenditures: list[int]) -> None:
    """Deletes the scans of vouchers that are deleted themselves, with their files."""
    for scan in VoucherScan.objects.filter(expenditure__in=expenditures):
        scan.delete_content_on_commit()
        scan.delete()
