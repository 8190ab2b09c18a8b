from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("committees", "0008_actions_are_followed")]

    operations = [
        migrations.AddField(
            model_name=model, name=name, field=models.BooleanField(default=False, editable=False)
        )
        for model in ("meeting", "historicalmeeting")
        for name in ("records_stand", "notes_stand")
    ]
