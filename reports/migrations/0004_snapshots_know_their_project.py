from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Every snapshot until now was a report's; final are those of a sign-off."""
    snapshots = apps.get_model("reports", "Snapshot").objects
    reports = apps.get_model("reports", "Report").objects
    project = reports.filter(pk=OuterRef("report")).values("project")
    snapshots.filter(project=None).update(project=Subquery(project))
    signed = reports.exclude(snapshot=None).values("snapshot")
    snapshots.filter(pk__in=signed).update(is_final=True)


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_documents_of_every_kind")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
