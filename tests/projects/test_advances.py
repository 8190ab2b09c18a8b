"""Advances to grantees and partners: their balance, the vouchers that settle them, and the link."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink, OutgoingMail
from kernel.refusal import Refusal
from projects.calls.services.grants import pay_instalment, sign_grant
from projects.models import Advance, AdvanceVoucher, Instalment
from projects.money.services.advances import (
    PURPOSE,
    accept_voucher,
    by_institution,
    return_money,
    save_advance,
    send_back_voucher,
    with_excess,
)
from tests.factories import AdvanceFactory, AdvanceVoucherFactory, GrantFactory
from tests.projects.test_vouchers import picture

pytestmark = pytest.mark.django_db

STATUS = AdvanceVoucher.Status


@pytest.fixture
def advance(world):
    return AdvanceFactory(project=world.project, institution=world.institutions["partner"])


@pytest.fixture
def sent(world, advance):
    return AdvanceVoucherFactory(advance=advance, submitted_by=world.people["partner"])


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


def typed(**changes):
    return {
        "spent_on": "2020-02-01",
        "amount": "400",
        "number": "E-1",
        "description": "Transport",
        "uploads": [picture()],
    } | changes


def test_a_paid_instalment_becomes_an_advance_where_vouchers_are_asked_for(world):
    grant = GrantFactory(project=world.project, institution=world.institutions["partner"])
    signed = {"reference": "C-1", "signed_on": date(2021, 1, 1)}
    sign_grant(grant, by=world.people["coordinator"], **signed)
    for number, settle_by in enumerate([date(2021, 6, 30), None], start=1):
        instalment = Instalment.objects.create(
            grant=grant, number=number, due_on=date(2021, 1, 15), amount=5000
        )
        paid = {"on": date(2021, 1, 16), "reference": f"T-{number}"}
        pay_instalment(instalment, **paid, settle_by=settle_by)

    (advance,) = Advance.objects.all()
    assert (advance.amount, advance.currency, advance.settle_by) == (
        5000,
        "USD",
        date(2021, 6, 30),
    )
    assert (advance.institution, advance.reference) == (grant.institution, "T-1")


def test_a_balance_is_what_was_paid_less_settled_and_returned(world, advance, sent):
    finance = world.people["finance"]
    accept_voucher(sent, seen=Decimal(400), by=finance)
    back = {"on": date(2020, 7, 1), "reference": "R-1", "by": finance}
    return_money(advance, amount=Decimal(100), **back)

    assert (advance.settled, advance.returned, advance.balance) == (400, 100, 500)
    with pytest.raises(ValidationError):
        return_money(advance, amount=Decimal("500.01"), **back)


def test_nothing_is_settled_beyond_what_was_paid(world, advance):
    vouchers = AdvanceVoucherFactory.create_batch(3, advance=advance)

    for voucher in vouchers:
        accept_voucher(voucher, seen=Decimal(400), by=world.people["finance"])

    assert [one.settled for one in vouchers] == [400, 400, 200]
    (found,) = with_excess(Advance.objects.all())
    assert (found.balance, found.excess, found.is_open) == (0, 200, False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Advance.objects.update(settled=1001)


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_settle_no_more_than_was_paid(world, advance):
    vouchers = AdvanceVoucherFactory.create_batch(4, advance=advance, amount=300)
    people = [world.people[role] for role in ("finance", "coordinator")] * 2

    def accept(voucher, by):
        try:
            accept_voucher(voucher, seen=Decimal(300), by=by)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(accept, vouchers, people))

    advance.refresh_from_db()
    settled = sorted(AdvanceVoucher.objects.values_list("settled", flat=True))
    assert (advance.settled, settled) == (1000, [100, 300, 300, 300])


def test_nobody_accepts_what_they_sent_or_what_changed(world, advance):
    finance = world.people["finance"]
    own = AdvanceVoucherFactory(advance=advance, submitted_by=finance)

    with pytest.raises(Refusal):
        accept_voucher(own, seen=Decimal(400), by=finance)
    with pytest.raises(Refusal):
        accept_voucher(own, seen=Decimal(40), by=world.people["coordinator"])
    with pytest.raises(ValidationError):
        send_back_voucher(own, reason=" ", by=world.people["coordinator"])
    with pytest.raises(IntegrityError), transaction.atomic():
        AdvanceVoucher.objects.update(status="accepted", accepted_by=finance)

    own.refresh_from_db()
    assert own.status == STATUS.SENT


def test_an_institution_sends_its_vouchers_and_mends_what_came_back(
    client, sign_in, world, advance
):
    sign_in("partner")
    assert client.get(url("advances")).status_code == 404
    client.post(url("advance-voucher-create", advance.pk), typed())
    (voucher,) = AdvanceVoucher.objects.all()
    assert (voucher.status, voucher.submitted_by) == (STATUS.SENT, world.people["partner"])
    assert voucher.files.count() == 1

    sign_in("finance")
    here = (advance.pk, voucher.pk)
    client.post(url("advance-voucher-return", *here), {"reason": "Illisible"})
    sign_in("partner")
    page = client.get(url("advance-voucher", *here))
    form = client.get(url("advance-voucher-edit", *here)).context["form"]
    again = typed(seen=form["seen"].value(), amount="380", uploads=[picture(colour="blue")])
    client.post(url("advance-voucher-edit", *here), again)

    voucher.refresh_from_db()
    assert page.context["reason"] == "Illisible"
    assert (voucher.status, voucher.amount, voucher.files.count()) == (STATUS.SENT, 380, 2)


def test_finance_accepts_on_the_page(client, sign_in, advance, sent):
    sign_in("finance")

    client.post(url("advance-voucher-accept", advance.pk, sent.pk), {"seen": "400.00"})

    sent.refresh_from_db()
    assert (sent.status, sent.settled) == (STATUS.ACCEPTED, 400)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "5 USD"}, "amount"),
        ({"spent_on": "2999-01-01"}, "spent_on"),
        ({"number": ""}, "number"),
        ({"uploads": []}, "uploads"),
    ],
)
def test_wrong_input_gets_a_sentence_at_its_field(client, sign_in, advance, changes, field):
    sign_in("partner")

    page = client.post(url("advance-voucher-create", advance.pk), typed(**changes))

    assert list(page.context["form"].errors) == [field]
    assert not AdvanceVoucher.objects.exists()


def test_an_institution_sees_no_advance_of_others(client, sign_in, world, advance):
    other = AdvanceFactory(project=world.project, institution=world.institutions["member"])
    sign_in("partner")

    seen = [client.get(url("advance", one.pk)).status_code for one in (advance, other)]

    assert seen == [200, 404]


def test_its_institution_and_currency_stay_once_it_has_vouchers(world, advance, sent):
    advance.currency = "CAD"
    with pytest.raises(Refusal):
        save_advance(advance)
    advance.currency, advance.amount = "HNL", Decimal(300)
    accept_voucher(sent, seen=Decimal(400), by=world.people["finance"])

    with pytest.raises(ValidationError):
        save_advance(advance)


@time_machine.travel("2020-09-15", tick=False)
def test_balances_are_listed_by_institution_and_age(world):
    partner, member = world.institutions["partner"], world.institutions["member"]
    today = date(2020, 9, 15)
    for institution, days in ((partner, -5), (partner, 30), (partner, 31), (member, 91)):
        AdvanceFactory(
            project=world.project,
            institution=institution,
            settle_by=today - timedelta(days=days),
        )
    AdvanceFactory(project=world.project, institution=member, settled=1000)

    groups = {
        each.institution: ([age.amount for age in each.ages], each.balance, each.paid)
        for each in by_institution(Advance.objects.all())
    }

    assert groups == {
        partner: ([1000, 1000, 1000, 0], 3000, 3000),
        member: ([0, 0, 0, 1000], 1000, 2000),
    }


def test_the_list_asks_as_much_for_many_advances(
    client, sign_in, world, django_assert_max_num_queries
):
    sign_in("reader")
    counts = []
    for numbers in (range(1), range(1, 30)):
        AdvanceFactory.create_batch(
            len(numbers), project=world.project, institution=world.institutions["partner"]
        )

        with django_assert_max_num_queries(15) as statements:
            page = client.get(url("advances"))
        counts.append(len(statements))

        assert len(page.context["groups"][0].advances) == numbers.stop

    few, many = counts
    assert many <= few


# By link


@pytest.fixture
def link(world, advance):
    person = world.people["partner"]
    lasts = timedelta(days=5)
    _link, token = AccessLink.issue(
        person, PURPOSE, advance, by=world.people["finance"], lasts=lasts
    )
    return reverse("projects:advance-link", args=[token])


def test_a_voucher_is_sent_by_link(client, world, advance, link):
    before = AdvanceVoucher.objects.count()
    page = client.get(link)
    assert "1\xa0000" not in page.text  # no amount before a button is pressed

    assert client.post(link, {"do": "open"}).context["shows_amounts"]
    answer = client.post(link, typed(do="send"))

    (voucher,) = AdvanceVoucher.objects.all()
    assert (before, answer.status_code) == (0, 302)
    assert (voucher.channel, voucher.submitted_by) == ("link", world.people["partner"])
    assert AccessEvent.objects.filter(kind=AccessEvent.Kind.LINK).count() == 1
    assert OutgoingMail.objects.filter(person=world.people["partner"]).count() == 1


@pytest.mark.parametrize(
    ("sends", "said"),
    [
        (True, "Your voucher has arrived. A confirmation is on its way to you by e-mail."),
        (False, "Your voucher has arrived."),
    ],
)
def test_the_link_promises_a_message_only_where_one_goes_out(client, link, settings, sends, said):
    settings.SENDS_MAIL = sends

    page = client.get(f"{link}?done=1")

    assert page.context["done"] == said
    assert said in page.text


@pytest.mark.parametrize(
    ("role", "more", "said"),
    [
        ("partner", {}, "The voucher was sent."),
        (
            "finance",
            {"channel": "letter", "received_on": "2020-02-02"},
            "The voucher was recorded.",
        ),
    ],
)
def test_what_finance_enters_was_recorded_and_not_sent(client, sign_in, advance, role, more, said):
    sign_in(role)

    page = client.post(url("advance-voucher-create", advance.pk), typed(**more), follow=True)

    assert [str(message) for message in page.context["messages"]] == [said]


@pytest.mark.parametrize("entered_by", ["partner", "finance"])
def test_who_sent_a_voucher_is_told_why_it_came_back(world, advance, entered_by):
    voucher = AdvanceVoucherFactory(advance=advance, submitted_by=world.people[entered_by])

    send_back_voucher(voucher, reason=" Illisible ", by=world.people["coordinator"])

    (mail,) = OutgoingMail.objects.all()
    assert mail.person == world.people["partner"]
    assert "Illisible" in mail.text
    assert voucher.get_absolute_url() in mail.text


def test_the_link_shows_the_reason_after_the_button(client, world, advance, sent, link):
    send_back_voucher(sent, reason="Illisible", by=world.people["coordinator"])
    AdvanceVoucherFactory(advance=advance)

    before, page = client.get(link), client.post(link, {"do": "open"})

    assert "Illisible" not in before.text
    assert [reason for _voucher, reason in page.context["vouchers"]] == ["Illisible", ""]
    assert page.text.count("Illisible") == 1


def test_the_link_ends_with_the_representation(client, world, advance, link):
    world.people["partner"].contacts.get().representations.update(ended_at=timezone.now())

    assert client.get(link).status_code == 404


def test_finance_asks_by_link(client, sign_in, world, advance):
    sign_in("finance")

    client.post(url("advance-ask", advance.pk))

    (link,) = AccessLink.objects.filter(purpose=PURPOSE)
    assert (link.user, link.thing) == (world.people["partner"], advance)
