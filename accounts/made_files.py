"""The files that the portal made of what it knew, for apps that must not import `reports`.

`reports` makes the files, and registers what happens to them when something in them may no longer be
read (`reports/services/naming.py`, which explains each function).
"""

from collections.abc import Collection, Iterable
from typing import Any, Protocol

from django.db.models import QuerySet


class MadeFiles(Protocol):
    def renditions_that_name(
        self, words: Iterable[str], *, project: Any = None
    ) -> QuerySet[Any]: ...

    def renditions_that_show(self, evidence: int, *, project: Any) -> QuerySet[Any]: ...

    def supersede(self, renditions: Any, why: str, *, words: Collection[str] = ()) -> list[Any]: ...

    def restore(self, project: Any = None) -> list[Any]: ...

    def destroy_files(
        self, renditions: Any, why: str, *, words: Collection[str] = ()
    ) -> list[Any]: ...

    def downloaders(self, renditions: Iterable[Any]) -> dict[int, list[Any]]: ...


_registered: list[MadeFiles] = []


def register_made_files(files: MadeFiles) -> None:
    """Say who makes files, once, when the app is loaded."""
    _registered[:] = [files]


def made_files() -> MadeFiles:
    return _registered[0]
