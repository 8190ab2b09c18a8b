"""Every page with a form against the table in `tests/forms.csv`: nothing overwritten, nothing twice.

`edit`: the form carries the stamp of what it showed. `own`: it has a mark of its own, which the
column `how` names. `create`, `step`, `delete`: it shows nothing that is stored, and its entry key is
enough. All of them have the entry key, which is the CSRF token (`kernel.sent_forms`).

A page that is not in the table fails, and so does a form over rows without a stamp.
`tests/test_twice.py` opens the pages and presses twice.
"""

import csv
import inspect
import re
from pathlib import Path

from django import forms
from django.urls import URLPattern, URLResolver, get_resolver

import accounts.second_factor  # noqa: F401  (allauth imports it only when it is needed)
from kernel.personal import AsksAboutPersonalData, is_free_text
from kernel.stamps import StampedForm
from tests.test_access import ELSEWHERE, OURS

TABLE = Path(__file__).parent / "forms.csv"
KINDS = {"edit", "own", "create", "step", "delete"}
# Forms over rows with a mark of their own.
OWN = {
    "FundingTypesForm": "the fingerprint of the whole page of classification",
    "ReportSectionForm": "the version of the section",
}


def pages(resolver=None, prefix=""):
    """Every view of ours by the name of its address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver) and pattern.namespace != "admin":
            below = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from pages(pattern, below)
        elif isinstance(pattern, URLPattern) and pattern.name:
            name = f"{prefix}{pattern.name}"
            if not name.startswith(ELSEWHERE):
                yield name, pattern.callback


def takes_a_form(view) -> bool:
    """Whether it is a page with a form, or a press that reads one."""
    if getattr(view, "has_form", False):
        return True
    inner = inspect.unwrap(view)
    source = inspect.getsource(inner) if inner.__module__.startswith(OURS) else ""
    return "@require_POST" in source and bool(re.search(r"[Ff]orm\(", source))


def table() -> dict[str, dict[str, str]]:
    with TABLE.open(newline="") as file:
        return {row.pop("address"): row for row in csv.DictReader(file)}


def test_every_page_with_a_form_is_in_the_table():
    known = table()

    assert {name for name, view in pages() if takes_a_form(view)} == set(known)
    assert {row["kind"] for row in known.values()} == KINDS
    assert all((row["kind"] == "own") == bool(row["how"]) for row in known.values())


def test_every_page_that_takes_a_post_is_a_form_or_a_press():
    """Whoever writes another way to take a POST lets a form pass by the entry key."""
    other = re.compile(r"require_http_methods|csrf_exempt\n@login|request\.method == .POST.")

    def passes(view):
        inner = inspect.unwrap(view)
        return (
            inner.__module__.startswith(OURS)
            and not getattr(view, "has_form", False)
            and bool(other.search(inspect.getsource(inner)))
        )

    # They save nothing: one reads a file as it arrives, before any token; two look for a person,
    # whose name shall be in no address.
    assert {name for name, view in pages() if passes(view)} == {
        "reports:verify",
        "persons:index",
        "persons:person",
    }


def test_every_form_over_a_row_carries_a_stamp():
    def below(form):
        for kind in form.__subclasses__():
            yield kind
            yield from below(kind)

    list(pages())  # imports all forms
    ours = {kind for kind in below(forms.ModelForm) if kind.__module__.startswith(OURS)}
    stamped = {kind for kind in ours if issubclass(kind, StampedForm)}

    assert {kind.__name__ for kind in ours - stamped} == set(OWN)
    assert len(stamped) > 50


# They save nothing, or hold no text of a person.
ASKS_NOT = {
    "AccessLogFilterForm": "a filter",
    "CheckpointForm": "a signed checkpoint, which is compared",
    "DueFilterForm": "a filter",
    "ExpenditureFilterForm": "a filter",
    "FindPersonForm": "a name, which is looked up",
    "FiledFilterForm": "a filter",
    "InstitutionFilterForm": "a filter",
    "MeetingFilterForm": "a filter",
    "ProjectLogFilterForm": "a filter",
    "SignInCodeForm": "a code",
    "MissingFactsForm": "a country and a currency",
    "OfProjects": "a part of filters",
    "PasskeyForm": "the name that its owner gives to a key",
    "PlanFilterForm": "a filter",
    "PortfolioFilterForm": "a filter",
    "ProjectFilterForm": "a filter",
    "ProposalFilterForm": "a filter",
    "RegisterFilterForm": "a filter",
    "SearchForm": "words to look for",
    "ReportFilterForm": "a filter",
    "SavedFilterForm": "the name that its owner gives to filters",
    "SpellingsForm": "names that are looked for, and are kept as hashes",
    "VerifyCodeForm": "a code, which is looked up",
}
# Fields of free text that are meant for data of persons.
MEANT = {
    "ActivityForm": ("place",),
    "AdministratorForm": ("full_name", "password", "again"),
    "CommitteeForm": ("signatory",),
    "ConsentForm": ("who", "details"),
    "ContactForm": ("phone",),
    "IntakeForm": ("contacts", "seats"),
    "KeyForm": ("key",),
    "MeetingForm": ("place", "call_number", "call_passcode"),
    "OrganisationForm": (
        *("name_fr", "name_es", "name_en", "controller", "iati_identifier", "signatory"),
    ),
    "OwnRequestForm": ("text",),
    "PersonRequestForm": ("who", "text", "answer"),
    "ProposalForm": ("contact_phone",),
    "RepresentationForm": ("phone",),
    "WithdrawnWordsForm": ("words",),
}


def forms_of_ours():
    """Every class of a form, and whether free text is typed into it, also by fields that it adds
    when it is made."""

    def below(form):
        for kind in form.__subclasses__():
            yield kind
            yield from below(kind)

    list(pages())  # imports all forms
    for kind in {kind for kind in below(forms.BaseForm) if kind.__module__.startswith(OURS)}:
        typed = [name for name, field in getattr(kind, "base_fields", {}).items()
                 if is_free_text(field)]  # fmt: skip
        yield kind, typed, bool(ADDS_TEXT.search(inspect.getsource(kind)))


# A field that a form adds by itself, unless it is hidden or of another kind.
ADDS_TEXT = re.compile(r"(?s)\bforms\.CharField\((?!.{0,90}HiddenInput)")


def test_every_form_in_which_people_type_asks_about_personal_data():
    lacking = {
        kind.__name__
        for kind, typed, adds_text in forms_of_ours()
        if (typed or adds_text) and not issubclass(kind, AsksAboutPersonalData)
    }

    assert lacking == set(ASKS_NOT)


def test_every_field_of_free_text_is_asked_about_or_exempt_by_name():
    """`NO_TEXTS` holds the names of numbers of things; every other exemption is in the table."""
    left_out = {
        kind.__name__: kind.meant_for_persons
        for kind, _typed, _adds in forms_of_ours()
        if "meant_for_persons" in vars(kind) and kind.__module__ != "kernel.personal"
    }

    assert left_out == MEANT
    assert all(
        kind.meant_for_persons == ()
        or set(kind.meant_for_persons) <= set(typed) | set(kind.base_fields)
        for kind, typed, _adds in forms_of_ours()
        if issubclass(kind, AsksAboutPersonalData) and hasattr(kind, "base_fields")
    )
