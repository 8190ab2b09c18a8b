from django.db import migrations


def into_groups(apps, schema_editor):
    """“Of whom 20 women” becomes a row of all together; of the others nothing was said. That there
    were no women among them cannot be told so, and is left to whoever knows who the others were."""
    Activity = apps.get_model('projects', 'Activity')
    ParticipantGroup = apps.get_model('projects', 'ParticipantGroup')
    ParticipantGroup.objects.bulk_create(
        ParticipantGroup(activity=activity, women=activity.women)
        for activity in Activity.objects.filter(women__gt=0)
    )


def out_of_groups(apps, schema_editor):
    Activity = apps.get_model('projects', 'Activity')
    for activity in Activity.objects.filter(groups__isnull=False).distinct():
        activity.women = sum(group.women for group in activity.groups.all())
        activity.save(update_fields=['women'])


class Migration(migrations.Migration):

    dependencies = [
        ("projects", "0005_activities_whole"),
    ]

    operations = [migrations.RunPython(into_groups, out_of_groups)]
