"""The approval of vouchers by a second person, and the scans of vouchers."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import AccessEvent
from kernel.files import check_upload
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from projects.models import Assignment, Budget, Expenditure, ImportBatch, VoucherScan
from projects.money.ledger import BooksTotal, books_total, budget_periods, spent_so_far
from projects.money.services.approval import (
    add_scans,
    approve_expenditure,
    ask_again,
    lock_days,
    return_expenditure,
)
from projects.money.services.spending import (
    adjust_expenditure,
    delete_expenditure,
    save_expenditure,
    undo_import,
)
from tests.factories import BudgetCategoryFactory, ExpenditureFactory

pytestmark = pytest.mark.django_db

DAY = date(2020, 5, 4)
STATUS = Expenditure.Status


@pytest.fixture
def category(world):
    Budget.objects.create(project=world.project, approval_above=1000)
    return BudgetCategoryFactory(project=world.project, code="VOY")


@pytest.fixture
def voucher(world, category):
    """A voucher that finance entered, and that waits."""
    return entered(world, category)


def entered(world, category, by="finance", **facts):
    facts = {"spent_on": DAY, "amount": Decimal(1500), "currency": "CAD", "voucher": "V-1"} | facts
    row = Expenditure(project=world.project, category=category, **facts)
    save_expenditure(row, by=world.people[by])
    return row


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


def picture(name="scan.jpg", colour="red"):
    content = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "who and where"
    Image.new("RGB", (40, 30), colour).save(content, "JPEG", exif=exif)
    return SimpleUploadedFile(name, content.getvalue())


def spent(project):
    return sum(one.value for one in spent_so_far(project, budget_periods(project)))


# Approval


@pytest.mark.parametrize(
    ("amount", "currency", "rate", "status"),
    [
        (1000, "CAD", 1, STATUS.RECORDED),
        ("1000.01", "CAD", 1, STATUS.WAITING),
        (-1500, "CAD", 1, STATUS.WAITING),
        (18000, "HNL", "0.055", STATUS.RECORDED),
        (20000, "HNL", "0.055", STATUS.WAITING),
    ],
)
def test_a_voucher_above_the_amount_of_the_project_waits(
    world, category, amount, currency, rate, status
):
    facts = {"amount": Decimal(amount), "currency": currency, "rate": Decimal(rate)}
    row = entered(world, category, **facts)

    assert (row.status, row.entered_by) == (status, world.people["finance"])
    assert row.waits_since == (timezone.localdate() if status == STATUS.WAITING else None)


def test_without_an_amount_nothing_waits(world, category):
    Budget.objects.update(approval_above=None)

    assert entered(world, category, amount=Decimal(10**9)).status == STATUS.RECORDED


def test_what_waits_counts_in_no_figure_and_is_shown_beside_them(world, category, voucher):
    ExpenditureFactory(category=category, amount=200)
    assert spent(world.project) == 200
    assert books_total(world.project.expenditures.all()) == BooksTotal(
        counted=Decimal(200), waiting=Decimal(1500), number_waiting=1, without_scan=2
    )

    approve_expenditure(voucher, seen=voucher.approval_mark, by=world.people["coordinator"])

    assert spent(world.project) == 1700
    assert books_total(world.project.expenditures.all()) == BooksTotal(
        counted=Decimal(1700), without_scan=2
    )


def test_who_entered_a_voucher_does_not_approve_it(client, sign_in, world, voucher):
    sign_in("finance")
    mark = {"mark": voucher.approval_mark}

    page = client.get(url("expenditure", voucher.pk))
    answer = client.post(url("expenditure-approve", voucher.pk), mark)

    assert (page.context["decides"], page.context["waits_for_others"]) == (False, True)
    assert answer.status_code == 403
    with pytest.raises(Refusal):
        approve_expenditure(voucher, seen=voucher.approval_mark, by=world.people["finance"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Expenditure.objects.update(status="approved", approved_by=world.people["finance"])


def test_who_changed_the_amount_does_not_approve_it_either(world, voucher):
    voucher.amount = Decimal(1600)
    save_expenditure(voucher, by=world.people["coordinator"])

    assert voucher.changed_by == world.people["coordinator"]
    for person in ("finance", "coordinator"):
        with pytest.raises(Refusal):
            approve_expenditure(voucher, seen=voucher.approval_mark, by=world.people[person])


def test_another_person_approves_on_the_page(client, sign_in, world, voucher):
    sign_in("coordinator")
    page = client.get(url("expenditure", voucher.pk))
    assert page.context["decides"]

    client.post(url("expenditure-approve", voucher.pk), {"mark": voucher.approval_mark})

    voucher.refresh_from_db()
    assert (voucher.status, voucher.approved_by) == (STATUS.APPROVED, world.people["coordinator"])
    (change,) = voucher.status_changes
    assert (change.verb, change.by) == ("approve", world.people["coordinator"])


@pytest.mark.parametrize("role", ["monitoring", "reader", "auditor", "administrator"])
def test_only_finance_and_the_coordination_approve(client, sign_in, voucher, role):
    sign_in(role)

    answer = client.post(url("expenditure-approve", voucher.pk), {"mark": voucher.approval_mark})

    voucher.refresh_from_db()
    assert (answer.status_code, voucher.status) == (403, STATUS.WAITING)


def test_nobody_approves_what_was_changed_after_they_looked(client, sign_in, world, voucher):
    sign_in("coordinator")
    seen = voucher.approval_mark
    voucher.amount = Decimal(15000)
    save_expenditure(voucher, by=world.people["finance"])

    page = client.post(url("expenditure-approve", voucher.pk), {"mark": seen}, follow=True)

    voucher.refresh_from_db()
    assert voucher.status == STATUS.WAITING
    assert "in the meantime" in str(next(iter(page.context["messages"])))


def test_a_voucher_is_sent_back_with_a_reason_and_asked_for_again(client, sign_in, world, voucher):
    sign_in("coordinator")
    page = client.post(
        url("expenditure-return", voucher.pk), {"mark": voucher.approval_mark, "reason": " "}
    )
    assert list(page.context["form"].errors) == ["reason"]

    client.post(
        url("expenditure-return", voucher.pk),
        {"mark": voucher.approval_mark, "reason": "Facture manquante"},
    )
    voucher.refresh_from_db()
    assert (voucher.status, spent(world.project)) == (STATUS.RETURNED, 0)

    sign_in("finance")
    assert client.get(url("expenditure", voucher.pk)).context["return_reason"] == (
        "Facture manquante"
    )
    client.post(url("expenditure-ask", voucher.pk))
    voucher.refresh_from_db()
    assert voucher.status == STATUS.WAITING


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"description": "Hôtel"}, STATUS.APPROVED),
        ({"voucher": "V-2"}, STATUS.APPROVED),
        ({"amount": Decimal(1501)}, STATUS.WAITING),
        ({"spent_on": date(2020, 5, 5)}, STATUS.WAITING),
        ({"amount": Decimal(900)}, STATUS.RECORDED),
    ],
)
def test_a_change_of_amount_or_line_asks_for_approval_anew(world, voucher, changes, status):
    approve_expenditure(voucher, seen=voucher.approval_mark, by=world.people["coordinator"])
    for name, value in changes.items():
        setattr(voucher, name, value)

    save_expenditure(voucher, by=world.people["finance"])

    voucher.refresh_from_db()
    assert voucher.status == status
    assert voucher.approved_by == (
        world.people["coordinator"] if status == STATUS.APPROVED else None
    )


def test_an_approved_voucher_is_corrected_and_not_deleted(world, category, voucher):
    with pytest.raises(ValidationError):  # it does not count yet, so there is nothing to correct
        adjust(world, voucher, 100)
    approve_expenditure(voucher, seen=voucher.approval_mark, by=world.people["coordinator"])

    with pytest.raises(ValidationError):
        delete_expenditure(voucher)

    assert Expenditure.objects.filter(pk=voucher.pk).exists()


def adjust(world, row, amount, category=None, by="finance"):
    return adjust_expenditure(
        row,
        category=category or row.category,
        result=None,
        amount=Decimal(amount),
        on=date(2020, 6, 1),
        reason="Erreur",
        by=world.people[by],
    )


def test_small_corrections_lead_to_no_large_voucher(world, category):
    row = entered(world, category, amount=Decimal(900))
    [within] = adjust(world, row, 1000)
    [beyond] = adjust(world, row, "1000.01")

    assert (within.status, within.amount) == (STATUS.RECORDED, 100)
    assert (beyond.status, beyond.amount) == (STATUS.WAITING, Decimal("0.01"))
    assert spent(world.project) == 1000


def test_the_worth_of_a_corrected_voucher_is_in_the_currency_of_the_project(world, category):
    facts = {"currency": "HNL", "rate": Decimal("0.055")}
    row = entered(world, category, amount=Decimal(18_000), **facts)

    assert [one.status for one in adjust(world, row, 18_100)] == [STATUS.RECORDED]
    assert [one.status for one in adjust(world, row, 18_200)] == [STATUS.WAITING]


def test_what_two_people_agreed_on_is_not_corrected_by_one(world, category, voucher):
    approve_expenditure(voucher, seen=voucher.approval_mark, by=world.people["coordinator"])

    [lower] = adjust(world, voucher, 900)

    assert (lower.status, lower.amount) == (STATUS.WAITING, -600)
    assert spent(world.project) == 1500


def test_the_two_halves_of_a_correction_are_decided_together(client, world, category, voucher):
    coordinator = world.people["coordinator"]
    approve_expenditure(voucher, seen=voucher.approval_mark, by=coordinator)
    other = BudgetCategoryFactory(project=world.project)
    first, second = adjust(world, voucher, 1500, category=other)
    assert {first.status, second.status} == {STATUS.WAITING}
    assert spent(world.project) == 1500

    return_expenditure(first, seen=first.approval_mark, reason="Non", by=coordinator)
    second.refresh_from_db()
    assert second.status == STATUS.RETURNED
    again = adjust(world, voucher, 1500, category=other)  # the returned one corrected nothing
    approve_expenditure(again[1], seen=again[1].approval_mark, by=coordinator)

    counted = world.project.expenditures.counted()
    assert sum(row.amount for row in counted.filter(category=other)) == 1500
    assert sum(row.amount for row in counted.filter(category=voucher.category)) == 0

    with pytest.raises(Refusal):  # both would count
        ask_again(first, by=world.people["finance"])
    client.force_login(world.people["finance"])
    page = client.get(first.get_absolute_url())
    assert page.context["may_ask"] is False
    assert page.context["why_not_ask"] in page.content.decode()

    for row in (first, second):
        row.refresh_from_db()
        assert row.status == STATUS.RETURNED


def test_a_correction_is_asked_for_again_while_nothing_replaced_it(world, category, voucher):
    coordinator = world.people["coordinator"]
    approve_expenditure(voucher, seen=voucher.approval_mark, by=coordinator)
    (first,) = adjust(world, voucher, 4000)
    return_expenditure(first, seen=first.approval_mark, reason="Non", by=coordinator)
    (second,) = adjust(world, voucher, 3000)
    return_expenditure(second, seen=second.approval_mark, reason="Non", by=coordinator)

    ask_again(first, by=world.people["finance"])
    approve_expenditure(first, seen=first.approval_mark, by=coordinator)

    assert spent(world.project) == 4000


def test_two_corrections_of_one_day_and_reason_are_decided_apart(world, category, voucher):
    coordinator, finance = world.people["coordinator"], world.people["finance"]
    approve_expenditure(voucher, seen=voucher.approval_mark, by=coordinator)
    (first,) = adjust(world, voucher, 4000)
    (second,) = adjust(world, voucher, 8000, by="coordinator")

    approve_expenditure(second, seen=second.approval_mark, by=finance)

    first.refresh_from_db()
    assert (first.status, second.status) == (STATUS.WAITING, STATUS.APPROVED)


@pytest.mark.parametrize("decide", ["approve", "return", "ask"])
def test_nothing_of_a_correction_is_decided_if_one_row_is_refused(world, category, voucher, decide):
    coordinator = world.people["coordinator"]
    approve_expenditure(voucher, seen=voucher.approval_mark, by=coordinator)
    other = BudgetCategoryFactory(project=world.project)
    first, second = adjust(world, voucher, 1500, category=other)
    before = STATUS.RETURNED if decide == "ask" else STATUS.WAITING
    Expenditure.objects.filter(pk=first.pk).update(status=before)
    blocked = {"status": "recorded"} if decide == "ask" else {"changed_by": coordinator}
    Expenditure.objects.filter(pk=second.pk).update(**blocked)
    seen = first.approval_mark
    steps = {
        "approve": lambda: approve_expenditure(first, seen=seen, by=coordinator),
        "return": lambda: return_expenditure(first, seen=seen, reason="Non", by=coordinator),
        "ask": lambda: ask_again(first, by=world.people["finance"]),
    }

    with pytest.raises(Refusal):
        steps[decide]()

    first.refresh_from_db()
    assert first.status == before
    assert not first.status_changes.exists()


def test_the_page_of_one_half_shows_the_other(client, sign_in, world, category, voucher):
    approve_expenditure(voucher, seen=voucher.approval_mark, by=world.people["coordinator"])
    other = BudgetCategoryFactory(project=world.project)
    first, second = adjust(world, voucher, 1500, category=other)
    sign_in("coordinator")

    page = client.get(url("expenditure", first.pk))

    assert page.context["together"] == [second]
    assert second.get_absolute_url() in page.text
    assert first.approval_mark != second.approval_mark


def test_an_import_with_an_approved_row_is_not_undone(world, category):
    batch = ImportBatch.objects.create(
        project=world.project, original_name="a.csv", sha256="0" * 64, rows=2
    )
    coordinator = world.people["coordinator"]
    rows = [entered(world, category, batch=batch, voucher=f"V-{each}") for each in (1, 2)]
    add_scans(rows[0], [checked(picture())], by=coordinator)
    approve_expenditure(rows[0], seen=rows[0].approval_mark, by=coordinator)

    with pytest.raises(Refusal):
        undo_import(batch)

    assert (batch.expenditures.count(), rows[0].scans.count()) == (2, 1)


def test_days_are_not_locked_while_a_voucher_waits(world, voucher):
    days = {"start": date(2020, 5, 1), "end": date(2020, 5, 31), "by": world.people["finance"]}
    with pytest.raises(ValidationError):
        lock_days(world.project, **days)
    reason = {"reason": "Non", "by": world.people["coordinator"]}
    return_expenditure(voucher, seen=voucher.approval_mark, **reason)

    lock_days(world.project, **days)

    with pytest.raises(ValidationError):  # it would change the figures of locked days
        ask_again(voucher, by=world.people["finance"])


def test_a_page_says_when_nobody_else_can_approve(client, sign_in, world, voucher):
    sign_in("finance")
    assert not client.get(url("expenditure", voucher.pk)).context["is_stuck"]
    Assignment.objects.filter(role="coordinator").delete()

    assert client.get(url("expenditure", voucher.pk)).context["is_stuck"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins(world, voucher):
    coordinator, seen = world.people["coordinator"], voucher.approval_mark
    rows = [Expenditure.objects.get(pk=voucher.pk) for _each in range(2)]
    steps = [
        lambda: approve_expenditure(rows[0], seen=seen, by=coordinator),
        lambda: return_expenditure(rows[1], seen=seen, reason="Non", by=coordinator),
    ]

    with ThreadPoolExecutor(2) as pool:
        results = [each.exception() for each in [pool.submit(alone, step) for step in steps]]

    assert sorted(type(each) for each in results if each) == [TransitionError]
    assert voucher.status_changes.count() == 1


def alone(step):
    try:
        with transaction.atomic():
            step()
    finally:
        connection.close()


# Scans


def test_scans_are_written_anew_without_what_was_hidden_in_them(client, sign_in, world, voucher):
    sign_in("finance")

    client.post(url("scan-add", voucher.pk), {"uploads": [picture(), picture("two.jpeg", "blue")]})

    first, second = voucher.scans.all()
    with first.file.open() as file:
        image = Image.open(file)
        assert (image.format, dict(image.getexif())) == ("JPEG", {})
    assert (first.original_name, second.added_by) == ("scan.jpg", world.people["finance"])
    assert first.file.name != "scan.jpg"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("virus.exe", b"MZ", "not accepted"),
        ("facture.pdf", b"MZ not a pdf", "is not what"),
        ("facture.heic", b"ftypheic", "not accepted"),
        ("facture.jpg", b"", "vide"),
        ("facture.xlsx", b"PK", "not accepted"),
    ],
)
def test_other_files_are_refused_with_a_sentence(client, sign_in, voucher, name, content, words):
    sign_in("finance")

    page = client.post(
        url("scan-add", voucher.pk), {"uploads": [SimpleUploadedFile(name, content)]}
    )

    assert words in str(page.context["form"].errors["uploads"])
    assert not voucher.scans.exists()


def test_a_scan_of_thirty_megabytes_is_refused(client, sign_in, voucher):
    sign_in("finance")
    large = SimpleUploadedFile("facture.pdf", b"%PDF-1.4" + b"0" * 30_000_000)

    page = client.post(url("scan-add", voucher.pk), {"uploads": [large]})

    (sentence,) = page.context["form"].errors["uploads"]
    assert "30" in sentence
    assert "10" in sentence


def test_the_same_scan_is_attached_once_and_named_where_it_is_again(
    client, sign_in, world, category, voucher
):
    sign_in("finance")
    other = ExpenditureFactory(category=category, voucher="V-9")
    client.post(url("scan-add", voucher.pk), {"uploads": [picture()]})

    again = client.post(url("scan-add", voucher.pk), {"uploads": [picture()]})
    answer = client.post(url("scan-add", other.pk), {"uploads": [picture()]}, follow=True)

    assert list(again.context["form"].errors) == ["uploads"]
    assert "V-1" in str(list(answer.context["messages"])[-1])
    assert VoucherScan.objects.count() == 2


@pytest.mark.parametrize(
    ("role", "status"),
    [
        *((role, 200) for role in ("coordinator", "finance", "auditor", "administrator")),
        *((role, 404) for role in ("monitoring", "reader", "member", "partner", "donor")),
    ],
)
def test_scans_are_opened_by_finance_coordination_and_auditors(
    client, sign_in, world, voucher, role, status
):
    add_scans(voucher, [checked(picture())], by=world.people["finance"])
    scan = voucher.scans.get()
    sign_in(role)

    answer = client.get(url("scan-file", voucher.pk, scan.pk))

    assert answer.status_code == status
    assert answer.getvalue()
    events = AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD)
    assert events.count() == (status == 200)


def checked(upload):
    return check_upload(upload, allowed=VoucherScan.ACCEPTED, max_bytes=VoucherScan.MAX_BYTES)


def test_a_scan_of_another_voucher_is_not_found(client, sign_in, world, category, voucher):
    add_scans(voucher, [checked(picture())], by=world.people["finance"])
    other = ExpenditureFactory(category=category)
    sign_in("finance")

    answer = client.get(url("scan-file", other.pk, voucher.scans.get().pk))

    assert answer.status_code == 404


def test_a_scan_stays_once_the_voucher_is_approved(client, sign_in, world, voucher):
    scans = [checked(picture()), checked(picture(colour="blue"))]
    add_scans(voucher, scans, by=world.people["finance"])
    first, second = voucher.scans.all()
    sign_in("finance")
    client.post(url("scan-delete", voucher.pk, first.pk))
    approve_expenditure(voucher, seen=voucher.approval_mark, by=world.people["coordinator"])

    client.post(url("scan-delete", voucher.pk, second.pk))

    assert list(voucher.scans.all()) == [second]


def test_scans_go_with_a_voucher_that_is_deleted(
    world, voucher, django_capture_on_commit_callbacks
):
    add_scans(voucher, [checked(picture())], by=world.people["finance"])
    name = voucher.scans.get().file.name

    with django_capture_on_commit_callbacks(execute=True):
        delete_expenditure(voucher)

    assert not default_storage.exists(name)
    assert not VoucherScan.objects.exists()


def test_what_lacks_a_scan_is_listed_and_never_blocked(client, sign_in, world, category, voucher):
    add_scans(voucher, [checked(picture())], by=world.people["finance"])
    without = ExpenditureFactory(category=category)
    ExpenditureFactory(category=category, adjusts=without)  # a correction needs none
    sign_in("auditor")

    page = client.get(url("expenditures"), {"state": "without_scan"})

    assert list(page.context["page"].object_list) == [without]
    assert client.get(url("expenditures")).context["total"].without_scan == 1
