"""Money of the demonstration: the budget, what was spent and received, a lock and a correction."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import User
from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.reports import Event
from ibcr_portal.demo.texts import FOLDER, Data, day, read
from kernel.channel import Channel
from kernel.files import CheckedFile, check_upload
from partners.models import Institution
from projects.models import (
    Advance,
    AdvanceVoucher,
    AdvanceVoucherFile,
    Budget,
    BudgetComment,
    BudgetLine,
    Contribution,
    DonorForm,
    ExchangeRate,
    Expenditure,
    Project,
    VoucherScan,
)
from projects.money.services.advances import accept_voucher, save_advance, send_voucher
from projects.money.services.approval import (
    add_scans,
    approve_expenditure,
    lock_days,
    return_expenditure,
)
from projects.money.services.budget import (
    BudgetLineKey,
    RevisionGrounds,
    add_usual_categories,
    approve_budget,
    write_budget,
)
from projects.money.services.spending import adjust_expenditure, rate_on, save_expenditure
from projects.money.usual_form import usual_form

# --- Vouchers of the demonstration that a second person approves, their scans, and advances ---


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


# --- Money ---

QUARTER = timedelta(days=89)


class DemoMoney:
    """Loads the budget, the books and the payments on the first day, so that reports of each period
    know them; revisions on their days, since they refer to an amendment that the donor has approved
    by then; and what waits for somebody on the last day."""

    def __init__(self, name: str, loaded: ProjectLoader) -> None:
        self.loaded, self.project = loaded, loaded.project
        self.by = loaded.people.users["finance"]
        file = f"{name}_money"
        self.data: Data = read(file) if (FOLDER / f"{file}.toml").exists() else {}

    def events(self) -> Iterator[Event]:
        if not self.data:
            return
        yield max(day(self.data["approved_on"]), self.project.starts_on), self._load
        for row in self.data.get("revision", []):
            yield day(row["on"]), partial(self._revise, row)
        yield timezone.localdate(), self._end

    def _load(self) -> None:
        add_usual_categories(self.project)
        self.categories = {one.code: one for one in self.project.budget_categories.all()}
        self._budget()
        for row in self.data["rate"]:
            ExchangeRate.objects.create(
                project=self.project,
                currency=row["currency"],
                starts_on=day(row["start"]),
                ends_on=day(row["end"]),
                rate=Decimal(row["rate"]),
                source="Moyenne d’exemple",
                illustrative=True,
            )
        self._spending()
        self._contributions()

    def _end(self) -> None:
        for row in self.data.get("comment", []):
            BudgetComment.objects.create(
                category=self.categories[row["category"]],
                period=self.loaded.periods[row["year"]],
                text=row["text"],
                language="fr",
            )
        self._approvals()

    def _place(self, category: str, result: str) -> BudgetLineKey:
        return BudgetLineKey(
            self.categories[category], self.loaded.results[result] if result else None
        )

    def _budget(self) -> None:
        for number, period in self.loaded.periods.items():
            amounts = {
                self._place(category, result): Decimal(years[number - 1])
                for category, result, *years in self.data["lines"]
            }
            write_budget(period, amounts, by=self.by, on=day(self.data["approved_on"]))
        BudgetLine.objects.filter(project=self.project).update(illustrative=True)
        approve_budget(self.project, on=day(self.data["approved_on"]))

    def _revise(self, row: Data) -> None:
        amendment = self.loaded.amendments.get(row.get("amendment", 0))
        for category, result, year, amount in row["amounts"]:
            write_budget(
                self.loaded.periods[year],
                {self._place(category, result): Decimal(amount)},
                by=self.by,
                on=day(row["on"]),
                grounds=RevisionGrounds(row["reason"], amendment),
            )

    def _spending(self) -> None:
        for row in self.data["regular"]:
            for number, amount in enumerate(row["amounts"], start=1):
                on = self.project.starts_on + number * QUARTER - timedelta(days=10)
                entry = {"amount": amount, "fr": f"{row['description']} {number}"}
                self._spend(row | entry | {"voucher": f"{row['voucher']}-{number:02}"}, on)
        to_correct = [(row, self._spend(row, day(row["on"]))) for row in self.data["spending"]]
        for row in self.data["lock"]:
            lock_days(self.project, start=day(row["start"]), end=day(row["end"]), by=self.by)
        for row, original in to_correct:
            if entry := row.get("correction"):
                adjust_expenditure(
                    original,
                    category=original.category,
                    result=original.result,
                    amount=Decimal(entry["amount"]),
                    on=day(entry["on"]),
                    reason=entry["reason"],
                    by=self.by,
                )

    def _approvals(self) -> None:
        users = self.loaded.people.users
        if approval := self.data.get("approval"):
            add_form(self.project, by=self.by)
            demand_approval(self.project, approval["above"])
            for row in approval["voucher"]:
                new = self._new(row, day(row["on"]))
                enter_voucher(new, row, by=self.by, second=users["coordinator"])
        for row in self.data.get("advance", []):
            institution = self.loaded.institutions[row["institution"]]
            enter_advance(self.project, institution, row, by=self.by, partner=users["partner"])

    def _spend(self, row: dict[str, Any], on: date) -> Expenditure:
        expenditure = self._new(row, on)
        expenditure.save()
        return expenditure

    def _new(self, row: dict[str, Any], on: date) -> Expenditure:
        place = self._place(row["category"], row.get("result", ""))
        rate = rate_on(self.project, row["currency"], on)
        assert rate is not None  # the demonstration has a rate for each of its currencies
        return Expenditure(
            project=self.project,
            category=place.category,
            result=place.result,
            activity=self.loaded.activities.get(row.get("activity", "")),
            spent_on=on,
            amount=Decimal(row["amount"]),
            currency=row["currency"],
            rate=rate,
            voucher=row["voucher"],
            description=row["fr"],
            illustrative=True,
        )

    def _contributions(self) -> None:
        for row in self.data["contribution"]:
            giver = self.loaded.institutions[row["institution"]]
            Contribution.objects.create(
                participation=self.project.participations.get(institution=giver, role="funding"),
                currency=row["currency"],
                promised=Decimal(row["promised"]),
                expected_on=day(row["expected_on"]),
                received=Decimal(row["received"]) if "received" in row else None,
                received_on=day(row.get("received_on")),
                reference=row["reference"],
                illustrative=True,
            )
