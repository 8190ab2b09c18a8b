"""Messages about who represents an institution, about access that ends, is going to end or goes on, and
about an institution whose name is guarded."""

from django.utils.translation import gettext as _

from accounts.letters import Button, Letter
from accounts.links import absolute_url
from accounts.models import User
from kernel.formats import day, moment
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


def ending_letter(representation: Representation, what: str, *, by: User | None) -> Letter:
    """`what` happened to the access: announced, kept, ended or shortened. With `own-` before it, the
    reader is the person."""
    place = representation.participation
    words = {
        "by": by or _("The coordination"),
        "name": representation.contact.full_name,
        "institution": place.institution.name,
        "project": place.project.short_title,
        "moment": moment(representation.ends_at),
        "day": day(representation.until),
    }
    is_own = what.startswith("own-")
    subject, *sentences = _own_words(what) if is_own else _words(what)
    page = absolute_url(representation.get_absolute_url())
    # Who has no access any more finds no page there.
    button = None if what == "own-ended" else Button(_("See what is recorded"), page)
    return Letter(subject, [sentence % words for sentence in sentences], button)


def _own_words(what: str) -> tuple[str, ...]:
    return {
        "own-announced": (
            _("Your access is going to end"),
            _(
                "%(by)s announced that you no longer represent %(institution)s in the project "
                "“%(project)s”. On %(moment)s your access ends."
            ),
            _("Until then you can read, but not accept, answer or download anything."),
            _(
                "If that is wrong, inform your institution or an administrator now: they can refuse "
                "it until then."
            ),
        ),
        "own-kept": (
            _("Your access goes on"),
            _(
                "Your access does not end: you represent %(institution)s in the project "
                "“%(project)s” as before."
            ),
        ),
        "own-ended": (
            _("Your access has ended"),
            _(
                "You no longer represent %(institution)s in the project “%(project)s”, and your "
                "links in it do not open any more."
            ),
            _("If that is wrong, inform your institution or an administrator."),
        ),
        "own-shortened": (
            _("Your access has a new last day"),
            _(
                "You represent %(institution)s in the project “%(project)s” until %(day)s. "
                "%(by)s changed that day."
            ),
            _("If that is wrong, inform your institution or an administrator."),
        ),
    }[what]


def _words(what: str) -> tuple[str, ...]:
    return {
        "announced": (
            _("The access of somebody is going to end"),
            _(
                "%(by)s announced that %(name)s no longer represents %(institution)s in the project "
                "“%(project)s”. The access ends on %(moment)s; until then the person only reads."
            ),
            _(
                "On the page, confirmed people of the institution, and administrators who do not "
                "coordinate the project, can refuse this or end the access at once."
            ),
        ),
        "kept": (
            _("The access of somebody goes on"),
            _(
                "The announced end of the access was withdrawn or refused by %(by)s: %(name)s "
                "represents %(institution)s in the project “%(project)s” as before."
            ),
        ),
        "ended": (
            _("The access of somebody has ended"),
            _(
                "%(name)s no longer represents %(institution)s in the project “%(project)s”. "
                "%(by)s ended or announced this."
            ),
            _("If that is wrong, inform the coordination or an administrator."),
        ),
        "shortened": (
            _("The access of somebody has a new last day"),
            _(
                "%(name)s represents %(institution)s in the project “%(project)s” until %(day)s. "
                "%(by)s changed that day."
            ),
            _("If that is wrong, inform the coordination or an administrator."),
        ),
    }[what]
