"""Downloads of the documents of a thing, read from the access log."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Max, Model, Q, TextChoices
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts.models import AccessEvent, AccessEventQuerySet, Pseudonym
from reports.models import DocumentKind, SharedLink


class DownloadWay(TextChoices):
    """How a document left the portal."""

    PDF = "pdf", "PDF"
    WORD = "docx", gettext_lazy("Word file")
    TEXT = "txt", gettext_lazy("Plain text")
    ARCHIVE = "archive", gettext_lazy("In an archive")
    LINK = "link", pgettext_lazy("a way to take a document", "By link")

    @property
    def condition(self) -> Q:
        by_link, packed = Q(details__has_key="link"), Q(details__has_key="format")
        if self == DownloadWay.LINK:
            return by_link
        return ~by_link & ~packed if self == DownloadWay.PDF else Q(details__format=self.value)


class Download(NamedTuple):
    at: datetime
    # Empty for bearers of links, and for people whose data was erased.
    person: str
    document: str
    language: str
    # With the label of the link.
    way: str


def downloads_of(page: Model) -> AccessEventQuerySet:
    """Return the downloads of all documents of a report, meeting, plan or committee."""
    return AccessEvent.objects.about(page).filter(kind=AccessEvent.Kind.DOWNLOAD)


def lines_of(events: Iterable[AccessEvent]) -> list[Download]:
    """Return the downloads with names and labels, in three queries whatever their number."""
    events = list(events)
    people = Pseudonym.objects.filter(key__in={event.key for event in events})
    names = {person.key: str(person.user) for person in people.select_related("user")}
    used = {event.details["link"] for event in events if "link" in event.details}
    links = SharedLink.objects.in_bulk(used) if used else {}
    return [
        Download(
            event.at,
            names.get(event.key, "") if event.key else "",
            _document(event.details),
            str(dict(settings.LANGUAGES).get(event.details.get("language"), "–")),
            _way(event.details, links),
        )
        for event in events
    ]


def _document(details: dict[str, Any]) -> str:
    """Return the name of the document; the first reports were logged without their kind."""
    kind = details.get("document", DocumentKind.ANNUAL_REPORT)
    return str(DocumentKind(kind).label) if kind in DocumentKind.values else "–"


def _way(details: dict[str, Any], links: dict[int, SharedLink]) -> str:
    if "link" in details:
        link = links.get(details["link"])
        return _("By link: %(label)s") % {"label": link or "–"}
    way = details.get("format", DownloadWay.PDF)
    return str(DownloadWay(way).label) if way in DownloadWay.values else str(way)


LATEST = 20


def latest(page: Model) -> list[dict[str, Any]]:
    """Return the last downloads of a thing's documents, in the form that the template of a history
    takes."""
    lines = lines_of(downloads_of(page)[:LATEST])
    return [{"when": line.at, "text": _short(line), "who": line.person} for line in lines]


def _short(line: Download) -> str:
    is_report = line.document == str(DocumentKind.ANNUAL_REPORT.label)
    parts = ["" if is_report else line.document, line.language]
    parts.append("" if line.way == str(DownloadWay.PDF.label) else line.way)
    return " · ".join(part for part in parts if part)


def counts_by_link(links: Iterable[SharedLink], page: Model) -> dict[int, tuple[int, datetime]]:
    """Return for each link that was used how often, and when last."""
    events = downloads_of(page).filter(details__link__in=[link.pk for link in links])
    rows = events.order_by().values("details__link").annotate(Count("pk"), Max("at"))
    return {row["details__link"]: (row["pk__count"], row["at__max"]) for row in rows}
