"""Downloads of the documents of a thing, read from the access log."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import CharField, Count, Max, Model, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts.models import AccessEvent, AccessEventQuerySet, Pseudonym
from kernel.prepared import Question, prepared
from kernel.together import ask_together
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
    return _lines(events, people.select_related("user"))


def _lines(events: list[AccessEvent], people: Iterable[Pseudonym]) -> list[Download]:
    names = {person.key: str(person.user) for person in people}
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


@prepared
def _events(label: str, key: int) -> AccessEventQuerySet:
    return _downloads(label, key).only("at", "key", "details")[:LATEST]


@prepared
def _people(label: str, key: int) -> QuerySet[Pseudonym]:
    keys = _downloads(label, key).order_by().values("key")
    return Pseudonym.objects.filter(key__in=keys).select_related("user").only("user__full_name")


def _downloads(label: str, key: int) -> AccessEventQuerySet:
    as_text = Cast(Value(key), CharField(max_length=40))
    about = AccessEvent.objects.filter(thing_label=label, thing_key=as_text)
    return about.filter(kind=AccessEvent.Kind.DOWNLOAD)


class LatestDownloads:
    """The last downloads of a thing's documents, to ask for together with other things."""

    def __init__(self, page: Model) -> None:
        self._events = _events.question(page._meta.label_lower, page.pk)
        self._people = _people.question(page._meta.label_lower, page.pk)

    @property
    def questions(self) -> list[Question[Any]]:
        return [self._events, self._people]

    def entries(self) -> list[dict[str, Any]]:
        """Return them in the form that the template of a history takes."""
        return [
            {"when": line.at, "text": _short(line), "who": line.person}
            for line in _lines(self._events.rows, self._people.rows)
        ]


def latest(page: Model) -> list[dict[str, Any]]:
    downloads = LatestDownloads(page)
    ask_together(*downloads.questions)
    return downloads.entries()


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
