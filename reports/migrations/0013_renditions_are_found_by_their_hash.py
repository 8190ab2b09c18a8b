from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0012_citation")]

    operations = [
        migrations.AddIndex(
            model_name="rendition",
            index=models.Index(fields=["sha256"], name="rendition_by_its_hash"),
        ),
    ]
