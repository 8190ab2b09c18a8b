"""Write the migrations anew from the models (`make baseline`): one for each app, with all tables.

Only until version 1.0 (`make freeze`): nobody's database has to be brought along, so every numbered migration of
our apps is deleted and one is written from the models as they are. What a new database needs
beside its tables is in the app's `baseline.py` (its `OPERATIONS`, and in `NEEDS` the apps whose
tables they change).

Present migrations are not read, since they may name what has been moved or deleted.
"""

import hashlib
import os
import sys
from contextlib import closing
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.apps import AppConfig, apps
from django.conf import settings
from django.db.migrations import CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState
from django.db.migrations.writer import OperationWriter
from django.db.models import Model
from django.db.utils import ConnectionHandler
from django.test import override_settings
from django.utils import translation

from kernel.migration_operations import CreateModels

ROOT = Path(__file__).resolve().parent.parent
# Written by `make freeze`, after which nothing here applies any more.
FROZEN = ROOT / "tests" / "upgrade" / "migrations.sha256"
TEMPLATE = """\
# Written by `make baseline`, which writes it anew when models have changed.
{imports}


class Migration(migrations.Migration):

    initial = True

    dependencies = [
{dependencies}
    ]

    operations = [
{operations}
    ]
"""


def main() -> None:
    if FROZEN.exists():
        sys.exit(
            "The migrations are frozen since version 1.0 and only added: write one with "
            "manage.py makemigrations --name=WHAT_IT_DOES, schema and data apart."
        )
    files = {Path(app.path) / "migrations" / f"{name(app)}.py": content(app) for app in own_apps()}
    for file, text in files.items():
        for before in file.parent.glob("[0-9]*.py"):
            before.unlink()
        file.write_text(text, encoding="utf-8")


def own_apps() -> list[AppConfig]:
    return [app for app in apps.get_app_configs() if Path(app.path).parent == ROOT]


def name(app: AppConfig) -> str:
    """With a fingerprint of what the database is asked for: a database of another baseline is
    recognised by the name, and stays usable where only labels have changed."""
    return f"0001_baseline_{hashlib.sha256(asked_of_the_database(app)).hexdigest()[:8]}"


def asked_of_the_database(app: AppConfig) -> bytes:
    # Always of SQLite, so that the name does not depend on where this runs.
    with TemporaryDirectory() as folder:
        sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/empty.sqlite3"}
        with (
            closing(ConnectionHandler({"default": sqlite})["default"]) as connection,
            connection.schema_editor(collect_sql=True, atomic=False) as editor,
        ):
            for model in models_of(app):
                editor.create_model(model)
    statements = "\n".join(editor.collected_sql).encode()
    return statements + (by_hand(app).read_bytes() if by_hand(app).exists() else b"")


def models_of(app: AppConfig) -> list[type[Model]]:
    """Returns the models by name, since the order of imports changes more often."""
    return sorted(app.get_models(), key=lambda model: model._meta.label_lower)


def by_hand(app: AppConfig) -> Path:
    return Path(app.path) / "baseline.py"


@translation.override(None)
def content(app: AppConfig) -> str:
    states = [ModelState.from_model(model) for model in models_of(app)]
    text, imports = OperationWriter(CreateModels([create(state) for state in states])).serialize()
    imports.add("from django.db import migrations")
    if by_hand(app).exists():
        text += f"\n        *{app.name}.baseline.OPERATIONS,"
        imports.add(f"import {app.name}.baseline")
    return TEMPLATE.format(
        imports="\n".join(sorted(imports)),
        dependencies="\n".join(f"        {one!r}," for one in dependencies(app, states)),
        operations=text,
    )


def create(state: ModelState) -> CreateModel:
    options = {name: value for name, value in state.options.items() if value != []}
    return CreateModel(state.name, list(state.fields.items()), options, state.bases, state.managers)


def dependencies(app: AppConfig, states: list[ModelState]) -> list[tuple[str, str]]:
    needed = {
        # A ModelState names related models as text: "accounts.User".
        str(relation.model).split(".")[0].lower()
        for state in states
        for field in state.fields.values()
        if (relation := field.remote_field)
    }
    if by_hand(app).exists():
        needed |= set(getattr(import_module(f"{app.name}.baseline"), "NEEDS", ()))
    libraries = latest_migrations_of_libraries()
    if app.label != settings.AUTH_USER_MODEL.split(".")[0]:
        # Some of them change tables that refer to users. They come before all but users, since each
        # change builds the classes of all models anew that are related to users by then.
        needed |= libraries.keys()
    return sorted((label, libraries.get(label, "__first__")) for label in needed - {app.label})


@cache
def latest_migrations_of_libraries() -> dict[str, str]:
    with override_settings(MIGRATION_MODULES={app.label: None for app in own_apps()}):
        return dict(MigrationLoader(None).graph.leaf_nodes())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")
    django.setup()
    main()
