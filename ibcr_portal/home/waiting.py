"""The tasks that wait for a person: obligations (`ibcr_portal.home.due`), and what does not follow
from their roles in one project."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.home.line import WAITING, HomeLine
from ibcr_portal.models import Alert, PersonRequest
from ibcr_portal.observing.words import WORDS
from ibcr_portal.reader import Reader
from kernel.formats import day
from kernel.prepared import Question, prepared
from projects.models import InstitutionChange, Representation
from projects.permissions.institutions import changes_to_settle
from projects.permissions.representations import to_confirm
from projects.permissions.roles import represented_in
from reports.models import Rendition, SealCertificate
from reports.sealing.documents import waiting


class Waiting:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        user = reader.user
        represented = represented_in(user, reader.keys).values()
        own = [one for rows in represented for one in rows if one.is_confirmed]
        participations = [one.participation for one in own]
        institutions = sorted({one.institution for one in own})
        everywhere = reader.keys if user.is_staff else []
        self._to_confirm = _to_confirm.question(user.pk, user.is_staff, participations, everywhere)
        self._changes = _changes.question(user.is_staff, institutions)
        self._requests = _requests.question(user.is_staff)
        self._alerts = _alerts.question(user.is_staff)
        self._unsealed = _unsealed.question(user.is_staff and not settings.SEAL_OFF)
        lacks_key = not settings.SEAL_KEY and not settings.SEAL_OFF
        self._certificates = _certificates.question(user.is_staff and lacks_key)

    @property
    def questions(self) -> list[Question[Any]]:
        return [
            *(self._to_confirm, self._changes, self._requests),
            *(self._unsealed, self._certificates, self._alerts),
        ]

    def lines(self, due: list[HomeLine]) -> list[HomeLine]:
        lines = [
            *self._what_needs_mending(),
            *due,
            *self._people_to_confirm(),
            *self._facts_to_settle(),
            *self._requests_to_answer(),
            *self._documents_to_seal(),
        ]
        return sorted(lines, key=lambda line: line.on or date.max)[:WAITING]

    def _people_to_confirm(self) -> Iterator[HomeLine]:
        """Yields the people entered for a funding or accountable institution who see nothing yet."""
        found = self._to_confirm.rows
        self.reader.with_names([row.participation for row in found])
        projects = self.reader.projects_by_key({row.participation.project_id for row in found})
        for row in found:
            row.participation.project = projects[row.participation.project_id]
            institution = row.participation.institution.short_name
            yield HomeLine(
                title=_("Confirm: does %(person)s represent %(institution)s?")
                % {"person": row.contact, "institution": institution},
                url=row.get_absolute_url(),
                meta=str(row.participation.project),
            )

    def _facts_to_settle(self) -> Iterator[HomeLine]:
        """Yields changes that a coordinator proposes, for the institution and for administrators."""
        for change in self.reader.with_names(self._changes.rows):
            yield HomeLine(
                title=_("A change is proposed: %(institution)s")
                % {"institution": change.institution.short_name},
                url=change.institution.get_absolute_url(),
                meta=change.text,
            )

    def _what_needs_mending(self) -> Iterator[HomeLine]:
        """Yields parts of the portal that do not work, which administrators read here even if the
        portal cannot send mail."""
        for alert in self._alerts.rows:
            if alert.kind not in WORDS:  # of an earlier version
                continue
            yield HomeLine(
                title=str(WORDS[alert.kind].trouble),
                url=reverse("system"),
                tone="bad",
                label=_("Needs you"),
                on=date.min,
            )

    def _requests_to_answer(self) -> Iterator[HomeLine]:
        """Yields what persons asked about their data, for administrators."""
        for asked in self._requests.rows:
            yield HomeLine(
                title=_("Answer a request: %(request)s") % {"request": asked},
                url=asked.get_absolute_url(),
                when=day(asked.due_on),
                tone="bad" if asked.is_late else "",
                label=str(_("late")) if asked.is_late else "",
                on=asked.due_on,
            )

    def _documents_to_seal(self) -> Iterator[HomeLine]:
        """Yields that the key is missing, and that documents wait for one which cannot be read, for
        administrators."""
        if self._certificates.rows:
            yield HomeLine(title=_("The key of the seal is missing"), url=reverse("reports:seal"))
        if found := self._unsealed.rows:
            waits = ngettext(
                "%(count)s document waits for its seal",
                "%(count)s documents wait for their seal",
                len(found),
            )
            yield HomeLine(title=waits % {"count": len(found)}, url=reverse("reports:seal"))


@prepared
def _to_confirm(
    person: int, is_staff: bool, participations: list[int], projects: list[int]
) -> QuerySet[Representation]:
    rows = to_confirm(person, is_staff, participations).select_related("contact", "participation")
    rows = rows.filter(participation__project__in=projects) if is_staff else rows
    return rows.only("contact__full_name", "participation__institution", "participation__project")


@prepared
def _changes(is_staff: bool, institutions: list[int]) -> QuerySet[InstitutionChange]:
    return changes_to_settle(is_staff, institutions).only("institution", "text")


@prepared
def _requests(is_staff: bool) -> QuerySet[PersonRequest]:
    rows = (
        PersonRequest.objects.filter(answered_on=None) if is_staff else PersonRequest.objects.none()
    )
    return rows.select_related("user").only(
        "kind", "who", "due_on", "answered_on", "user__full_name", "user__email"
    )


@prepared
def _alerts(is_staff: bool) -> QuerySet[Alert]:
    return Alert.objects.told() if is_staff else Alert.objects.none()


@prepared
def _unsealed(is_asked: bool) -> QuerySet[Rendition]:
    return (waiting() if is_asked else Rendition.objects.none()).only("failure")


@prepared
def _certificates(is_asked: bool) -> QuerySet[SealCertificate]:
    known = SealCertificate.objects.all() if is_asked else SealCertificate.objects.none()
    return known.only("pk")[:1]
