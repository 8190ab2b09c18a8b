"""The names of the people who were present, and how they are destroyed: the sealed text names seats,
so its hash stays."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts.made_files import made_files
from accounts.models import Hold, User
from committees.minutes.services.minutes import lock_minutes
from committees.models import Attendance, Invitation, Meeting, Minutes
from kernel.refusal import Refusal
from partners.models import Contact
from projects.retention import held_projects

NOBODY = "–"


def minutes_with_names() -> QuerySet[Minutes]:
    return Minutes.objects.filter(status=Minutes.Status.SEALED).exclude(annex=None)


@transaction.atomic
def destroy_annex(minutes: Minutes) -> list[str]:
    """Destroy the names of those who were present: the annex, the attendance list, and documents of
    the meeting with them. The sealed text and its hash stay as they are. Returns, in sentences,
    where names remain. Raises Refusal."""
    lock_minutes(minutes)
    gone = minutes_with_names().filter(pk=minutes.pk)
    if not gone.update(annex=None, annex_destroyed_on=timezone.localdate()):
        raise Refusal(_("There are no names left to destroy."))
    destroy_attendance(minutes.meeting)
    minutes.refresh_from_db(fields=["annex", "annex_destroyed_on"])
    return where_names_remain(minutes)


def meetings_with_names() -> QuerySet[Meeting]:
    """Return meetings that nobody's sealed minutes name, but the attendance list does."""
    named = Attendance.objects.exclude(contact=None, guest_name__in=["", NOBODY])
    meetings = Meeting.objects.filter(pk__in=named.values("meeting"))
    return meetings.exclude(pk__in=minutes_with_names().values("meeting"))


@transaction.atomic
def destroy_attendance(meeting: Meeting) -> None:
    """Destroy the names in the attendance list, and documents of the meeting with them. Raises
    Refusal."""
    refuse_what_is_held(meeting)
    there = Attendance.objects.filter(meeting=meeting).select_related("contact")
    names = {row.contact.full_name if row.contact else row.guest_name for row in there} - {""}
    for row in there:
        if row.contact:
            row.sex = row.contact.sex
        row.contact, row.guest_name = None, row.guest_name and NOBODY
        row.save(update_fields=["contact", "guest_name", "sex"])
    destroy_documents(meeting, names)


def refuse_what_is_held(meeting: Meeting) -> None:
    """Raises Refusal."""
    there = Contact.objects.filter(pk__in=meeting.attendances.values("contact"))
    held = Q(user__in=Hold.objects.keys_of(User)) | Q(pk__in=Hold.objects.keys_of(Contact))
    project = meeting.committee.project_id
    if held_projects().filter(pk=project).exists() or there.filter(held).exists():
        raise Refusal(
            _(
                "A hold covers this project or somebody who was present. Ask an administrator to lift "
                "it first, if it is over."
            )
        )


def destroy_documents(meeting: Meeting, names: set[str]) -> None:
    """Destroy attendance lists, certificates and packs of the meeting that have one of the names."""
    found = made_files().renditions_that_name(names, project=meeting.committee.project)
    of_meeting = Q(snapshot__meeting=meeting) | Q(snapshot__attendance__meeting=meeting)
    made_files().destroy_files(found.filter(of_meeting), "erasure", words=names)


def where_names_remain(minutes: Minutes) -> list[str]:
    meeting = minutes.meeting
    remaining = []
    if count := Invitation.objects.filter(meeting=meeting).count():
        remaining.append(
            ngettext(
                "The invitations still show that %(count)s person was invited, and who it was.",
                "The invitations still show that %(count)s people were invited, and who they were.",
                count,
            )
            % {"count": count}
        )
    if meeting.committee.seats.filter(terms__isnull=False).exists():
        remaining.append(_("The seats still show who held them on that day."))
    if meeting.documents.exists():
        remaining.append(_("Files uploaded for the meeting are not searched: check them yourself."))
    return remaining
