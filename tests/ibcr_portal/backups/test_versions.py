"""Which databases a backup fits, also across the freezing of the migrations."""

from django.db.migrations import Migration

from ibcr_portal.backups.loading import by_their_names_now

BASELINE, INITIAL, LATER = (
    *(("accounts", "0001_baseline_12ab34cd"), ("accounts", "0001_initial")),
    ("accounts", "0002_zone"),
)


def known():
    """The migrations of version 1.0 and one that came later."""
    found = {key: Migration(key[1], key[0]) for key in (INITIAL, LATER)}
    found[INITIAL].replaces = [BASELINE]
    return found


def test_a_portal_that_was_taken_over_and_a_new_one_are_in_the_same_state():
    for nodes in ({BASELINE, INITIAL}, {BASELINE}, {INITIAL}):
        assert by_their_names_now(nodes, known()) == {INITIAL}
    assert by_their_names_now({BASELINE, INITIAL, LATER}, known()) == {INITIAL, LATER}


def test_another_baseline_and_an_unknown_migration_stay_what_they_are():
    others = {("accounts", "0001_baseline_00000000"), ("accounts", "0003_more")}

    assert by_their_names_now(others, known()) == others
