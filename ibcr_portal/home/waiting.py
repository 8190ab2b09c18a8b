"""The tasks that wait for a person: obligations (`ibcr_portal.home.due`), and what does not follow
from their roles in one project."""

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.home.line import WAITING, HomeLine
from ibcr_portal.models import Alert, PersonRequest
from ibcr_portal.observing.words import WORDS
from ibcr_portal.reader import Reader
from kernel.formats import day
from projects.models import InstitutionChange, Representation
from projects.permissions.institutions import changes_to_settle
from projects.permissions.representations import to_confirm
from projects.permissions.roles import OwnParticipation, represented_in
from reports.models import SealCertificate
from reports.sealing.documents import waiting


def waiting_lines(reader: Reader, due: list[HomeLine]) -> list[HomeLine]:
    """Return the lines of all that waits for the reader. `due`: those of obligations."""
    lines = [*due, *_people_to_confirm(reader), *_facts_to_settle(reader)]
    if reader.user.is_staff:
        lines = [*_what_needs_mending(), *lines, *_requests_to_answer(), *_documents_to_seal()]
    return sorted(lines, key=lambda line: line.on or date.max)[:WAITING]


def _represented(reader: Reader) -> list[OwnParticipation]:
    """Return what the reader represents, in all projects."""
    found = represented_in(reader.user, reader.keys).values()
    return [one for rows in found for one in rows if one.is_confirmed]


def _people_to_confirm(reader: Reader) -> Iterator[HomeLine]:
    """Yields the people entered for a funding or accountable institution who see nothing yet."""
    user = reader.user
    participations = [one.participation for one in _represented(reader)]
    everywhere = reader.keys if user.is_staff else []
    found = _to_confirm(user.pk, user.is_staff, participations, everywhere)
    reader.with_names([row.participation for row in found])
    projects = reader.projects_by_key({row.participation.project_id for row in found})
    for row in found:
        row.participation.project = projects[row.participation.project_id]
        institution = row.participation.institution.short_name
        yield HomeLine(
            title=_("Confirm: does %(person)s represent %(institution)s?")
            % {"person": row.contact, "institution": institution},
            url=row.get_absolute_url(),
            meta=str(row.participation.project),
        )


def _facts_to_settle(reader: Reader) -> Iterator[HomeLine]:
    """Yields changes that a coordinator proposes, for the institution and for administrators."""
    institutions = sorted({one.institution for one in _represented(reader)})
    for change in reader.with_names(_changes(reader.user.is_staff, institutions)):
        yield HomeLine(
            title=_("A change is proposed: %(institution)s")
            % {"institution": change.institution.short_name},
            url=change.institution.get_absolute_url(),
            meta=change.text,
        )


def _what_needs_mending() -> Iterator[HomeLine]:
    """Yields parts of the portal that do not work, which administrators read here even if the
    portal cannot send mail."""
    for alert in Alert.objects.told():
        if alert.kind not in WORDS:  # of an earlier version
            continue
        yield HomeLine(
            title=str(WORDS[alert.kind].trouble),
            url=reverse("system"),
            tone="bad",
            label=_("Needs you"),
            on=date.min,
        )


def _requests_to_answer() -> Iterator[HomeLine]:
    """Yields what persons asked about their data, for administrators."""
    for request in PersonRequest.objects.filter(answered_on=None).select_related("user"):
        yield HomeLine(
            title=_("Answer a request: %(request)s") % {"request": request},
            url=request.get_absolute_url(),
            when=day(request.due_on),
            tone="bad" if request.is_late else "",
            label=str(_("late")) if request.is_late else "",
            on=request.due_on,
        )


def _documents_to_seal() -> Iterator[HomeLine]:
    """Yields that the key is missing, and that documents wait for one which cannot be read, for
    administrators."""
    if settings.SEAL_OFF:
        return
    if not settings.SEAL_KEY and SealCertificate.objects.exists():
        yield HomeLine(title=_("The key of the seal is missing"), url=reverse("reports:seal"))
    if count := waiting().count():
        waits = ngettext(
            "%(count)s document waits for its seal",
            "%(count)s documents wait for their seal",
            count,
        )
        yield HomeLine(title=waits % {"count": count}, url=reverse("reports:seal"))


def _to_confirm(
    person: int, is_staff: bool, participations: list[int], projects: list[int]
) -> QuerySet[Representation]:
    rows = to_confirm(person, is_staff, participations).select_related("contact", "participation")
    rows = rows.filter(participation__project__in=projects) if is_staff else rows
    return rows.only("contact__full_name", "participation__institution", "participation__project")


def _changes(is_staff: bool, institutions: list[int]) -> QuerySet[InstitutionChange]:
    return changes_to_settle(is_staff, institutions).only("institution", "text")
