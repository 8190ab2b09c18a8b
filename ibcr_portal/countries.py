"""Names of countries where a catalogue of django-countries has a slip or an old one: “Trinidad
yTobago”, “Suazilandia”, “Guyane” for Guyana."""

from django.utils.translation import gettext_lazy as _

COUNTRIES_OVERRIDE = {
    "CF": _("Central African Republic"),
    "GY": _("Guyana"),
    "MH": _("Marshall Islands"),
    "SZ": _("Eswatini"),
    "TT": _("Trinidad and Tobago"),
}
