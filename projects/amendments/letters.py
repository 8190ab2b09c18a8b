"""Messages that an amendment is submitted, and answered; and the donor's letter, as it is drafted."""

from django.utils.translation import gettext as _

from accounts.letters import Button, Detail, Details, Letter
from accounts.links import absolute_url
from kernel.formats import day
from projects.models import Amendment


def amendment_for_donor_letter(amendment: Amendment, may_answer: bool = True) -> Letter:
    read = _("An amendment has been submitted to the donor. You can read it after signing in.")
    if may_answer:
        read = _(
            "An amendment has been submitted to you. You can read it after signing in, and approve it, "
            "request changes or refuse it."
        )
    facts = [
        Detail(str(amendment), amendment.title),
        Detail(_("Project"), amendment.project.title),
    ]
    return Letter(
        subject=_("An amendment is submitted to you"),
        body=[read, Details(facts)],
        button=Button(_("Read the amendment"), absolute_url(amendment.get_absolute_url())),
    )


def draft_of_answer(amendment: Amendment, verb: str) -> str:
    """Draft the donor's letter in the reader's language; the comment on the answer follows it."""
    answers = {
        "approve": _("We approve this amendment."),
        "ask_changes": _("We request changes to this amendment before we approve it."),
        "refuse": _("We do not approve this amendment."),
    }
    submitted = amendment.last_step("submit")
    facts = {
        "amendment": amendment,
        "title": amendment.title,
        "project": amendment.project,
        "day": day(submitted.happened_on) if submitted else "",
    }
    read = _("We have read the amendment “%(title)s”, submitted to us on %(day)s.")
    if not submitted:
        read = _("We have read the amendment “%(title)s”.")
    parts = [
        _("Subject: %(amendment)s to the agreement on the project “%(project)s”") % facts,
        read % facts,
        answers[verb],
    ]
    return "\n\n".join(parts)


def amendment_answered_letter(amendment: Amendment, verb: str, why: str) -> Letter:
    subjects = {
        "approve": _("The donor approved an amendment"),
        "ask_changes": _("The donor requests changes to an amendment"),
        "refuse": _("The donor refused an amendment"),
    }
    facts = [
        Detail(str(amendment), amendment.title),
        Detail(_("Project"), amendment.project.title),
        Detail(_("Comment"), why),
    ]
    return Letter(
        subject=subjects[verb],
        body=[Details(facts)],
        button=Button(_("Open the amendment"), absolute_url(amendment.get_absolute_url())),
    )
