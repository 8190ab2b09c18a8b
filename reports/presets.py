"""The presets that every portal begins with: files of `presets/`, read once into rows.

After that administrators edit the rows, and nothing here overwrites their changes.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

FOLDER = Path(__file__).parent / "presets"
DEFAULT = "gac-combined"


@cache
def standard_presets() -> tuple[dict[str, Any], ...]:
    """Return the presets of the files, the default one first."""
    rows = [
        row
        for path in sorted(FOLDER.glob("*.toml"))
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["preset"]
    ]
    return tuple(sorted(rows, key=lambda row: row["key"] != DEFAULT))


@transaction.atomic
def load_presets(preset_model: Any, section_model: Any) -> None:
    """Write the presets that do not exist. The caller passes the models, since `migrate` has its
    own."""
    known = set(preset_model.objects.exclude(key="").values_list("key", flat=True))
    for row in standard_presets():
        if row["key"] in known:
            continue
        preset = preset_model.objects.create(
            key=row["key"],
            type=row["type"],
            **_columns("name", row["name"]),
            **_columns("title", row["title"]),
        )
        labels = row.get("labels", {})
        section_model.objects.bulk_create(
            section_model(
                preset=preset,
                kind=kind,
                position=place,
                is_required=kind in row["required"],
                **_columns("label", labels.get(kind, {})),
            )
            for place, kind in enumerate(row["sections"], 1)
        )


def _columns(name: str, texts: dict[str, str]) -> dict[str, str]:
    return {f"{name}_{language}": text for language, text in texts.items()}
