"""Changes the template of a committee's agendas. Each change locks the committee first."""

from collections.abc import Iterable

from django.db import models, transaction

from committees.agenda.services.usual import USUAL
from committees.models import Committee, TemplateItem
from kernel.languages import LANGUAGES
from kernel.names import plain
from kernel.ordering import by_keys, moved, put_in_order


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
    known = {title for item in committee.template.all() for title in _titles(item)}
    new = [item for item in source.template.all() if not _titles(item) & known]
    for item in new:
        item.pk, item.entry_key, item._state.adding = None, None, True
    return _append(committee, new)


def _titles(item: TemplateItem) -> set[str]:
    texts = (getattr(item, f"title_{language}") for language in LANGUAGES)
    return {plain(text) for text in texts if text}


def _append(committee: Committee, items: list[TemplateItem]) -> int:
    last = committee.template.aggregate(last=models.Max("position"))["last"] or 0
    for number, item in enumerate(items, start=last + 1):
        item.committee, item.position = committee, number
        item.note_translations([f"title_{language}" for language in LANGUAGES])
        item.save()
    return len(items)
