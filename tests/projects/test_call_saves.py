"""What is saved of calls and grants is said, shown, and kept from whoever saves at the same moment."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from kernel.stamps import STAMP
from projects.calls.services.panel import declare_interest
from projects.calls.services.proposals import send_link
from projects.models import CallForProposals, Grant
from tests.factories import ProposalFactory
from tests.kernel.made_files import PDF
from tests.projects.calls import address, things_of
from tests.projects.pages import said, written_by

pytestmark = pytest.mark.django_db

CALL, GRANT = "projects_callforproposals", "projects_grant"
DUE = {"due_on": "2021-02-01", "amount": "5", "number": "2"}
TERMS = {"title": "Cine", "language": "es", "amount": "7 000", "currency": "usd"}
DATES = {"starts_on": "2021-01-01", "ends_on": "2021-06-30"}
TEXTS = {"narrative": "Doce programas.", "financial": "Todo.", "no_victim_data": "on"}
CRITERION = {"title_fr": "Clarté", "weight": "2", "max_points": "5", "position": "2"}
MONTH = {"due_on": "2021-04-01", "period_start": "2021-03-01", "period_end": "2021-03-31"}
NOTE = {"on": "2021-02-01", "kind": "visit", "text": "Una visita."}


@pytest.fixture
def things(world):
    things = things_of(world)
    things.sheet = declare_interest(
        things.seat, things.proposal, has_conflict=False, conflict="", by=None
    )
    return things


def call(things):
    moment = "%Y-%m-%dT%H:%M:%S"
    closes = timezone.now() + timedelta(days=30)
    return {
        "code": "N-1",
        "title_fr": "Nouveau",
        "theme_fr": "…",
        "eligibility_fr": "…",
        "files_required": "0",
        "budget": "10 000",
        "currency": "usd",
        "largest": "5 000",
        "grants_expected": "2",
        "months": "6",
        "opens_at": timezone.now().strftime(moment),
        "closes_at": closes.strftime(moment),
        "contact_email": "a@example.org",
    }


def document(things):
    file = SimpleUploadedFile("b.pdf", PDF)
    return {"upload": file, "title": "Modèle", "language": "fr"}


def decision(things):
    return {"on": "2020-04-11", "reason": "Muy bueno."}


def points(things):
    return {
        f"points_{things.measure.pk}": "7",
        "channel": "telephone",
        "received_on": "2021-01-01",
    }


def late(things):
    return {"until": "2999-01-01T12:00:00", "reason": "Una falla de la red."}


# Who saves, where, what; what is said then, where it leads, and what is locked meanwhile
SAVES = [
    (("call-create",), call, "The call was saved.", "call", set()),
    (("call-edit", "draft"), call, "The call was saved.", "call", {CALL}),
    (("call-delete", "draft"), {}, "Deleted: call for projects, Brouillon.", "calls", set()),
    (
        ("call-step", "draft", "cancel"),
        {"why": "Sans budget."},
        "The call is now: Cancelled.",
        "call",
        {CALL},
    ),
    (("call-step", "draft", "publish"), {}, "The call is now: Published.", "call", {CALL}),
    (
        ("criterion-create", "draft"),
        CRITERION,
        "The criterion was saved.",
        "call",
        set(),
    ),
    (
        ("criterion-edit", "draft", "criterion"),
        CRITERION,
        "The criterion was saved.",
        "call",
        set(),
    ),
    (
        ("criterion-delete", "draft", "criterion"),
        {},
        "Deleted: criterion, Pertinence.",
        "call",
        set(),
    ),
    (("call-document-create", "draft"), document, "The document was saved.", "call", set()),
    (
        ("call-document-delete", "draft", "document"),
        {},
        "Deleted: document of a call, Guide.",
        "call",
        set(),
    ),
    (
        ("panel-create", "closed"),
        {"email": "jury@example.org", "full_name": "Jury 01", "language": "es"},
        "Jury 01 is on the panel and receives a message.",
        "call",
        {CALL},
    ),
    (
        ("panel-delete", "closed", "seat"),
        {},
        "The person was removed from the panel.",
        "call",
        set(),
    ),
    (
        ("proposal-eligibility", "closed", "proposal"),
        {"met_who": "1", "met_theme": "0", "reason_theme": "Otro tema."},
        "The checklist was saved.",
        "proposal",
        set(),
    ),
    (
        ("proposal-late", "closed", "unfinished"),
        late,
        "A new link was sent to the organisation.",
        "proposal",
        {CALL},
    ),
    (
        ("proposal-decide", "evaluated", "shortlisted", "decline"),
        decision,
        "The decision on a proposal was recorded.",
        "proposal",
        {CALL},
    ),
    (
        ("proposal-score", "closed", "proposal", "seat"),
        points,
        "Your scores have been submitted and can no longer change.",
        "proposals",
        {CALL, "projects_assessment"},
    ),
    (
        ("proposal-interest", "closed", "proposal", "seat"),
        {"has_conflict": "1", "conflict": "Parenté."},
        "Recorded: somebody else judges this proposal.",
        "proposals",
        {"projects_panelmember"},
    ),
    (
        ("proposal-interest", "closed", "proposal", "seat"),
        {"has_conflict": "0"},
        "Recorded: no conflict of interest.",
        "proposal-score",
        {"projects_panelmember"},
    ),
    (
        ("grant-prepare", "evaluated", "awarded"),
        DATES,
        "The grant is prepared; record the signature next.",
        "grant",
        {CALL},
    ),
    (("grant-create",), TERMS | DATES, "The grant was saved.", "grant", set()),
    (("grant-edit", "grant"), TERMS | DATES, "The grant was saved.", "grant", {GRANT}),
    (
        ("grant-sign", "grant"),
        {"reference": "EX-9", "on": "2021-01-05"},
        "The signature was recorded.",
        "grant",
        {GRANT},
    ),
    (
        ("grant-step", "running", "end"),
        {"on": "2021-01-05", "why": "Disuelta."},
        "The grant is now: Ended early.",
        "grant",
        {GRANT},
    ),
    (("instalment-create", "grant"), DUE, "The instalment was saved.", "grant", {GRANT}),
    (
        ("instalment-edit", "grant", "instalment"),
        DUE,
        "The instalment was saved.",
        "grant",
        {GRANT},
    ),
    (
        ("instalment-delete", "grant", "instalment"),
        {},
        "Deleted: instalment, Instalment 1.",
        "grant",
        {GRANT},
    ),
    (
        ("instalment-pay", "running", "due"),
        {"on": "2021-02-03", "reference": "T-1"},
        "The payment was recorded.",
        "grant",
        {GRANT},
    ),
    (("grant-report-create", "running"), MONTH, "The report was requested.", "grant", set()),
    (
        ("grant-report-submit", "running", "report"),
        TEXTS | {"channel": "letter", "received_on": "2021-02-01"},
        "The report was submitted.",
        "grant-report",
        {GRANT},
    ),
    (
        ("grant-report-judge", "running", "submitted", "accept"),
        {},
        "The report is now: Accepted.",
        "grant-report",
        {GRANT},
    ),
    (("support-create", "grant"), NOTE, "The note was saved.", "grant", set()),
]


@pytest.mark.parametrize(
    ("page", "typed", "sentence", "to", "locked"),
    SAVES,
    ids=["-".join(save[0]) for save in SAVES],
)
def test_what_is_saved_is_said_and_nobody_else_writes_meanwhile(
    client, coordinator, world, things, page, typed, sentence, to, locked
):
    name, *keys = page
    typed = typed(things) if callable(typed) else typed
    if name in ("grant-create", "grant-edit"):
        typed = typed | {"institution": world.institutions["partner"].pk}

    answer, written = written_by(lambda: client.post(address(name, things, *keys), typed))

    assert answer.status_code == 302, answer.context["form"].errors
    assert answer.url == leads_to(to, name, things, keys)
    assert said(answer) == [sentence]
    assert written.locked >= locked


def leads_to(to, name, things, keys):
    if name == "call-create":
        return CallForProposals.objects.get(code="N-1").get_absolute_url()
    if name == "grant-create":
        return Grant.objects.get(title="Cine").get_absolute_url()
    if name == "grant-prepare":
        return things.awarded.grant.get_absolute_url()
    lengths = {"calls": 0, "call": 1, "proposals": 1, "grant": 1, "proposal-score": 3}
    return address(to, things, *keys[: lengths.get(to, 2)])


# What organisations do by their link


def test_a_proposal_is_written_and_withdrawn_under_the_lock_of_its_call(client, things):
    draft = ProposalFactory(call=things.open, number=None, status="draft", submitted_at=None)
    token = send_link(draft)
    page = reverse("calls:proposal", args=["O-1", token])

    seen = client.get(page).context["form"][STAMP].value()

    _answer, kept = written_by(
        lambda: client.post(page, {"organisation": "Comité", "country": "HN", STAMP: seen})
    )
    answer, gone = written_by(
        lambda: client.post(reverse("calls:proposal-withdraw", args=["O-1", token]))
    )

    # What was kept as a draft is no longer needed.
    assert kept.locked - {"accounts_formdraft"} == gone.locked == {CALL, "projects_proposal"}
    assert kept.loose == gone.loose == set()
    assert answer.url == page
    draft.refresh_from_db()
    assert (draft.organisation, draft.status) == ("Comité", "withdrawn")


def test_a_proposal_begins_under_the_lock_of_its_call(client, things):
    facts = {
        "organisation": "Comité",
        "contact_name": "Persona 01",
        "contact_email": "comite@example.org",
        "consent": "on",
    }

    answer, written = written_by(lambda: client.post(reverse("calls:propose", args=["O-1"]), facts))

    assert answer.url == reverse("calls:sent", args=["O-1"])
    assert (written.locked, written.loose) == ({CALL}, set())
