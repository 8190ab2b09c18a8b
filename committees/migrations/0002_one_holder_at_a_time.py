"""PostgreSQL refuses two holders of one seat at one time.

Not in `Meta.constraints`: there an exclusion constraint breaks `migrate` on SQLite, where
writers are serialised anyway and `SeatTerm.clean` is the guard.
"""

from django.db import migrations

ADD = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE committees_seatterm ADD CONSTRAINT seatterm_one_holder_at_a_time
EXCLUDE USING gist (seat_id WITH =, daterange(since, until, '[]') WITH &&)
WHERE (capacity = 'holder');
"""
DROP = "ALTER TABLE committees_seatterm DROP CONSTRAINT seatterm_one_holder_at_a_time;"


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("committees", "0001_initial")]

    operations = [migrations.RunPython(on_postgresql(ADD), on_postgresql(DROP))]
