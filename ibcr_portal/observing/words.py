"""What an administrator reads about a part of the portal: its name, how it is, and what to do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from ibcr_portal.models import FileCheck, FileProblem
from ibcr_portal.observing.state import OK, HealthLine
from kernel.formats import file_size

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MOST_FILES = 10


@dataclass(frozen=True)
class Words:
    label: "StrPromise"
    trouble: "StrPromise"
    advice: "StrPromise"


# By the key of a part. The page of operations has more.
WORDS = {
    "database": Words(
        gettext_lazy("Database"),
        gettext_lazy("The database does not answer."),
        gettext_lazy(
            "See whether it runs and its disk has room; the portal then answers by itself."
        ),
    ),
    "migrations": Words(
        gettext_lazy("Version of the database"),
        gettext_lazy("The database is of an earlier version than the portal."),
        gettext_lazy("Run manage.py update. Until then pages may fail."),
    ),
    "broker": Words(
        gettext_lazy("Queue"),
        gettext_lazy("Redis does not answer. Documents and messages wait; nothing is lost."),
        gettext_lazy("Start Redis again: the work then goes on by itself."),
    ),
    "clock": Words(
        gettext_lazy("Clocks"),
        gettext_lazy("The clock of a machine is not that of the database."),
        gettext_lazy(
            "Let all machines follow a time server (timedatectl set-ntp true). The log of the "
            "service mailer names the worker."
        ),
    ),
    "worker": Words(
        gettext_lazy("Scheduler and workers"),
        gettext_lazy(
            "Nothing is done in the background: the scheduler or the worker for short work is silent."
        ),
        gettext_lazy("See whether the services beat and mailer run, and start them again."),
    ),
    "queue": Words(
        gettext_lazy("Waiting work"),
        gettext_lazy("The oldest job has waited for too long."),
        gettext_lazy(
            "See whether the services worker and mailer run; where they do, run more of them."
        ),
    ),
    "documents": Words(
        gettext_lazy("Final documents"),
        gettext_lazy("Documents that must exist could not be made."),
        gettext_lazy(
            "The portal tries again by itself. Open the documents for the reason: room on the "
            "disk, memory, libraries or the key of the seal."
        ),
    ),
    "mail": Words(
        gettext_lazy("E-mail"),
        gettext_lazy("The mail server takes no messages."),
        gettext_lazy("Check the mail server and EMAIL_URL. Messages wait for three days."),
    ),
    "refusals": Words(
        gettext_lazy("Refused messages"),
        gettext_lazy("The mail server refuses messages, or breaks off while it takes them."),
        gettext_lazy(
            "Read its reasons with manage.py outbox. It may have the portal on a list of senders of "
            "spam, or the records SPF and DKIM of the domain may be wrong."
        ),
    ),
    "incoming": Words(
        gettext_lazy("Incoming mail"),
        gettext_lazy("The mailbox for answers by e-mail cannot be read."),
        gettext_lazy("Check its server and INBOUND_IMAP_URL. Messages stay there meanwhile."),
    ),
    "timestamp": Words(
        gettext_lazy("Timestamps of documents"),
        gettext_lazy(
            "The timestamp server does not answer: documents are sealed without its time."
        ),
        gettext_lazy("Check it and SEAL_TIMESTAMP_URL."),
    ),
    "access-log": Words(
        gettext_lazy("Access log"),
        gettext_lazy("The access log or the file of its checkpoints was altered."),
        gettext_lazy(
            "Check it on the page of the access log, and find out who can write to the database."
        ),
    ),
    "backup": Words(
        gettext_lazy("Backup"),
        gettext_lazy("The last good backup is too old."),
        gettext_lazy("See why the backup failed, and make one now: manage.py backup."),
    ),
    "files": Words(
        gettext_lazy("Content of the files"),
        gettext_lazy("Files that records name are missing or altered."),
        gettext_lazy(
            "Put them back from a backup that still has them: manage.py verify_files says how. Until "
            "then new backups are incomplete."
        ),
    ),
    "keys": Words(
        gettext_lazy("Keys of the portal"),
        gettext_lazy("A key is not the one with which the data were written."),
        gettext_lazy("Put the former key back: manage.py doctor says which one."),
    ),
    "sign-in": Words(
        gettext_lazy("Sign-in with the organisation's account"),
        gettext_lazy("The organisation's server does not answer as it should."),
        gettext_lazy(
            "People sign in with a code by e-mail meanwhile. manage.py doctor says what is wrong."
        ),
    ),
    "seal": Words(
        gettext_lazy("Electronic seal of the portal"),
        gettext_lazy("Final documents cannot be sealed, and wait."),
        gettext_lazy(
            "Put the key of the seal back: manage.py seal_key --check says what is wrong."
        ),
    ),
    "storage": Words(
        gettext_lazy("Files"),
        gettext_lazy("Stored files cannot be reached."),
        gettext_lazy(
            "Check the folder or the storage of files; pages without files work meanwhile."
        ),
    ),
    "disk": Words(
        gettext_lazy("Disk"),
        gettext_lazy("A disk is nearly full."),
        gettext_lazy("Make room or enlarge the disk, before documents and uploads fail."),
    ),
}


def words_of(line: HealthLine) -> Words:
    words = WORDS[line.key]
    if line.key == "worker" and line.facts.get("seconds") is None:
        return Words(
            words.label,
            gettext_lazy("The scheduler has never run: nothing is done in the background."),
            gettext_lazy("Start the services beat and mailer."),
        )
    return words


def figures_of(line: HealthLine) -> list[str]:
    """Return what was measured, in words."""
    facts = line.facts
    away = facts.get("away_seconds")
    silent = [] if away is None else [_("No answer for %(time)s") % {"time": ago(away)}]
    return [*silent, *_figures(line)]


def _figures(line: HealthLine) -> list[str]:
    facts = line.facts
    if line.key == "disk":
        return [
            _("%(free)s free of %(total)s")
            % {"free": file_size(one["free_bytes"]), "total": file_size(one["total_bytes"])}
            for one in facts.values()
        ]
    if line.key == "queue":
        names = {"documents": _("Documents"), "archives": _("Archives"), "mail": _("Messages")}
        return [
            f"{names[name]} – " + _waiting(one["waiting"], one["oldest_seconds"])
            for name, one in facts.items()
        ]
    if line.key == "documents" and (count := facts.get("failed")):
        return [ngettext("%(count)d failed", "%(count)d failed", count) % {"count": count}]
    if line.key == "mail":
        if not facts.get("sends", True):
            return [_("This portal has no mail server: messages stay in the mailbox.")]
        if count := facts.get("tried_in_vain", 0) + facts.get("given_up", 0):
            return [
                ngettext("%(count)d message waits", "%(count)d messages wait", count)
                % {"count": count}
            ]
    if line.key == "refusals" and (answered := facts.get("answered")):
        said = _(
            "Of %(all)d messages in a day, %(refused)d were refused and %(unclear)d are unclear"
        )
        return [said % {"all": answered, "refused": facts["refused"], "unclear": facts["unclear"]}]
    if line.key == "backup":
        age = facts.get("age_seconds")
        return [
            _("No backup is known.") if age is None else _("Made %(ago)s ago") % {"ago": ago(age)}
        ]
    if line.key == "files":
        return _files(line)
    return []


def _files(line: HealthLine) -> list[str]:
    """Name the first files that are wrong, and say when all had been looked at."""
    found = FileProblem.objects.unaccepted()[:MOST_FILES]
    figures = [f"{one.name} – {one.get_kind_display()}" for one in found]
    if (more := sum(line.facts.values()) - len(figures)) > 0:
        figures.append(ngettext("%(count)d more", "%(count)d more", more) % {"count": more})
    ended = FileCheck.objects.values_list("ended_at", flat=True).first()
    if ended:
        seconds = (timezone.now() - ended).total_seconds()
        figures.append(_("All files were last compared %(ago)s ago") % {"ago": ago(seconds)})
    return figures


def _waiting(count: int, seconds: int) -> str:
    if not count:
        return _("nothing waits")
    return ngettext(
        "%(count)d waits, for %(ago)s", "%(count)d wait, the oldest for %(ago)s", count
    ) % {"count": count, "ago": ago(seconds)}


def ago(seconds: float) -> str:
    """Return a length of time in its largest unit."""
    minutes = int(seconds // 60)
    if minutes < 120:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d day", "%(count)d days", hours // 24) % {"count": hours // 24}


@dataclass(frozen=True)
class ReadLine:
    """A line of the page."""

    label: str
    tone: str
    status: str
    text: str
    advice: str
    figures: list[str]


def read(line: HealthLine) -> ReadLine:
    words = words_of(line)
    well = line.status == OK
    if well and line.key == "backup" and line.facts.get("age_seconds") is None:
        return ReadLine(str(words.label), "neutral", _("Not set up"), "", "", figures_of(line))
    return ReadLine(
        label=str(words.label),
        tone="ok" if well else "bad",
        status=_("In order") if well else _("Needs you"),
        text="" if well else str(words.trouble),
        advice="" if well else str(words.advice),
        figures=figures_of(line),
    )
