"""Reads the files of this folder, and turns what they say into columns and days."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar, overload
from zoneinfo import ZoneInfo

from django.utils import timezone

from kernel.text import Multilingual, translated_names

FOLDER = Path(__file__).parent
ZONE = ZoneInfo("America/Tegucigalpa")
LANGUAGES = ("fr", "es", "en")

Data = dict[str, Any]
Thing = TypeVar("Thing", bound=Multilingual)


def read(name: str) -> Data:
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@overload
def day(value: date | str) -> date: ...
@overload
def day(value: None) -> None: ...
def day(value: date | str | None) -> date | None:
    """A date as it is, or "+10" and "-12": days from the day of loading."""
    if value is None or isinstance(value, date):
        return value
    return timezone.localdate() + timedelta(days=int(value))


def columns(name: str, texts: Data | None) -> Data:
    """`title` and {fr, es, en} to the columns title_fr, title_es, title_en."""
    return {f"{name}_{language}": (texts or {}).get(language, "") for language in LANGUAGES}


def at(when: date, clock: str) -> datetime:
    return datetime.combine(when, time.fromisoformat(clock), tzinfo=ZONE).astimezone(UTC)


def save_translated(thing: Thing) -> Thing:
    """Save the object, and note that its translations were made from its present French text."""
    thing.note_translations(
        [
            f"{name}_{language}"
            for name in translated_names(type(thing))
            for language in LANGUAGES
            if getattr(thing, f"{name}_{language}")
        ]
    )
    thing.save()
    return thing
