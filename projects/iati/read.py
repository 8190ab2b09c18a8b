"""Reads an IATI activity file that others wrote, and notes what it leaves out and why.

`open_file` takes any bytes and returns the activities in them, or raises `UnreadableFile` with a
sentence. `read_activity` reads one of the activities. What does not fit is noted with its line and
never stops the rest; nothing is written to the database.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kernel.languages import organisation_languages
from kernel.text import LANGUAGES, clean_text
from projects import codelists
from projects.iati.document import (
    FROM_REPORT,
    ORIGIN,
    CodePercentage,
    ContactPoint,
    IatiDocument,
    IatiFinding,
    IatiOrganisation,
    Participant,
    PolicyMarker,
    Texts,
)
from projects.iati.read_results import MoneyReader, ResultReader, activity_currency
from projects.iati.reading import (
    Element,
    ElementReader,
    ReadingNote,
    ReadingNotes,
    default_language,
    note_unread_children,
)
from projects.iati.rules import rule_findings, schema_findings
from projects.iati.safe_xml import UnreadableFile, parse

READ_VERSIONS = {"2.01", "2.02", "2.03"}
ROLES = {"1", "2", "3", "4"}
STATUSES = {"1", "2", "3", "4", "5", "6"}
MOST_ACTIVITIES = 1000
DEFAULTS = (
    "collaboration-type",
    "default-flow-type",
    "default-finance-type",
    "default-aid-type",
    "default-tied-status",
)


@dataclass
class ListedActivity:
    """An activity in the list from which the person chooses."""

    element: Element
    identifier: str
    title: str
    line: int | None


@dataclass
class OpenedFile:
    """A well-formed file with activities. `findings`: its errors by the schema."""

    version: str
    activities: list[ListedActivity]
    findings: list[IatiFinding]


@dataclass
class ActivityReading:
    """What was read of one activity. `document` is None where even the title is missing."""

    document: IatiDocument | None
    left_out: list[ReadingNote] = field(default_factory=list)
    findings: list[IatiFinding] = field(default_factory=list)
    version: str = ""


def open_file(content: bytes) -> OpenedFile:
    """Returns the activities of a file. Raises UnreadableFile."""
    root = parse(content)
    if root.tag == "iati-organisations":
        raise UnreadableFile(_("This file describes organisations; upload one with activities."))
    if root.tag != "iati-activities":
        raise UnreadableFile(_("This is XML, but not an IATI activity file."), root.sourceline)
    version = clean_text(root.get("version", "")).strip()[:10]
    if version.startswith("1."):
        raise UnreadableFile(
            _(
                "This file uses IATI %(version)s, which has been retired. Ask for it in "
                "version 2, or have it converted."
            )
            % {"version": version}
        )
    activities = [_listed(each) for each in root.iterfind("iati-activity")]
    if not activities:
        raise UnreadableFile(_("There is no activity in this file."))
    return OpenedFile(
        version, activities[:MOST_ACTIVITIES], _version_findings(version) + schema_findings(root)
    )


def _version_findings(version: str) -> list[IatiFinding]:
    if version in READ_VERSIONS:
        return []
    sentence = _("The file does not say its version of IATI: it is read as 2.03.")
    if version:
        sentence = _("Version “%(version)s” is unknown here: it is read as 2.03.") % {
            "version": version
        }
    return [IatiFinding(sentence, 1, is_error=False)]


def _listed(element: Element) -> ListedActivity:
    title = element.findtext("title/narrative") or ""
    return ListedActivity(
        element=element,
        identifier=clean_text(element.findtext("iati-identifier") or "").strip()[:200],
        title=clean_text(title).strip()[:300],
        line=element.sourceline,
    )


def read_activity(
    opened: OpenedFile, activity: ListedActivity, *, currency: str = ""
) -> ActivityReading:
    """Reads one activity of the file, with the errors that concern its lines.

    `currency`: that of amounts without one, where the activity has no single one.
    """
    notes = ReadingNotes()
    document = _ActivityReader(activity, notes, currency).document()
    first = activity.line or 0
    following = activity.element.getnext()
    last = following.sourceline if following is not None else None
    about = [
        each
        for each in opened.findings
        if each.line is None or (first <= each.line and (last is None or each.line <= last))
    ]
    findings = about + rule_findings(activity.element)
    return ActivityReading(document, list(notes), findings, opened.version)


class _ActivityReader:
    """Reads the elements of one activity."""

    def __init__(self, activity: ListedActivity, notes: ReadingNotes, currency: str) -> None:
        self.activity, self.notes = activity, notes
        self.element = activity.element
        self.language = default_language(self.element)
        self.reader = ElementReader(self.language, notes)
        self.currency = activity_currency(self.element)
        money = MoneyReader(self.reader, self.currency or currency)
        results = ResultReader(self.reader)
        # The list of the document that each element adds to, and the method that reads it.
        self.lists: dict[str, tuple[str, Callable[[Element], object | None]]] = {
            "participating-org": ("participants", self._participant),
            "recipient-country": ("countries", self._country),
            "sector": ("sectors", self._sector),
            "tag": ("tags", self._tag),
            "policy-marker": ("markers", self._marker),
            "budget": ("budgets", money.budget),
            "planned-disbursement": ("planned_disbursements", money.planned_disbursement),
            "transaction": ("transactions", money.transaction),
            "result": ("results", results.result),
        }

    def document(self) -> IatiDocument | None:
        element = self.element
        title = self.reader.texts(element.find("title"), 300)
        if not title:
            self.notes.leave(element, _("Without a title, an activity cannot be imported."))
            return None
        known = set(self.lists) | set(DEFAULTS) | SINGLE_ELEMENTS
        note_unread_children(self.notes, element, known)
        reporting = element.find("reporting-org")
        return IatiDocument(
            identifier=self.activity.identifier,
            reporting=IatiOrganisation()
            if reporting is None
            else self.reader.organisation(reporting),
            title=title,
            status=self._status(),
            language=self.language if self.language in LANGUAGES else organisation_languages()[0],
            currency=self._noted_currency(),
            descriptions=self._descriptions(),
            summary={},
            other_identifiers=list(self._other_identifiers()),
            dates=self._dates(),
            contact=self._contact(),
            scope=self._code("activity-scope", codelists.SCOPES),
            defaults=self._defaults(),
            **{name: self._list(tag, read) for tag, (name, read) in self.lists.items()},
        )

    def _list(self, tag: str, read: Callable[[Element], object | None]) -> list[Any]:
        things = (read(each) for each in self.element.iterfind(tag))
        return [thing for thing in things if thing is not None]

    # Single elements

    def _status(self) -> str:
        element = self.element.find("activity-status")
        code = "" if element is None else element.get("code", "")
        if code in STATUSES:
            return code
        where = self.element if element is None else element
        self.notes.change(where, _("Its status is unknown: imported as planned."))
        return "1"

    def _noted_currency(self) -> str:
        stated = self.reader.attribute(self.element, "default-currency", 3)
        if self.currency and self.currency != stated.upper():
            why = _("There is none: %(currency)s is used, in which all amounts are.")
            self.notes.change(
                self.element, why % {"currency": self.currency}, name="default-currency"
            )
        return self.currency

    def _descriptions(self) -> dict[str, Texts]:
        """Returns the description (type 1) and other remarks (type 4); the portal has no place for
        objectives and target groups."""
        found: dict[str, Texts] = {}
        for element in self.element.iterfind("description"):
            kind = element.get("type", "1")
            if element.get(ORIGIN) == FROM_REPORT:
                self.notes.leave(element, _("The summary of a report: reports are written here."))
            elif kind in found or kind not in ("1", "4"):
                self.notes.leave(element, _("The portal has one description and one note."))
            elif texts := self.reader.texts(element, 5000):
                found[kind] = texts
        return found

    def _other_identifiers(self) -> Iterator[tuple[str, str]]:
        for element in self.element.iterfind("other-identifier"):
            ref = self.reader.attribute(element, "ref", 60)
            note_unread_children(self.notes, element, ())
            if ref:
                yield self.reader.attribute(element, "type", 3), ref

    def _dates(self) -> dict[str, date]:
        found: dict[str, date] = {}
        for element in self.element.iterfind("activity-date"):
            kind = element.get("type", "")
            note_unread_children(self.notes, element, ())
            if kind not in ("1", "2", "3", "4") or kind in found:
                self.notes.leave(element, _("A date of unknown type, or a second of the same."))
            elif day := self.reader.day(element):
                found[kind] = day
        return found

    def _contact(self) -> ContactPoint | None:
        """Returns the first office. Persons, functions, telephones and addresses are not read."""
        found = None
        for element in self.element.iterfind("contact-info"):
            for child in element:
                if child.tag not in ("organisation", "email", "website"):
                    self.notes.leave(child, _("Persons are never imported from a file."))
            if found is None:
                found = ContactPoint(
                    organisation=self.reader.texts(element.find("organisation"), 200),
                    email=clean_text(element.findtext("email") or "").strip()[:200],
                    website=clean_text(element.findtext("website") or "").strip()[:200],
                )
        return found

    def _code(self, tag: str, known: dict) -> str:
        element = self.element.find(tag)
        if element is None:
            return ""
        code = element.get("code", "")
        if code not in known:
            self.notes.leave(element, _("The portal does not know this code."))
            return ""
        return code

    def _defaults(self) -> dict[str, str]:
        lists = (
            codelists.COLLABORATION_TYPES,
            codelists.FLOW_TYPES,
            codelists.FINANCE_TYPES,
            codelists.AID_TYPES,
            codelists.TIED_STATUSES,
        )
        found = {tag: self._code(tag, known) for tag, known in zip(DEFAULTS, lists, strict=True)}
        return {tag: code for tag, code in found.items() if code}

    # Elements of lists

    def _participant(self, element: Element) -> Participant | None:
        organisation = self.reader.organisation(element)
        role = element.get("role", "")
        if role not in ROLES:
            self.notes.leave(element, _("An organisation whose role is unknown."))
        elif not organisation.names and not organisation.ref:
            self.notes.leave(element, _("An organisation without a name or an identifier."))
        else:
            return Participant(organisation, role, self.reader.attribute(element, "activity-id"))
        return None

    def _country(self, element: Element) -> CodePercentage | None:
        code = element.get("code", "").strip().upper()
        if len(code) != 2 or not code.isascii() or not code.isalpha():
            self.notes.leave(element, _("This is not a country code."))
            return None
        return CodePercentage(code, self.reader.share(element))

    def _sector(self, element: Element) -> CodePercentage | None:
        code = element.get("code", "").strip()
        if element.get("vocabulary", codelists.DAC) != codelists.DAC:
            self.notes.leave(element, _("The portal keeps sectors of the DAC, with five digits."))
        elif code in codelists.WITHDRAWN_SECTORS:
            self.notes.leave(
                element,
                _("The code %(code)s was withdrawn; use %(other)s.")
                % {"code": code, "other": codelists.WITHDRAWN_SECTORS[code]},
            )
        elif len(code) != 5 or not code.isascii() or not code.isdecimal() or code[0] == "0":
            self.notes.leave(element, _("A sector has five digits, such as 15160."))
        else:
            return CodePercentage(code, self.reader.share(element))
        return None

    def _tag(self, element: Element) -> str | None:
        code = element.get("code", "").strip().lower()
        if element.get("vocabulary") == codelists.SDG_TARGETS and codelists.TARGET.fullmatch(code):
            return code
        self.notes.leave(
            element, _("The portal keeps targets of the Sustainable Development Goals.")
        )
        return None

    def _marker(self, element: Element) -> PolicyMarker | None:
        code = element.get("code", "").strip()
        vocabulary = element.get("vocabulary", codelists.DAC)
        significance = element.get("significance", "").strip()
        if code not in codelists.ALL_MARKERS or codelists.marker_vocabulary(code) != vocabulary:
            self.notes.leave(element, _("The portal does not know this policy marker."))
        elif significance not in codelists.significances_of(code):
            self.notes.leave(element, _("This marker does not have this significance."))
        else:
            names = self.reader.texts(element, 200) if vocabulary == codelists.OWN else {}
            return PolicyMarker(code, vocabulary, significance, names)
        return None


# The elements that are read beside the lists and the defaults.
SINGLE_ELEMENTS = {
    "iati-identifier",
    "reporting-org",
    "title",
    "description",
    "other-identifier",
    "activity-status",
    "activity-date",
    "contact-info",
    "activity-scope",
}
