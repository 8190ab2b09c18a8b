"""What may be typed about calls and proposals: sentences at the fields, and what is offered."""

import uuid
import zoneinfo
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from projects.calls.forms.calls import (
    CallDocumentForm,
    CallForm,
    CallStepForm,
    ConflictOfInterestForm,
    CriterionForm,
    LateAdmissionForm,
    PanelMemberForm,
    ProposalDecisionForm,
    ZonedMomentField,
)
from projects.calls.forms.proposals import (
    EligibilityForm,
    ProposalForm,
    ScoreForm,
    StartProposalForm,
)
from projects.models import Criterion, ProposalLine
from tests.factories import CallFactory, ProposalFactory, ResultFactory
from tests.kernel.made_files import PDF
from tests.projects.calls import things_of
from tests.sending import sent_form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "still_today")]

TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)
REQUIRED = ["Fill in this field."]
TO_COME = ["This day is in the future."]


@pytest.fixture
def things(world):
    return things_of(world)


def errors(form):
    return {name: [str(each) for each in found] for name, found in form.errors.items()}


def needed(form):
    return {name for name, field in form.fields.items() if field.required}


# Calls


def test_a_moment_is_told_and_read_on_the_clocks_of_its_place():
    field = ZonedMomentField()
    field.zone = zoneinfo.ZoneInfo("America/Tegucigalpa")
    moment = datetime(2026, 11, 30, 23, 59, 59, 5, tzinfo=UTC)

    assert field.clean("2026-11-30T17:59:59") == moment.replace(microsecond=0)
    assert field.prepare_value(moment) == datetime(2026, 11, 30, 17, 59, 59)
    assert field.prepare_value("typed") == "typed"


def test_a_draft_may_change_wholly_and_a_published_call_in_its_words(world, things):
    ResultFactory(project=world.neighbour)

    draft, published = CallForm(instance=things.draft), CallForm(instance=things.open)

    assert draft.fields.keys() - published.fields.keys() == {
        "code", "budget", "currency", "smallest", "largest", "grants_expected", "months",
        "files_required", "opens_at",
    }  # fmt: skip
    assert list(draft.fields["result"].queryset) == [world.result]
    assert draft.fields["opens_at"].help_text == "In the time zone of Tegucigalpa."
    assert draft.fields["code"].help_text == "Part of the public address, such as APP-2020."
    assert draft.fields["closes_at"].zone == world.project.zone
    assert needed(draft) >= {"code", "title_en", "budget", "largest", "closes_at", "contact_email"}
    assert not needed(draft) & {"smallest", "result", "illustrative", "date_note_en", "title_fr"}


def moved(call, by):
    call.refresh_from_db()
    form = CallForm(instance=call)
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    zone = call.project.zone
    typed["closes_at"] = (call.closes_at + by).astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")
    return errors(CallForm(typed, instance=call))


def test_a_deadline_moves_away_while_the_call_is_published(things):
    second = timedelta(seconds=1)

    assert moved(things.open, second) == moved(things.open, timedelta(0)) == {}
    assert moved(things.open, -second) == {
        "closes_at": ["The call is published: its deadline can only be later."]
    }
    assert moved(things.draft, -second) == {}
    things.closed.closes_at = things.closed.closes_at.replace(microsecond=0)
    things.closed.save()
    assert moved(things.closed, second) == {
        "closes_at": ["The call is closed: its deadline can no longer change."]
    }
    assert moved(things.closed, timedelta(0)) == {}


@pytest.mark.parametrize("currency", ["US", "US1", "USDX", "ÉÉÉ"])
def test_a_currency_is_three_capital_letters(things, currency):
    form = CallForm({"currency": currency}, instance=things.draft)

    assert "currency" in form.errors


def test_fields_of_the_parts_of_a_call(things):
    criterion = CriterionForm(instance=Criterion(call=things.draft))
    panel = PanelMemberForm({"email": "x", "full_name": "y" * 201, "language": "de"})

    assert needed(criterion) == {"title_en", "weight", "max_points", "position"}
    assert list(CallDocumentForm().fields) == ["upload", "title", "language"]
    assert needed(CallDocumentForm()) == {"upload", "title", "language"}
    assert set(panel.errors) == {"email", "full_name", "language"}
    assert needed(PanelMemberForm()) == {"email", "language"}
    assert PanelMemberForm()["language"].initial == "fr"
    assert CallStepForm({"why": ""}).is_valid()
    assert CallStepForm({"why": "x" * 1000}).is_valid()
    assert not CallStepForm({"why": "x" * 1001}).is_valid()


def test_who_has_a_conflict_says_which():
    def said(**typed):
        form = ConflictOfInterestForm(typed)
        return errors(form), form.cleaned_data.get("has_conflict")

    assert said(has_conflict="0") == ({}, False)
    assert said(has_conflict="1", conflict="x" * 1000) == ({}, True)
    assert said(has_conflict="1", conflict=" ") == (
        {"conflict": ["Say in a few words which conflict there is."]},
        True,
    )
    assert list(said(has_conflict="1", conflict="x" * 1001)[0]) == ["conflict"]
    assert said()[0] == {"has_conflict": ["Choose one of these."]}


def test_a_decision_is_of_today_unless_another_day_is_said():
    award = ProposalDecisionForm(verb="award", language="es")
    decline = ProposalDecisionForm(
        {"on": TOMORROW, "reason": "x" * 2001}, verb="decline", language="fr"
    )

    assert list(award.fields) == ["on", "reason", "amount", "over_budget"]
    assert (award["on"].initial, award.fields["over_budget"].required) == (TODAY, False)
    assert "its language: " in award.fields["reason"].help_text
    assert list(decline.fields) == ["on", "reason"]
    assert errors(decline)["on"] == TO_COME
    assert "reason" in decline.errors
    nothing = {"on": TODAY, "reason": "x", "amount": "0"}
    assert list(ProposalDecisionForm(nothing, verb="award", language="es").errors) == ["amount"]
    cent = nothing | {"amount": "0.01"}
    assert ProposalDecisionForm(cent, verb="award", language="es").is_valid()


def test_a_late_proposal_has_a_moment_to_come_on_the_project_s_clocks():
    zone = zoneinfo.ZoneInfo("America/Tegucigalpa")

    def said(moment, reason="x" * 500):
        typed = {"until": moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S"), "reason": reason}
        return errors(LateAdmissionForm(typed, zone=zone))

    now = timezone.now()
    assert said(now + timedelta(hours=1)) == {}
    assert said(now - timedelta(seconds=2)) == {
        "until": ["This moment has passed. Choose one in the future."]
    }
    assert list(said(now + timedelta(hours=1), "x" * 501)) == ["reason"]


# Proposals


def start(**changes):
    typed = {
        "organisation": " Comité \n local ",
        "contact_name": "Ana\r\nBcc: x",
        "contact_email": "Comite@Example.org",
        "consent": "on",
    }
    return StartProposalForm(typed | changes)


def test_who_proposes_is_named_on_one_line_and_agrees():
    form, key = start(), uuid.uuid4()

    assert form.is_valid()
    assert {name: form.facts[name] for name in ("organisation", "contact_name")} == {
        "organisation": "Comité local",
        "contact_name": "Ana Bcc: x",
    }
    assert form.facts["contact_email"] == "comite@example.org"
    assert isinstance(form.facts["entry_key"], uuid.UUID)
    again = start(entry_key=str(key))
    assert again.is_valid()
    assert again.facts["entry_key"] == key
    assert (form.is_machine, start(website="x").is_machine) == (False, True)
    assert errors(start(consent="")) == {
        "consent": ["Without this consent we cannot write to you."]
    }
    long = start(organisation="x" * 201, contact_name="x" * 201, contact_email="")
    assert set(long.errors) == {"organisation", "contact_name", "contact_email"}


@pytest.fixture
def draft():
    call = CallFactory(smallest=100, largest=1000, months=6, files_required=2)
    draft = ProposalFactory(call=call, number=None, status="draft", submitted_at=None)
    ProposalLine.objects.create(proposal=draft, position=0, label="Radio", amount=50)
    return draft


WHOLE = {
    "organisation": "Comité",
    "kind": "ngo",
    "country": "HN",
    "title": "Radio",
    "summary": "s",
    "problem": "p",
    "activities": "a",
    "expected": "e",
    "beneficiaries": "5",
    "months": "6",
    "label_1": "Radio",
    "amount_1": "60",
    "label_6": "Cine",
    "amount_6": "40",
    "no_victim_data": "on",
}
FILL_IN = ["Fill this in before you submit."]


def asked(draft, files=2, **changes):
    typed = {name: said for name, said in (WHOLE | changes).items() if said is not None}
    form = sent_form(ProposalForm, typed, instance=draft, whole=False)
    assert form.is_valid(), form.errors
    form.ask_for_all(files)
    return errors(form)


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({}, {}),
        ({"kind": ""}, {"kind": FILL_IN}),
        ({"title": ""}, {"title": FILL_IN}),
        ({"summary": ""}, {"summary": FILL_IN}),
        ({"beneficiaries": ""}, {"beneficiaries": FILL_IN}),
        ({"beneficiaries": "0"}, {}),
        ({"months": ""}, {"months": FILL_IN}),
        ({"months": "7"}, {"months": ["A project under this call lasts at most 6 months."]}),
        ({"no_victim_data": None}, {"no_victim_data": ["Confirm this before you submit."]}),
        (
            {"amount_1": "59.99"},
            {"amount_1": ["The lines add up to 99.99\xa0USD; at least 100\xa0USD."]},
        ),
        (
            {"amount_1": "960.01"},
            {"amount_1": ["The lines add up to 1,000.01\xa0USD; at most 1,000\xa0USD."]},
        ),
        ({"amount_1": "960"}, {}),
        (
            {"label_1": "", "amount_1": "", "label_6": "", "amount_6": ""},
            {"amount_1": ["Say what the grant would pay for, line by line."]},
        ),
        ({"files": 1}, {"upload": ["Minimum number of files required by this call: 2."]}),
        ({"files": 3}, {}),
    ],
)
def test_a_submission_lacks_nothing_and_keeps_to_the_limits_of_its_call(draft, changes, sentences):
    assert asked(draft, **changes) == sentences


def test_a_call_without_a_smallest_grant_takes_any(draft):
    draft.call.smallest = None
    draft.call.save()

    assert asked(draft, amount_1="1", amount_6="1") == {}


def test_a_line_has_both_its_words_and_its_amount(draft):
    typed = WHOLE | {"amount_1": "", "label_6": "", "amount_2": "0", "label_2": "x"}

    form = sent_form(ProposalForm, typed, instance=draft, whole=False)

    assert list(form.errors) == ["amount_2", "amount_1", "label_6"]
    assert errors(form)["amount_1"] == ["Enter the amount of this line."]
    assert errors(form)["label_6"] == ["Say what this amount is for."]


def test_a_submitted_proposal_stays_whole_counting_the_files_of_this_press(draft):
    def said(kept, *, remove=(), upload=False):
        draft.files.all().delete()
        for n in range(kept):
            draft.files.create(file="x", kind="pdf", size=1, sha256=str(n), original_name=f"{n}")
        keys = [str(file.pk) for file in draft.files.all()]
        typed = WHOLE | {"remove": [keys[n] for n in remove]}
        files = {"upload": SimpleUploadedFile("b.pdf", PDF)} if upload else {}
        return sorted(sent_form(ProposalForm, typed, files, instance=draft, whole=True).errors)

    assert said(2) == []
    assert said(1) == ["upload"]
    assert said(2, remove=[0]) == ["upload"]
    assert said(3, remove=[0]) == []
    assert said(1, upload=True) == []
    assert said(0, upload=True) == ["upload"]


def test_a_form_of_a_proposal_has_six_lines_and_four_parts(draft):
    form = ProposalForm(instance=draft, whole=False)

    assert [str(title) for title, _fields in form.sections] == [
        "Your organisation",
        "Your project",
        "Budget requested",
        "Files",
    ]
    names = [[field.name for field in fields] for _title, fields in form.sections]
    assert (names[0][0], names[0][-1], names[1][0]) == ("organisation", "contact_phone", "title")
    assert names[2][:2] + names[2][-1:] == ["label_1", "amount_1", "amount_6"]
    assert names[3] == ["upload", "no_victim_data"]
    assert (form["label_1"].initial, form["amount_1"].initial) == ("Radio", 50)
    assert (form["label_2"].initial, form["amount_2"].initial) == (None, None)
    assert form.fields["label_2"].label == "Purpose (2)"
    assert form.fields["amount_2"].label == "Amount in USD (2)"
    assert needed(form) == {"organisation", "country"}
    assert form.upload is None
    draft.files.create(file="x", kind="pdf", size=1, sha256="a", original_name="a.pdf")
    kept = ProposalForm(instance=draft, whole=False)
    assert [label for _pk, label in kept.fields["remove"].choices] == ["a.pdf"]
    assert [field.name for field in kept.sections[3][1]] == ["upload", "remove", "no_victim_data"]


# Eligibility and scores


def test_a_point_is_met_or_says_why_not(things):
    def form(**typed):
        given = {"proposal": things.proposal}
        return sent_form(EligibilityForm, typed, **given) if typed else EligibilityForm(**given)

    fresh = form()
    assert [fresh[f"met_{point}"].initial for point in ("who", "theme")] == ["1", ""]
    things.proposal.checks.update(is_met=False, reason="Otra")
    assert (form()["met_who"].initial, form()["reason_who"].initial) == ("0", "Otra")
    assert form()["reason_theme"].initial is None
    assert errors(form(met_who="0")) == {"reason_who": ["Say why this point is not met."]}
    said = form(met_who="1", met_theme="0", reason_theme="Otro")
    assert said.is_valid()
    assert said.answers == {
        "who": (True, ""),
        "theme": (False, "Otro"),
        "money": (None, ""),
        "files": (None, ""),
        "safeguarding": (None, ""),
    }
    assert list(form(met_who="1", reason_who="x" * 501).errors) == ["reason_who"]


def test_points_lie_between_nothing_and_the_highest_score(things):
    key = things.measure.pk

    def form(typed=None, *, entered=False, known=None):
        return ScoreForm(typed, criteria=[things.measure], known=known or {}, entered=entered)

    field = form().fields[f"points_{key}"]
    assert (field.label, field.required) == ("Impact: points from 0 to 10", False)
    kept = form(known={key: (Decimal(4), "Bien")})
    assert (kept[f"points_{key}"].initial, kept[f"comment_{key}"].initial) == (4, "Bien")
    assert form()[f"points_{key}"].initial is None
    for points, is_taken in (("0", True), ("10", True), ("10.01", False), ("-1", False)):
        assert form({f"points_{key}": points}).is_valid() is is_taken
    said = form({f"points_{key}": "7", f"comment_{key}": "Bien"})
    assert said.is_valid()
    assert (said.points, said.comments) == ({key: 7}, {key: "Bien"})
    empty = form({f"points_{key}": ""})
    assert empty.is_valid()
    assert (empty.points, empty.comments) == ({}, {key: ""})
    entered = form({"channel": "telephone", "received_on": TOMORROW}, entered=True)
    assert errors(entered) == {"received_on": TO_COME}
    assert "portal" not in dict(entered.fields["channel"].choices)
    assert "channel" not in form().fields
    long = form({f"comment_{key}": "x" * 501, "comment": "x" * 2001})
    assert set(long.errors) == {f"comment_{key}", "comment"}
