"""The figures in the format of Prometheus."""

from collections.abc import Iterator

from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from ibcr_portal.observing import figures
from ibcr_portal.observing.counters import counted_registry
from ibcr_portal.periodic_tasks import QUEUES
from kernel import broker


class Figures:
    """What is asked of the database, each time that somebody asks."""

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        yield one("portal_broker_up", "Whether Redis answers", broker.answers())
        yield of_broker()
        try:
            yield from [*of_jobs(), *of_the_hour(), *of_backups()]
        except DatabaseError:
            yield one("portal_database_up", "Whether the database answers", 0)
        else:
            yield one("portal_database_up", "Whether the database answers", 1)
        disk = GaugeMetricFamily("portal_disk_free_bytes", "Room on the disk", labels=["place"])
        for found in figures.disks():
            disk.add_metric([found.place], found.free)
        yield disk


def one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=float(value))


def of_broker() -> GaugeMetricFamily:
    found = GaugeMetricFamily(
        "portal_messages_waiting", "Messages in the queues of the broker", labels=["queue"]
    )
    for queue in QUEUES:
        if (count := broker.messages(queue)) is not None:
            found.add_metric([queue], count)
    return found


def of_jobs() -> list[GaugeMetricFamily]:
    count = GaugeMetricFamily("portal_jobs_waiting", "Jobs to do now", labels=["kind"])
    age = GaugeMetricFamily(
        "portal_oldest_job_seconds", "For how long the oldest job waits", labels=["kind"]
    )
    states = GaugeMetricFamily(
        "portal_jobs", "All jobs in the database", labels=["kind", "state", "failure"]
    )
    for name in figures.QUEUES:
        found = figures.waiting(name)
        count.add_metric([name], found.count)
        age.add_metric([name], found.seconds)
        for (state, failure), number in figures.by_state(name).items():
            states.add_metric([name, state, failure], number)
    return [count, age, states]


def of_the_hour() -> list[GaugeMetricFamily]:
    found = figures.renders()
    return [
        one("portal_renders_last_hour", "Documents made in the last hour", found.made),
        one("portal_renders_failed_last_hour", "Documents that failed", found.failed),
        one("portal_render_seconds_average", "Of the last hour", found.average_seconds),
        one("portal_render_seconds_longest", "Of the last hour", found.longest_seconds),
        one(
            "portal_sign_ins_refused_last_hour",
            "Sign-ins refused in the last hour",
            figures.refused_sign_ins(),
        ),
    ]


def of_backups() -> list[GaugeMetricFamily]:
    last, _is_late = figures.last_backup()
    if last is None:
        return []
    age = (timezone.now() - last).total_seconds()
    return [one("portal_backup_age_seconds", "Age of the last good backup", age)]


def text() -> tuple[bytes, str]:
    registry = counted_registry()
    own = Figures()
    registry.register(own)
    try:
        return generate_latest(registry), CONTENT_TYPE_LATEST
    finally:
        registry.unregister(own)
