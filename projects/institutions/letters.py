"""Messages about who represents an institution, and about one whose name is guarded. Those about an end
are in `ending_letters` beside it."""

from django.utils.translation import gettext as _

from accounts.letters import Button, Letter
from accounts.links import absolute_url
from accounts.models import User
from partners.models import Institution
from projects.models import Project, Representation


def representation_letter(
    representation: Representation, what: str, *, by: User | None = None
) -> Letter:
    """`what` happened: granted, confirmed, refused or ended."""
    if what == "granted" and representation.is_pending:
        what = "pending"
    place = representation.participation
    words = {
        "by": by,
        "name": representation.contact.full_name,
        "institution": place.institution.name,
        "project": place.project.short_title,
    }
    subject, sentence, advice = representation_words(what)
    label = _("Confirm or refuse") if what == "pending" else _("See what is recorded")
    return Letter(
        subject=subject,
        body=[sentence % words, advice],
        button=Button(label, absolute_url(representation.get_absolute_url())),
    )


def representation_words(what: str) -> tuple[str, str, str]:
    """Return subject, sentence and advice."""
    words = {
        "granted": (
            _("Somebody new represents your institution"),
            _(
                "%(name)s now represents your institution, %(institution)s, in the project "
                "“%(project)s”."
            ),
            _("If you do not know the person, inform an administrator at once."),
        ),
        "pending": (
            _("Please confirm who represents your institution"),
            _(
                "The coordination entered %(name)s as a representative of your "
                "institution, %(institution)s, in the project “%(project)s”. The person "
                "sees nothing until an administrator or one of you confirms this."
            ),
            _("Open the page, compare the address with those you know, and confirm or refuse."),
        ),
    }
    return words[what] if what in words else granter_words(what)


def granter_words(what: str) -> tuple[str, str, str]:
    """Return the words to whoever entered the person: somebody else confirmed or refused."""
    if what == "confirmed":
        sentence = _(
            "%(by)s confirmed that %(name)s, whom you entered, represents %(institution)s in the "
            "project “%(project)s”. The person has access and was invited."
        )
        return _("Confirmed: the person you entered"), sentence, ""
    sentence = _(
        "%(by)s did not confirm that %(name)s represents %(institution)s in the project "
        "“%(project)s”, as had been entered. The person does not receive access."
    )
    return _("Not confirmed: the person you entered"), sentence, ""


def hiding_institution_letter(
    institution: Institution, project: Project | None, *, by: User
) -> Letter:
    sentence = (
        _(
            "%(name)s wants to enter %(institution)s for the project “%(project)s”. It "
            "is already in the register, and may not be named to this person."
        )
        if project
        else _(
            "%(name)s wants to enter %(institution)s. It is already in the register, and "
            "may not be named to this person."
        )
    )
    words = {
        "name": by.full_name,
        "institution": institution.name,
        "project": project.title if project else "",
    }
    return Letter(
        subject=_("Please decide: an institution that may not be named"),
        body=[
            sentence % words,
            _(
                "If it takes part, and agrees, add it to the project. Otherwise, do not "
                "reveal that it exists."
            ),
        ],
        button=Button(_("Open its page"), absolute_url(institution.get_absolute_url())),
    )


def precaution_letter(institution: Institution, what: str) -> Letter:
    """`what` happened: taken or lifted. Whom it is about is on the portal alone: the message may lie
    open on a telephone, or be read by others."""
    if what == "taken":
        subject = _("A precaution was taken")
        body = [
            _(
                "As a precaution, an organisation that concerns you is no longer named in any of its "
                "projects, except to their coordination. You read on the portal which one, who did "
                "this and why."
            ),
            _(
                "For 72 hours only the organisation itself can lift this, or an administrator with "
                "its written consent."
            ),
        ]
    else:
        subject = _("A precaution was lifted")
        body = [
            _(
                "An organisation that concerns you was hidden as a precaution, and that was lifted. "
                "You read on the portal which one, and where it applies."
            )
        ]
    address = absolute_url(institution.get_absolute_url())
    return Letter(subject=subject, body=body, button=Button(_("Read it on the portal"), address))


def hidden_letter(institution: Institution) -> Letter:
    """The institution hid itself. As neutral as `precaution_letter`."""
    address = absolute_url(institution.get_absolute_url())
    return Letter(
        subject=_("An organisation hides from now on"),
        body=[
            _(
                "An organisation that concerns you chose on its page that nobody but the coordination "
                "reads its name. You read on the portal which one, and where it applies."
            ),
            _("If nobody of the organisation did that, inform an administrator at once."),
        ],
        button=Button(_("Read it on the portal"), address),
    )
