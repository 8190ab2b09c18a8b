"""Grants: money under a lock, reports under four eyes, each grantee its own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from kernel.lifecycle import TransitionError
from projects.calls.services.grants import (
    judge_report,
    pay_instalment,
    save_instalment,
    sign_grant,
    submit_report,
    take_grant_step,
)
from projects.models import Grant, GrantReport, Instalment
from projects.permissions.calls import may_judge_report, may_pay, may_submit_report
from tests.factories import (
    AssignmentFactory,
    ContactFactory,
    GrantFactory,
    ParticipationFactory,
    UserFactory,
)

DAY = date(2021, 2, 1)
TEXTS = {"narrative": "Doce programas.", "financial": "Todo gastado."}


@pytest.fixture
def grant(db):
    grant = GrantFactory(amount=25_000)
    ParticipationFactory(project=grant.project, institution=grant.institution, role="beneficiary")
    return grant


@pytest.fixture
def coordinator(grant):
    return AssignmentFactory(project=grant.project).user


@pytest.fixture
def monitoring(grant):
    return AssignmentFactory(project=grant.project, role="monitoring").user


@pytest.fixture
def grantee(grant):
    return ContactFactory(institution=grant.institution, user=UserFactory()).user


@pytest.fixture
def report(grant):
    return GrantReport.objects.create(
        grant=grant, due_on=DAY, period_start=date(2021, 1, 1), period_end=date(2021, 1, 31)
    )


def instalment(grant, number, amount):
    return Instalment(grant=grant, number=number, due_on=DAY, amount=amount)


def address(name, grant, *args):
    return reverse(f"projects:{name}", args=[grant.project.code, grant.pk, *args])


def test_instalments_never_add_up_to_more_than_the_grant(client, grant, coordinator):
    save_instalment(instalment(grant, 1, 15_000))
    client.force_login(coordinator)
    facts = {"number": "2", "due_on": "2021-03-01"}

    refused = client.post(address("instalment-create", grant), facts | {"amount": "10 000,01"})
    client.post(address("instalment-create", grant), facts | {"amount": "10 000,00"})

    assert list(refused.context["form"].errors) == ["amount"]
    assert grant.planned == grant.amount


@pytest.mark.django_db(transaction=True)
def test_instalments_that_are_planned_at_the_same_moment_do_not_either(grant):
    def plan(number):
        try:
            save_instalment(instalment(grant, number, 10_000))
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        planned = list(pool.map(plan, range(1, 5)))

    assert sorted(planned) == [False, False, True, True]
    assert grant.planned == 20_000


def test_nothing_is_paid_before_the_signature_nor_twice(grant, coordinator):
    first = instalment(grant, 1, 15_000)
    save_instalment(first)
    pay = {"on": DAY, "reference": "V-1"}

    with pytest.raises(ValidationError):
        pay_instalment(first, **pay)
    sign_grant(grant, reference="S-1", signed_on=date(2021, 1, 15), by=coordinator)
    with pytest.raises(ValidationError):
        pay_instalment(first, on=date(2021, 1, 14), reference="V-1")
    pay_instalment(first, **pay)
    with pytest.raises(ValidationError):
        pay_instalment(first, **pay)
    with pytest.raises(ValidationError):
        save_instalment(first)

    assert Grant.objects.get().paid == 15_000


def test_the_signature_keeps_a_grant_agreement(client, grant, coordinator):
    client.force_login(coordinator)
    facts = {"reference": "S-1", "on": "2021-01-15"}

    client.post(address("grant-sign", grant), facts)
    again = client.post(address("grant-sign", grant), facts)

    grant.refresh_from_db()
    assert again.context["form"].errors
    assert (grant.status, grant.agreement.kind, grant.agreement.reference) == (
        "signed",
        "grant",
        "S-1",
    )


def test_a_grant_closes_when_all_is_settled_and_ends_early_with_a_reason(
    grant, coordinator, report
):
    sign_grant(grant, reference="S-1", signed_on=date(2021, 1, 15), by=coordinator)
    take_grant_step(grant, "start", by=coordinator, on=DAY)

    with pytest.raises(ValidationError):
        take_grant_step(grant, "close", by=coordinator, on=DAY)
    with pytest.raises(ValidationError):
        take_grant_step(grant, "end", by=coordinator, on=DAY, why=" ")
    take_grant_step(grant, "end", by=coordinator, on=DAY, why="L’organisation se retire.")

    assert grant.status == "ended"


def test_a_grantee_reports_online_and_somebody_else_accepts(
    client, grant, report, grantee, monitoring
):
    client.force_login(grantee)
    page = address("grant-report-submit", grant, report.pk)
    client.post(page, TEXTS | {"no_victim_data": "on"})
    forbidden = client.post(address("grant-report-judge", grant, report.pk, "accept"))

    client.force_login(monitoring)
    judge = [address("grant-report-judge", grant, report.pk, verb) for verb in ("return", "accept")]
    silent = client.post(judge[0], {"remark": ""})
    client.post(judge[0], {"remark": "Ajoutez les dépenses."})
    client.force_login(grantee)
    client.post(page, TEXTS | {"no_victim_data": "on"})
    client.force_login(monitoring)
    client.post(judge[1], {"remark": ""})

    report.refresh_from_db()
    assert forbidden.status_code == 403
    assert list(silent.context["form"].errors) == ["remark"]
    assert (report.status, report.submitted_by, report.accepted_by) == (
        "accepted",
        grantee,
        monitoring,
    )
    assert [change.verb for change in report.status_changes] == [
        *("submit", "return", "submit", "accept")
    ]


def test_the_coordination_enters_a_report_with_its_channel_and_cannot_accept_it(
    client, grant, report, coordinator
):
    client.force_login(coordinator)
    page = address("grant-report-submit", grant, report.pk)
    facts = TEXTS | {"no_victim_data": "on"}

    refused = client.post(page, facts)
    client.post(page, facts | {"channel": "letter", "received_on": "2021-02-01"})
    own = client.post(address("grant-report-judge", grant, report.pk, "accept"))

    report.refresh_from_db()
    assert sorted(refused.context["form"].errors) == ["channel", "received_on"]
    assert (report.status, report.channel, own.status_code) == ("submitted", "letter", 403)
    with pytest.raises(ValidationError):
        judge_report(report, "accept", by=coordinator, remark="")


def test_a_report_is_submitted_once(report, coordinator):
    other = GrantReport.objects.get(pk=report.pk)
    submit_report(report, by=coordinator, received_on=DAY, channel="letter", **TEXTS)

    with pytest.raises(TransitionError):
        submit_report(other, by=coordinator, received_on=DAY, channel="letter", **TEXTS)


def test_a_grantee_sees_its_own_grant_alone(client, grant, grantee):
    other = GrantFactory(project=grant.project)
    client.force_login(grantee)

    listed = client.get(reverse("projects:calls", args=[grant.project.code]))

    assert listed.context["grants"] == [grant]
    assert not listed.context["sees_calls"]
    assert client.get(grant.get_absolute_url()).status_code == 200
    assert client.get(other.get_absolute_url()).status_code == 404


def test_support_is_noted_once(client, grant, monitoring):
    client.force_login(monitoring)
    note = {"on": "2021-02-01", "kind": "visit", "text": "Asesoría sobre el informe."}

    client.post(address("support-create", grant), note)
    again = client.post(address("support-create", grant), note)

    assert again.context["form"].errors
    assert grant.support.get().by == monitoring


@pytest.mark.django_db(transaction=True)
def test_a_grant_that_is_signed_while_it_is_edited_stays_signed(client, grant, coordinator):
    """Who saves the form waits for who signs, and is then told that the terms stand."""
    client.force_login(coordinator)
    form = client.get(address("grant-edit", grant)).context["form"]
    typed = {bound.html_name: bound.value() or "" for bound in form} | {"amount": "1"}

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        sign_grant(grant, reference="S-1", signed_on=date(2021, 1, 15), by=coordinator)
        saving = pool.submit(
            in_its_own_connection, client.post, address("grant-edit", grant), typed
        )
        with pytest.raises(TimeoutError):
            saving.result(timeout=1)

    grant.refresh_from_db()
    assert (saving.result().status_code, grant.status, grant.amount) == (403, "signed", 25_000)


def in_its_own_connection(act, *arguments):
    try:
        return act(*arguments)
    finally:
        connection.close()


@pytest.mark.parametrize(("on", "is_paid"), [(14, False), (15, True), (16, True)])
def test_an_instalment_is_paid_from_the_day_of_the_signature_on(grant, coordinator, on, is_paid):
    first = instalment(grant, 1, 25_000)  # the whole of it
    save_instalment(first)
    sign_grant(grant, reference="S-1", signed_on=date(2021, 1, 15), by=coordinator)
    pay = {"on": date(2021, 1, on), "reference": "V-1"}

    if is_paid:
        pay_instalment(first, **pay)
    else:
        with pytest.raises(ValidationError) as refused:
            pay_instalment(first, **pay)
        assert list(refused.value.message_dict) == ["on"]

    assert Instalment.objects.get().paid_on == (pay["on"] if is_paid else None)


def test_the_instalments_make_the_whole_grant_and_not_a_cent_more(grant):
    first, second = instalment(grant, 1, 15_000), instalment(grant, 2, "10000.01")
    save_instalment(first)

    second.amount = Decimal("10000.01")
    with pytest.raises(ValidationError):
        save_instalment(second)
    second.amount = Decimal("10000.00")
    save_instalment(second)
    first.amount = Decimal("14999.99")  # a change counts instead of what it was
    save_instalment(first)

    assert grant.planned == Decimal("24999.99")


@pytest.mark.parametrize(
    ("status", "may_be_paid"),
    [("signed", True), ("running", True), ("closed", False), ("ended", False)],
)
def test_nothing_is_paid_or_planned_once_a_grant_is_over(grant, coordinator, status, may_be_paid):
    first = instalment(grant, 1, 5)
    save_instalment(first)
    sign_grant(grant, reference="S-1", signed_on=DAY, by=coordinator)
    Grant.objects.update(status=status)

    for act in (
        lambda: pay_instalment(first, on=DAY, reference="V-1"),
        lambda: save_instalment(instalment(grant, 2, 5)),
    ):
        if may_be_paid:
            act()
        else:
            with pytest.raises(ValidationError):
                act()

    assert Instalment.objects.count() == 1 + may_be_paid


@pytest.mark.parametrize(("days", "is_late"), [(-1, True), (0, False), (1, False)])
def test_what_is_due_is_late_from_the_next_day_on(grant, report, days, is_late):
    due = instalment(grant, 1, 5)
    due.due_on = report.due_on = timezone.localdate() + timedelta(days=days)

    assert (due.is_late, report.is_late) == (is_late, is_late)
    due.paid_on, report.status = DAY, "submitted"
    assert (due.is_late, report.is_late) == (False, False)


@pytest.mark.parametrize(
    ("role", "pays", "judges"),
    [
        ("coordinator", True, True),
        ("finance", True, False),
        ("monitoring", False, True),
        ("reader", False, False),
        ("auditor", False, False),
    ],
)
def test_finance_pays_and_monitoring_judges(grant, report, grantee, role, pays, judges):
    ends = timezone.localdate() if role == "auditor" else None
    user = AssignmentFactory(project=grant.project, role=role, ends_on=ends).user
    submit_report(report, by=grantee, received_on=DAY, **TEXTS)

    assert (may_pay(user, grant), may_judge_report(user, report)) == (pays, judges)
    assert (may_pay(grantee, grant), may_judge_report(grantee, report)) == (False, False)
    assert not may_submit_report(grantee, report)


def test_a_grant_is_not_closed_while_an_instalment_or_a_report_is_open(
    grant, coordinator, report, grantee
):
    first = instalment(grant, 1, 5)
    save_instalment(first)
    sign_grant(grant, reference="S-1", signed_on=DAY, by=coordinator)
    take_grant_step(grant, "start", by=coordinator, on=DAY)
    close = {"by": coordinator, "on": DAY}

    with pytest.raises(ValidationError, match="rapport"):
        take_grant_step(grant, "close", **close)
    submit_report(report, by=grantee, received_on=DAY, **TEXTS)
    with pytest.raises(ValidationError, match="rapport"):
        take_grant_step(grant, "close", **close)
    judge_report(report, "accept", by=coordinator, remark="")
    with pytest.raises(ValidationError, match="versement"):
        take_grant_step(grant, "close", **close)
    pay_instalment(first, on=DAY, reference="V-1")
    take_grant_step(grant, "close", **close)

    assert Grant.objects.get().status == "closed"
