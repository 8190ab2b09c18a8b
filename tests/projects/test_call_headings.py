"""How the pages with a form of calls and grants are headed, and where they lead back."""

import pytest
from django.utils import translation

from tests.projects.calls import address, things_of
from tests.projects.pages import labels

pytestmark = pytest.mark.django_db


@pytest.fixture
def things(world):
    return things_of(world)


# Title, intro, crumbs, where they lead back, and where the thing is deleted

CALL, AT_PROPOSAL, AT_GRANT = ["Calls", "Brouillon"], "proposal", "grant"
FORM_PAGES = [
    (("call-create",), "New call for projects", "", ["Calls"], ("calls",), ()),
    (
        ("call-edit", "draft"),
        "Edit the call",
        "",
        CALL,
        ("call", "draft"),
        ("call-delete", "draft"),
    ),
    (("call-edit", "closed"), "Edit the call", "", ["Calls", "closed"], ("call", "closed"), ()),
    (
        ("call-delete", "draft"),
        "Delete “Brouillon”?",
        "This cannot be undone.",
        CALL,
        ("call", "draft"),
        (),
    ),
    (
        ("call-step", "draft", "cancel"),
        "Cancel the call",
        "The reason is kept; the public page of the call disappears.",
        CALL,
        ("call", "draft"),
        (),
    ),
    (
        ("call-step", "closed", "evaluate"),
        "End the evaluation",
        "Scores still missing: 1. To continue without them, say why.",
        ["Calls", "closed"],
        ("call", "closed"),
        (),
    ),
    (
        ("call-answers", "evaluated"),
        "Inform the organisations",
        "",
        ["Calls", "evaluated"],
        ("call", "evaluated"),
        (),
    ),
    (("criterion-create", "draft"), "Add a criterion", "", CALL, ("call", "draft"), ()),
    (
        ("criterion-edit", "draft", "criterion"),
        "Edit the criterion",
        "",
        CALL,
        ("call", "draft"),
        ("criterion-delete", "draft", "criterion"),
    ),
    (
        ("criterion-delete", "draft", "criterion"),
        "Delete “Pertinence”?",
        "This cannot be undone.",
        CALL,
        ("call", "draft"),
        (),
    ),
    (
        ("call-document-create", "draft"),
        "Add a document to the call",
        "Anybody can read this once the call is open.",
        CALL,
        ("call", "draft"),
        (),
    ),
    (
        ("call-document-delete", "draft", "document"),
        "Delete “Guide”?",
        "This cannot be undone.",
        CALL,
        ("call", "draft"),
        (),
    ),
    (
        ("panel-create", "closed"),
        "Add a person to the panel",
        "The panel sees this call and its proposals, and nothing else of the project.",
        ["Calls", "closed"],
        ("call", "closed"),
        (),
    ),
    (
        ("panel-delete", "closed", "seat"),
        "Remove “Rôle — panel” from the panel?",
        "What they submitted is kept and counts; they no longer see the call.",
        ["Calls", "closed"],
        ("call", "closed"),
        (),
    ),
    (
        ("proposal-eligibility", "closed", "proposal"),
        "Eligibility",
        "proposal",
        ["Calls", "closed", "Proposals", "proposal"],
        ("proposal", "closed", "proposal"),
        (),
    ),
    (
        ("proposal-late", "closed", "unfinished"),
        "Admit after the deadline",
        None,
        ["Calls", "closed", "Proposals", "unfinished"],
        ("proposal", "closed", "unfinished"),
        (),
    ),
    (
        ("proposal-decide", "evaluated", "shortlisted", "award"),
        "Award a grant",
        None,
        ["Calls", "evaluated", "Proposals", "shortlisted"],
        ("proposal", "evaluated", "shortlisted"),
        (),
    ),
    (
        ("grant-prepare", "evaluated", "awarded"),
        "Prepare the grant",
        "awarded",
        ["Calls", "awarded"],
        ("proposal", "evaluated", "awarded"),
        (),
    ),
    (
        ("proposal-interest", "closed", "proposal", "seat"),
        "Conflict of interest",
        "seat",
        ["Calls", "closed", "Proposals"],
        ("proposals", "closed"),
        (),
    ),
    (("grant-create",), "New grant", "", ["Calls"], ("calls",), ()),
    (("grant-edit", "grant"), "Edit the grant", "", ["Calls", "grant"], ("grant", "grant"), ()),
    (
        ("grant-sign", "grant"),
        "Record the signature",
        "",
        ["Calls", "grant"],
        ("grant", "grant"),
        (),
    ),
    (
        ("grant-step", "running", "close"),
        "Close",
        "",
        ["Calls", "running"],
        ("grant", "running"),
        (),
    ),
    (
        ("grant-step", "running", "end"),
        "End early",
        "",
        ["Calls", "running"],
        ("grant", "running"),
        (),
    ),
    (
        ("instalment-create", "grant"),
        "Plan an instalment",
        "",
        ["Calls", "grant"],
        ("grant", "grant"),
        (),
    ),
    (
        ("instalment-edit", "grant", "instalment"),
        "Edit the instalment",
        "",
        ["Calls", "grant"],
        ("grant", "grant"),
        ("instalment-delete", "grant", "instalment"),
    ),
    (
        ("instalment-delete", "grant", "instalment"),
        "Delete “Instalment 1”?",
        "This cannot be undone.",
        ["Calls", "grant"],
        ("grant", "grant"),
        (),
    ),
    (
        ("instalment-pay", "grant", "instalment"),
        "Record a payment",
        "instalment",
        ["Calls", "grant"],
        ("grant", "grant"),
        (),
    ),
    (
        ("grant-report-create", "grant"),
        "Request a report",
        "",
        ["Calls", "grant"],
        ("grant", "grant"),
        (),
    ),
    (
        ("grant-report-submit", "running", "report"),
        "Submit the report",
        "",
        ["Calls", "running"],
        ("grant", "running"),
        (),
    ),
    (
        ("grant-report-judge", "running", "submitted", "return"),
        "Return with a remark",
        "submitted",
        ["Calls", "running"],
        ("grant", "running"),
        (),
    ),
    (
        ("support-create", "grant"),
        "Record support given",
        "",
        ["Calls", "grant"],
        ("grant", "grant"),
        (),
    ),
]


@pytest.mark.parametrize(
    ("page", "title", "intro", "crumbs", "back", "delete"),
    FORM_PAGES,
    ids=["-".join(page[0]) for page in FORM_PAGES],
)
def test_a_page_with_a_form_is_headed_and_leads_back(
    client, coordinator, things, page, title, intro, crumbs, back, delete
):
    shown = client.get(address(page[0], things, *page[1:])).context

    def named(text):
        return str(getattr(things, text, text)) if text else ""

    with translation.override("en"):
        assert str(shown["title"]) == title
        assert intro is None or str(shown.get("intro", "")) == named(intro)
        assert labels(shown["crumbs"])[1:] == [named(crumb) for crumb in crumbs]
    assert shown["cancel_url"] == address(back[0], things, *back[1:])
    delete_url = address(delete[0], things, *delete[1:]) if delete else ""
    assert shown.get("delete_url", "") == delete_url
    destroys = {"call-delete", "criterion-delete", "call-document-delete", "instalment-delete"}
    destroys |= {"panel-delete"}
    assert bool(shown.get("danger")) is (page[0] in destroys or page[-1] in ("cancel", "end"))
