"""The inventory of places where the portal holds something about a person.

It is made from the models, so a new field is in it by itself: each text is searched for names, and
each file for what it says. Only what a reference to a person means has to be said (`ties_of`), and
why a text is left alone (`LEFT_ALONE`); tests/ibcr_portal/test_places.py compares both with the
columns of the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeAlias

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from kernel.text import StrOrPromise
from partners.models import Contact

Field: TypeAlias = "models.Field[Any, Any]"


class Tie(Enum):
    """What a reference to a person says of the row."""

    ABOUT = "about"  # the row describes the person, who may read all of it
    WORDS = "words"  # the row holds what the person wrote
    DONE = "done"  # the person did something with the row


# References that are not named for an act (`entered_by`): the row is about the person, or theirs.
ABOUT = frozenset({"user", "person", "contact", "alternate", "owner"})
WORDS = frozenset({"by", "proposed_by"})
# What opens something, or somebody else wrote in a row about the person: it is not theirs to read.
# By names of fields in all tables, or in one.
SECRET = frozenset(
    {
        "password",
        "token_hash",
        "session_key",
        "data",
        "text_html",
        "html",
        "attachments",
        "file",
        "sha256",
        "key",
        "unsubscribe_url",
        "rights",
        "entry_key",
        "hash",
        "token",
        "accounts.Pseudonym.secret",
        "accounts.FactorReset.reason",
        "accounts.IncomingMail.content",
        "accounts.IncomingMail.fingerprint",
        "accounts.OutgoingMail.text",
        "admin.LogEntry.change_message",
        "admin.LogEntry.object_repr",
        "committees.Invitation.evidence",
        "projects.Representation.reason",
    }
)

# Rows that are of no use without the person, and are deleted with them.
DELETED = frozenset(
    {
        "account.EmailAddress",
        "accounts.AccessLink",
        "accounts.FactorReset",
        "accounts.FormDraft",
        "accounts.IncomingMail",
        "accounts.Pseudonym",
        "committees.DigestChoice",
        "committees.Reminder",
        "ibcr_portal.DueReminder",
        "ibcr_portal.ReminderChoice",
        "ibcr_portal.SavedFilter",
        "ibcr_portal.SavedSearch",
        "mfa.Authenticator",
        "projects.Direction",
        "projects.TeamInvitation",
        "reports.Archive",
        "reports.RenditionRequest",
        "reports.SectionWriting",
        "usersessions.UserSession",
    }
)

# Names of tables of packages, which are not in all of our languages, and of what says nothing to
# the person by its own name, or has none.
LABELS: dict[str, StrOrPromise] = {
    "account.EmailAddress": gettext_lazy("addresses for signing in"),
    "accounts.mailbox": gettext_lazy("messages in the mailbox of the portal"),
    "accounts.Pseudonym": gettext_lazy("keys in the access log"),
    "admin.LogEntry": gettext_lazy("repairs by administrators"),
    "mfa.Authenticator": gettext_lazy("second steps of signing in"),
    "usersessions.UserSession": gettext_lazy("sessions"),
}

# Texts that are not changed, with the reason.
LEFT_ALONE = {
    "accounts.AccessEvent": "The access log is never changed. It names nobody: who is behind its keys is forgotten.",
    "accounts.AccessChain": "A hash.",
    "accounts.User": "The rows of the person are changed by themselves, and others are about others.",
    "partners.Contact.full_name": "As of an account.",
    "partners.Contact.email": "As of an account.",
    "partners.Contact.phone": "As of an account.",
    "accounts.OutgoingMail.attachments": "Messages with such a file lose it.",
    "contenttypes.ContentType": "Names of tables.",
    "auth.Permission": "Names of rights.",
    "auth.Group": "Names of rights.",
    "ibcr_portal.Erasure": "What was forgotten, without names.",
    "ibcr_portal.FileCheck": "The name of a file, which the portal made.",
    "ibcr_portal.FileProblem.name": "The name of a file, which the portal made.",
    "ibcr_portal.KnownKey": "Ids of keys.",
    "ibcr_portal.LockedAway": "Encrypted: what a law or an agreement requires.",
    "kernel.Outage": "Names of services, and kinds of errors.",
    "kernel.SentForm": "Hashes.",
    "kernel.UnwantedFile": "Names of files, which the portal made.",
    "reports.AttendanceCertificate": "Codes and hashes.",
    "reports.SealCertificate": "Names of the portal and of authorities.",
    "reports.Snapshot": "Frozen: documents of the day are deleted; final data is locked away, its files destroyed.",
    "sessions.Session": "Encoded: sessions that hold the name are ended.",
}


# Names of institutions and projects, which are not replaced: a place may be called like a person.
NAMES_OF_THINGS = {
    "partners.InstitutionName": ("name_", "acronym"),
    "partners.HistoricalInstitutionName": ("name_", "acronym"),
    "projects.Project": ("title_", "short_title_"),
    "projects.HistoricalProject": ("title_", "short_title_"),
}


def label_of(name: str) -> str:
    """Return the name of a table in a list, in the reader's language. What follows the name of the
    table, such as a field, is left out, and a table that is gone keeps its technical name."""
    table = ".".join(name.split(".")[:2])
    if label := LABELS.get(table):
        return capfirst(str(label))
    try:
        model = apps.get_model(table)
    except (LookupError, ValueError):
        return table
    if of := getattr(model, "instance_type", None):
        things = str(of._meta.verbose_name_plural)
        return capfirst(_("%(things)s: earlier versions") % {"things": things})
    return capfirst(str(model._meta.verbose_name_plural))


@dataclass(frozen=True)
class Place:
    """One table, with what in it may be about a person."""

    model: type[models.Model]
    ties: dict[str, Tie]
    """What each reference to a user or contact says of the row."""
    texts: tuple[Field, ...]
    """What is searched, and changed where it names somebody."""
    files: tuple[str, ...]
    names: tuple[Field, ...]
    """What is searched, for somebody to look at."""

    @property
    def name(self) -> str:
        return str(self.model._meta.label)

    @property
    def label(self) -> str:
        return label_of(self.name)

    def rows_of(self, tie: str, people: "People") -> models.QuerySet[Any]:
        """Return the rows that refer to the person by this field."""
        field = self.model._meta.get_field(tie)
        keys = people.users if field.related_model is User else people.contacts
        return self.model._base_manager.filter(**{f"{tie}__in": keys})


@dataclass(frozen=True)
class People:
    """The keys of the rows that are one person."""

    users: tuple[int, ...]
    contacts: tuple[int, ...]


@cache
def places() -> tuple[Place, ...]:
    """Return every table with something that may be about a person, by its name."""
    found = (_place(model) for model in apps.get_models(include_auto_created=True))
    used = (place for place in found if place.ties or place.texts or place.files)
    return tuple(sorted(used, key=lambda place: place.name))


def _place(model: type[models.Model]) -> Place:
    fields = [field for field in model._meta.get_fields() if isinstance(field, models.Field)]
    texts = [field for field in fields if _is_searched(model, field)]
    starts = NAMES_OF_THINGS.get(str(model._meta.label), ())
    names = tuple(field for field in texts if field.name.startswith(starts))
    return Place(
        model,
        ties=dict(_ties(fields)),
        texts=tuple(field for field in texts if field not in names),
        names=names,
        files=tuple(field.name for field in fields if isinstance(field, models.FileField)),
    )


def name_in_words(field: Any) -> str:
    """Return the name of a field if it was given one in words, which are translated, and nothing
    otherwise."""
    return str(field.verbose_name) if isinstance(field.verbose_name, Promise) else ""


def _ties(fields: list[Field]) -> Iterator[tuple[str, Tie]]:
    for field in fields:
        if not isinstance(field, models.ForeignKey) or field.related_model not in {User, Contact}:
            continue
        if field.name in ABOUT:
            yield field.name, Tie.ABOUT
        elif field.name in WORDS:
            yield field.name, Tie.WORDS
        elif field.name.endswith(("_by", "_user")):
            yield field.name, Tie.DONE
        else:
            raise LookupError(f"{field}: say in ibcr_portal/persons/places.py what it means.")


def _is_searched(model: type[models.Model], field: Field) -> bool:
    if not isinstance(field, models.CharField | models.TextField | models.JSONField):
        return False
    if field.choices or field.primary_key:
        return False
    label = str(model._meta.label)
    return label not in LEFT_ALONE and f"{label}.{field.name}" not in LEFT_ALONE
