"""The agenda of a meeting: its items, their order, and the things that they are about.

The meeting's row is locked while its agenda changes, so that two people lose no item to each
other, and nobody adds an item while somebody freezes the agenda.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from committees.models import (
    Action,
    AgendaItem,
    Committee,
    Meeting,
    Minutes,
    Resolution,
    Subject,
    TemplateItem,
)
from committees.models.subject import LinkedThing
from committees.plans.services.lifecycle import refuse_circular_link
from kernel.languages import LANGUAGES, working_languages
from kernel.names import plain
from kernel.ordering import by_keys, moved, put_in_order
from kernel.refusal import Refusal
from kernel.text import Multilingual, StrOrPromise, translated_names
from projects.models import Indicator, Project

Purpose = AgendaItem.Purpose


@dataclass(frozen=True)
class UsualItem:
    title: StrOrPromise
    purpose: str
    minutes: int
    is_recurring: bool = False
    # Only of the meeting that constitutes the committee.
    is_founding: bool = False

    @property
    def titles(self) -> dict[str, str]:
        """Return its title in each language in which the project works."""
        return in_languages(lambda: self.title, working_languages())


def in_languages(
    words: Callable[[], object], languages: Iterable[str] = LANGUAGES
) -> dict[str, str]:
    """Return the same words in each of the languages."""
    written = {}
    for language in languages:
        with translation.override(language):
            written[language] = str(words())
    return written


# How many of the usual items come before all else.
OPENING_ITEMS = 2

USUAL = (
    UsualItem(
        gettext_lazy("Opening and check of the quorum"), Purpose.INFORM, 10, is_recurring=True
    ),
    UsualItem(gettext_lazy("Adoption of the agenda"), Purpose.DECIDE, 5, is_recurring=True),
    UsualItem(
        gettext_lazy("Constitution of the committee and adoption of its terms of reference"),
        Purpose.DECIDE,
        20,
        is_founding=True,
    ),
    UsualItem(gettext_lazy("Progress of the project"), Purpose.INFORM, 20),
    UsualItem(gettext_lazy("Action plan"), Purpose.DECIDE, 30),
    UsualItem(gettext_lazy("Decisions and recommendations"), Purpose.DECIDE, 20),
    UsualItem(gettext_lazy("Other business"), Purpose.DISCUSS, 10, is_recurring=True),
    UsualItem(
        gettext_lazy("Date of the next meeting and closing"), Purpose.DECIDE, 5, is_recurring=True
    ),
)


# In the three languages, as `plain` writes them.
CLOSING = frozenset({"closing", "closure", "cloture", "cierre", "clausura"})


def lock_meeting(meeting: Meeting) -> Meeting:
    """Lock the meeting until the transaction ends and return it as it is in the database now;
    the object in hand takes over its status and what is closed for writing."""
    fresh = Meeting.objects.select_for_update(of=["self"]).with_related().get(pk=meeting.pk)
    for name in ("status", "records_stand", "notes_stand"):
        setattr(meeting, name, getattr(fresh, name))
    return fresh


def refuse_unless_agenda_is_open(meeting: Meeting) -> None:
    if not meeting.agenda_is_open:
        raise Refusal(
            _("The meeting is “%(status)s”: its agenda can no longer be changed.")
            % {"status": meeting.get_status_display()}
        )


@transaction.atomic
def add_item(item: AgendaItem) -> AgendaItem:
    """Put an item at the end of the agenda, yet before the closing of the meeting; the same form
    sent twice adds it once."""
    meeting = item.meeting
    lock_meeting(meeting)
    refuse_unless_agenda_is_open(meeting)
    if item.entry_key and (known := meeting.items.filter(entry_key=item.entry_key).first()):
        return known
    item.clean()
    item.position = next_position(meeting)
    order = list(meeting.items.on_agenda())
    item.save()
    place = place_on(order, item)
    if place < len(order) and item.status == AgendaItem.Status.ACCEPTED:
        order.insert(place, item)
        put_in_order(order)
        item.refresh_from_db(fields=["position"])
    return item


def place_on(order: Sequence[AgendaItem], item: AgendaItem) -> int:
    """Return where a new item comes: the minutes after the usual opening, all else at the end, yet
    before the closing of the meeting."""
    if item.source == AgendaItem.Source.MINUTES:
        opening = {title for item in USUAL[:OPENING_ITEMS] for title in item.titles.values()}
        others = (n for n, one in enumerate(order) if not opening & titles_of(one))
        return next(others, len(order))
    is_before = order and closes_the_meeting(order[-1]) and not closes_the_meeting(item)
    return len(order) - 1 if is_before else len(order)


def closes_the_meeting(item: AgendaItem) -> bool:
    """Whether it is still to come and says in its title that the meeting ends with it."""
    if item.status != AgendaItem.Status.ACCEPTED:
        return False
    return any(word in CLOSING for title in titles_of(item) for word in plain(title).split())


def is_routine(item: AgendaItem) -> bool:
    """Whether the portal put it on the agenda for the course of the meeting: nobody misses notes or
    a decision on it. The constitution of the committee is no routine."""
    return item.source == AgendaItem.Source.USUAL and not _is_founding(item)


def constitutes_committee(item: AgendaItem) -> bool:
    """Whether it is the usual item by which the first meeting constitutes its committee."""
    return item.meeting.is_constitutive and _is_founding(item)


def _is_founding(item: AgendaItem) -> bool:
    usual = {title for one in USUAL if one.is_founding for title in one.titles.values()}
    return bool(usual & titles_of(item))


def titles_of(item: AgendaItem | TemplateItem) -> set[str]:
    return {title for each in LANGUAGES if (title := getattr(item, f"title_{each}"))}


def next_position(meeting: Meeting) -> int:
    return (meeting.items.aggregate(last=models.Max("position"))["last"] or 0) + 1


@transaction.atomic
def change_item(item: AgendaItem) -> None:
    lock_meeting(item.meeting)
    refuse_unless_agenda_is_open(item.meeting)
    item.clean()
    # Not its notes, which somebody else may be writing, nor its state.
    save_columns(
        item, "title", "purpose", "minutes_planned", "presenter", "audience", "late_consent"
    )


@transaction.atomic
def move_item(item: AgendaItem, *, up: bool) -> None:
    """Move an item one place up or down. The first does not move up, nor the last down."""
    lock_meeting(item.meeting)
    refuse_unless_agenda_is_open(item.meeting)
    put_in_order(moved(list(item.meeting.items.on_agenda()), item, up=up))


@transaction.atomic
def order_items(meeting: Meeting, keys: Iterable[int]) -> None:
    """Put the items in the order of these keys. What somebody else has added meanwhile comes
    after them, what was taken off is passed over."""
    lock_meeting(meeting)
    refuse_unless_agenda_is_open(meeting)
    put_in_order(by_keys(list(meeting.items.on_agenda()), keys))


@transaction.atomic
def remove_item(item: AgendaItem) -> None:
    """Take an item off a draft agenda. What was convened or spoken of is withdrawn instead."""
    lock_meeting(item.meeting)
    refuse_unless_agenda_is_open(item.meeting)
    if item.meeting.agenda_is_frozen:
        raise Refusal(_("The agenda is frozen: withdraw the item or defer it instead."))
    if item.notes or item.resolutions.exists():
        raise Refusal(
            _("There are notes or resolutions on this item: withdraw or defer it instead.")
        )
    if item.documents.exists():
        raise Refusal(
            _("There are documents on this item: remove them first, or withdraw the item.")
        )
    item.delete()


def items_left_open(meeting: Meeting) -> list[str]:
    """Return the numbers and titles of the items that were neither discussed nor deferred."""
    return [
        f"{number}. {item.title}"
        for number, item in enumerate(meeting.items.on_agenda(), start=1)
        if item.status == AgendaItem.Status.ACCEPTED
    ]


@transaction.atomic
def take_item_step(item: AgendaItem, verb: str, *, by: User | None) -> None:
    """Take the step: items are discussed or deferred once the meeting has begun, and withdrawn, or
    put back, before it as well."""
    meeting = lock_meeting(item.meeting)
    refuse_unless_agenda_is_open(meeting)
    if verb not in {"withdraw", "restore"} and not meeting.was_begun:
        raise Refusal(_("The meeting has not begun: open it first."))
    item.take(verb, by=by)


def save_columns(thing: Multilingual, *names: str) -> None:
    """Write these fields and no others, since somebody else may be changing what the form does
    not show."""
    translated = set(translated_names(type(thing)))
    columns = [
        column
        for name in names
        for column in ([f"{name}_{lang}" for lang in LANGUAGES] if name in translated else [name])
    ]
    thing.save(update_fields=[*columns, "translation_sources"])


# What an item or a resolution is about


def project_of(owner: AgendaItem | Resolution) -> Project:
    committee = owner.committee if isinstance(owner, Resolution) else owner.meeting.committee
    return committee.project


@transaction.atomic
def link_things(owner: AgendaItem | Resolution, things: Iterable[LinkedThing]) -> None:
    """Link an item or a resolution to the things that it is about, each of them once."""
    if owner.meeting:  # what was resolved between meetings has none
        lock_meeting(owner.meeting)
    for thing in things:
        name = Subject.field_for(thing)
        if project_of_thing(thing) != project_of(owner).pk:
            raise Refusal(_("“%(thing)s” belongs to another project.") % {"thing": thing})
        if isinstance(thing, Action) and isinstance(owner, Resolution):
            refuse_circular_link(owner, thing)
        if not owner.subjects.filter(**{name: thing}).exists():
            owner.subjects.create(**{name: thing})


def project_of_thing(thing: LinkedThing) -> int:
    """Return the key of the project to which the thing belongs."""
    if isinstance(thing, Indicator):
        return thing.result.project_id
    if isinstance(thing, Minutes):
        return thing.meeting.committee.project_id
    if isinstance(thing, Resolution):
        return thing.committee.project_id
    return thing.project_id


def unlink(subject: Subject) -> None:
    """Remove a link, except that of a decision to the plan which it validated."""
    decision = subject.resolution
    if decision and subject.plan_id and decision.plans_validated.filter(pk=subject.plan_id):
        raise Refusal(
            _("This plan was validated by %(decision)s: the link has to stay.")
            % {"decision": decision}
        )
    subject.delete()


# The template of an agenda


def _lock(committee: Committee) -> None:
    Committee.objects.select_for_update(of=["self"]).get(pk=committee.pk)


@transaction.atomic
def add_template_item(item: TemplateItem) -> TemplateItem:
    """Add an item at the end of the template. The same form sent twice adds it once."""
    _lock(item.committee)
    key = item.entry_key
    if key and (known := item.committee.template.filter(entry_key=key).first()):
        return known
    last = item.committee.template.aggregate(last=models.Max("position"))["last"] or 0
    item.position = last + 1
    item.save()
    return item


@transaction.atomic
def move_template_item(item: TemplateItem, *, up: bool) -> None:
    _lock(item.committee)
    put_in_order(moved(list(item.committee.template.all()), item, up=up))


@transaction.atomic
def remove_template_item(item: TemplateItem) -> None:
    """Remove the item from the template; agendas keep the items that came from it."""
    _lock(item.committee)
    item.delete()


@transaction.atomic
def order_template(committee: Committee, keys: Iterable[int]) -> None:
    _lock(committee)
    put_in_order(by_keys(list(committee.template.all()), keys))


@transaction.atomic
def begin_usual_template(committee: Committee) -> int:
    """Fill an empty template with the usual agenda; return how many items were added."""
    _lock(committee)
    if committee.template.exists():
        return 0
    items = [
        TemplateItem(
            purpose=usual.purpose,
            minutes_planned=usual.minutes,
            is_recurring=usual.is_recurring,
            **{f"title_{language}": title for language, title in usual.titles.items()},
        )
        for usual in USUAL
        if not usual.is_founding
    ]
    return _append(committee, items)


@transaction.atomic
def copy_template(committee: Committee, source: Committee) -> int:
    """Add the items of another committee's template that this one does not have by their titles;
    return how many."""
    _lock(committee)
    known = {plain(title) for item in committee.template.all() for title in titles_of(item)}
    new = [
        item
        for item in source.template.all()
        if known.isdisjoint(plain(title) for title in titles_of(item))
    ]
    for item in new:
        item.pk, item.entry_key = None, None
    return _append(committee, new)


def _append(committee: Committee, items: list[TemplateItem]) -> int:
    last = committee.template.aggregate(last=models.Max("position"))["last"] or 0
    for number, item in enumerate(items, start=last + 1):
        item.committee, item.position = committee, number
        item.note_translations([f"title_{language}" for language in LANGUAGES])
        item.save()
    return len(items)
