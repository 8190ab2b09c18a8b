"""All that `manage.py doctor` looks at, in the order in which faults cause others."""

from collections.abc import Iterator

from django.db import Error, connection

from ibcr_portal.doctor import database, machine, services, sign_in
from ibcr_portal.doctor.findings import Check, Finding

WITHOUT_DATABASE: dict[str, Check] = {
    "Settings": machine.site_settings,
    "Packages": machine.packages,
    "Libraries": machine.libraries,
    "Disk": machine.disks,
    "Files": machine.storage,
    "Keys": machine.keys,
    "Database": database.database,
}
WITH_DATABASE: dict[str, Check] = {
    "Clock": database.clock,
    "People": database.people,
    "Sign-in": sign_in.code_by_mail,
    "Access log": database.access_log,
    "Backups": machine.backups,
    "Work": machine.work,
}
OF_THE_NETWORK: dict[str, Check] = {
    "Queue": services.queue,
    "Mail": services.mail,
    "Virus scanner": services.virus_scanner,
    "Address": services.address,
}


def examine(*, with_network: bool) -> Iterator[tuple[str, Finding]]:
    yield from findings(WITHOUT_DATABASE)
    if tables_are_there():
        yield from findings(WITH_DATABASE)
    if with_network:
        yield from findings(OF_THE_NETWORK)


def findings(checks: dict[str, Check]) -> Iterator[tuple[str, Finding]]:
    for subject, check in checks.items():
        for finding in check():
            yield subject, finding


def tables_are_there() -> bool:
    try:
        names = connection.introspection.table_names()
    except Error:
        return False
    return {"accounts_user", "accounts_accessevent"} <= set(names)
