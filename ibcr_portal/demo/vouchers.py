"""Vouchers of the demonstration that a second person approves, their scans, and advances."""

import io
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from accounts.models import User
from ibcr_portal.demo.texts import Data, day
from kernel.channel import Channel
from kernel.files import CheckedFile, check_upload
from partners.models import Institution
from projects.models import (
    Advance,
    AdvanceVoucher,
    AdvanceVoucherFile,
    Budget,
    DonorForm,
    Expenditure,
    Project,
    VoucherScan,
)
from projects.money.services.advances import accept_voucher, save_advance, send_voucher
from projects.money.services.approval import add_scans, approve_expenditure, return_expenditure
from projects.money.services.spending import save_expenditure
from projects.money.usual_form import usual_form


def demand_approval(project: Project, above: str) -> None:
    budget = Budget.of(project)
    budget.approval_above = Decimal(above)
    budget.save()


def enter_voucher(row: Expenditure, facts: Data, *, by: User, second: User) -> None:
    """Enter a voucher as finance does, and decide on it as the coordination does."""
    save_expenditure(row, by=by)
    if facts.get("scan"):
        add_scans(row, [example_scan(row.voucher)], by=by)
        VoucherScan.objects.filter(expenditure=row).update(illustrative=True)
    decided, seen = facts.get("decided"), row.approval_mark
    if decided == "approve":
        approve_expenditure(row, seen=seen, by=second)
    elif decided == "return":
        return_expenditure(row, seen=seen, reason=facts["reason"], by=second)


def enter_advance(
    project: Project, institution: Institution, facts: Data, *, by: User, partner: User
) -> None:
    advance = Advance(
        project=project,
        institution=institution,
        amount=Decimal(facts["amount"]),
        currency=facts["currency"],
        paid_on=day(facts["paid_on"]),
        settle_by=day(facts["settle_by"]),
        reference=facts["reference"],
        illustrative=True,
    )
    save_advance(advance)
    for row in facts.get("voucher", []):
        voucher = AdvanceVoucher(
            advance=advance,
            spent_on=day(row["on"]),
            amount=Decimal(row["amount"]),
            number=row["number"],
            description=row["description"],
            illustrative=True,
        )
        scan = example_scan(row["number"])
        send_voucher(voucher, [scan], by=partner, channel=Channel.LINK)
        if row.get("decided") == "accept":
            accept_voucher(voucher, seen=voucher.amount, by=by)
        elif row.get("decided") == "return":
            voucher.take("return", by=by, why=row["reason"])  # without a message: it is past


def add_form(project: Project, *, by: User) -> None:
    """Add a form as a donor might give it: the usual one, in its own file."""
    content = usual_form(project.budget_categories.count())
    upload = SimpleUploadedFile("formulaire d’exemple.xlsx", content)
    form = DonorForm(
        project=project, name="Formulaire d’exemple du donateur", language="fr", illustrative=True
    )
    form.take_file(
        check_upload(upload, allowed=DonorForm.ACCEPTED, max_bytes=DonorForm.MAX_BYTES), by=by
    )
    form.full_clean()
    form.save()


def example_scan(number: str) -> CheckedFile:
    """Return a picture that nobody takes for the scan of a real voucher."""
    picture = Image.new("RGB", (600, 400), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 579, 379), outline="grey", width=3)
    for line, text in enumerate(("EXEMPLE", "EJEMPLO", "EXAMPLE", number)):
        draw.text((60, 60 + 70 * line), text, fill="grey", font_size=44)
    written = io.BytesIO()
    picture.save(written, "PNG")
    upload = SimpleUploadedFile(f"exemple {number}.png", written.getvalue(), "image/png")
    return check_upload(
        upload, allowed=AdvanceVoucherFile.ACCEPTED, max_bytes=AdvanceVoucherFile.MAX_BYTES
    )
