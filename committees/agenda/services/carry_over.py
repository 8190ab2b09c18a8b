"""The beginning of an agenda: items of the committee's template, and, by rules, the business that
earlier meetings left open. The item names its rule (`AgendaItem.Source`).

Nothing comes twice: an item refers to the template or the earlier item that it comes from, and
an item that collects things (minutes, plans, recommendations, late actions, shifts, risks) takes new
ones in.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from committees.agenda.services.agenda import (
    OPENING_ITEMS,
    USUAL,
    in_languages,
    link_things,
    lock_meeting,
    place_on,
    refuse_unless_agenda_is_open,
    save_columns,
)
from committees.agenda.services.risks import briefing_of, shared_changes
from committees.models import (
    Action,
    ActionPlan,
    AgendaItem,
    Audience,
    Meeting,
    Minutes,
    Resolution,
    Shift,
    TemplateItem,
)
from committees.models.agenda import AgendaItemQuerySet
from committees.models.meeting import MeetingQuerySet
from committees.models.subject import LinkedThing
from kernel.languages import LANGUAGES, active_language, reading_order
from kernel.ordering import put_in_order
from kernel.refusal import Refusal
from projects.risks.services import RiskChange

Source, Purpose = AgendaItem.Source, AgendaItem.Purpose

# What a rule puts there anew at each meeting is not carried over from the one before.
BY_RULE = (*AgendaItem.COLLECTING, Source.PROVISIONAL)

# Of the usual agenda, what comes before all else.
OPENING = tuple(f"usual-{number}" for number in range(OPENING_ITEMS))

TITLES = {
    Source.MINUTES: gettext_lazy("Adoption of the minutes of the previous meeting"),
    Source.PLANS: gettext_lazy("Validation of the action plan"),
    Source.RECOMMENDATIONS: gettext_lazy("Recommendations awaiting an answer"),
    Source.OVERDUE: gettext_lazy("Overdue actions"),
    Source.SHIFTS: gettext_lazy("Dates and budget shifted within the committee's tolerance"),
    Source.RISKS: gettext_lazy("Risks that changed since the previous meeting"),
}
PURPOSES = {
    Source.MINUTES: Purpose.DECIDE,
    Source.PLANS: Purpose.DECIDE,
    Source.SHIFTS: Purpose.INFORM,
}


@dataclass
class AgendaOffer:
    """An item that may go on the agenda, or what an item there may take in (`extends`)."""

    key: str
    source: str
    titles: dict[str, str]
    purpose: str = Purpose.DISCUSS
    audience: str = Audience.COMMITTEE
    minutes_planned: int | None = None
    presenter: str = ""
    things: Sequence[LinkedThing] = field(default_factory=list)
    continues: AgendaItem | None = None
    template_item: TemplateItem | None = None
    extends: AgendaItem | None = None
    # The text about the things, by language; it replaces the one before.
    briefing: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        order = [active_language(), *reading_order()]
        return next((title for each in order if (title := self.titles.get(each))), "")

    @property
    def source_label(self) -> str:
        return str(Source(self.source).label)


def offers_for(meeting: Meeting) -> list[AgendaOffer]:
    """Return the open matters that may go on this agenda, in the order of an agenda.

    The number of queries does not depend on the number of matters.
    """
    there = list(meeting.items.prefetch_related("subjects"))
    offers = [
        *_collected(meeting, there),
        *_provisional(meeting, there),
        *_not_discussed(meeting, there),
    ]
    taken = {offer.template_item.pk for offer in offers if offer.template_item}
    taken |= {item.template_item_id for item in there if item.template_item_id}
    offers += _from_template(meeting, taken) or _usual(meeting, there)
    return sorted(offers, key=lambda offer: offer.key not in OPENING)


def carry_over(meeting: Meeting, keys: Collection[str]) -> int:
    """Put what was chosen on the agenda; answer how many items were added or took something in.

    What is not offered any more, somebody else has added: it is passed over.
    """
    with transaction.atomic():
        lock_meeting(meeting)
        refuse_unless_agenda_is_open(meeting)
        if meeting.agenda_is_frozen:
            raise Refusal(
                _(
                    "The agenda is frozen: add what is missing item by item, with the consent of all."
                )
            )
        chosen = [offer for offer in offers_for(meeting) if offer.key in keys]
        _take(meeting, chosen)
    return len(chosen)


@transaction.atomic
def enter_provisional(meeting: Meeting) -> None:
    """Put the decisions that were agreed between meetings on the agenda, to be ratified."""
    lock_meeting(meeting)
    if meeting.status in Meeting.TO_COME and not (meeting.agenda_is_frozen or meeting.is_past):
        _take(meeting, _provisional(meeting, list(meeting.items.prefetch_related("subjects"))))


def enter_next_agenda(resolution: Resolution) -> None:
    """A provisional decision goes on the next agenda that is open; where there is none yet, it
    waits for the next meeting to be planned."""
    meetings = resolution.committee.meetings.filter(
        status__in=[Meeting.Status.PLANNED, Meeting.Status.CONVENED], ends_at__gt=timezone.now()
    )
    if meeting := meetings.with_related().order_by("starts_at").first():
        enter_provisional(meeting)


def _take(meeting: Meeting, offers: list[AgendaOffer]) -> None:
    order = list(meeting.items.on_agenda())
    for offer in offers:
        item = offer.extends or _new_item(meeting, offer)
        _brief(item, offer.briefing)
        link_things(item, offer.things)
        if offer.extends is None:
            order.insert(place_on(order, item), item)
    put_in_order(order)


def _new_item(meeting: Meeting, offer: AgendaOffer) -> AgendaItem:
    item = AgendaItem(
        meeting=meeting,
        source=offer.source,
        purpose=offer.purpose,
        audience=offer.audience,
        minutes_planned=offer.minutes_planned,
        presenter=offer.presenter,
        continues=offer.continues,
        template_item=offer.template_item,
    )
    for language, title in offer.titles.items():
        setattr(item, f"title_{language}", title)
    item.note_translations([f"title_{language}" for language in offer.titles])
    item.save()
    return item


def _brief(item: AgendaItem, briefing: dict[str, str]) -> None:
    if briefing:
        for language, text in briefing.items():
            setattr(item, f"briefing_{language}", text)
        item.note_translations([f"briefing_{language}" for language in briefing])
        save_columns(item, "briefing")


# The rules


def earlier_meetings(meeting: Meeting) -> MeetingQuerySet:
    others = meeting.committee.meetings.exclude(pk=meeting.pk)
    return others.filter(starts_at__lt=meeting.starts_at).order_by("-starts_at")


def _last_held(meeting: Meeting) -> Meeting | None:
    return earlier_meetings(meeting).held().first()


def _collected(meeting: Meeting, there: list[AgendaItem]) -> Iterator[AgendaOffer]:
    """Offer minutes, plans, recommendations, late actions and shifts: one item for each, which also
    takes in what has come since it was added."""
    last = _last_held(meeting)
    lacks_minutes = last is not None and not Minutes.objects.filter(meeting=last).exists()
    late = Action.objects.filter(project=meeting.committee.project_id).late()
    rules = (
        (Source.MINUTES, _minutes_to_adopt(meeting), "minutes_id"),
        (Source.PLANS, _presented(meeting, there), "plan_id"),
        (Source.RECOMMENDATIONS, _unanswered(meeting), "earlier_id"),
        (Source.OVERDUE, late.order_by("reference"), "action_id"),
        (Source.SHIFTS, _shifted_actions(meeting, last), "action_id"),
    )
    for source, things, name in rules:
        here = next((item for item in there if item.source == source), None)
        linked = {getattr(subject, name) for subject in here.subjects.all()} if here else set()
        new = [thing for thing in things if thing.pk not in linked]
        # The minutes may still have to be written: their adoption is offered nevertheless.
        awaited = source == Source.MINUTES and here is None and lacks_minutes
        if new or awaited:
            yield AgendaOffer(
                key=source,
                source=source,
                titles=in_languages(partial(TITLES.__getitem__, source)),
                purpose=PURPOSES.get(source, Purpose.DISCUSS),
                things=new,
                extends=here,
            )
    if risks := _risks_in(meeting, there, last, shared_changes(meeting.committee, last)):
        yield risks


def risks_offer(
    meeting: Meeting, last: Meeting | None, changes: list[RiskChange]
) -> AgendaOffer | None:
    """Offer one item on the shared risks that changed since the last meeting, unless this agenda has
    it as they are now."""
    there = list(meeting.items.prefetch_related("subjects"))
    return _risks_in(meeting, there, last, [each for each in changes if each.risk.is_shared])


def _risks_in(
    meeting: Meeting, there: list[AgendaItem], last: Meeting | None, changes: list[RiskChange]
) -> AgendaOffer | None:
    """Return the offer of an item on risks, or of its rewritten text if the risks have changed since
    it was added."""
    here = next((item for item in there if item.source == Source.RISKS), None)
    briefing = briefing_of(changes, last)
    written = {language: here and getattr(here, f"briefing_{language}") for language in LANGUAGES}
    linked = {subject.risk_id for subject in here.subjects.all()} if here else set()
    new = [each.risk for each in changes if each.risk.pk not in linked]
    if not new and (here is None or written == briefing):
        return None
    return AgendaOffer(
        key=Source.RISKS,
        source=Source.RISKS,
        titles=in_languages(lambda: TITLES[Source.RISKS]),
        things=new,
        extends=here,
        briefing=briefing,
    )


def _minutes_to_adopt(meeting: Meeting) -> models.QuerySet[Minutes]:
    unsettled = Minutes.objects.exclude(status__in=Minutes.SETTLED).with_related()
    return unsettled.filter(meeting__in=earlier_meetings(meeting).held()).order_by(
        "meeting__starts_at"
    )


def _presented(meeting: Meeting, there: list[AgendaItem]) -> models.QuerySet[ActionPlan]:
    known = [subject.plan_id for item in there for subject in item.subjects.all()]
    plans = ActionPlan.objects.filter(project=meeting.committee.project_id)
    waiting = plans.filter(status=ActionPlan.Status.PRESENTED).exclude(pk__in=filter(None, known))
    return waiting.select_related("project", "period")


def _unanswered(meeting: Meeting) -> models.QuerySet[Resolution]:
    issued = meeting.committee.resolutions.filter(status=Resolution.Status.ISSUED)
    before = Q(meeting=None) | Q(meeting__starts_at__lt=meeting.starts_at)
    return issued.filter(before).select_related("committee").order_by("number")


def _shifted_actions(meeting: Meeting, last: Meeting | None) -> models.QuerySet[Action]:
    """Return the actions whose dates or budget the coordination shifted since the last meeting."""
    shifts = Shift.objects.filter(terms__action__project=meeting.committee.project_id)
    if last:
        shifts = shifts.filter(recorded_at__gt=last.ends_at)
    return Action.objects.filter(terms__shifts__in=shifts).distinct().order_by("reference")


def _provisional(meeting: Meeting, there: list[AgendaItem]) -> list[AgendaOffer]:
    known = [
        subject.earlier_id
        for item in there
        for subject in item.subjects.all()
        if subject.earlier_id
    ]
    waiting = meeting.committee.resolutions.provisional().exclude(pk__in=known)
    return [
        AgendaOffer(
            key=f"provisional-{decision.pk}",
            source=Source.PROVISIONAL,
            titles=in_languages(partial(_title_of_provisional, decision)),
            purpose=Purpose.DECIDE,
            things=[decision],
        )
        for decision in waiting.select_related("committee").order_by("number")
    ]


def _title_of_provisional(decision: Resolution) -> str:
    return _("Provisional decision %(number)s: ratify it or not") % {"number": decision.number}


def _left_open(meeting: Meeting) -> AgendaItemQuerySet:
    """Items of the last held meeting, and of those since that did not take place, that nobody
    spoke of. What was carried over from one of them into another is offered from the latter."""
    over = (Meeting.Status.HELD, Meeting.Status.ADJOURNED, Meeting.Status.CANCELLED)
    meetings = earlier_meetings(meeting).filter(status__in=over)
    if last := _last_held(meeting):
        meetings = meetings.filter(starts_at__gte=last.starts_at)
    carried = AgendaItem.objects.filter(meeting__in=[*meetings, meeting], continues__isnull=False)
    return (
        AgendaItem.objects.filter(meeting__in=meetings)
        .not_discussed()
        .exclude(pk__in=carried.values("continues"))
        .exclude(source__in=BY_RULE)
        .order_by("meeting__starts_at", "position", "pk")
    )


def _not_discussed(meeting: Meeting, there: list[AgendaItem]) -> Iterator[AgendaOffer]:
    known = [item.template_item_id for item in there if item.template_item_id]
    items = (
        _left_open(meeting)
        .exclude(template_item__in=known)
        .select_related("template_item", "meeting")
    )
    seen: set[int] = set()
    for item in items.with_subjects():
        # The same item of the template, left open by two meetings, comes back once.
        if item.template_item_id in seen:
            continue
        if item.template_item_id:
            seen.add(item.template_item_id)
        yield AgendaOffer(
            key=f"item-{item.pk}",
            source=Source.NOT_DISCUSSED,
            titles=columns_of(item),
            purpose=item.purpose,
            audience=item.audience,
            minutes_planned=item.minutes_planned,
            presenter=item.presenter,
            things=[subject.thing for subject in item.subjects.all()],
            continues=item,
            template_item=item.template_item,
        )


def _from_template(meeting: Meeting, taken: Collection[int]) -> list[AgendaOffer]:
    return [
        AgendaOffer(
            key=f"template-{item.pk}",
            source=Source.RECURRING if item.is_recurring else Source.TEMPLATE,
            titles=columns_of(item),
            purpose=item.purpose,
            audience=item.audience,
            minutes_planned=item.minutes_planned,
            template_item=item,
        )
        for item in meeting.committee.template.exclude(pk__in=taken)
    ]


def _usual(meeting: Meeting, there: list[AgendaItem]) -> list[AgendaOffer]:
    """Offer the usual agenda to a committee without a template: to its first meeting all of it, to a
    later one what comes back. Meetings that were recorded afterwards do not count."""
    if meeting.committee.template.exists():
        return []
    is_first = not earlier_meetings(meeting).filter(recorded_afterwards=False).exists()
    known = {title for item in there for title in columns_of(item).values() if title}
    return [
        AgendaOffer(
            key=f"usual-{number}",
            source=Source.USUAL,
            titles=item.titles,
            purpose=item.purpose,
            minutes_planned=item.minutes,
        )
        for number, item in enumerate(USUAL)
        if (meeting.is_constitutive if item.is_founding else is_first or item.is_recurring)
        and not known & set(item.titles.values())
    ]


def columns_of(item: AgendaItem | TemplateItem) -> dict[str, str]:
    return {language: getattr(item, f"title_{language}") for language in LANGUAGES}
