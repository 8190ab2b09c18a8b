"""What the database refuses beyond the constraints of the models: part of the baseline migration.

SQLite loses the triggers of a table that a later migration makes anew: such a migration of
`committees_minutes` has to run `SEALED_MINUTES_STAY` again.
"""

from kernel.migration_operations import SQLByVendor

# Not in `Meta.constraints`: there an exclusion constraint breaks `migrate` on SQLite, where
# writers are serialised anyway and `SeatTerm.clean` is the guard.
ONE_HOLDER_AT_A_TIME = SQLByVendor(
    {
        "postgresql": [
            """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE committees_seatterm ADD CONSTRAINT seatterm_one_holder_at_a_time
EXCLUDE USING gist (seat_id WITH =, daterange(since, until, '[]') WITH &&)
WHERE (capacity = 'holder');
"""
        ]
    },
    {
        "postgresql": [
            "ALTER TABLE committees_seatterm DROP CONSTRAINT seatterm_one_holder_at_a_time"
        ]
    },
)

# The text of sealed minutes; those of the demonstration go with it. Their courtesy translations and their annex of names stay outside:
# the one may come later, the other may be destroyed.
KEPT = ("status", "sha256", "language", "adopted_how", "adopted_on", "adopted_by_id", "meeting_id")


IS_DEMONSTRATION = """EXISTS (
    SELECT 1 FROM committees_meeting JOIN committees_committee
    ON committees_committee.id = committees_meeting.committee_id JOIN projects_project
    ON projects_project.id = committees_committee.project_id
    WHERE committees_meeting.id = OLD.meeting_id AND projects_project.demonstration
)"""


def _changed(comparison: str) -> str:
    return " OR ".join(f"NEW.{name} {comparison} OLD.{name}" for name in KEPT)


SEALED_MINUTES_STAY = SQLByVendor(
    {
        "postgresql": [
            f"""
CREATE FUNCTION committees_minutes_stay_sealed() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF {IS_DEMONSTRATION} THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'Sealed minutes stay as they are' USING ERRCODE = 'check_violation';
    END IF;
    IF {_changed("IS DISTINCT FROM")}
        OR NEW.content -> OLD.language IS DISTINCT FROM OLD.content -> OLD.language THEN
        RAISE EXCEPTION 'Sealed minutes stay as they are' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER committees_minutes_stay_sealed BEFORE UPDATE OR DELETE ON committees_minutes
    FOR EACH ROW WHEN (OLD.status = 'sealed') EXECUTE FUNCTION committees_minutes_stay_sealed();
"""
        ],
        "sqlite": [
            f"""
CREATE TRIGGER committees_minutes_stay_sealed BEFORE UPDATE ON committees_minutes
    WHEN OLD.status = 'sealed' AND ({_changed("IS NOT")}
        OR json_extract(NEW.content, '$.' || OLD.language)
            IS NOT json_extract(OLD.content, '$.' || OLD.language))
    BEGIN SELECT RAISE(ABORT, 'Sealed minutes stay as they are'); END;
""",
            f"""
CREATE TRIGGER committees_minutes_stay_kept BEFORE DELETE ON committees_minutes
    WHEN OLD.status = 'sealed' AND NOT {IS_DEMONSTRATION}
    BEGIN SELECT RAISE(ABORT, 'Sealed minutes stay as they are'); END;
""",
        ],
    },
    {
        "postgresql": [
            "DROP TRIGGER committees_minutes_stay_sealed ON committees_minutes",
            "DROP FUNCTION committees_minutes_stay_sealed()",
        ],
        "sqlite": [
            "DROP TRIGGER committees_minutes_stay_sealed",
            "DROP TRIGGER committees_minutes_stay_kept",
        ],
    },
)

OPERATIONS = [ONE_HOLDER_AT_A_TIME, SEALED_MINUTES_STAY]
