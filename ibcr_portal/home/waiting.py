"""The tasks that wait for a person: obligations (`ibcr_portal.home.due`), and what does not follow
from their roles in one project."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from ibcr_portal.home.line import WAITING, HomeLine
from ibcr_portal.models import PersonRequest
from ibcr_portal.reader import Reader
from kernel.formats import day
from projects.permissions.institutions import changes_to_settle
from projects.permissions.representations import to_confirm


def waiting_for(reader: Reader, due: list[HomeLine]) -> list[HomeLine]:
    lines = [
        *due,
        *_people_to_confirm(reader),
        *_facts_to_settle(reader),
        *_requests_to_answer(reader),
    ]
    return sorted(lines, key=lambda line: line.on or date.max)[:WAITING]


def _people_to_confirm(reader: Reader) -> Iterator[HomeLine]:
    """Yields the people entered for a funding or accountable institution who see nothing yet."""
    rows = to_confirm(reader.user, reader.keys).select_related("contact", "participation")
    columns = ("contact__full_name", "participation__institution", "participation__project")
    found = list(rows.only(*columns))
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
    changes = changes_to_settle(reader.user, reader.keys).select_related(None)
    rows = list(changes.prefetch_related(None).only("institution", "text"))
    for change in reader.with_names(rows):
        yield HomeLine(
            title=_("A change is proposed: %(institution)s")
            % {"institution": change.institution.short_name},
            url=change.institution.get_absolute_url(),
            meta=change.text,
        )


def _requests_to_answer(reader: Reader) -> Iterator[HomeLine]:
    """Yields what persons asked about their data, for administrators."""
    if not reader.user.is_staff:
        return
    for asked in PersonRequest.objects.filter(answered_on=None).select_related("user"):
        yield HomeLine(
            title=_("Answer a request: %(request)s") % {"request": asked},
            url=asked.get_absolute_url(),
            when=day(asked.due_on),
            tone="bad" if asked.is_late else "",
            label=str(_("late")) if asked.is_late else "",
            on=asked.due_on,
        )
