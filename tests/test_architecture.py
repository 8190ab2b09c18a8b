"""Imports are held by import-linter; what it cannot see is held here."""

from django.apps import apps

ORDER = ["ibcr_portal", "reports", "committees", "projects", "partners", "accounts", "kernel"]


def references():
    """Every reference between models of ours, history tables included."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model:
                yield model, field


def test_no_reference_points_left():
    """Foreign keys named by a string escape the import contract.

    The one exception is who took a step: `StatusChange.by` has no way back (related_name "+").
    """
    left = {
        f"{model._meta.label}.{field.name}"
        for model, field in references()
        if model._meta.app_label in ORDER
        and field.related_model._meta.app_label in ORDER
        and ORDER.index(model._meta.app_label) > ORDER.index(field.related_model._meta.app_label)
    }

    assert left == {"kernel.StatusChange.by"}


def test_who_took_a_step_cannot_be_followed_backwards():
    field = apps.get_model("kernel", "StatusChange")._meta.get_field("by")

    assert field.remote_field.related_name == "+"
