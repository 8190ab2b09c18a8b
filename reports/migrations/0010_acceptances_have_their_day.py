from django.db import migrations


def fill(apps, schema_editor):
    """From the history: the day on which the donor accepted, and the words that were typed."""
    Report = apps.get_model("reports", "Report")
    StatusChange = apps.get_model("kernel", "StatusChange")
    ContentType = apps.get_model("contenttypes", "ContentType")
    kind = ContentType.objects.filter(app_label="reports", model="report").first()
    changes = StatusChange.objects.filter(content_type=kind, verb="accept") if kind else []
    days = {change.object_id: (change.happened_on, change.why[:200]) for change in changes}
    for report in Report.objects.filter(accepted_on=None):
        if report.pk in days:
            day, reference = days[report.pk]
        elif report.status == "accepted":  # brought in without its history
            day, reference = report.signed_off_on, ""
        else:
            continue
        report.accepted_on, report.acceptance_reference = day, reference
        report.save(update_fields=["accepted_on", "acceptance_reference"])


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("kernel", "0001_initial"),
        ("reports", "0009_remarks_and_outcomes"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
