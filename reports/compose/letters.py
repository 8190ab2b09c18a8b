"""Documents that are sent on paper: the letter of convocation, and the certificate of
attendance."""

from datetime import date

from django.utils.translation import gettext as _

from committees.models import Attendance, Committee, Meeting
from kernel.formats import MISSING, NO_BREAK, day
from kernel.organisation import organisation as owner
from partners.models import Institution
from reports.compose.blocks import heading, paragraph, signature
from reports.compose.frame import framed, organisation
from reports.compose.meetings import agenda_table, items_disclosed, time_of
from reports.compose.reading import DocumentReading
from reports.document_types import Block, FramedDocument
from reports.models import About


def letter(about: About, reading: DocumentReading) -> FramedDocument:
    meeting, institution = about.of(Meeting), about.addressee
    if institution is None:
        raise ValueError("A letter has an addressee")
    name = str(institution.name_on(meeting.day) or MISSING)
    items = items_disclosed(meeting, reading)
    blocks: list[Block] = [
        paragraph(_reference(meeting, institution), "right"),
        paragraph(day(reading.as_of), "right"),
        paragraph(_function(meeting, institution), "addressee"),
        paragraph(name, "addressee"),
        heading(
            _("Subject: convocation to the %(meeting)s of the %(committee)s")
            % {"meeting": _lower_first(str(meeting)), "committee": meeting.committee},
            0,
        ),
        paragraph(_invitation(meeting, name)),
        paragraph(_where(meeting)),
        paragraph(_("The agenda is as follows:")),
        agenda_table(items),
        paragraph(
            _(
                "Please confirm your presence, or name your alternate, on the portal or "
                "by answering this letter."
            )
        ),
        paragraph(_("Yours faithfully,"), "before"),
        signature([_("For the coordination of the project"), organisation(reading)]),
    ]
    return framed(
        about,
        reading,
        blocks,
        title=f"{meeting.committee} · {meeting}",
        layout="letter",
        shows_audience=False,
        addressee=institution.pk,
    )


def whole_day(when: date) -> str:
    """Return a date that no line break splits."""
    return day(when).replace(" ", NO_BREAK)


def _reference(meeting: Meeting, institution: Institution) -> str:
    """Return a reference of project, meeting and addressee, so that every print of a letter has the
    same."""
    project = meeting.committee.project
    return _("Ref.: %(number)s") % {
        "number": f"{project.code}/{meeting.day.year}/{meeting.number:02}-{institution.pk:03}"
    }


def _function(meeting: Meeting, institution: Institution) -> str:
    """Return the function that the letter is addressed to: whoever holds the office opens it."""
    seats = meeting.committee.seats.on(meeting.day).filter(institution=institution).with_people()
    holders = [seat.holder_on(meeting.day) for seat in seats]
    titles = [term.contact.title for term in holders if term and term.contact.title]
    return titles[0] if titles else _("To the representative in the steering committee")


def _invitation(meeting: Meeting, name: str) -> str:
    facts = {
        "institution": name,
        "meeting": _lower_first(str(meeting)),
        "committee": meeting.committee,
        "day": whole_day(meeting.day),
        "time": time_of(meeting),
    }
    if facts["time"]:
        return (
            _(
                "We have the honour of inviting %(institution)s to the %(meeting)s of the "
                "%(committee)s, on %(day)s, %(time)s."
            )
            % facts
        )
    return (
        _(
            "We have the honour of inviting %(institution)s to the %(meeting)s of the "
            "%(committee)s, on %(day)s."
        )
        % facts
    )


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _where(meeting: Meeting) -> str:
    online = _("The link to the call is sent by e-mail and can be found on the portal.")
    if meeting.mode == Meeting.Mode.ONLINE:
        return _("The meeting takes place online.") + " " + online
    if meeting.place:
        where = _("The meeting takes place in person: %(place)s.") % {"place": meeting.place}
    else:
        where = _("The meeting takes place in person; the place will be announced in due time.")
    if meeting.mode == Meeting.Mode.HYBRID:
        return where + " " + _("It is also possible to take part online.") + " " + online
    return where


def certificate(about: About, reading: DocumentReading) -> FramedDocument:
    row = about.of(Attendance)
    meeting = row.meeting
    if row.contact is None:
        raise ValueError("A certificate names a person")
    institution = row.seat.institution if row.seat else (row.institution or row.contact.institution)
    facts = {
        "meeting": _lower_first(str(meeting)),
        "committee": meeting.committee,
        "day": whole_day(meeting.day),
    }
    if row.presence == Attendance.Presence.ONLINE:
        sentence = _("took part online in the %(meeting)s of the %(committee)s on %(day)s.")
    else:
        sentence = _("took part in person in the %(meeting)s of the %(committee)s on %(day)s.")
    blocks: list[Block] = [
        paragraph(_("It is hereby certified that"), "centre"),
        paragraph(row.contact.full_name, "name"),
        paragraph(str(institution.name_on(meeting.day) or MISSING), "centre"),
        paragraph(sentence % facts, "centre"),
        paragraph(_("Done on %(day)s.") % {"day": whole_day(reading.as_of)}, "centre"),
        signature([*signatory(meeting.committee), organisation(reading)]),
    ]
    return framed(
        about,
        reading,
        blocks,
        title=f"{meeting.committee} · {meeting}",
        layout="certificate",
        shows_audience=False,
    )


def signatory(committee: Committee) -> list[str]:
    """Return who signs certificates, with the function: for the committee, or else for the
    organisation, or else the coordination without a name."""
    for source in (committee, owner()):
        if source.signatory:
            return [source.signatory, str(source.signatory_role or "")]
    return [_("For the coordination of the project")]
