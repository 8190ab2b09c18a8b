"""What is sealed stays: the database refuses to change the text of sealed minutes, whoever asks.

Their courtesy translations and their annex of names stay outside: the one may come later, the
other may be destroyed.
"""

from django.db import migrations

KEPT = ("status", "sha256", "language", "adopted_how", "adopted_on", "adopted_by_id", "meeting_id")

ON_POSTGRESQL = """
CREATE FUNCTION committees_minutes_stay_sealed() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' OR {changed}
        OR NEW.content -> OLD.language IS DISTINCT FROM OLD.content -> OLD.language THEN
        RAISE EXCEPTION 'Sealed minutes stay as they are' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER committees_minutes_stay_sealed BEFORE UPDATE OR DELETE ON committees_minutes
    FOR EACH ROW WHEN (OLD.status = 'sealed') EXECUTE FUNCTION committees_minutes_stay_sealed();
"""
OFF_POSTGRESQL = """
DROP TRIGGER committees_minutes_stay_sealed ON committees_minutes;
DROP FUNCTION committees_minutes_stay_sealed();
"""
# SQLite loses the triggers of a table that a later migration makes anew: such a migration of
# `committees_minutes` has to run `seal` again.
ON_SQLITE = (
    """
CREATE TRIGGER committees_minutes_stay_sealed BEFORE UPDATE ON committees_minutes
    WHEN OLD.status = 'sealed' AND ({changed}
        OR json_extract(NEW.content, '$.' || OLD.language)
            IS NOT json_extract(OLD.content, '$.' || OLD.language))
    BEGIN SELECT RAISE(ABORT, 'Sealed minutes stay as they are'); END;
""",
    """
CREATE TRIGGER committees_minutes_stay_kept BEFORE DELETE ON committees_minutes
    WHEN OLD.status = 'sealed'
    BEGIN SELECT RAISE(ABORT, 'Sealed minutes stay as they are'); END;
""",
)


def changed(comparison):
    return " OR ".join(f"NEW.{name} {comparison} OLD.{name}" for name in KEPT)


def seal(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(ON_POSTGRESQL.replace("{changed}", changed("IS DISTINCT FROM")))
    elif vendor == "sqlite":
        for trigger in ON_SQLITE:
            schema_editor.execute(trigger.replace("{changed}", changed("IS NOT")))


def unseal(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(OFF_POSTGRESQL)
    elif vendor == "sqlite":
        for name in ("sealed", "kept"):
            schema_editor.execute(f"DROP TRIGGER committees_minutes_stay_{name}")


class Migration(migrations.Migration):
    dependencies = [("committees", "0011_meetings_sit")]

    operations = [migrations.RunPython(seal, unseal)]
