"""Messages about a call: to those who propose a project, and to its panel."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.letters import Button, Detail, Details, Letter
from accounts.links import absolute_url
from accounts.models import User
from kernel.formats import money
from projects.calls.deadlines import deadline_text
from projects.letters import access_facts
from projects.models import CallForProposals, Proposal


def proposal_link_letter(proposal: Proposal, token: str) -> Letter:
    url = absolute_url(reverse("calls:proposal", args=[proposal.call.code, token]))
    return Letter(
        subject=_("Your link to the proposal"),
        body=[
            _(
                "Somebody, probably you, wants to propose a project and gave this "
                "address. With this link you can write the proposal and change it."
            ),
            Details([Detail(_("Deadline"), deadline_text(proposal.call, proposal.late_until))]),
        ],
        button=Button(_("Write the proposal"), url),
        after=[
            _(
                "Opening it changes nothing. Anybody who has the link can change the "
                "proposal: give it only to those who write it with you."
            )
        ],
    )


def proposal_receipt_letter(proposal: Proposal) -> Letter:
    call = proposal.call
    return Letter(
        subject=_("Your proposal is received"),
        body=[
            _("Your proposal is received."),
            Details(
                [
                    Detail(_("Number"), proposal.reference),
                    Detail(_("Received"), deadline_text(call, proposal.submitted_at)),
                    Detail(_("May be changed until"), deadline_text(call, proposal.late_until)),
                ]
            ),
            _(
                "You can change it with the link you have. After the deadline a panel "
                "judges it, and you will be informed of the decision."
            ),
            questions_to(call),
        ],
    )


def proposal_outcome_letter(proposal: Proposal) -> Letter:
    call = proposal.call
    if proposal.status == Proposal.Status.AWARDED:
        amount = money(proposal.amount_awarded, call.currency)
        news = _(
            "We are pleased to inform you that your proposal %(number)s was chosen: it "
            "receives a grant of %(amount)s. We will write to you about the agreement."
        ) % {"number": proposal.reference, "amount": amount}
        comfort = ""
    else:
        news = _(
            "Thank you for your proposal %(number)s and for the work behind it. We "
            "regret to inform you that it was not chosen this time."
        ) % {"number": proposal.reference}
        comfort = _("This is no judgement on your work. We hope to hear from you in another call.")
    return Letter(
        subject=_("The outcome of your proposal"),
        body=[
            news,
            Details([Detail(_("The reasons"), proposal.decision_reason)]),
            comfort,
            questions_to(call),
        ],
    )


def questions_to(call: CallForProposals) -> str:
    return _("Questions: %(address)s") % {"address": call.contact_email}


def panel_invited_letter(call: CallForProposals, *, by: User) -> Letter:
    return Letter(
        subject=_("You are on a panel"),
        body=[
            _(
                "You are on the panel that judges the proposals of a call for projects. "
                "After the deadline, you will find them on its page."
            ),
            Details(
                [Detail(_("Call"), call.title), *access_facts(call.project, what=_("Panel"), by=by)]
            ),
        ],
        button=Button(_("Open the call"), absolute_url(call.get_absolute_url())),
        after=[
            _(
                "Sign in with a code sent to this address; no password is needed. For "
                "each proposal, say first whether you have a conflict of interest."
            )
        ],
    )
