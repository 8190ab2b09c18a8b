"""An example of each kind of message, from the newest data that the portal has.

`/mailbox/kinds/` shows them to an administrator of a portal without a mail server, and a test reads
all of them in each language. Nothing is sent, and the addresses in them open nothing.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import account_letters as account, letters as file_letters, letters as link_letters
from accounts.checkpoints import Checkpoint
from accounts.letters import Letter
from accounts.links import absolute_url
from accounts.models import FactorReset, User
from ibcr_portal import letters as portal
from ibcr_portal.mail_kinds.of_committees import (
    COMMITTEES,
    LINK,
    MEETINGS,
    PLANS,
    TOKEN,
    Example,
    Kinds,
    NoExample,
    newest,
)
from ibcr_portal.models import PersonRequest
from ibcr_portal.obligations.writing import Chosen, Obligations
from ibcr_portal.observing.letters import alert_letter, alerts_over_letter
from ibcr_portal.observing.state import WARN, HealthLine
from ibcr_portal.reader import Reader
from projects import models as projects
from projects.amendments.letters import amendment_answered_letter, amendment_for_donor_letter
from projects.calls import letters as calls
from projects.framework import letters as framework
from projects.institutions import letters, letters as institutions
from projects.institutions.services.links import coordinator_of
from projects.letters import access_facts
from projects.mail_notes import letters as notes
from projects.money.letters import voucher_returned_letter
from projects.team import letters as team
from reports import letters as reports
from reports.models import Archive, Rendition, Report
from reports.services.steps import ReportNoticeKind

# Accounts


def reset(reader: User) -> FactorReset:
    return FactorReset(person=reader, asked_by=reader, confirmed_by=reader)


def invitation(reader: User) -> Example:
    row = newest(projects.Representation)
    place = row.participation
    by = coordinator_of(place.project)

    def letter() -> Letter:
        facts = access_facts(place.project, what=place.get_role_display(), by=by)
        return account.invitation_letter(reader.email or "", facts)

    return Example(letter, row, by)


def answer_received(reader: User) -> Example:
    row = newest(projects.ValueRequest)

    def letter() -> Letter:
        return link_letters.answer_received_letter(
            LINK, what=str(row.period), institution=row.institution, project=row.project
        )

    return Example(letter, row)


def reply_not_taken(reader: User) -> Example:
    def letter() -> Letter:
        return link_letters.reply_not_taken_letter(
            _("Answers are taken until the meeting starts. Tell the coordination instead.")
        )

    return Example(letter, newest(projects.Project))


state = partial(Checkpoint.signed, sequence=1, head="0" * 64)
what = partial(_, "Your password was changed.")
ACCOUNTS: Kinds = {
    "invitation": invitation,
    "sign-in-code": lambda reader: Example(partial(account.sign_in_code_letter, "QZ4-7KD")),
    "link-code": lambda reader: Example(partial(link_letters.link_code_letter, "482913")),
    "answer-received": answer_received,
    "reply-not-taken": reply_not_taken,
    "reply-unconfirmed": lambda reader: Example(
        partial(link_letters.unconfirmed_reply_letter, LINK), newest(projects.Project)
    ),
    "new-password": lambda reader: Example(partial(account.new_password_letter, LINK)),
    "unknown-address": lambda reader: Example(
        partial(account.unknown_address_letter, reader.email or ""), is_public=True
    ),
    "address-changed": lambda reader: Example(
        partial(account.address_changed_letter, by_themselves=False)
    ),
    "new-device": lambda reader: Example(
        partial(account.new_device_letter, "Firefox · Android", timezone.now())
    ),
    "account-changed": lambda reader: Example(
        lambda: account.account_changed_letter(what(), timezone.now())
    ),
    "factor-reset-asked": lambda reader: Example(
        partial(account.factor_reset_asked_letter, reset(reader))
    ),
    "factor-reset-confirm": lambda reader: Example(
        partial(account.factor_reset_confirm_letter, reset(reader))
    ),
    "factor-reset-done": lambda reader: Example(
        partial(account.factor_reset_done_letter, reset(reader))
    ),
    "factor-reset-withdrawn": lambda reader: Example(account.factor_reset_withdrawn_letter),
    "checkpoint": lambda reader: Example(lambda: account.checkpoint_letter(state())),
    "access-log-altered": lambda reader: Example(account.access_log_altered_letter),
}


# Projects, institutions and calls


def invited(reader: User) -> projects.TeamInvitation:
    return projects.TeamInvitation(
        pk=1,
        project=newest(projects.Project),
        typed_name=reader.full_name,
        role=projects.Assignment.Role.MONITORING,
        sent_by=reader,
    )


def team_invitation(reader: User) -> Example:
    row = invited(reader)
    return Example(partial(team.team_invitation_letter, row), row.project, reader)


def team_ended(declined: bool, reader: User) -> Example:
    row = invited(reader)
    letter = partial(team.team_invitation_ended_letter, row, declined=declined)
    return Example(letter, row.project)


def representation(what: str, reader: User) -> Example:
    row = newest(projects.Representation)
    letter = partial(institutions.representation_letter, row, what, by=reader)
    return Example(letter, row, reader)


def ending(what: str, reader: User) -> Example:
    row = newest(projects.Representation)
    row.ends_at, row.until = timezone.now(), timezone.localdate()
    return Example(partial(letters.ending_letter, row, what, by=reader), row, reader)


def hiding(reader: User) -> Example:
    row = newest(projects.Participation)
    letter = partial(
        institutions.hiding_institution_letter, row.institution, row.project, by=reader
    )
    return Example(letter, row.institution)


def precaution(what: str, reader: User) -> Example:
    row = newest(projects.Participation)
    return Example(partial(institutions.precaution_letter, row.institution, what), row.institution)


def institution_hides(reader: User) -> Example:
    row = newest(projects.Participation).institution
    return Example(partial(institutions.hidden_letter, row), row)


def of_proposal(status: str, make: Callable[[projects.Proposal], Letter]) -> Example:
    row = newest(projects.Proposal, number__isnull=False)
    row.status = status
    row.amount_awarded = row.call.budget if status == "awarded" else None
    row.decision_reason = row.decision_reason or row.call.title
    return Example(partial(make, row), row.call, is_public=True)


def values(reader: User) -> Example:
    row = newest(projects.ValueRequest)
    return Example(partial(framework.values_letter, row, LINK), row)


def values_entered(reader: User) -> Example:
    row = newest(projects.ValueRequest)
    return Example(partial(framework.values_entered_letter, row), row)


def values_returned(reader: User) -> Example:
    row = newest(projects.ValueRequest)
    points = list(projects.DataPoint.objects.filter(indicator__result__project=row.project)[:2])
    url = absolute_url(row.get_absolute_url())
    why = _("The total is not that of the list.")
    letter = partial(framework.values_returned_letter, row, url, points=points, why=why)
    return Example(letter, row)


def voucher_returned(reader: User) -> Example:
    row = newest(projects.AdvanceVoucher)

    def letter() -> Letter:
        return voucher_returned_letter(row, _("It has no scan."))

    return Example(letter, row.advance)


def amendment_answered(reader: User) -> Example:
    row = newest(projects.Amendment)
    said = _("Please add the reason for the delay.")
    return Example(partial(amendment_answered_letter, row, "ask_changes", said), row)


def amendment_for_donor(reader: User) -> Example:
    row = newest(projects.Amendment)
    return Example(partial(amendment_for_donor_letter, row), row)


def panel(reader: User) -> Example:
    row = newest(projects.CallForProposals)
    return Example(partial(calls.panel_invited_letter, row, by=reader), row, reader)


def mail_note(what: str, reader: User) -> Example:
    asked = newest(projects.ValueRequest)
    note = projects.MailNote(pk=1, project=asked.project, by=reader, thing=asked)
    receipt = notes.Receipt(LINK, kept_photos=1, left_out=1)

    def letter() -> Letter:
        note.text = _("You are invited to a meeting.")
        if what == "answered":
            note.answer = _("You are invited to a meeting.")
            return notes.note_answered_letter(note)
        if what == "arrived":
            return notes.notes_arrived_letter(asked.project, [note])
        return notes.note_received_letter(note, receipt)

    return Example(letter, asked)


def mail_returned(reader: User) -> Example:
    row = newest(projects.Project)
    return Example(partial(notes.mail_returned_letter, row, reader), row)


PROJECTS: Kinds = {
    **{
        f"representation-{what}": partial(representation, what)
        for what in ("granted", "pending", "confirmed", "refused")
    },
    **{
        f"representation-{who}{what}": partial(ending, f"{who}{what}")
        for who in ("", "own-")
        for what in ("announced", "kept", "ended", "shortened")
    },
    "team-invitation": team_invitation,
    "team-invitation-declined": partial(team_ended, True),
    "team-invitation-expired": partial(team_ended, False),
    "guarded-institution": hiding,
    "mail-note": partial(mail_note, "received"),
    "mail-note-arrived": partial(mail_note, "arrived"),
    "mail-note-answered": partial(mail_note, "answered"),
    "institution-hides": institution_hides,
    **{f"precaution-{what}": partial(precaution, what) for what in ("taken", "lifted")},
    "mail-returned": mail_returned,
    "panel": panel,
    "proposal-link": lambda reader: of_proposal(
        "draft", partial(calls.proposal_link_letter, token=TOKEN)
    ),
    "proposal-receipt": lambda reader: of_proposal("submitted", calls.proposal_receipt_letter),
    "proposal-awarded": lambda reader: of_proposal("awarded", calls.proposal_outcome_letter),
    "proposal-declined": lambda reader: of_proposal("declined", calls.proposal_outcome_letter),
    "values": values,
    "values-entered": values_entered,
    "values-returned": values_returned,
    "voucher-returned": voucher_returned,
    "amendment-for-donor": amendment_for_donor,
    "amendment-answered": amendment_answered,
}


# Reports


def report(news: ReportNoticeKind, reader: User) -> Example:
    row = newest(Report)
    return Example(partial(reports.report_letter, row, news.value), row)


def documents(count: int, reader: User) -> Example:
    found = list(Rendition.objects.with_related().order_by("-pk")[:count])
    if not found:
        raise NoExample
    for row in found:
        row.state = Rendition.State.READY
    return Example(partial(reports.documents_done_letter, found), found[0].snapshot.project)


def archive(reader: User) -> Example:
    row = Archive(pk=1, project=newest(projects.Project), user=reader)
    return Example(partial(reports.archive_letter, row), row.project)


REPORTS: Kinds = {
    **{f"report-{news}": partial(report, news) for news in ReportNoticeKind},
    "document": partial(documents, 1),
    "documents": partial(documents, 4),
    "archive": archive,
    "files-set-aside": lambda reader: Example(partial(file_letters.files_set_aside_letter, 2)),
    "files-left-many": lambda reader: Example(
        partial(file_letters.files_left_letter, 40, 52, is_foreign=False)
    ),
    "files-left-foreign": lambda reader: Example(
        partial(file_letters.files_left_letter, 40, 52, is_foreign=True)
    ),
    "unsealed": lambda reader: Example(partial(reports.unsealed_letter, 2)),
}


# The portal


def due(count: int, reader: User) -> Example:
    def letter() -> Letter:
        found = Obligations(Reader(reader)).chosen(Chosen())
        lines = [one for one in found if one.on and not one.done][:count]
        return portal.due_letter(lines, [], late=0, url=absolute_url("/due/?whose=mine"))

    return Example(letter, recurrent="due")


def request(answered: bool, reader: User) -> Example:
    row = PersonRequest(pk=1, user=reader, received_on=timezone.localdate())
    row.due_on = timezone.localdate() + timedelta(days=30)
    make = portal.person_request_answered_letter if answered else portal.person_request_letter
    return Example(partial(make, row))


def alert(reader: User) -> Example:
    since = timezone.now() - timedelta(hours=1)
    found = [(HealthLine(key, WARN), since) for key in ("disk", "backup")]
    return Example(partial(alert_letter, found))


PORTAL: Kinds = {
    "alert": alert,
    "alerts-over": lambda reader: Example(partial(alerts_over_letter, ["disk", "backup"])),
    "due": partial(due, 1),
    "due-and-new": partial(due, 5),
    "question-about-data": partial(request, False),
    "question-about-data-answered": partial(request, True),
}


EXAMPLES = ACCOUNTS | MEETINGS | COMMITTEES | PLANS | PROJECTS | REPORTS | PORTAL


def examples_for(reader: User) -> Iterator[tuple[str, Example | None]]:
    """Return each kind, by its name, with None where the portal has nothing to show it with."""
    for name, make in EXAMPLES.items():
        try:
            yield name, make(reader)
        except NoExample:
            yield name, None
