"""Messages that ask a seat for its answer in a written procedure, and that say what was entered."""

from django.utils.translation import gettext as _

from accounts.letters import Button, Detail, Details, Letter
from committees.models import Ballot, WrittenConsultation
from kernel.formats import day, day_short, moment


def consultation_letter(consultation: WrittenConsultation, url: str) -> Letter:
    until = consultation.answers_until
    return Letter(
        subject=_("Written procedure: please answer by %(day)s") % {"day": day_short(until)},
        body=[
            _("%(committee)s is deciding in writing: %(title)s.")
            % {"committee": consultation.committee, "title": consultation.title},
            Details([Detail(_("Project"), consultation.committee.project.short_title)]),
            _(
                "Please answer for your seat by %(day)s: agree, abstain, or object with "
                "a reason. The text to be approved can be read on the same page, which "
                "opens without signing in."
            )
            % {"day": day(until)},
        ],
        button=Button(_("Read and answer"), url),
        after=[
            _(
                "Opening the page changes nothing; only what you confirm there counts. If your seat "
                "does not answer, this is recorded as silence, never as consent."
            ),
            _("The link is only for you. Please do not pass it on."),
        ],
    )


def ballot_entered_letter(ballot: Ballot) -> Letter:
    consultation = ballot.consultation
    channel = f"{ballot.get_channel_display()}, {day(ballot.given_on)}"
    return Letter(
        subject=_("An answer was entered for you"),
        body=[
            _("The coordination entered this answer for your seat in a written procedure."),
            Details(
                [
                    Detail(_("Written procedure"), consultation.title),
                    Detail(_("Answer"), ballot.get_choice_display()),
                    Detail(_("Channel"), channel),
                    Detail(_("Evidence"), ballot.evidence),
                    Detail(_("Reason"), ballot.reason),
                ]
            ),
            _("If this is not what your seat said, please inform the coordination at once."),
        ],
    )


def ballot_receipt_letter(ballot: Ballot) -> Letter:
    consultation = ballot.consultation
    return Letter(
        subject=_("Your answer was received"),
        body=[
            _("%(committee)s is deciding in writing: %(title)s.")
            % {"committee": consultation.committee, "title": consultation.title},
            _("Your answer for the seat %(seat)s was received on %(moment)s: %(choice)s.")
            % {
                "seat": ballot.seat,
                "moment": moment(ballot.recorded_at),
                "choice": ballot.get_choice_display(),
            },
            Details(
                [
                    Detail(_("Project"), consultation.committee.project.short_title),
                    Detail(_("Reason"), ballot.reason),
                ]
            ),
            _(
                "You may change it by %(day)s on the page on which you gave it; the last answer "
                "counts. If you did not give this answer, please inform the coordination at once."
            )
            % {"day": day(consultation.answers_until)},
        ],
    )
