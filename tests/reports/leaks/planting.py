"""A secret of its own in every text that people type, whatever the model, and where each was found."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models

from accounts.models import Pseudonym
from kernel.languages import validate_languages

APPS = ("accounts", "partners", "projects", "committees", "reports")
SECRET = re.compile(r"xq(\d{5})z")
# What people type in a field of a kind of its own.
WRITTEN = {models.EmailField: "{}@example.org", models.URLField: "https://example.org/{}"}
LANGUAGES = re.compile(r"_(fr|es|en)$")


@dataclass(frozen=True)
class Place:
    """Where a secret was put: a field of a model, its languages together, in a row of a case."""

    model: str
    case: str
    field: str

    def __str__(self) -> str:
        return f"{self.model}{f'({self.case})' if self.case else ''}.{self.field}"


def models_of_the_portal() -> Iterator[type[models.Model]]:
    """Without those of the histories, which repeat them."""
    for name in APPS:
        for model in apps.get_app_config(name).get_models():
            if not hasattr(model, "history_object"):
                yield model


def texts_of(model: type[models.Model]) -> Iterator[models.Field]:
    """The fields that hold words, and not one of a list of the portal's own."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.FileField)
    if model is Pseudonym:  # the portal makes its secret, and a trigger holds it as it is
        return
    for field in model._meta.concrete_fields:
        is_listed = field.choices or validate_languages in field.validators
        if isinstance(field, kinds) and not is_listed:
            yield field


def name_of(field: models.Field) -> str:
    return LANGUAGES.sub("", field.name)


class Garden:
    """The secrets that were planted, by their number."""

    def __init__(self) -> None:
        self.places: list[Place] = []

    def seed(self, model: type[models.Model] | str, case: str, field: str) -> str:
        label = model if isinstance(model, str) else model._meta.label
        self.places.append(Place(label, case, field))
        return f"xq{len(self.places) - 1:05}z"

    def words(self, model: type[models.Model], case: str, field: models.Field) -> str:
        """A secret as that field can hold it."""
        secret = self.seed(model, case, name_of(field))
        kinds = (form for kind, form in WRITTEN.items() if isinstance(field, kind))
        return next(kinds, "{}").format(secret)

    def plant(self, row: models.Model, case: str, fields: Iterable[str]) -> None:
        model = type(row)
        words = {
            field.name: self.words(model, case, field)
            for field in texts_of(model)
            if name_of(field) in fields
        }
        if words:
            model._base_manager.filter(pk=row.pk).update(**words)

    def found_in(self, text: str) -> set[Place]:
        """`text` may be torn by the layout: what is between the signs of a word is ignored."""
        together = re.sub(r"[\s\u00ad\u200b]+", "", text)
        return {self.places[int(number)] for number in SECRET.findall(together)}


def filled(model: type[models.Model], known: dict[type, models.Model], **given: Any) -> Any:
    """A row with what it must have, and what is given as `...`; foreign keys lead to the rows that
    are known."""
    for field in model._meta.concrete_fields:
        name = field.name
        is_free = isinstance(field, models.AutoField) or field.has_default() or field.null
        if given.get(name) is not ... and (name in given or is_free):
            continue
        if isinstance(field, models.ForeignKey):
            given[name] = known.get(field.related_model) or latest(field.related_model)
        elif isinstance(field, models.FileField):
            given[name] = ContentFile(b"%PDF-1.7", name="file.pdf")
        elif field.primary_key:
            given[name] = model._base_manager.count() + 1
        elif field.choices:
            given[name] = next(value for value, _label in field.flatchoices if value)
        else:
            given[name] = plain_value(field)
    return model._base_manager.create(**given)


def plain_value(field: models.Field) -> Any:
    if isinstance(field, models.DateTimeField):
        return datetime(2019, 6, 3, 15, tzinfo=UTC)
    if isinstance(field, models.DateField):
        return date(2019, 6, 3)
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.CharField | models.TextField):
        return "" if field.blank and not field.unique else uuid4().hex[: field.max_length]
    if isinstance(field, models.BinaryField):
        return b"\x89PNG"
    return 1


def latest(model: type[models.Model]) -> models.Model:
    return model._base_manager.latest("pk")
