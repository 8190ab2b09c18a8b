"""What a message says, as data: text and HTML are made of the same (`accounts.mail`).

A function that returns a `Letter` writes one kind of message, in the language that is active: it is
called once the reader's is. Words of others are only ever text in it. An address is only ever that
of a button, a fact or a line, so that nobody can smuggle one in with a name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _, ngettext

from kernel.languages import LANGUAGES
from kernel.text import StrOrPromise


@dataclass(frozen=True)
class Button:
    """The one thing to do. In the HTML part the address is behind the words."""

    label: str
    url: str


@dataclass(frozen=True)
class Detail:
    label: str
    value: object
    url: str = ""

    @property
    def link(self) -> str:
        return linked(self.url)


@dataclass(frozen=True)
class Details:
    """Details with their labels, one below the other; those without a value are left out."""

    rows: Sequence[Detail]

    def __bool__(self) -> bool:
        return bool(self.details)

    @property
    def details(self) -> list[Detail]:
        return [fact for fact in self.rows if str(fact.value)]


@dataclass(frozen=True)
class Line:
    text: object
    url: str = ""
    note: str = ""

    @property
    def link(self) -> str:
        return linked(self.url)


@dataclass(frozen=True)
class Lines:
    """A list with its heading. `most`: so many are listed, and it says that there are others."""

    title: str
    rows: Sequence[Line]
    numbered: bool = False
    most: int = 25

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def lines(self) -> list[Line]:
        more = [Line(_("… and others"))] if len(self.rows) > self.most else []
        return [*self.rows[: self.most], *more]


@dataclass(frozen=True)
class Code:
    """What is typed or compared sign by sign."""

    code: str

    @property
    def is_long(self) -> bool:
        return len(self.code) > 20


@dataclass(frozen=True)
class Foreign:
    """Words of somebody in another language than that of the message, which says so."""

    text: str
    language: str

    @property
    def says_so(self) -> str:
        sentence = _("The next lines are in %(language)s:")
        return sentence % {"language": LANGUAGES[self.language]}


Block = str | Details | Lines | Code | Foreign


@dataclass(frozen=True)
class Letter:
    """One message.

    `subject` says what happened and names neither project nor institution: telephones lie on
    tables. For those who may read it there, the name of the project is added (`accounts.mail`).
    `after` follows the button. `reason` says why the message came, if not the usual words do.
    """

    subject: str
    body: Sequence[Block]
    button: Button | None = None
    after: Sequence[Block] = ()
    reason: str = ""
    is_greeted: bool = True


MakeLetter = Callable[[], Letter]


def linked(url: str) -> str:
    """Return the address if it may be behind words: one of this portal, or a secure one."""
    return url if url.startswith((f"{settings.SITE_URL}/", "https://")) else ""


# --- To administrators: about files that no record names (`kernel.quarantine`) ---


def files_set_aside_letter(count: int) -> Letter:
    subject = ngettext(
        "%(count)s file belongs to no record and was set aside",
        "%(count)s files belong to no record and were set aside",
        count,
    )
    return Letter(
        subject=subject % {"count": count},
        body=[
            _(
                "A few such files are no reason to worry: they remain when work is interrupted. If the "
                "database was restored from a backup, they may be needed: put them back."
            ),
            _("They are deleted after %(days)s days. This command lists them:")
            % {"days": settings.QUARANTINE_DAYS},
            Code("manage.py quarantine"),
        ],
    )


def files_left_letter(count: int, of: int, *, is_foreign: bool) -> Letter:
    """The portal did not touch the files, since something seems to be wrong."""
    if is_foreign:
        subject = _("The files of the portal do not belong to its database")
        why = _(
            "The folder of the files carries the mark of another installation, or none. Probably the "
            "database or the files were restored in the wrong order or from another portal."
        )
    else:
        subject = _("Many files belong to no record")
        why = _(
            "%(count)s of %(of)s files in a folder belong to no record. Probably the database is older "
            "than the files."
        ) % {"count": count, "of": of}
    return Letter(
        subject=subject,
        body=[
            why,
            _(
                "Nothing was deleted or moved. Before anything else, make copies of the database and of "
                "the files. This command says what to do:"
            ),
            Code("manage.py quarantine"),
        ],
    )


# --- What people are sent who use a page that opens by link ---


def answer_received_letter(
    url: str,
    *,
    what: StrOrPromise,
    said: StrOrPromise = "",
    institution: object = "",
    project: object = "",
) -> Letter:
    """`url`: the page on which they answered."""
    return Letter(
        subject=_("Your answer was received"),
        body=[
            _("What you sent has arrived."),
            Details([Detail(_("Institution"), institution), Detail(_("Project"), project)]),
            str(what),
            str(said),
        ],
        button=Button(_("See what you sent"), url),
        after=[
            _(
                "This page shows it, and lets you change it as long as that is possible. It opens "
                "without signing in."
            ),
            _("If this was not you, please inform the coordination."),
        ],
    )


def link_code_letter(code: str) -> Letter:
    return Letter(
        subject=_("Your code"),
        body=[
            _("Your code to open the page you asked for:"),
            Code(code),
            _(
                "It is valid for ten minutes. If you did not ask for it, somebody has your link: "
                "inform the coordination."
            ),
        ],
    )


def reply_not_taken_letter(sentence: str, url: str = "") -> Letter:
    """`sentence`: the refusal, which says what to do. `url`: the page where that is possible."""
    return Letter(
        subject=_("Your message was not recorded"),
        body=[_("Your message has arrived, but nothing was recorded:"), sentence],
        button=Button(_("Open the page"), url) if url else None,
    )


def unconfirmed_reply_letter(url: str) -> Letter:
    """Says nothing about what came: somebody else may have written it. `url`: where the person can say
    the same."""
    return Letter(
        subject=_("An e-mail in your name was not recorded"),
        body=[
            _(
                "An e-mail in your name answered a message of the portal. Nothing of it was recorded, "
                "since the portal could not confirm that it comes from you, or because the "
                "portal has not written to you about the matter for more than 90 days."
            ),
            _("If you wrote it, please open the page below and answer there."),
        ],
        button=Button(_("Open the page"), url),
        after=[_("If you did not write it, you need not do anything.")],
    )
