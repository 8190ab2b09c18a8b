"""The first dimensions: sex, age group, kind of institution, department of Honduras."""

from django.db import migrations

from projects.first_dimensions import bring


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0010_values_by_cell"),
    ]

    operations = [
        migrations.RunPython(lambda apps, editor: bring(apps), migrations.RunPython.noop)
    ]
