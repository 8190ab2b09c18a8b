"""The seats of a committee, and who holds them when."""

from collections import defaultdict
from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.committee import Committee
from kernel.text import Multilingual, columns_of, translated
from partners.models import Contact, Institution
from partners.naming import shown_place
from projects.models import Participation


class SeatQuerySet(models.QuerySet["Seat"]):
    def on(self, day: date) -> Self:
        return self.filter(Q(since=None) | Q(since__lte=day), Q(until=None) | Q(until__gte=day))

    def of_institution(self, institution: Institution) -> Self:
        """Return the institution's own seats and those that it shares with others."""
        mine = Q(institution=institution) | Q(shared_with=institution)
        return self.filter(mine).distinct()

    def to_count(self, *, with_holders: bool) -> Self:
        """Read what a quorum counts: voting seats with the kind of their institution, and who
        holds them only where a vacant seat does not count."""
        seats = self.filter(is_voting=True).select_related("institution")
        seats = seats.only("committee", "is_voting", "since", "until", "institution__kind")
        return seats.prefetch_related("terms") if with_holders else seats

    def with_people(self) -> Self:
        return self.select_related("institution").prefetch_related(
            "institution__names", "terms__contact"
        )


class Seat(Multilingual):
    """A place in the committee. It belongs to an institution; people hold it for a time."""

    class Office(models.TextChoices):
        NONE = "", "–"
        CHAIR = "chair", _("Chair")
        SECRETARY = "secretary", _("Secretariat")

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="seats")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="seats",
        verbose_name=_("institution"),
    )
    # Several participations may share one seat; it counts for the kind of the first.
    shared_with = models.ManyToManyField(
        Institution,
        blank=True,
        related_name="shared_seats",
        verbose_name=_("shared with"),
    )
    label = translated(
        models.CharField(
            _("group represented"),
            max_length=200,
            blank=True,
            help_text=_("Where the seat speaks for a group rather than for its institution."),
        ),
    )
    is_voting = models.BooleanField(_("voting"), default=True)
    office = models.CharField(_("office"), max_length=20, choices=Office, blank=True, default="")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    # Which one it is of several seats with one name at one time; 0 where there are no others.
    number = models.PositiveSmallIntegerField(default=0, editable=False)
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    # Of the form that added it: the same form sent twice adds one seat.
    entry_key = models.UUIDField(null=True, editable=False)

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["committee", "-is_voting", "position", "pk"]
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        constraints = [
            models.CheckConstraint(
                name="seat_ends_after_it_starts",
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                violation_error_message=_("A seat ends after it starts."),
            ),
            models.UniqueConstraint(
                fields=["committee", "entry_key"], name="seat_of_a_form_sent_once"
            ),
            models.UniqueConstraint(
                fields=["committee"],
                condition=Q(office="chair", until=None),
                name="seat_one_open_chair",
                violation_error_message=_(
                    "The committee already has a chair: change the office of that seat first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self._numbered(self.shown_label or self.institution.short_name)

    def _numbered(self, name: str) -> str:
        if not self.number:
            return name
        # A neutral designation ends with a number of its own.
        return f"{name} {self.number}" if self.institution.is_named else f"{name} ({self.number})"

    @property
    def shown_institution(self) -> str:
        """The acronym of its institution, with a number where nothing else tells its seats apart."""
        name = self.institution.short_name
        return name if self.shown_label else self._numbered(name)

    @property
    def shown_label(self) -> str:
        """The label, unless its readers may not know the institution: it may say whose seat it is."""
        return self.label if self.label and self.institution.is_named else ""

    def clean(self) -> None:
        if self.institution_id and self.committee_id:
            project = self.committee.project
            if not Participation.objects.filter(
                project=project, institution=self.institution
            ).exists():
                raise ValidationError(
                    {"institution": _("Add the institution to the project's partners first.")}
                )
            self._refuse_second_chair()

    def _refuse_second_chair(self) -> None:
        if self.office != self.Office.CHAIR:
            return
        others = self.committee.seats.filter(office=self.Office.CHAIR).exclude(pk=self.pk)
        if self.since:
            others = others.filter(Q(until=None) | Q(until__gte=self.since))
        if self.until:
            others = others.filter(Q(since=None) | Q(since__lte=self.until))
        if other := others.with_people().first():
            raise ValidationError(
                {
                    "office": _(
                        "“%(seat)s” holds the chair at that time: first change its "
                        "office or enter its last day."
                    )
                    % {"seat": other}
                }
            )

    @property
    def institutions(self) -> list[Institution]:
        """The one it belongs to and those that share it."""
        return [self.institution, *sorted(self.shared_with.all(), key=shown_place)]

    def exists_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or self.until >= day
        )

    def meets(self, other: "Seat") -> bool:
        """Whether there is a day on which both exist."""
        begins, ends = date.min, date.max
        return self.pk != other.pk and (
            (self.since or begins) <= (other.until or ends)
            and (other.since or begins) <= (self.until or ends)
        )

    def terms_on(self, day: date) -> list["SeatTerm"]:
        return [term for term in self.terms.all() if term.covers(day)]

    def holder_on(self, day: date) -> "SeatTerm | None":
        holders = [term for term in self.terms_on(day) if term.capacity == SeatTerm.Capacity.HOLDER]
        return holders[0] if holders else None

    @property
    def holder(self) -> "SeatTerm | None":
        return self.holder_on(timezone.localdate())


def number_seats(committee: int) -> None:
    """Number the seats that have one name at one time, so that “IED 1” and “IED 2” can be told
    apart; all others have no number. Who writes seats calls it once, at the end."""
    named = ("institution", *columns_of("label"))
    rows = Seat.objects.filter(committee=committee).order_by("pk")
    alike: dict[tuple[Any, ...], list[Seat]] = defaultdict(list)
    for seat in rows.only("committee", "since", "until", "number", *named):
        alike[tuple(getattr(seat, name) for name in ("institution_id", *named[1:]))].append(seat)
    for seats in alike.values():
        several = [one for one in seats if any(one.meets(other) for other in seats)]
        for seat in seats:
            number = several.index(seat) + 1 if seat in several else 0
            if seat.number != number:
                Seat.objects.filter(pk=seat.pk).update(number=number)


def seats_on(committee: int, day: date) -> list[Seat]:
    """Return the seats of a day, of whose terms only those of that day are prefetched, with what a
    page says of the people. Their institutions are for the caller to add."""
    terms = SeatTerm.objects.on(day).select_related("contact__user")
    terms = terms.only(
        *("seat", "capacity", "since", "until", "contact__full_name", "contact__may_be_named"),
        *("contact__user", "contact__email", "contact__is_minor", "contact__ended_on"),
        *("contact__user__email", "contact__user__is_active"),
    )
    seats = Seat.objects.filter(committee=committee).on(day)
    seats = seats.order_by("-is_voting", "position", "pk")
    return list(seats.prefetch_related(Prefetch("terms", terms)))


class SeatTermQuerySet(models.QuerySet["SeatTerm"]):
    def on(self, day: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=day), since__lte=day)

    def current(self) -> Self:
        return self.on(timezone.localdate())

    def giving_a_place(self) -> Self:
        """Keep the terms that give a person access today, and add `place_in`, the project's key."""
        terms = self.current().filter(contact__ended_on=None)
        return terms.annotate(place_in=F("seat__committee__project"))


class SeatTerm(models.Model):
    """The term of a person in a seat, as its holder or as an alternate.

    PostgreSQL refuses two holders at one time (the first migration); `clean` explains it in a
    sentence.
    """

    class Capacity(models.TextChoices):
        HOLDER = "holder", _("Principal member")
        ALTERNATE = "alternate", _("Alternate")

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="terms")
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        related_name="seat_terms",
        verbose_name=_("person"),
    )
    capacity = models.CharField(
        _("capacity"), max_length=20, choices=Capacity, default=Capacity.HOLDER
    )
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    objects = SeatTermQuerySet.as_manager()

    class Meta:
        ordering = ["seat", "-capacity", "since"]
        verbose_name = _("term of office")
        verbose_name_plural = _("terms of office")
        constraints = [
            models.CheckConstraint(
                name="seatterm_ends_after_it_starts",
                condition=Q(until=None) | Q(until__gte=F("since")),
                violation_error_message=_("A term of office ends after it starts."),
            ),
            models.UniqueConstraint(
                fields=["seat"],
                condition=Q(capacity="holder", until=None),
                name="seatterm_one_open_holder",
                violation_error_message=_("Somebody holds this seat: end that term first."),
            ),
            models.UniqueConstraint(
                fields=["seat", "contact", "since"],
                name="seatterm_of_a_person_once",
                violation_error_message=_("This person already has a term from that day on."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat} · {self.contact}"

    @property
    def place(self) -> str:
        """What it gives the person, for `place_sources`."""
        return str(self.seat)

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or self.until >= day)

    def clean(self) -> None:
        if not (self.seat_id and self.since) or self.capacity != self.Capacity.HOLDER:
            return
        others = SeatTerm.objects.filter(seat=self.seat, capacity=self.Capacity.HOLDER)
        others = others.exclude(pk=self.pk).filter(Q(until=None) | Q(until__gte=self.since))
        if self.until:
            others = others.filter(since__lte=self.until)
        if others.exists():
            raise ValidationError(
                _("Somebody holds this seat at that time: end that term of office first.")
            )
