"""What the baseline migration does beside the tables of the models: what the database refuses
beyond their constraints, and the first dimensions.

SQLite loses the triggers of a table that a later migration makes anew: such a migration of
`projects_logicmodelversion` has to run `APPROVED_VERSIONS_STAY` again.
"""

from typing import Any

from django.db.migrations import RunPython

from kernel.migration_operations import SQLByVendor
from kernel.text import columns_of
from projects.first_dimensions import bring

# Whoever asks, no approved version is changed or forgotten, but for the demonstration's, which is
# removed as a whole. A translation of its reason may come later, and then stays.
KEPT = ("project_id", "number", "approved_on", "approver", "content")
KEPT_ONCE_WRITTEN = columns_of("reason")


# Rows of the demonstration may go, also those that are sealed or approved.
IS_DEMONSTRATION = "EXISTS (SELECT 1 FROM projects_project WHERE id = {} AND demonstration)"


def _changed(comparison: str) -> str:
    changes = [f"NEW.{name} {comparison} OLD.{name}" for name in KEPT]
    changes += [
        f"(OLD.{name} <> '' AND NEW.{name} {comparison} OLD.{name})" for name in KEPT_ONCE_WRITTEN
    ]
    return " OR ".join(changes)


APPROVED_VERSIONS_STAY = SQLByVendor(
    {
        "postgresql": [
            f"""
CREATE FUNCTION projects_approved_versions_stay() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF {IS_DEMONSTRATION.format("OLD.project_id")} THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'Approved versions stay as they are' USING ERRCODE = 'check_violation';
    END IF;
    IF {_changed("IS DISTINCT FROM")} THEN
        RAISE EXCEPTION 'Approved versions stay as they are' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER projects_approved_versions_stay BEFORE UPDATE OR DELETE
    ON projects_logicmodelversion
    FOR EACH ROW EXECUTE FUNCTION projects_approved_versions_stay();
"""
        ],
        "sqlite": [
            f"""
CREATE TRIGGER projects_approved_versions_stay_changed BEFORE UPDATE ON projects_logicmodelversion
    WHEN {_changed("IS NOT")}
    BEGIN SELECT RAISE(ABORT, 'Approved versions stay as they are'); END;
""",
            f"""
CREATE TRIGGER projects_approved_versions_stay_deleted BEFORE DELETE ON projects_logicmodelversion
    WHEN NOT {IS_DEMONSTRATION.format("OLD.project_id")}
    BEGIN SELECT RAISE(ABORT, 'Approved versions stay as they are'); END;
""",
        ],
    },
    {
        "postgresql": [
            "DROP TRIGGER projects_approved_versions_stay ON projects_logicmodelversion",
            "DROP FUNCTION projects_approved_versions_stay()",
        ],
        "sqlite": [
            "DROP TRIGGER projects_approved_versions_stay_changed",
            "DROP TRIGGER projects_approved_versions_stay_deleted",
        ],
    },
)

# Nobody makes a demonstration of a real project, whose sealed and approved rows could then be removed.
REAL_PROJECTS_STAY_REAL = SQLByVendor(
    {
        "postgresql": [
            """
CREATE FUNCTION projects_real_projects_stay_real() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'A real project is no demonstration' USING ERRCODE = 'check_violation';
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER projects_real_projects_stay_real BEFORE UPDATE ON projects_project
    FOR EACH ROW WHEN (NEW.demonstration AND NOT OLD.demonstration)
    EXECUTE FUNCTION projects_real_projects_stay_real();
"""
        ],
        "sqlite": [
            """
CREATE TRIGGER projects_real_projects_stay_real BEFORE UPDATE ON projects_project
    WHEN NEW.demonstration AND NOT OLD.demonstration
    BEGIN SELECT RAISE(ABORT, 'A real project is no demonstration'); END;
"""
        ],
    },
    {
        "postgresql": [
            "DROP TRIGGER projects_real_projects_stay_real ON projects_project",
            "DROP FUNCTION projects_real_projects_stay_real()",
        ],
        "sqlite": ["DROP TRIGGER projects_real_projects_stay_real"],
    },
)

# Not in `Meta.constraints`: there an exclusion constraint breaks `migrate` on SQLite, where
# writers are serialised anyway and `ExchangeRate.clean` and `services.locks` are the guards.
ONE_RATE_AND_ONE_LOCK_A_DAY = SQLByVendor(
    {
        "postgresql": [
            """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE projects_exchangerate ADD CONSTRAINT exchangerate_one_a_day
EXCLUDE USING gist (
    project_id WITH =, currency WITH =, daterange(starts_on, ends_on, '[]') WITH &&
);
ALTER TABLE projects_accountinglock ADD CONSTRAINT accountinglock_one_a_day
EXCLUDE USING gist (project_id WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
WHERE (lifted_on IS NULL);
"""
        ]
    },
    {
        "postgresql": [
            "ALTER TABLE projects_exchangerate DROP CONSTRAINT exchangerate_one_a_day",
            "ALTER TABLE projects_accountinglock DROP CONSTRAINT accountinglock_one_a_day",
        ]
    },
)


def _first_dimensions(apps: Any, _editor: Any) -> None:
    bring(apps)


OPERATIONS = [
    APPROVED_VERSIONS_STAY,
    REAL_PROJECTS_STAY_REAL,
    ONE_RATE_AND_ONE_LOCK_A_DAY,
    RunPython(_first_dimensions, RunPython.noop),
]
