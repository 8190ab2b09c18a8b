"""A new kind of record is a new name in the index: the tables no longer list them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ibcr_portal", "0005_news_of_before")]
    operations = [
        migrations.AlterField(
            model_name=model, name="kind", field=models.CharField(max_length=20)
        )
        for model in ("searchchange", "searchentry")
    ]
