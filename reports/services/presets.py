"""Presets are copied, and their sections put in order, under a lock on the preset's row."""

from collections.abc import Iterable

from django.db import transaction

from kernel.ordering import by_keys, moved, put_in_order
from reports.models import PresetSection, ReportPreset


def hold(preset: ReportPreset) -> None:
    """Until the transaction ends: of two people who change its sections neither loses one."""
    ReportPreset.objects.select_for_update().get(pk=preset.pk)


@transaction.atomic
def copy_sections(source: ReportPreset, preset: ReportPreset) -> None:
    """A new preset begins with the sections of another one."""
    PresetSection.objects.bulk_create(
        PresetSection(
            preset=preset,
            kind=section.kind,
            position=place,
            is_required=section.is_required,
            translation_sources=section.translation_sources,
            label_fr=section.label_fr,
            label_es=section.label_es,
            label_en=section.label_en,
        )
        for place, section in enumerate(source.sections.all(), 1)
    )


@transaction.atomic
def add_section(section: PresetSection) -> None:
    """It comes last."""
    hold(section.preset)
    section.position = section.preset.sections.count() + 1
    section.save()


@transaction.atomic
def move_section(section: PresetSection, *, up: bool) -> None:
    hold(section.preset)
    put_in_order(moved(list(section.preset.sections.all()), section, up=up))


@transaction.atomic
def order_sections(preset: ReportPreset, keys: Iterable[int]) -> None:
    hold(preset)
    put_in_order(by_keys(list(preset.sections.all()), keys))
