from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_snapshots_have_a_project")]

    operations = [
        migrations.AddIndex(
            model_name="rendition",
            index=models.Index(fields=["sha256"], name="rendition_by_its_hash"),
        ),
    ]
