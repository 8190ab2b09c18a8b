"""Reads the institutions and contacts that a project brings, and finds those that the portal knows.

What one project's coordination does never affects another project: an institution that is found is
added as it is, and nothing about its people is shown.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django_countries import countries

from ibcr_portal.intake.cells import AlikeNames, Cells, main_words
from ibcr_portal.intake.draft import BroughtContact, BroughtInstitution, Draft, Fate
from kernel.languages import LANGUAGES
from kernel.names import plain
from kernel.workbooks import WorkbookRow
from partners.models import Contact, Institution, InstitutionName
from projects.models import Participation, Project
from projects.models.places import DIRECT_ROLES
from projects.permissions.institutions import attachable_institutions
from projects.permissions.representations import contacts_with_a_place, may_edit_contact

KnownPeople = dict[tuple[int, str], list[Contact]]
FIELDS = ("kind", "country", "identifier", "safeguarding_signed_on")


def words_of(name: InstitutionName) -> set[str]:
    texts = (getattr(name, f"name_{language}") for language in LANGUAGES)
    return {plain(text) for text in texts if text.strip()}


class InstitutionBook:
    """The institutions that rows may name: those of the sheet, and those that take part already."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.of_project: dict[int, list[Participation]] = defaultdict(list)
        for place in draft.project.participations.all():
            self.of_project[place.institution_id].append(place)
        self.by_identifier: dict[str, list[Institution]] = defaultdict(list)
        self.by_name: dict[str, list[Institution]] = defaultdict(list)
        self.by_acronym: dict[str, list[Institution]] = defaultdict(list)
        self.alike = AlikeNames()
        self.named: dict[str, list[BroughtInstitution]] = defaultdict(list)
        self.nearly: dict[tuple[str, ...], dict[int, BroughtInstitution]] = defaultdict(dict)
        known = attachable_institutions(draft.user) | Institution.objects.filter(
            pk__in=list(self.of_project)
        )
        for institution in known.distinct().prefetch_related("names"):
            self._enter(institution)
        for row in draft.rows.get("institutions", []):
            self._read(Cells(row))
        self._add_those_taking_part()

    def _enter(self, institution: Institution) -> None:
        if institution.identifier:
            self.by_identifier[plain(institution.identifier)].append(institution)
        names = list(institution.names.all())
        words = {word for name in names for word in words_of(name)}
        for word in words:
            self.by_name[word].append(institution)
        self.alike.add(institution, words)
        for word in {plain(name.acronym) for name in names if name.acronym}:
            self.by_acronym[word].append(institution)

    # Rows

    def _read(self, cells: Cells) -> None:
        name = InstitutionName(acronym=cells.text("acronym"), **cells.texts("name"))
        country = cells.choice("country", _countries)
        institution = Institution(
            kind=cells.choice("kind", lambda: Institution.Kind.choices) or "",
            country=country or self.draft.project.country,
            identifier=cells.text("identifier"),
            safeguarding_signed_on=cells.day("safeguarding_signed_on"),
        )
        role = cells.choice("role", lambda: Participation.Role.choices)
        found = self._found(cells, institution, name, country)
        if not found and not cells.is_marked:
            found = self._meant(cells, institution, name)
        entry = BroughtInstitution(cells.row, found or institution, name)
        entry.role = role or Participation.Role.PARTNER
        if found:
            self._attach(entry, found, role)
        else:
            self._check_new(cells, institution, name)
            self._note_alike(entry)
        role_label = Participation.Role(entry.role).label
        entry.shown = f"{found.name if found else name} · {role_label}"
        if not self._refuse_twice(cells, entry):
            self._name(entry)
        self.draft.institutions.append(entry)

    def _found(
        self, cells: Cells, row: Institution, name: InstitutionName, country: str | None
    ) -> Institution | None:
        """Return the institution of the register that the row names: by its identifier, or else by
        its name, or else, where the row has no name, by its acronym."""
        words = words_of(name)
        if row.identifier and (found := self.by_identifier.get(plain(row.identifier))):
            return found[0]
        if words:
            found = [each for word in words for each in self.by_name.get(word, ())]
        else:
            found = self.by_acronym.get(plain(name.acronym), []) if name.acronym else []
        found = list({each.pk: each for each in found}.values())
        if country:
            found = [each for each in found if each.country == country]
        if len(found) > 1:
            cells.mark(
                _first_name(cells),
                _(
                    "The register has several institutions with this name: write the "
                    "identifier as well."
                ),
            )
        return found[0] if found else None

    def _meant(
        self, cells: Cells, institution: Institution, name: InstitutionName
    ) -> Institution | None:
        """Ask whether an institution of the register with nearly the same name is meant."""
        alike = self.alike.like(words_of(name), institution.country)
        if institution.identifier:  # another identifier is another institution
            alike = [each for each in alike if not each.identifier]
        if not alike:
            return None
        answer = self.draft.ask(
            cells.row,
            "institutions",
            _("“%(name)s” looks like an institution that the portal already has.")
            % {"name": name.name},
            *((str(each.pk), _("It is “%(name)s”") % {"name": each.name}) for each in alike),
            ("new", _("It is another institution: enter it")),
        )
        return next((each for each in alike if str(each.pk) == answer), None)

    def _attach(self, entry: BroughtInstitution, found: Institution, role: str | None) -> None:
        places = {place.role: place for place in self.of_project.get(found.pk, ())}
        entry.place = places.get(role) if role else next(iter(places.values()), None)
        entry.fate = Fate.THERE if entry.place else Fate.FOUND
        if entry.place:
            entry.role = entry.place.role

    def _check_new(self, cells: Cells, institution: Institution, name: InstitutionName) -> None:
        cells.need_text("name", _("Write the name of the institution, in at least one language."))
        cells.need("kind", _("Say what kind of institution it is."))
        cells.check(institution, FIELDS)
        cells.check(name, ("acronym", *(f"name_{language}" for language in LANGUAGES)))
        signed = institution.safeguarding_signed_on
        if signed and signed > self.draft.project.today:
            cells.mark(
                "safeguarding_signed_on", _("This day is still to come: choose today or earlier.")
            )

    def _note_alike(self, entry: BroughtInstitution) -> None:
        """Say which institution of the register has the same acronym: it may be meant."""
        acronym = plain(entry.name.acronym)
        for other in self.by_acronym.get(acronym, []) if acronym else []:
            if other.country == entry.institution.country:
                entry.notes.append(
                    _(
                        "The register has “%(name)s” with this acronym: if you mean that "
                        "one, write its name."
                    )
                    % {"name": other.name}
                )

    def _refuse_twice(self, cells: Cells, entry: BroughtInstitution) -> bool:
        for earlier in self.draft.institutions:
            same = (
                earlier.institution.pk == entry.institution.pk
                if entry.institution.pk
                else words_of(earlier.name) & words_of(entry.name)
                and earlier.institution.country == entry.institution.country
            )
            if same:
                cells.mark(
                    _first_name(cells),
                    _("Row %(row)s has the same institution: keep one of the two.")
                    % {"row": earlier.row.number},
                )
                return True
        return False

    def _name(self, entry: BroughtInstitution) -> None:
        """Let other sheets call it by each of its names, its acronym or its identifier."""
        words = words_of(entry.name) | {
            plain(entry.name.acronym),
            plain(entry.institution.identifier),
        }
        for name in entry.institution.names.all() if entry.institution.pk else ():
            words |= words_of(name) | {plain(name.acronym)}
        for word in words - {""}:
            self.named[word].append(entry)
            self.nearly[main_words(word)][id(entry)] = entry

    def _add_those_taking_part(self) -> None:
        listed = {entry.institution.pk for entry in self.draft.institutions}
        others = [key for key in self.of_project if key not in listed]
        for institution in Institution.objects.filter(pk__in=others).prefetch_related("names"):
            place = self.of_project[institution.pk][0]
            name = institution.name_on() or InstitutionName()
            entry = BroughtInstitution(WorkbookRow("", {}), institution, name, fate=Fate.THERE)
            entry.place, entry.role, entry.shown = place, place.role, institution.name
            self._name(entry)

    # What other sheets say

    def of(self, cells: Cells, column: str = "institution") -> BroughtInstitution | None:
        """Return the institution that the cell names, or mark it."""
        text = cells.text(column)
        return self.called(cells, column, text) if text else None

    def called(self, cells: Cells, column: str, text: str) -> BroughtInstitution | None:
        """Return the institution of that name, which is in the cell, or mark the cell."""
        found = self.named.get(plain(text), [])
        if not found:  # with other punctuation, or without its legal form
            found = list(self.nearly.get(main_words(text), {}).values())
        if len(found) == 1:
            return found[0]
        if found:
            cells.mark(column, _("Several institutions have this name: write the full name."))
        else:
            cells.mark(
                column,
                _(
                    "“%(name)s” is not one of the institutions of your project: add it "
                    "to the sheet “Institutions”, or write its name as it appears there."
                )
                % {"name": text[:80]},
            )
        return None


def _countries() -> list[tuple[str, str]]:
    return list(countries)


def _first_name(cells: Cells) -> str:
    names = [f"name_{language}" for language in LANGUAGES]
    filled = [name for name in names if not cells.is_empty(name)]
    return filled[0] if filled else "acronym"


def read_contacts(draft: Draft, book: InstitutionBook) -> None:
    here = Project.objects.filter(pk=draft.project.pk)
    known: KnownPeople = defaultdict(list)
    for each in contacts_with_a_place(here).filter(ended_on=None):
        known[each.institution_id, plain(each.full_name)].append(each)
    for row in draft.rows.get("contacts", []):
        _read_contact(draft, book, known, Cells(row))


def _read_contact(draft: Draft, book: InstitutionBook, known: KnownPeople, cells: Cells) -> None:
    cells.need("institution", _("Say to which institution the person belongs."))
    cells.need("full_name", _("Write the name of the person, or what they are called."))
    contact = Contact(
        full_name=cells.text("full_name"),
        title=cells.text("title"),
        email=cells.text("email"),
        phone=cells.text("phone"),
        language=cells.choice("language", lambda: list(LANGUAGES.items()))
        or draft.project.languages[0],
        sex=cells.choice("sex", lambda: Contact.Sex.choices) or Contact.Sex.UNSAID,
    )
    represents = cells.yes("represents", default=True)
    of = book.of(cells)
    if not cells.is_empty("full_name"):
        cells.check(contact, ("full_name", "title", "email", "phone"))
    if of is None:
        draft.unplaced.add(plain(contact.full_name))
        return
    entry = BroughtContact(cells.row, of, contact, represents)
    entry.shown = f"{contact.full_name} · {of.name}"
    if namesakes := known.get((of.institution.pk or 0, plain(contact.full_name))):
        _compare(draft, entry, namesakes)
    if represents and of.role not in DIRECT_ROLES and not (entry.contact.email or contact.email):
        cells.mark(
            "email",
            _("Enter the address: the person who confirms compares it with those already known."),
        )
    _refuse_twice(draft.contacts, entry, cells)
    draft.contacts.append(entry)


def _compare(draft: Draft, entry: BroughtContact, namesakes: list[Contact]) -> None:
    """Say whether the person is one whom the portal knows; of another address, ask."""
    address = entry.contact.email
    for known in namesakes:
        if address.casefold() in ("", known.email.casefold()):
            entry.contact, entry.fate = known, Fate.THERE
            return
    known = namesakes[0]
    update = ("update", _("It is the same person: use the address %(new)s") % {"new": address})
    keep = ("keep", _("It is the same person: leave everything as it is in the portal"))
    options = [keep, ("new", _("It is another person with the same name: enter them"))]
    sentence = _("%(person)s (%(institution)s) is already in the portal, with another address.")
    if known.user_id or not may_edit_contact(draft.user, known):
        # The address is where they sign in, or another project relies on it.
        sentence += " " + _("To change it, edit the contact on the institution's page.")
    else:
        options.insert(1, update)
    if not known.email and update in options:
        options.sort(key=lambda option: option != update)  # nothing is overwritten
        sentence = _("%(person)s (%(institution)s) is already in the portal, without an address.")
    words = {"person": known.full_name, "institution": entry.of.institution.name}
    answer = draft.ask(entry.row, "contacts", sentence % words, *options)
    if answer == "new":
        return
    entry.contact, entry.fate = known, Fate.THERE
    if answer == "update":
        entry.new_address, entry.fate = address, Fate.CHANGED


def _refuse_twice(others: Iterable[BroughtContact], entry: BroughtContact, cells: Cells) -> None:
    said = (plain(entry.contact.full_name), entry.contact.email.casefold())
    for other in others:
        its = (plain(other.contact.full_name), other.contact.email.casefold())
        if other.of is entry.of and its == said:
            cells.mark(
                "full_name",
                _("Row %(row)s has the same person: keep one of the two.")
                % {"row": other.row.number},
            )
