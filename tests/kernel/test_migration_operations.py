"""Operations of the baseline migrations."""

from contextlib import closing

import pytest
from django.db import migrations, models
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter
from django.db.utils import ConnectionHandler

from kernel.migration_operations import CreateModels, SQLByVendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def database(tmp_path):
    """Empty, and of its own."""
    one = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "empty.sqlite3"}
    with closing(ConnectionHandler({"default": one})["default"]) as database:
        yield database


def refers_to(model):
    return models.ForeignKey(model, models.CASCADE, null=True, related_name="+")


def key():
    return models.BigAutoField(primary_key=True)


def two_that_refer_to_each_other():
    return CreateModels(
        [
            migrations.CreateModel("Hen", [("id", key()), ("egg", refers_to("farm.egg"))]),
            migrations.CreateModel("Egg", [("id", key()), ("hen", refers_to("farm.hen"))]),
        ]
    )


def run(database, *operations, backwards=False):
    migration = migrations.Migration("0001_baseline", "farm")
    migration.operations = operations
    with database.schema_editor() as editor:
        act = migration.unapply if backwards else migration.apply
        return act(ProjectState(), editor)


def test_models_may_refer_to_each_other_and_go_again(database):
    run(database, two_that_refer_to_each_other())
    assert sorted(database.introspection.table_names()) == ["farm_egg", "farm_hen"]

    run(database, two_that_refer_to_each_other(), backwards=True)
    assert database.introspection.table_names() == []


def test_classes_are_built_only_when_all_models_are_known():
    state = ProjectState()
    known = state.apps  # built before, as after another migration
    operation = two_that_refer_to_each_other()

    operation.state_forwards("farm", state)

    assert "apps" not in vars(state)
    assert [model.__name__ for model in state.apps.get_models()] == ["Hen", "Egg"]
    assert list(known.get_models()) == []


def test_a_table_of_before_knows_what_refers_to_it(database):
    before = migrations.CreateModel("Farmer", [("id", key())])
    later = CreateModels(
        [
            migrations.CreateModel(
                "Hen",
                [("id", key()), ("owner", models.ForeignKey("farm.farmer", models.CASCADE))],
            )
        ]
    )

    state = run(database, before, later)

    related = state.apps.get_model("farm", "Farmer")._meta.related_objects
    assert [relation.related_model.__name__ for relation in related] == ["Hen"]


def test_it_is_written_as_it_was():
    text, _imports = MigrationWriter.serialize(CreateModels([migrations.CreateModel("Egg", [])]))

    assert "".join(text.split()) == (
        "kernel.migration_operations.CreateModels("
        "models=[migrations.CreateModel(name='Egg',fields=[],),],)"
    )


def test_sql_is_that_of_the_engine(database):
    operation = SQLByVendor(
        {"sqlite": ["CREATE TABLE coop (id int)"], "postgresql": ["not SQL of this engine"]},
        {"sqlite": ["DROP TABLE coop"]},
    )

    run(database, operation)
    assert database.introspection.table_names() == ["coop"]

    run(database, operation, backwards=True)
    assert database.introspection.table_names() == []


def test_an_engine_that_is_not_named_has_no_sql(database):
    run(database, SQLByVendor({"postgresql": ["not SQL of this engine"]}, {}))

    assert database.introspection.table_names() == []
