"""What was approved stays: the database refuses to change or forget a version, whoever asks.

A translation of its reason stays outside: it may come later.
"""

from django.db import migrations

TABLE = "projects_logicmodelversion"
NAME = "projects_approved_versions_stay"
KEPT = ("project_id", "number", "approved_on", "approver", "reason_fr", "content")

ON_POSTGRESQL = f"""
CREATE FUNCTION {NAME}() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' OR {{changed}} THEN
        RAISE EXCEPTION 'Approved versions stay as they are' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER {NAME} BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION {NAME}();
"""
OFF_POSTGRESQL = f"DROP TRIGGER {NAME} ON {TABLE}; DROP FUNCTION {NAME}();"
# SQLite loses the triggers of a table that a later migration makes anew: such a migration has to
# run `keep` again.
ON_SQLITE = {
    "changed": "BEFORE UPDATE ON {table} WHEN {changed}",
    "deleted": "BEFORE DELETE ON {table}",
}


def changed(comparison):
    return " OR ".join(f"NEW.{name} {comparison} OLD.{name}" for name in KEPT)


def keep(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(ON_POSTGRESQL.replace("{changed}", changed("IS DISTINCT FROM")))
    elif vendor == "sqlite":
        for what, when in ON_SQLITE.items():
            when = when.format(table=TABLE, changed=changed("IS NOT"))
            schema_editor.execute(
                f"CREATE TRIGGER {NAME}_{what} {when} "
                "BEGIN SELECT RAISE(ABORT, 'Approved versions stay as they are'); END;"
            )


def let_go(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(OFF_POSTGRESQL)
    elif vendor == "sqlite":
        for what in ON_SQLITE:
            schema_editor.execute(f"DROP TRIGGER {NAME}_{what}")


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0008_logic_model"),
    ]

    operations = [migrations.RunPython(keep, let_go)]
