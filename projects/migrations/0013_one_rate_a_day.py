"""PostgreSQL refuses two rates of one currency on one day, and two locks over one day.

Not in `Meta.constraints`: there an exclusion constraint breaks `migrate` on SQLite, where
writers are serialised anyway and `ExchangeRate.clean` and `services.locks` are the guards.
"""

from django.db import migrations

ADD = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE projects_exchangerate ADD CONSTRAINT exchangerate_one_a_day
EXCLUDE USING gist (
    project_id WITH =, currency WITH =, daterange(starts_on, ends_on, '[]') WITH &&
);
ALTER TABLE projects_accountinglock ADD CONSTRAINT accountinglock_one_a_day
EXCLUDE USING gist (project_id WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
WHERE (lifted_on IS NULL);
"""
DROP = """
ALTER TABLE projects_exchangerate DROP CONSTRAINT exchangerate_one_a_day;
ALTER TABLE projects_accountinglock DROP CONSTRAINT accountinglock_one_a_day;
"""


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0012_money"),
    ]

    operations = [migrations.RunPython(on_postgresql(ADD), on_postgresql(DROP))]
