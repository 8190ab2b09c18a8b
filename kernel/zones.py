"""Time zones to choose from, in the reader's language."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from kernel.formats import localised_city
from kernel.names import plain
from kernel.text import StrOrPromise

# Continents and oceans; all other names of time zones are aliases.
ZONE_REGIONS = {
    "America": _("America"),
    "Europe": _("Europe"),
    "Africa": _("Africa"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
    "Arctic": _("Arctic"),
    "Antarctica": _("Antarctica"),
}


def zones_by_region(zones: Iterable[str]) -> list[tuple[StrOrPromise, list[tuple[str, str]]]]:
    """Return the choices of these time zones, without obsolete and technical names."""
    groups: dict[str, list[tuple[str, str]]] = {region: [] for region in ZONE_REGIONS}
    for zone in zones:
        region, _slash, place = zone.partition("/")
        if region in groups:
            label = localised_city(zone) or place.replace("_", " ").replace("/", " – ")
            groups[region].append((zone, label))
    return [
        (ZONE_REGIONS[region], sorted(found, key=lambda choice: plain(choice[1])))
        for region, found in groups.items()
    ]
