"""The table of what somebody can do to others (`docs/rules/access.md`): each row is tried over HTTP as
somebody who may not do it, and nothing changes."""

import re
from pathlib import Path

import pytest

from tests.test_access import Scene, address_for, addresses, ask, state

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parent.parent / "docs" / "rules" / "access.md"
HEADING = "## What can somebody do to others?"
COLUMNS = 6
KINDS = {
    "Hide",
    "End",
    "Supersede",
    "Reopen",
    "Change a threshold",
    "Lock out",
    "Withdraw access",
    "Erase",
}
# By address, who tries it and may not: people who are near, and would gain by it.
TRIALS = {
    "partners:naming-record": {"donor", "partner", "monitoring"},
    "partners:precaution-take": {"donor", "partner", "monitoring"},
    "partners:precaution-lift": {"donor", "coordinator", "monitoring"},
    "persons:protect": {"donor", "partner", "monitoring"},
    "projects:representation-end": {"partner", "member", "outsider"},
    "projects:representation-keep": {"partner", "embassy", "outsider"},
    "projects:representation-edit": {"partner", "embassy", "outsider"},
    "partners:contact-departure": {"partner", "donor", "finance"},
    "projects:participation-delete": {"donor", "partner", "monitoring"},
    "projects:assignment-delete": {"monitoring", "donor", "reader"},
    "projects:team-invitation-withdraw": {"monitoring", "donor", "outsider"},
    "committees:term-end": {"member", "partner", "monitoring"},
    "committees:holders-change": {"member", "partner", "monitoring"},
    "projects:panel-delete": {"panel", "donor", "monitoring"},
    "reports:supersede": {"donor", "partner", "monitoring"},
    "projects:closing-reopen": {"coordinator", "donor", "finance"},
    "projects:lock-lift": {"coordinator", "auditor", "donor"},
    "committees:terms-edit": {"member", "donor", "monitoring"},
    "projects:budget-settings": {"donor", "auditor", "monitoring"},
    "accounts:lost-factor-confirm": {"partner", "donor", "monitoring"},
    "persons:hold-create": {"coordinator", "donor", "partner"},
    "committees:plan-link-revoke": {"partner", "member", "monitoring"},
    "committees:meeting-invitation-revoke": {"partner", "member", "monitoring"},
    "committees:meeting-invitation-withdraw": {"partner", "member", "monitoring"},
    "reports:link-revoke": {"donor", "partner", "monitoring"},
    "persons:forget": {"coordinator", "donor", "partner"},
    "projects:delete": {"donor", "partner", "monitoring"},
    "projects:intake-undo": {"donor", "partner", "monitoring"},
    "partners:delete": {"coordinator", "partner", "donor"},
    "committees:minutes-annex-destroy": {"member", "donor", "monitoring"},
    "reports:filed-withdraw": {"donor", "partner", "monitoring"},
}


def rows() -> list[list[str]]:
    """The rows of the table by their cells."""
    section = PAGE.read_text().split(HEADING, 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def address_of(row: list[str]) -> str:
    (name,) = re.findall(r"`(.+)`", row[1])
    return name


def test_each_row_has_a_trial_and_each_trial_a_row():
    assert {address_of(row) for row in rows()} == set(TRIALS)


def test_each_row_says_who_decides_who_agrees_who_is_notified_and_how_it_is_undone():
    assert all(len(row) == COLUMNS and all(row) for row in rows())
    assert {row[0].split(":")[0] for row in rows()} == KINDS


def test_nobody_does_to_others_what_the_table_does_not_say():
    scene = Scene()
    converters = dict(addresses())
    before, refused = state(), {}
    for name, roles in TRIALS.items():
        url = address_for(name, scene.arguments(name, converters[name]), "visitor")
        refused |= {(name, role): ask(scene, role, "POST", url)[0] for role in roles}

    assert {key: said for key, said in refused.items() if said not in {"403", "404"}} == {}
    assert state() == before
