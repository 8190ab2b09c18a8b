"""What people invited to a meeting read: its invitation, what became of it, and their own answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.letters import Block, Button, Detail, Details, Letter, Line, Lines
from accounts.links import absolute_url, readable_url
from committees.models import AgendaItem, Document, Invitation, Meeting
from kernel.formats import clock, day, day_short, moment


@dataclass
class MeetingNotice:
    """What one person may read of a meeting. `kind` is a `NoticeKind`; `line` is the sender's own;
    `papers` come with whether they open by the link, whose token is `token`."""

    invitation: Invitation
    kind: str
    items: Sequence[AgendaItem] = ()
    papers: Sequence[tuple[Document, bool]] = ()
    changes: Sequence[str] = ()
    line: Block = ""
    token: str = ""

    @property
    def url(self) -> str:
        return invitation_url(self.token) if self.token else ""


def invitation_url(token: str) -> str:
    return readable_url("committees:invitation-link", token)


def meeting_letter(notice: MeetingNotice) -> Letter:
    invitation = notice.invitation
    meeting = invitation.meeting
    return Letter(
        subject=subject_of(notice.kind, meeting),
        body=[
            opening_of(notice.kind, invitation),
            notice.line,
            meeting_facts(meeting, with_call=bool(notice.url)),
            Lines(_("What has changed"), [Line(change) for change in notice.changes]),
        ],
        button=Button(_("Confirm my attendance"), notice.url) if notice.url else None,
        after=after_button(notice) if notice.url else [],
    )


def subject_of(kind: str, meeting: Meeting) -> str:
    subjects = {
        "convened": _("Invitation to a meeting, %(day)s"),
        "reconvened": _("Second call of a meeting, %(day)s"),
        "changed": _("Meeting changed, %(day)s"),
        "reminder": _("Reminder: are you coming to the meeting? %(day)s"),
        "stands_in": _("Please stand in at a meeting, %(day)s"),
        "postponed": _("Meeting postponed, %(day)s"),
        "cancelled": _("Meeting cancelled, %(day)s"),
        "withdrawn": _("No longer invited to a meeting, %(day)s"),
    }
    return subjects[kind] % {"day": day_short(meeting.day)}


def opening_of(kind: str, invitation: Invitation) -> str:
    if kind == "convened" and invitation.capacity == Invitation.Capacity.ALTERNATE:
        return _("As an alternate you are informed of a meeting.")
    openings = {
        "convened": _("You are invited to a meeting."),
        "reconvened": _(
            "The meeting could not decide for lack of a quorum. You are invited to its second call."
        ),
        "changed": _("The meeting below has changed. These are its details now:"),
        "reminder": _(
            "Your answer to the meeting below is still missing. Thank you for saying "
            "whether you are coming."
        ),
        "stands_in": _(
            "%(seat)s asks you to stand in at the meeting below. Please say whether you are coming."
        ),
        "postponed": _("The meeting below is postponed. You will hear of the new date."),
        "cancelled": _("The meeting below is cancelled."),
        "withdrawn": _("You are no longer invited to the meeting below."),
    }
    return openings[kind] % {"seat": invitation.seat}


def meeting_facts(meeting: Meeting, *, with_call: bool = False) -> Details:
    when = day(meeting.day)
    if meeting.time_is_known:
        starts, ends = moment(meeting.starts_at, meeting.zone), clock(meeting.ends_at, meeting.zone)
        when = f"{starts} – {ends} ({meeting.city})"
    place = f"{meeting.get_mode_display()}, {meeting.place}" if meeting.place else ""
    call = meeting.call_link if with_call else ""
    return Details(
        [
            Detail(_("Meeting"), f"{meeting} · {meeting.committee.name}"),
            Detail(_("Project"), meeting.committee.project.short_title),
            Detail(_("When"), when),
            Detail(_("Where"), place or meeting.get_mode_display()),
            Detail(_("Link of the call"), _("Join the call") if call else "", call),
        ]
    )


def after_button(notice: MeetingNotice) -> list[Block]:
    papers = [paper_line(paper, notice.token if opens else "") for paper, opens in notice.papers]
    return [
        _(
            "You need not sign in to answer. Opening the page changes nothing; to "
            "answer, press a button there. You can change your answer until the meeting "
            "starts. The link is only for you. Please do not pass it on."
        ),
        Lines(_("Agenda"), [Line(item.title) for item in notice.items], numbered=True, most=100),
        Lines(_("Documents"), papers, most=100),
    ]


def paper_line(paper: Document, token: str) -> Line:
    """`token`: of the link by which the paper opens, if it does."""
    if token:
        return Line(paper.title, readable_url("committees:invitation-paper", token, paper.pk))
    return Line(
        paper.title, absolute_url(paper.get_absolute_url()), _("It opens after signing in.")
    )


def meeting_answer_letter(invitation: Invitation) -> Letter:
    meeting, came = invitation.meeting, ""
    opening = _("Your answer to the invitation below was recorded.")
    if invitation.was_entered_for_them:
        opening = _("The coordination entered your answer to the invitation below.")
        came = f"{invitation.get_channel_display()}, {day(invitation.answered_at)}"
    answer = str(invitation.get_answer_display())
    if invitation.alternate_function:
        answer = f"{answer} ({invitation.alternate_function})"
    return Letter(
        subject=_("Your answer was recorded: meeting, %(day)s") % {"day": day_short(meeting.day)},
        body=[
            opening,
            Details(
                [
                    Detail(_("Answer"), answer),
                    Detail(_("How it arrived"), came),
                    Detail(_("Note"), invitation.note),
                ]
            ),
            meeting_facts(meeting),
            _(
                "You can change it until the meeting starts, with the link in your "
                "invitation. If this answer is not yours, write to the coordination."
            ),
        ],
    )


def feedback_letter(meeting: Meeting, url: str) -> Letter:
    return Letter(
        subject=_("How was the meeting? %(day)s") % {"day": day_short(meeting.day)},
        body=[
            _(
                "How was the meeting of %(day)s? Four short questions are waiting for "
                "you; your answer is kept without your name."
            )
            % {"day": day(meeting.day)},
            meeting_facts(meeting),
        ],
        button=Button(_("Answer four questions"), url),
        after=[
            _(
                "Opening the page changes nothing. The link is only for you. Please do "
                "not pass it on."
            )
        ],
    )
