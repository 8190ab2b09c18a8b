from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("projects", "0006_women_are_told_in_groups"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='activity',
            name='activity_women_are_participants',
        ),
        migrations.RemoveField(
            model_name='activity',
            name='women',
        ),
        migrations.RemoveField(
            model_name='historicalactivity',
            name='women',
        ),
    ]
