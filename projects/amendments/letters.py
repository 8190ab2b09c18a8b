"""The message that the donor answered an amendment."""

from django.utils.translation import gettext as _

from accounts.letters import Button, Detail, Details, Letter
from accounts.links import absolute_url
from projects.models import Amendment


def amendment_answered_letter(amendment: Amendment, verb: str, why: str) -> Letter:
    subjects = {
        "approve": _("The donor approved an amendment"),
        "ask_changes": _("The donor requests changes to an amendment"),
        "refuse": _("The donor refused an amendment"),
    }
    facts = [
        Detail(_("Amendment"), f"{amendment}: {amendment.title}"),
        Detail(_("Project"), amendment.project.title),
        Detail(_("Comment"), why),
    ]
    return Letter(
        subject=subjects[verb],
        body=[Details(facts)],
        button=Button(_("Open the amendment"), absolute_url(amendment.get_absolute_url())),
    )
