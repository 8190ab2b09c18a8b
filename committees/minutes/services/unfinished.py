"""What of a meeting looks unfinished, so that somebody looks at it before the minutes fix it."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from committees.models import AgendaItem, Meeting, Resolution


def unfinished(meeting: Meeting) -> list[str]:
    """Return a sentence on each kind of thing that is empty or odd; none of it hinders anybody."""
    items = list(meeting.items.on_agenda())
    decided = set(
        meeting.resolutions.exclude(status=Resolution.Status.DRAFTED)
        .filter(kind=Resolution.Kind.DECISION)
        .values_list("agenda_item", flat=True)
    )
    numbered = list(enumerate(items, start=1))
    spoken_of = [pair for pair in numbered if pair[1].status in AgendaItem.SPOKEN_OF]
    found = (
        (_("Presence not recorded: %(names)s."), _seats_without_a_word(meeting)),
        (
            _("Still on the agenda, neither discussed nor deferred: %(names)s."),
            _titles(pair for pair in numbered if pair[1].status == AgendaItem.Status.ACCEPTED),
        ),
        (
            _("For decision, without a decision: %(names)s."),
            _titles(
                (number, item)
                for number, item in spoken_of
                if item.purpose == AgendaItem.Purpose.DECIDE
                and item.status != AgendaItem.Status.DEFERRED
                and item.pk not in decided
            ),
        ),
        (
            _("Without notes: %(names)s."),
            _titles(
                (number, item)
                for number, item in spoken_of
                if item.status == AgendaItem.Status.DISCUSSED and not item.notes.strip()
            ),
        ),
    )
    return [sentence % {"names": "; ".join(names)} for sentence, names in found if names]


def _seats_without_a_word(meeting: Meeting) -> list[str]:
    recorded = meeting.attendances.exclude(seat=None).values("seat")
    seats = meeting.committee.seats.on(meeting.day).with_people()
    return [str(seat) for seat in seats.exclude(pk__in=recorded)]


def _titles(items: Iterable[tuple[int, AgendaItem]]) -> list[str]:
    return [f"{number}. {item.title}" for number, item in items]
