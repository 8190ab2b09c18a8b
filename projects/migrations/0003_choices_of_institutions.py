"""Marks the choices that institutions made themselves, or that administrators recorded with their
consent: no precaution overrides them. All other choices keep counting as they do."""

from django.db import migrations
from django.db.models import Exists, OuterRef, Q


def mark(apps, schema_editor):
    choices = apps.get_model("projects", "NamingChoice").objects.exclude(channel="precaution")
    representations = apps.get_model("projects", "Representation").objects.filter(
        contact__user=OuterRef("recorded_by"),
        participation__institution=OuterRef("institution"),
        confirmed_at__isnull=False,
    )
    coordinated = apps.get_model("projects", "Assignment").objects.filter(
        user=OuterRef("recorded_by"),
        role="coordinator",
        project__participations__institution=OuterRef("institution"),
    )
    itself = Q(Exists(representations)) & ~Q(Exists(coordinated))
    with_consent = Q(recorded_by__is_staff=True) & ~Q(reason="")
    choices.filter(itself | with_consent).update(is_own=True)


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_institution_precautions"),
    ]

    operations = [
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
