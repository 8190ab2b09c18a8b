"""No place of the database can be forgotten: the inventory is compared with its columns."""

import pytest
from django.apps import apps
from django.db import connection, models

from accounts.models import User
from ibcr_portal.persons.places import LEFT_ALONE, places
from partners.models import Contact

pytestmark = pytest.mark.django_db

# Tables without a model: what they hold says nothing of a person.
WITHOUT_MODEL = {
    "django_migrations": "names of migrations",
    "portal_cache": "holds keys and hashes alone, for minutes",
    # On SQLite also the tables in which it keeps them.
    "ibcr_portal_searchwords": "stems of the words of texts that are searched, and written with them",
}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes keys as texts, too")
def test_every_text_of_the_database_is_searched_or_left_alone_for_a_reason():
    known = {place.model: place for place in places()}
    of_table = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    forgotten = []
    for table, column in text_columns():
        model = of_table[table]
        field = next(each for each in model._meta.fields if each.column == column)
        place = known.get(model)
        is_searched = place and (field in (*place.texts, *place.names) or field.name in place.files)
        label = f"{model._meta.label}.{field.name}"
        is_left = model._meta.label in LEFT_ALONE or label in LEFT_ALONE
        if not (is_searched or is_left or field.choices or field.primary_key):
            forgotten.append(label)
    assert forgotten == []


OWN = {User, Contact}


def test_every_reference_to_a_person_is_in_the_inventory():
    known = {(place.model, tie) for place in places() for tie in place.ties}
    fields = [
        (model, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        and field.related_model in OWN
    ]
    assert set(fields) == known


def test_what_is_left_alone_exists():
    names = {model._meta.label for model in apps.get_models()}
    assert [key for key in LEFT_ALONE if ".".join(key.split(".")[:2]) not in names] == []


def text_columns():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(tuple(WITHOUT_MODEL)):
                continue
            for column in connection.introspection.get_table_description(cursor, table):
                kind = connection.introspection.get_field_type(column.type_code, column)
                kind = kind[0] if isinstance(kind, tuple) else kind
                if kind in {"CharField", "TextField", "JSONField", "EmailField"}:
                    yield table, column.name
