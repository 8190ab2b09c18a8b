"""What the migrations bring beside the tables of the models."""

import pytest
from django.db import connection

from ibcr_portal.kinds import KINDS
from ibcr_portal.migrations._acceptance_operations import ACCEPTED
from ibcr_portal.migrations._initial_operations import (
    PROJECTS_OF,
    THINGS_OF,
    TRANSLATED,
    WITHDRAWN,
    WORDS,
)
from ibcr_portal.migrations._news_operations import TABLES
from projects.models import Category, Dimension

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ON_SQLITE = {
    "accounts_events_stay_changed",
    "accounts_events_stay_deleted",
    "accounts_events_stay_replaced",
    "accounts_pseudonyms_stay_changed",
    "accounts_pseudonyms_stay_deleted",
    "accounts_pseudonyms_stay_replaced",
    "committees_minutes_stay_kept",
    "committees_minutes_stay_sealed",
    "projects_approved_versions_stay_changed",
    "projects_approved_versions_stay_deleted",
    "projects_real_projects_stay_real",
}
ON_POSTGRESQL = {
    "accounts_events_stay",
    "accounts_events_stay_all",
    "accounts_pseudonyms_stay",
    "committees_minutes_stay_sealed",
    "projects_approved_versions_stay",
    "projects_real_projects_stay_real",
}
# Kinds of records that came after 1.0.
LATER = ("projects_lesson",)


def column(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {value for (value,) in cursor.fetchall()}


def test_what_was_sealed_or_approved_is_kept_by_triggers_and_changes_are_noted():
    noting = {f"{table}_changes_obligations" for table in PROJECTS_OF}
    noting |= {f"{table}_changes_search" for table in [*THINGS_OF, *LATER, "projects_translation"]}
    noting |= {f"{table}_changes_news" for table in TABLES}
    noting |= {f"{table}_changes_news_of_acceptances" for table in ACCEPTED.changed_by}
    forgetting = {f"{table}_forgets_translations_delete" for table in [*TRANSLATED, *LATER]}
    forgetting |= {f"{table}_forgets_translations_update" for table in WITHDRAWN}
    if connection.vendor == "sqlite":
        noting = {f"{name}_{event}" for name in noting for event in ("INSERT", "UPDATE", "DELETE")}
        found = column("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        assert found == ON_SQLITE | noting | forgetting | {f"{WORDS}_follow", f"{WORDS}_forget"}
    else:
        found = column("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        assert found == ON_POSTGRESQL | noting | forgetting | {f"{WORDS}_forget"}


def test_triggers_follow_every_kind_that_is_searched_or_translated():
    searched = {kind.model._meta.db_table for kind in KINDS if kind.search}
    translated = {kind.model._meta.db_table for kind in KINDS if kind.need}

    assert searched <= {*THINGS_OF, *LATER}
    assert translated <= {*TRANSLATED, *LATER}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="exclusion constraints")
def test_postgresql_excludes_what_overlaps():
    assert column("SELECT conname FROM pg_constraint WHERE contype = 'x'") == {
        "accountinglock_one_a_day",
        "exchangerate_one_a_day",
        "seatterm_one_holder_at_a_time",
    }


def test_the_first_dimensions_are_there():
    assert list(Dimension.objects.values_list("code", flat=True)) == [
        *("sex", "age", "institution-kind", "department-hn")
    ]
    assert Category.objects.count() == 34
