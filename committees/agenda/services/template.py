"""Changes the template of a committee's agendas. Each change locks the committee first."""

from collections.abc import Iterable

from django.db import models, transaction

from committees.models import Committee, TemplateItem
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
