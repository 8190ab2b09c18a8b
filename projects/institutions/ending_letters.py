"""Messages about access that ends, is going to end, or goes on: to the person, and to everybody else whom
it concerns."""

from django.utils.translation import gettext as _

from accounts.letters import Button, Letter
from accounts.links import absolute_url
from accounts.models import User
from kernel.formats import day, moment
from projects.models import Representation


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
