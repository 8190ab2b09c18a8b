"""Copies presets and orders their sections, under a lock on the preset's row."""

from collections.abc import Iterable

from django.db import transaction

from kernel.ordering import by_keys, moved, put_in_order
from reports.models import PresetSection, ReportPreset


def lock_preset(preset: ReportPreset) -> None:
    """Lock the preset until the transaction ends, so that two people who change its sections at
    once do not overwrite each other's order."""
    ReportPreset.objects.select_for_update().get(pk=preset.pk)


@transaction.atomic
def copy_sections(source: ReportPreset, preset: ReportPreset) -> None:
    """Give a new preset copies of the sections of another one."""
    sections = list(source.sections.all())
    for position, section in enumerate(sections, start=1):
        section.pk, section.preset, section.position = None, preset, position
    PresetSection.objects.bulk_create(sections)


@transaction.atomic
def add_section(section: PresetSection) -> None:
    """Store a new section as the last one of its preset."""
    lock_preset(section.preset)
    section.position = section.preset.sections.count() + 1
    section.save()


@transaction.atomic
def remove_section(section: PresetSection) -> None:
    lock_preset(section.preset)
    section.delete()


@transaction.atomic
def move_section(section: PresetSection, *, up: bool) -> None:
    lock_preset(section.preset)
    put_in_order(moved(list(section.preset.sections.all()), section, up=up))


@transaction.atomic
def order_sections(preset: ReportPreset, keys: Iterable[int]) -> None:
    lock_preset(preset)
    put_in_order(by_keys(list(preset.sections.all()), keys))
