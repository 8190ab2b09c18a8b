"""Reports that there are follow the combined preset, which is what they were."""

from django.db import migrations

from reports.presets import DEFAULT, load_presets


def load(apps, schema_editor):
    preset = apps.get_model("reports", "ReportPreset")
    load_presets(preset, apps.get_model("reports", "PresetSection"))
    apps.get_model("reports", "Report").objects.update(preset=preset.objects.get(key=DEFAULT))


class Migration(migrations.Migration):
    dependencies = [("reports", "0006_presets_of_reports")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
