"""What the database refuses beyond the constraints of the models: part of the baseline migration.

SQLite loses the triggers of a table that a later migration makes anew: such a migration of
`accounts_accessevent` has to run `EVENTS_STAY` again.
"""

from kernel.migration_operations import SQLByVendor

REFUSED = "Events of the access log stay as they are"


def _pruned_through(number: str) -> str:
    """Up to which event the newest entry of a pruning lets them go, as it says itself. Whoever
    forges an entry is found out by its hash and its signature."""
    return f"""COALESCE((
        SELECT {number} FROM accounts_accessevent
        WHERE kind = 'pruned' ORDER BY number DESC LIMIT 1
    ), 0)"""


EVENTS_STAY = SQLByVendor(
    {
        "postgresql": [
            f"""
CREATE FUNCTION accounts_events_stay() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.number <= {_pruned_through("(details #>> '{checkpoint,sequence}')::bigint")} THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'check_violation';
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER accounts_events_stay BEFORE UPDATE OR DELETE ON accounts_accessevent
    FOR EACH ROW EXECUTE FUNCTION accounts_events_stay();
CREATE TRIGGER accounts_events_stay_all BEFORE TRUNCATE ON accounts_accessevent
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_events_stay();
"""
        ],
        "sqlite": [
            f"""
CREATE TRIGGER accounts_events_stay_changed BEFORE UPDATE ON accounts_accessevent
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END;
""",
            f"""
CREATE TRIGGER accounts_events_stay_deleted BEFORE DELETE ON accounts_accessevent
    WHEN OLD.number > {_pruned_through("json_extract(details, '$.checkpoint.sequence')")}
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END;
""",
            # REPLACE deletes the row in its way without asking the trigger above.
            f"""
CREATE TRIGGER accounts_events_stay_replaced BEFORE INSERT ON accounts_accessevent
    WHEN EXISTS (SELECT 1 FROM accounts_accessevent WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END;
""",
        ],
    },
    {
        "postgresql": [
            "DROP TRIGGER accounts_events_stay ON accounts_accessevent",
            "DROP TRIGGER accounts_events_stay_all ON accounts_accessevent",
            "DROP FUNCTION accounts_events_stay()",
        ],
        "sqlite": [
            "DROP TRIGGER accounts_events_stay_changed",
            "DROP TRIGGER accounts_events_stay_deleted",
            "DROP TRIGGER accounts_events_stay_replaced",
        ],
    },
)

OPERATIONS = [EVENTS_STAY]
