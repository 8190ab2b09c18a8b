"""Asking the voting seats of a written procedure, each person with a link of their own."""

from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.models import AccessLink, User
from committees.models import Ballot, SeatTerm, WrittenConsultation
from committees.services.consultations import voting_seats
from committees.services.minutes_notices import can_be_told
from committees.services.notices import Told

PURPOSE = "answer_consultation"
MESSAGE = "committees/email/consultation"
ENTERED = "committees/email/ballot_entered"
# How long the page can be read after the last day for answers.
GRACE = timedelta(days=30)


def ask_seats(consultation: WrittenConsultation, *, by: User, silent_only: bool = False) -> Told:
    """Tell who holds a voting seat or stands in for its holder; `silent_only`: of those seats
    that have not answered yet."""
    terms = terms_of(consultation)
    if silent_only:
        answered = set(consultation.ballots.values_list("seat", flat=True))
        terms = [term for term in terms if term.seat_id not in answered]
    people = {term.contact.user_id: term.contact.user for term in terms if can_be_told(term)}
    told = sum(
        bool(
            send_to_person(
                person,
                MESSAGE,
                {"consultation": consultation, "url": issue_link(consultation, person, by=by)},
                subject=gettext_lazy("A page for you"),
            )
        )
        for person in people.values()
    )
    untold = [
        f"{term.seat} ({term.get_capacity_display()})" for term in terms if not can_be_told(term)
    ]
    return Told(people=told, without_access=untold)


def terms_of(consultation: WrittenConsultation) -> list[SeatTerm]:
    today = timezone.localdate()
    terms = SeatTerm.objects.on(today).filter(
        seat__in=voting_seats(consultation), contact__ended_on=None
    )
    terms = terms.select_related("contact__user", "seat__institution")
    return list(terms.prefetch_related("seat__institution__names"))


def issue_link(consultation: WrittenConsultation, person: User, *, by: User | None) -> str:
    """A new link, in place of the one that the person had to this procedure."""
    kind = ContentType.objects.get_for_model(WrittenConsultation)
    AccessLink.objects.filter(
        content_type=kind,
        object_id=consultation.pk,
        purpose=PURPOSE,
        user=person,
        revoked_at=None,
    ).update(revoked_at=timezone.now())
    lasts = consultation.answers_until - timezone.localdate() + GRACE
    _link, token = AccessLink.issue(person, PURPOSE, consultation, by=by, lasts=lasts)
    return absolute_url(reverse("committees:consultation-link", args=[token]))


def confirm_entered(ballot: Ballot) -> None:
    """What was entered for a seat is confirmed to who holds it."""
    for term in terms_of(ballot.consultation):
        if term.seat_id == ballot.seat_id and can_be_told(term):
            send_to_person(
                term.contact.user,
                ENTERED,
                {"ballot": ballot, "consultation": ballot.consultation},
                subject=gettext_lazy("An answer was entered for you"),
                key=f"ballot:{ballot.pk}:{term.contact.user_id}",
            )
