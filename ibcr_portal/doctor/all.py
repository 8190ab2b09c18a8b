"""All that `manage.py doctor` looks at, in the order in which faults cause others."""

from collections.abc import Iterator

from django.db import Error, connection

from ibcr_portal.doctor import database, keeping, machine, outside, services, sign_in
from ibcr_portal.doctor.findings import Check, Finding, reason, wrong

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
    "Known keys": keeping.keys,
    "Sign-in": sign_in.code_by_mail,
    "Access log": database.access_log,
    "Checkpoints": keeping.checkpoints,
    "Stored files": keeping.stored_files,
    "Backups": machine.backups,
    "Target": keeping.backup_target,
    "Seal": keeping.seal,
    "Work": machine.work,
}
OF_THE_NETWORK: dict[str, Check] = {
    "Queue": services.queue,
    "Mail": services.mail,
    "Mailbox": outside.mailbox,
    "Accounts": outside.provider,
    "Timestamps": outside.timestamps,
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
        try:
            for finding in check():
                yield subject, finding
        except Error as error:
            yield (
                subject,
                wrong(
                    f"The database does not say ({reason(error)}).",
                    "Put right first what is said about the database, such as: manage.py update",
                ),
            )


def tables_are_there() -> bool:
    try:
        names = connection.introspection.table_names()
    except Error:
        return False
    return {"accounts_user", "accounts_accessevent"} <= set(names)
