"""A name that is planted in every text of every table, and searched in all that the portal keeps."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, models, transaction

from ibcr_portal.persons.file_texts import UnsearchableFile, words_of_file
from ibcr_portal.persons.matching import Spellings
from ibcr_portal.persons.places import places


def plant(words: str) -> set[str]:
    """Write the words into each text of each row that there is; return where they are now."""
    planted = set()
    for place in places():
        for field in place.texts:
            if field.name in {"history_change_reason"}:
                continue
            rows = place.model._base_manager
            for pk, value in rows.values_list("pk", field.attname):
                if with_words(rows.filter(pk=pk), field, value, words):
                    planted.add(f"{place.name}.{field.name}")
    return planted


def with_words(rows, field, value, words) -> bool:
    if isinstance(field, models.JSONField):
        # As the code that reads it expects it: another entry is passed over.
        if not isinstance(value, dict):
            return False
        new = {**value, "zz": [words]}
    elif isinstance(field, models.URLField | models.SlugField):
        return False
    else:
        new = f"{value} · {words}" if value else words
        if field.max_length and len(new) > field.max_length:
            new = words
        if field.max_length and len(new) > field.max_length:
            return False
    try:
        with transaction.atomic():
            return bool(rows.update(**{field.attname: new}))
    except DatabaseError:  # a constraint, or what is sealed
        return False


def plant_files(words: str) -> set[str]:
    """Put the words into a file of each kind of upload that there is a row of."""
    planted = set()
    for place in places():
        for name in place.files:
            for row in place.model._base_manager.exclude(**{name: ""}):
                stored = getattr(row, name)
                stored.save("file", ContentFile(f"Lista: {words}.".encode()), save=False)
                place.model._base_manager.filter(pk=row.pk).update(**{name: stored.name})
                planted.add(f"{place.name}.{name}")
    return planted


def whole_database() -> dict[str, str]:
    """Each row of each table as a text, and what sessions say once they are decoded."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = "\n".join(map(str, cursor.fetchall()))
    decoded = [SessionStore().decode(each.session_data) for each in Session.objects.all()]
    return found | {"sessions, decoded": str(decoded)}


def all_files(*folders: Path) -> dict[str, str]:
    """The words of each file of the portal: uploads, messages, logs, ledger and checkpoints."""
    kept = [settings.ERASURES, settings.ACCESS_LOG_CHECKPOINTS]
    roots = [Path(settings.MEDIA_ROOT), Path(settings.MAILBOX), *folders]
    files = [path for root in roots for path in root.rglob("*") if path.is_file()]
    files += [path for path in kept if path.exists()]
    return {str(path): words_in(path.read_bytes()) for path in files}


def words_in(content: bytes) -> str:
    try:
        return "\n".join(words_of_file(content))
    except UnsearchableFile:
        return content.decode("latin-1")


def where(spellings: Spellings, *folders: Path) -> list[str]:
    """Return the tables and files that name the person in any way."""
    texts = whole_database() | all_files(*folders)
    return sorted(name for name, text in texts.items() if spellings.are_in(text))


def models_with_a_row() -> set[str]:
    return {model._meta.label for model in apps.get_models() if model._base_manager.exists()}
