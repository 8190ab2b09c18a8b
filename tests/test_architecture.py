"""Rules of the architecture that import-linter cannot check: references between models, and the size
of functions and files."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent

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


# Sizes

MAX_FILE, MAX_FUNCTION = 400, 40  # lines


def modules(*folders: str) -> Iterator[tuple[str, str]]:
    """Path and source of every module in these folders that somebody wrote by hand."""
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in file.parts:
                yield str(file.relative_to(ROOT)), file.read_text("utf-8")


def test_no_file_is_too_long():
    lines = {path: source.count("\n") for path, source in modules(*ORDER, "scripts", "bench")}

    assert {path for path, count in lines.items() if count > MAX_FILE} == set()


def test_no_function_is_too_long():
    too_long = {
        f"{path} {node.name}"
        for path, source in modules(*ORDER, "scripts", "bench")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION
    }

    assert too_long == set()
