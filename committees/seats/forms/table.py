"""The seats of a committee as one table: a row for each seat, and empty ones for new seats."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, Seat, SeatTerm
from committees.permissions.roles import people_known_in
from committees.seats.services.seats import SeatsRefused, seats_to_fill
from committees.seats.services.table import SeatEntry, TypedPerson
from kernel.form_fields import field_of
from kernel.names import plain
from kernel.stamps import Stamped
from partners.models import Contact
from projects.models import Participation

HOLDER, ALTERNATE = SeatTerm.Capacity.HOLDER, SeatTerm.Capacity.ALTERNATE
# How many empty rows there are at first, and come with each press.
NEW_ROWS, MOST_ROWS = 2, 60
PEOPLE = "known-people"
SAME, OTHER = "same", "other"


@dataclass(frozen=True)
class WhoIsIt:
    """What the table asks of another name in an occupied seat: whether it corrects the one before, or
    is another person's. `field` holds the answer, which was `sent`; an answer is good for the name
    that it was given for. None is proposed: the wrong one would pass unread."""

    field: str
    before: str
    after: str
    sent: str

    @property
    def same(self) -> str:
        return f"{SAME}:{self.after}"

    @property
    def other(self) -> str:
        return f"{OTHER}:{self.after}"

    @property
    def is_answered(self) -> bool:
        return self.sent in {self.same, self.other}


class SeatsTableRow(Stamped, forms.Form):
    """One seat, or an empty row. A row without an institution and without people is no seat."""

    institution = forms.TypedChoiceField(
        label=_("Institution"), coerce=int, required=False, empty_value=None
    )
    holder = forms.CharField(label=_("Name"), max_length=200, required=False)
    holder_email = forms.EmailField(label=_("E-mail address"), required=False)
    alternate = forms.CharField(label=_("Name"), max_length=200, required=False)
    alternate_email = forms.EmailField(label=_("E-mail address"), required=False)
    is_voting = forms.BooleanField(label=_("Voting"), required=False)
    invites = forms.BooleanField(label=_("Invite to the portal"), required=False)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        prefix: str,
        committee: Committee,
        choices: list[tuple[Any, str]],
        known: list[Contact],
        seat: Seat | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.committee, self.seat, self.known = committee, seat, known
        self.terms = self._present_terms()
        self.questions: dict[str, WhoIsIt] = {}
        super().__init__(
            data, prefix=prefix, initial=initial or self._present(), use_required_attribute=False
        )
        field_of(self, "institution", forms.TypedChoiceField).choices = choices
        for name, address in (("holder", "holder_email"), ("alternate", "alternate_email")):
            self.fields[name].widget.attrs |= {"list": PEOPLE, "autocomplete": "off"}
            term = self.terms.get(name)
            if term and term.contact.user_id:
                del self.fields[address]  # they sign in with it, and change it themselves
        if self.has_access:
            del self.fields["invites"]
        for each in self.fields.values():
            is_tick = isinstance(each, forms.BooleanField)
            is_choice = isinstance(each, forms.ChoiceField)
            each.widget.attrs["class"] = (
                "form-check-input"
                if is_tick
                else "form-select form-select-sm"
                if is_choice
                else "form-control form-control-sm mb-1"
            )
            if not (is_tick or is_choice):
                each.widget.attrs["placeholder"] = str(each.label)

    @property
    def summary_label(self) -> str:
        return str(self.seat or "")

    @property
    def edits(self) -> bool:
        return self.seat is not None

    @property
    def has_access(self) -> bool:
        """Whether everybody of the seat who may have an account has one already."""
        contacts = [term.contact for term in self.terms.values()]
        return bool(contacts) and all(one.user_id or one.is_minor for one in contacts)

    def _present_terms(self) -> dict[str, SeatTerm]:
        if self.seat is None:
            return {}
        terms = self.seat.terms_on(self.committee.project.today)
        first: dict[str, SeatTerm] = {}
        for term in sorted(terms, key=lambda each: each.pk):
            first.setdefault(term.capacity, term)
        return first

    def _present(self) -> dict[str, Any]:
        if self.seat is None:
            return {"is_voting": True}
        found: dict[str, Any] = {
            "institution": self.seat.institution_id,
            "is_voting": self.seat.is_voting,
        }
        for capacity, term in self.terms.items():
            found |= {capacity: term.contact.full_name, f"{capacity}_email": term.contact.email}
        return found

    @property
    def present(self) -> list[SeatTerm]:
        return self.seat.terms_on(self.committee.project.today) if self.seat else []

    @property
    def further(self) -> list[SeatTerm]:
        """Alternates beside the first, who are not in the row."""
        shown = {term.pk for term in self.terms.values()}
        return [term for term in self.present if term.pk not in shown]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        people = ("holder", "holder_email", "alternate", "alternate_email")
        if not data.get("institution") and (self.seat or any(data.get(name) for name in people)):
            self.add_error("institution", _("Choose the institution to which the seat belongs."))
        for name in ("holder", "alternate"):
            if data.get(f"{name}_email") and not data.get(name):
                self.add_error(name, _("Type the name of the person with this address."))
        if data.get("invites") and not (data.get("holder") or data.get("alternate")):
            self.add_error("holder", _("Type the name of the person to invite."))
        for capacity in (HOLDER.value, ALTERNATE.value):
            self._ask_who_it_is(capacity)
        return data

    def _person(self, capacity: str, *, is_correction: bool = False) -> TypedPerson:
        name = " ".join(self.cleaned_data.get(capacity, "").split())
        return TypedPerson(name, self.cleaned_data.get(f"{capacity}_email", ""), is_correction)

    def _ask_who_it_is(self, capacity: str) -> None:
        """Note the question where a name in an occupied seat may correct the one before."""
        term, typed = self.terms.get(capacity), self._person(capacity)
        is_moved = "institution" in self.changed_data
        if term is None or is_moved or not typed.full_name or typed.is_same_as(term.contact):
            return
        place = self.cleaned_data.get("institution")
        is_known = any(typed.is_known_as(contact, place) for contact in self.known)
        if is_known or not typed.may_be(term.contact):
            return
        field = self.add_prefix(f"{capacity}_is")
        sent = self.data.get(field, "")
        before = term.contact.full_name
        self.questions[capacity] = WhoIsIt(field, before, typed.full_name, sent)

    @property
    def asks_again(self) -> bool:
        return any(not question.is_answered for question in self.questions.values())

    def _is_correction(self, capacity: str) -> bool:
        question = self.questions.get(capacity)
        return question is not None and question.sent == question.same

    def entry(self, number: int) -> SeatEntry | None:
        """Return what is to be saved, or None of a row that was left alone."""
        data = self.cleaned_data
        if not data["institution"] or (self.seat and not self.changed_data):
            return None
        seat = self.seat or Seat(committee=self.committee)
        seat.institution_id, seat.is_voting = data["institution"], data["is_voting"]
        people = {
            capacity: self._person(capacity, is_correction=self._is_correction(capacity))
            for capacity in (HOLDER.value, ALTERNATE.value)
            if self.seat is None or {capacity, f"{capacity}_email"} & set(self.changed_data)
        }
        return SeatEntry(number, seat, people, data.get("invites", False))


class SeatsTable:
    """All rows of the table. `more` adds empty rows and saves nothing."""

    def __init__(self, committee: Committee, data: QueryDict | None = None) -> None:
        self.committee = committee
        self.more = data is not None and "more" in data
        self.known = list(people_known_in(committee.project).order_by("full_name", "pk"))
        participations = _participations(committee)
        self._choices = [
            ("", "–"),
            *sorted(
                {(one.institution_id, one.institution.name) for one in participations},
                key=lambda choice: plain(choice[1]),
            ),
        ]
        seats = seats_to_fill(committee)
        self.rows = [self._row(data, f"seat-{seat.pk}", seat) for seat in seats]
        self.has_seats = bool(seats)
        proposed = [] if seats else self._proposed(participations)
        typed = _number_in(data)
        self.new = len(proposed) + NEW_ROWS if data is None else typed
        for number in range(self.new):
            initial = proposed[number] if data is None and number < len(proposed) else None
            self.rows.append(self._row(data, f"new-{number}", None, initial))
        if self.more:
            self._add(NEW_ROWS * 2)

    def _row(
        self,
        data: QueryDict | None,
        prefix: str,
        seat: Seat | None,
        initial: dict[str, Any] | None = None,
    ) -> SeatsTableRow:
        return SeatsTableRow(
            data,
            prefix=prefix,
            committee=self.committee,
            choices=self._choices,
            known=self.known,
            seat=seat,
            initial=initial,
        )

    def _add(self, rows: int) -> None:
        for _each in range(min(rows, MOST_ROWS - self.new)):
            self.rows.append(self._row(None, f"new-{self.new}", None))
            self.new += 1

    def _proposed(self, participations: list[Participation]) -> list[dict[str, Any]]:
        """Return a row for each institution of the project, with the person whom the coordination
        knows there, if it is one."""
        people: dict[int, list[Contact]] = defaultdict(list)
        for contact in self.known:
            people[contact.institution_id].append(contact)
        rows: dict[int, dict[str, Any]] = {}
        for one in participations:
            row = rows.setdefault(
                one.institution_id, {"institution": one.institution_id, "is_voting": True}
            )
            row["is_voting"] &= one.role not in Participation.DONOR_ROLES
            if len(found := people[one.institution_id]) == 1:
                row |= {"holder": found[0].full_name, "holder_email": found[0].email}
        return list(rows.values())

    @property
    def people(self) -> list[str]:
        """The names that the boxes propose while somebody types."""
        return sorted({contact.full_name for contact in self.known})

    def is_valid(self) -> bool:
        # Each row shows its own errors, so each is looked at.
        wrong = [row for row in self.rows if row.is_bound and not row.is_valid()]
        return not (self.more or wrong)

    @property
    def asks_again(self) -> bool:
        """Whether a valid table first asks who some of the names belong to."""
        return any(row.asks_again for row in self.rows)

    @property
    def all_forms(self) -> list[Any]:
        """The rows whose errors are to be shown: none yet of somebody who asked for more rows."""
        return [] if self.more else self.rows

    def entries(self) -> list[SeatEntry]:
        return [entry for number, row in enumerate(self.rows) if (entry := row.entry(number))]

    def refuse(self, refusal: SeatsRefused) -> None:
        """Put what the service refused at its row."""
        for number, row in enumerate(self.rows):
            for sentence in refusal.by_seat.get(number, []):
                row.add_error(None, sentence)


def _participations(committee: Committee) -> list[Participation]:
    found = committee.project.participations.select_related("institution")
    rows: Iterable[Participation] = found.prefetch_related("institution__names")
    return sorted(rows, key=lambda one: (one.role in Participation.DONOR_ROLES, one.pk))


def _number_in(data: QueryDict | None) -> int:
    """Return how many empty rows were sent."""
    text = data.get("rows", "") if data is not None else ""
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdigit() else 0
