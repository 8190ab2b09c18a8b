"""The pages of calls and grants: who opens them, and what a refusal says."""

import pytest
from django.urls import reverse

from projects.calls.public_urls import urlpatterns as public_patterns
from projects.calls.services.proposals import send_link
from projects.calls.urls import urlpatterns
from projects.models import ProposalFile
from tests.factories import ProposalFactory
from tests.projects.calls import PDF, address, content, things_of
from tests.projects.pages import READ, SAVE, methods_of

pytestmark = pytest.mark.django_db

TEAM = {"administrator", "coordinator", "monitoring", "finance", "reader", "auditor"}
EDITORS = {"administrator", "coordinator"}
ROLES = [
    "administrator", "coordinator", "monitoring", "finance", "reader", "auditor", "member",
    "partner", "donor", "embassy", "panel", "outsider",
]  # fmt: skip


@pytest.fixture
def things(world):
    return things_of(world)


# What pages take


def test_each_page_takes_the_methods_that_it_needs():
    read = {
        "calls", "call", "call-document", "proposals", "proposals-export", "proposal",
        "proposal-file", "grant", "grant-report", "grant-report-file",
    }  # fmt: skip

    found = methods_of(urlpatterns, "projects", code="HN-1", verb="x")

    assert {name for name, methods in found.items() if methods == READ} == read
    assert {methods for name, methods in found.items() if name not in read} == {SAVE}


def test_public_pages_take_the_methods_that_they_need_without_an_account():
    found = methods_of(public_patterns, "calls", code="X", token="x")

    assert found == {
        "open": READ,
        "call": READ,
        "document": READ,
        "propose": SAVE,
        "sent": READ,
        "proposal": SAVE,
        "proposal-file": READ,
        "proposal-withdraw": SAVE,
    }


def test_what_a_link_opens_is_kept_by_nobody_on_the_way(client, things):
    draft = ProposalFactory(call=things.open, number=None, status="draft", submitted_at=None)
    file = ProposalFile.objects.create(proposal=draft, file=content(), sha256="0" * 64, **PDF)
    token = send_link(draft)
    arguments = {"propose": [], "proposal-file": [token, file.pk]}

    for name in ("propose", "proposal", "proposal-file", "proposal-withdraw"):
        answer = client.get(reverse(f"calls:{name}", args=["O-1", *arguments.get(name, [token])]))
        answer.getvalue()
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"], name


# Who opens them

OF_CALLS = [
    ("calls",),
    ("call", "closed"),
    ("call", "draft"),
    ("call-document", "draft", "document"),
]
OF_PROPOSALS = [("proposals", "closed"), ("proposals-export", "closed")]
TO_READ = [
    ("proposal", "closed", "proposal"),
    ("proposal-file", "closed", "proposal", "file"),
]
TO_EDIT = [
    ("call-create",),
    ("call-edit", "draft"),
    ("call-delete", "draft"),
    ("call-step", "draft", "cancel"),
    ("call-answers", "closed"),
    ("criterion-create", "draft"),
    ("criterion-edit", "draft", "criterion"),
    ("criterion-delete", "draft", "criterion"),
    ("call-document-create", "draft"),
    ("call-document-delete", "draft", "document"),
    ("panel-create", "closed"),
    ("panel-delete", "closed", "seat"),
    ("proposal-eligibility", "closed", "proposal"),
    ("proposal-late", "closed", "unfinished"),
    ("proposal-decide", "evaluated", "shortlisted", "award"),
    ("grant-prepare", "evaluated", "awarded"),
    ("grant-create",),
    ("grant-edit", "grant"),
    ("grant-sign", "grant"),
    ("grant-step", "grant", "start"),
    ("instalment-create", "grant"),
    ("instalment-edit", "grant", "instalment"),
    ("instalment-delete", "grant", "instalment"),
    ("grant-report-create", "grant"),
]
OF_GRANTS = [
    ("grant", "grant"),
    ("grant-report", "running", "report"),
]


def statuses(client, things, pages):
    answers = [client.get(address(page[0], things, *page[1:])) for page in pages]
    for answer in answers:
        answer.getvalue()  # a file is closed once it is read
    return {answer.status_code for answer in answers}


@pytest.mark.parametrize("role", ROLES)
def test_the_team_sees_calls_and_the_coordination_edits_them(client, sign_in, things, role):
    sign_in(role)
    sees = 200 if role in TEAM else 404

    assert statuses(client, things, OF_CALLS[2:]) == {sees}
    assert statuses(client, things, OF_CALLS[1:2]) == {200 if role == "panel" else sees}
    assert statuses(client, things, OF_PROPOSALS) == {200 if role == "panel" else sees}
    assert statuses(client, things, TO_READ[:1]) == {302 if role == "panel" else sees}
    assert statuses(client, things, TO_READ[1:]) == {403 if role == "panel" else sees}


@pytest.mark.parametrize(
    "role", ["administrator", "coordinator", "monitoring", "partner", "donor", "panel", "outsider"]
)
def test_the_coordination_alone_edits(client, sign_in, things, role):
    sign_in(role)
    edits = 200 if role in EDITORS else 403 if role in TEAM else 404
    of_panel = [
        ("call-answers", "closed"),
        ("panel-create", "closed"),
        ("panel-delete", "closed", "seat"),
    ]
    of_panel += [("proposal-eligibility", "closed", "proposal")]
    unfinished = [("proposal-late", "closed", "unfinished")]  # known to the coordination alone
    of_grantee = [page for page in TO_EDIT if page[1:2] == ("grant",)]
    of_project = [("call-create",), ("grant-create",)]
    others = [
        page for page in TO_EDIT if page not in [*of_panel, *of_grantee, *of_project, *unfinished]
    ]
    sees_project = role not in ("panel", "outsider")

    assert statuses(client, things, others) == {404 if role == "panel" else edits}
    assert statuses(client, things, unfinished) == {200 if role in EDITORS else 404}
    assert statuses(client, things, of_panel) == {403 if role == "panel" else edits}
    assert statuses(client, things, of_grantee) == {403 if role == "partner" else edits}
    assert statuses(client, things, of_project) == {
        edits if role in TEAM else 403 if sees_project else 404
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_grant_is_seen_by_the_team_and_its_grantee(client, sign_in, things, role):
    sign_in(role)

    assert statuses(client, things, OF_GRANTS) == {200 if role in TEAM | {"partner"} else 404}
    pays = role in ("administrator", "coordinator", "finance")
    notes = role in ("administrator", "coordinator", "monitoring")
    sees = role in TEAM | {"partner"}
    for page, may in (
        (("instalment-pay", "grant", "instalment"), pays),
        (("support-create", "grant"), notes),
        (("grant-report-submit", "running", "report"), role in {"partner", *EDITORS}),
        (
            ("grant-report-judge", "running", "submitted", "accept"),
            role in ("coordinator", "monitoring"),
        ),
    ):
        assert statuses(client, things, [page]) == {200 if may else 403 if sees else 404}, page


@pytest.mark.parametrize("role", ["partner", "donor", "member", "panel"])
def test_the_list_of_calls_is_for_who_finds_something_there(client, sign_in, things, role):
    """The donor its awarded calls, a grantee its grants; who has neither finds no such page."""
    sign_in(role)

    page = client.get(address("calls", things))

    assert page.status_code == (200 if role in ("partner", "donor") else 404)
    if role == "partner":
        assert (page.context["sees_calls"], page.context["rows"]) == (False, [])
        assert set(page.context["grants"]) == {things.grant, things.running}
    if role == "donor":
        assert (page.context["sees_calls"], page.context["grants"]) == (True, [])


REFUSALS = [
    ("reader", ("call-edit", "draft"), "Only the coordination of the project can do this."),
    (
        "coordinator",
        ("criterion-edit", "closed", "measure"),
        "The call is published: what applicants rely on can no longer change.",
    ),
    (
        "coordinator",
        ("proposals", "open"),
        "Nobody reads proposals before the deadline, so that nobody can favour one.",
    ),
    (
        "panel",
        ("proposal-file", "closed", "proposal", "file"),
        "First say whether you have a conflict of interest.",
    ),
    (
        "reader",
        ("proposal-interest", "closed", "proposal", "seat"),
        "Each member judges alone; only the coordination enters scores on behalf of others.",
    ),
    (
        "reader",
        ("instalment-pay", "grant", "instalment"),
        "Only finance and the coordination record payments.",
    ),
    (
        "coordinator",
        ("grant-edit", "running"),
        "The agreement is signed: its terms can no longer change.",
    ),
    (
        "finance",
        ("support-create", "grant"),
        "Monitoring and the coordination record the support given.",
    ),
    (
        "finance",
        ("grant-report-submit", "running", "report"),
        "The grantee submits its reports; the coordination enters those received in another way.",
    ),
    (
        "partner",
        ("grant-report-judge", "running", "submitted", "accept"),
        "Monitoring and the coordination accept submitted reports, never their own.",
    ),
]


@pytest.mark.parametrize(
    ("role", "page", "sentence"), REFUSALS, ids=[refusal[1][0] for refusal in REFUSALS]
)
def test_a_refusal_says_why(client, sign_in, things, role, page, sentence):
    sign_in(role)

    refused = client.get(address(page[0], things, *page[1:]))

    assert refused.status_code == 403
    assert sentence in refused.content.decode()


@pytest.mark.parametrize(
    "page",
    [
        ("call-step", "draft", "delete"),
        ("proposal-decide", "closed", "proposal", "submit"),
        ("grant-step", "grant", "sign"),
        ("grant-report-judge", "running", "submitted", "submit"),
    ],
)
def test_a_step_that_there_is_not_is_not_found(client, coordinator, things, page):
    assert client.get(address(page[0], things, *page[1:])).status_code == 404
