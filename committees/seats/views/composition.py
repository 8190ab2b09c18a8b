"""The seats of a committee as its page shows them: plain rows, with names by need only."""

from collections import defaultdict
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _, pgettext

from accounts.models import User
from committees.models import Committee, Seat, SeatTerm
from committees.permissions.roles import may_see_name, seats_held
from committees.permissions.seats import may_edit_committee
from committees.seats.services.reading import Seats
from kernel.addresses import addresses
from kernel.formats import day
from kernel.templatetags.kernel_tags import lang_of
from partners.models import Institution


def composition(
    user: User, committee: Committee, seats: Seats
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the seats of today by kind of institution, state institutions and so on in one list,
    for `committees/composition.html`."""
    rows = _SeatRows(user, committee)
    kinds = {each.value: str(each.label) for each in Institution.Kind}
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for seat, institutions in seats:
        by_kind[kinds[seat.institution.kind]].append(rows.row(seat, institutions))
    return list(by_kind.items())


class _SeatRows:
    """Makes the rows of one committee."""

    def __init__(self, user: User, committee: Committee) -> None:
        self.user, self.committee = user, committee
        self.today = timezone.localdate()
        self.may_edit = may_edit_committee(user, committee)
        self.own = {term.seat_id for term in seats_held(user, committee.project)}
        self.sheet_url = addresses("committees:handover", committee.pk)
        self.colon = pgettext("between a label and its value", ":")
        self.offices = {each.value: str(each.label) for each in Seat.Office}

    def row(self, seat: Seat, institutions: list[Institution]) -> dict[str, Any]:
        holder = seat.holder_on(self.today)
        alternates = [term for term in seat.terms_on(self.today) if term != holder]
        sheets = institutions if self.may_edit or seat.pk in self.own else []
        return {
            "names": " · ".join(each.name for each in institutions),
            "label": seat.shown_label,
            "lang": lang_of(seat, "label"),
            "holder": self.term(holder, _("Principal member")) if holder else None,
            "alternates": [self.term(term, _("Alternate")) for term in alternates],
            "links": self.links(sheets),
            "illustrative": seat.institution.illustrative,
            "office": self.offices[seat.office] if seat.office else "",
            "is_voting": seat.is_voting,
        }

    def term(self, term: SeatTerm, role: str) -> dict[str, str]:
        is_named = may_see_name(self.user, self.committee.project, term.contact)
        return {
            "who": f"{role}{self.colon} {term.contact}" if is_named else role,
            "since": day(term.since) if self.may_edit else "",
        }

    def links(self, sheets: list[Institution]) -> list[tuple[str, str]]:
        found = []
        for institution in sheets:
            label = _("Handover sheet")
            name = f"{label} ({institution})" if len(sheets) > 1 else label
            found.append((name, self.sheet_url(institution.pk)))
        return found
