"""Asks institutions for the values that are due and keeps their answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.letters import Letter
from accounts.links import new_link
from accounts.mail import send_to_person, short_text
from accounts.models import User
from accounts.undo import OVER, drop_unsent, messages_wait
from kernel.channel import ONLINE
from kernel.refusal import Refusal
from kernel.undo import SECONDS
from partners.models import Contact, Institution
from partners.services import let_in
from projects.framework.letters import values_entered_letter, values_letter
from projects.framework.services.values import ValueEntry, keep_values, take_step
from projects.framework.values_due import values_due
from projects.models import (
    DataPoint,
    Indicator,
    Period,
    Project,
    Representation,
    ValueRequest,
)
from projects.models.representation import RepresentationQuerySet
from projects.sending.recipients import Recipient, representatives
from projects.sending.sent import occasion_now

PURPOSE = "enter_values"
# How long the link still opens the page after the last day for answers.
GRACE = timedelta(days=30)


@dataclass
class SentRequests:
    """The new requests, the number of people who got a message, and the institutions without
    anybody who has an e-mail address."""

    requests: list[ValueRequest] = field(default_factory=list)
    people: int = 0
    unreached: list[Institution] = field(default_factory=list)


# --- Asking ---


def institutions_with_values_due(project: Project, period: Period) -> list[Institution]:
    """Return the institutions that are responsible for a missing value of the period, each once."""
    due = values_due([project], period.end + timedelta(days=1))
    institutions = (one.institution for one in due if one.period == period)
    return list({each.pk: each for each in institutions if each}.values())


@messages_wait()
@transaction.atomic
def ask_for_values(
    period: Period, institutions: Iterable[Institution], *, until: date, note: str, by: User
) -> SentRequests:
    """Ask each institution for its values of the period, and write to its people.

    An institution that was asked before gets no second request: its request can get more time.
    """
    sent = SentRequests()
    for institution in institutions:
        request, is_new = ValueRequest.objects.get_or_create(
            institution=institution,
            period=period,
            defaults={
                "project": period.project,
                "due_on": until,
                "note": note,
                "asked_by": by,
            },
        )
        if is_new:
            sent.requests.append(request)
            send_request(request, sent, by=by)
    return sent


@transaction.atomic
def take_back_requests(project: Project, *, by: User) -> None:
    """Undo what this person asked in this half minute, of the last period that they asked for. Raises
    Refusal once its time is over, a message has been sent or an institution has answered."""
    since = timezone.now() - timedelta(seconds=SECONDS)
    asked = project.value_requests.filter(asked_by=by, asked_at__gte=since)
    last = asked.order_by("asked_at").last()
    requests = list(asked.filter(period=last.period_id).select_for_update()) if last else []
    if not requests or any(request.answered_at for request in requests):
        raise Refusal(OVER)
    for request in requests:
        drop_unsent(request, since=request.asked_at, by=by)
        request.delete()


def request_recipients(project: Project, institutions: Iterable[Institution]) -> list[Recipient]:
    """Return whom `send_request` writes to for these institutions, and whom it cannot reach."""
    rows = Representation.objects.open().filter(
        participation__project=project,
        participation__institution__in=list(institutions),
        since__lte=timezone.localdate(),
    )
    return representatives(rows)


def send_request(
    request: ValueRequest,
    sent: SentRequests,
    *,
    by: User,
    make: Callable[[ValueRequest, str], Letter] = values_letter,
) -> None:
    """Write to everybody who speaks for the institution, each with a personal link, and an account where
    they have none; note in `sent` how many there are."""
    contacts = Contact.objects.filter(pk__in=_speaking(request).values("contact"), user=None)
    let_in(contacts.order_by("pk"), by=by)
    people = [person for person in people_of(request) if person.email]
    if not people:
        sent.unreached.append(request.institution)
    occasion = occasion_now(request.occasion)
    for person in people:
        letter = partial(make, request, issue_link(request, person, by=by))
        # What is said again, such as that a value was returned, has no key.
        key = f"{occasion}:{person.pk}" if make is values_letter else ""
        mail = send_to_person(person, letter, by=by, about=request, key=key)
        sent.people += bool(mail)


def people_of(request: ValueRequest) -> list[User]:
    """Return the users who represent the institution in the project today, and so may open a
    link."""
    keys = _speaking(request).values("contact__user")
    return list(User.objects.filter(pk__in=keys, is_active=True))


def _speaking(request: ValueRequest) -> RepresentationQuerySet:
    return Representation.objects.in_force().filter(
        participation__project=request.project_id,
        participation__institution=request.institution_id,
    )


def issue_link(
    request: ValueRequest, person: User, *, by: User, lasts: timedelta | None = None
) -> str:
    """Return the address of a new link for this person. It is shown once: only its hash is
    stored."""
    lasts = lasts or links_end(request) - timezone.now()
    return new_link(person, PURPOSE, request, "projects:request-link", by=by, lasts=lasts)


def links_end(request: ValueRequest) -> datetime:
    """Return the moment until which a new link opens: the end of the last day and some days of
    grace, in the time zone of the project. After that day it counts from today."""
    last = max(request.due_on, request.project.today) + GRACE
    return datetime.combine(last, time(23, 59), tzinfo=request.project.zone)


def request_short_text(request: ValueRequest, person: User, url: str) -> str:
    """Return the message as a short text, to pass on by messenger."""
    facts = {"request": request, "project": request.project, "url": url}
    return short_text(person, "projects/email/values", facts)


# --- Indicators and values of a request ---


def indicators_asked(request: ValueRequest) -> list[Indicator]:
    """Return the indicators for which the institution is responsible and whose values are due for
    this kind of period. Makes five queries."""
    found = Indicator.objects.filter(
        result__project=request.project_id,
        responsible=request.institution_id,
        due_per=request.period.kind,
    )
    indicators = list(
        found.order_by("result__code", "code", "pk")
        .select_related("result", "dimension", "second_dimension")
        .prefetch_related("dimension__categories", "second_dimension__categories")
    )
    for indicator in indicators:
        indicator.result.project = request.project
    return indicators


def period_before(period: Period) -> Period | None:
    """Return the last period of the same kind that ended before this one began, or None."""
    periods = period.project.periods.filter(kind=period.kind, end__lt=period.start)
    return periods.order_by("-end").first()


def values_of(
    indicators: Iterable[Indicator], periods: Iterable[Period | None]
) -> dict[tuple[int, int | None], list[DataPoint]]:
    """Return the actual values, totals and cells, by the keys of indicator and period."""
    points = DataPoint.objects.filter(
        indicator__in=list(indicators),
        kind=DataPoint.Kind.ACTUAL,
        period__in=[period for period in periods if period],
    )
    found: dict[tuple[int, int | None], list[DataPoint]] = {}
    for point in points:
        found.setdefault((point.indicator_id, point.period_id), []).append(point)
    return found


# --- Answering ---


@transaction.atomic
def answer_request(
    request: ValueRequest, entries: Iterable[tuple[Indicator, ValueEntry]], *, submit: bool
) -> int:
    """Keep the entered values, with `submit` also submit them; return how many values are
    submitted. What was emptied is kept as a draft: nobody could approve it.

    Raises ValidationError if one of them was approved meanwhile.
    """
    submitted, channel, by = 0, None, None
    for indicator, entry in entries:
        point = keep_values(indicator, DataPoint.Kind.ACTUAL, request.period, entry)
        channel, by = entry.channel, entry.by
        if submit and entry.says_something and point.status == DataPoint.Status.DRAFT:
            take_step(point, "submit", by=by)
        submitted += point.status == DataPoint.Status.SUBMITTED
    if submitted:
        request.answered_at = timezone.now()
        request.save(update_fields=["answered_at"])
    if channel and channel not in ONLINE:
        _confirm(request)
    return submitted


def _confirm(request: ValueRequest) -> None:
    """Tell the institution what was entered in its name."""
    for person in people_of(request):
        send_to_person(person, partial(values_entered_letter, request), about=request)
