from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('committees', '0016_plans_are_settled'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='remark',
            name='reply',
        ),
    ]
