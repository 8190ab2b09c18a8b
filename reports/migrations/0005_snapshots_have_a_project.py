import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_told_once"),
        ("reports", "0004_snapshots_know_their_project"),
    ]

    operations = [
        migrations.AlterField(
            model_name="snapshot",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="projects.project",
            ),
        ),
    ]
