"""Messages about invitations to a project's team."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.letters import Button, Details, Letter
from accounts.links import absolute_url
from kernel.formats import day
from projects.letters import access_facts
from projects.models import TeamInvitation


def team_invitation_letter(invitation: TeamInvitation) -> Letter:
    what = invitation.get_role_display()
    facts = access_facts(invitation.project, what=what, by=invitation.sent_by)
    return Letter(
        subject=_("Invitation to work for a project"),
        body=[
            _("You have been invited to work for a project in the governance portal."),
            Details(facts),
        ],
        button=Button(_("Accept or decline"), absolute_url(invitation.get_absolute_url())),
        after=[
            _(
                "Sign in with this address. You need no password: the portal sends a code to it "
                "whenever you sign in."
            ),
            _("The invitation is open for 30 days, until %(day)s.")
            % {"day": day(invitation.expires_at)},
        ],
    )


def team_invitation_ended_letter(invitation: TeamInvitation, *, declined: bool) -> Letter:
    sentence = (
        _("%(name)s declined your invitation to work for the project “%(project)s” as: %(role)s.")
        if declined
        else _(
            "%(name)s did not answer your invitation to work for the project “%(project)s” as: "
            "%(role)s. It has expired."
        )
    )
    words = {
        "name": invitation.typed_name,
        "project": invitation.project.title,
        "role": invitation.get_role_display(),
    }
    url = absolute_url(reverse("projects:team", args=[invitation.project.code]))
    return Letter(
        subject=_("Your invitation was declined") if declined else _("Your invitation expired"),
        body=[
            sentence % words,
            _("It is shown on the team's page, where you can invite somebody again."),
        ],
        button=Button(_("Open the team's page"), url),
    )
