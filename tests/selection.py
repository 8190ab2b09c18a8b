"""Which tests `make check` runs, and which of them first."""

from collections import defaultdict
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from zlib import crc32

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

# Long beyond the number of their tests, the longest first.
LONG = ("tests/test_access.py", "tests/browser/", "tests/reports/")
# All of them load the demonstration, which takes ten seconds: `tests/demonstration.py`.
DEMONSTRATED = (
    "tests/browser/test_axe.py",
    "tests/ibcr_portal/test_demonstration.py",
    "tests/ibcr_portal/test_gac_checklist.py",
    "tests/projects/test_iati_round_trip.py",
)


class ModuleByModule(LoadScopeScheduling):
    """What is made once for a module is made by one process, and so is the demonstration. The table
    of access, which takes long for some apps, is shared out, case by case."""

    def _split_scope(self, nodeid):
        if nodeid.startswith("tests/test_access.py"):
            return nodeid
        scope = super()._split_scope(nodeid)
        return DEMONSTRATED[0] if scope in DEMONSTRATED else scope

    def _assign_work_unit(self, node):
        """Modules come by their number of tests, and those of few tests last. If these take long,
        all processes but one have nothing left to do meanwhile."""
        for start in reversed(LONG):
            for scope in [scope for scope in reversed(self.workqueue) if scope.startswith(start)]:
                self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)


def import_all(share: float) -> None:
    """Import the modules of all tests, beginning behind a share of them."""
    paths = sorted(Path(__file__).parent.rglob("test_*.py"))
    start = int(len(paths) * share)
    for path in [*paths[start:], *paths[:start]]:
        parts = path.relative_to(Path(__file__).parent.parent).with_suffix("").parts
        with suppress(Exception, pytest.skip.Exception):  # pytest says so when it collects it
            import_module(".".join(parts))


def later_cases(items, number: int) -> list[pytest.Item]:
    """All but some cases of each test that uses the database or makes documents: any of them, but
    always the same.

    The suite has 3,100 tests on the database with 5,900 cases, and most of its time goes there; of
    the rest, it goes to hostile documents and templates. Cases that say nothing about each other,
    such as the apps of the table of access, are marked `every_case` and stay.
    """
    cases = defaultdict(list)
    for item in items:
        is_long = item.nodeid.startswith("tests/reports/") or uses_database(item)
        if is_long and not marked(item, "deep", "every_case"):
            cases[item.nodeid.split("[")[0]].append(item)
    for same in cases.values():
        same.sort(key=lambda item: crc32(item.nodeid.encode()))
    return [item for same in cases.values() for item in same[number:]]


def marked(item: pytest.Item, *names: str) -> bool:
    return any(item.get_closest_marker(name) for name in names)


def uses_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db"} & {*item.fixturenames}
    return bool(fixtures or item.get_closest_marker("django_db"))
