"""The code lists of IATI 2.03 that the portal uses: codes, and names in the reader's language.

From the lists of the standard (DAC sectors, policy markers, activity scope …) only those are here
that projects on the rights of the child use. A file of others may hold more codes: see
`projects.iati.read`.
"""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kernel.text import LANGUAGES

WHOLE = Decimal(100)

# Vocabularies
DAC = "1"  # of sectors (five digits) and of policy markers
SDG_TARGETS = "3"  # of tags
OWN = "99"  # of whoever reports

# DAC, five digits. There is none for the protection of children, nor for trafficking.
SECTORS = {
    "15130": _("Legal and judicial development"),
    "15132": _("Police"),
    "15134": _("Judicial affairs"),
    "15150": _("Democratic participation and civil society"),
    "15160": _("Human rights"),
    "15170": _("Women’s rights organisations and movements"),
    "15180": _("Ending violence against women and girls"),
    "15190": _("Orderly, safe, regular and responsible migration"),
    "15210": _("Security system management and reform"),
    "15220": _("Civilian peace-building, conflict prevention and resolution"),
    "15261": _("Child soldiers (prevention and demobilisation)"),
    "16010": _("Social protection"),
    "16015": _("Social services"),
    "16070": _("Labour rights"),
}
# Each with the code that replaced it.
WITHDRAWN_SECTORS = {"15161": "15160", "15162": "15160", "15164": "15170"}

# Targets on trafficking and exploitation, and others that projects of this kind pursue.
TARGETS = {
    "5.2": _("Eliminate all violence against women and girls, trafficking included"),
    "5.3": _("Eliminate child, early and forced marriage and other harmful practices"),
    "8.7": _("End forced labour, trafficking and child labour"),
    "16.1": _("Reduce all forms of violence everywhere"),
    "16.2": _("End abuse, exploitation, trafficking and all violence against children"),
    "16.3": _("Promote the rule of law and equal access to justice"),
    "16.6": _("Develop effective, accountable and transparent institutions"),
    "16.a": _("Strengthen national institutions to prevent violence and crime"),
}

TARGET = re.compile(r"(1[0-7]|[1-9])\.([1-9][0-9]?|[a-d])")

GENDER = "1"
MARKERS = {
    GENDER: _("Gender equality"),
    "2": _("Aid to environment"),
    "3": _("Participatory development and good governance"),
    "4": _("Trade development"),
    "5": _("Biodiversity"),
    "6": _("Climate change – mitigation"),
    "7": _("Climate change – adaptation"),
    "8": _("Desertification"),
    "9": _("Reproductive, maternal, newborn and child health"),
    "10": _("Disaster risk reduction"),
    "11": _("Disability"),
    "12": _("Nutrition"),
}
# Markers of Global Affairs Canada's project profiles beyond the DAC's; in IATI vocabulary 99.
OWN_MARKERS = {
    "children": _("Children’s issues"),
    "youth": _("Youth issues"),
    "indigenous": _("Indigenous issues"),
    "urban": _("Urban issues"),
    "ict": _("Information and communication technology"),
}
ALL_MARKERS = MARKERS | OWN_MARKERS
SIGNIFICANCES = {
    "0": _("Not targeted"),
    "1": _("Significant objective"),
    "2": _("Principal objective"),
    "3": _("Principal objective, within an action programme"),
    "4": _("Explicit primary objective"),
}
# Only two markers have significances beyond the principal objective.
HIGHEST_SIGNIFICANCE = {"8": "3", "9": "4"}

# Global Affairs Canada's own levels of gender equality, and their usual significance.
GENDER_LEVELS = {
    "GE-0": _("GE-0 · none"),
    "GE-1": _("GE-1 · partially integrated"),
    "GE-2": _("GE-2 · fully integrated"),
    "GE-3": _("GE-3 · targeted"),
}
SIGNIFICANCE_OF_LEVEL = {"GE-0": "0", "GE-1": "1", "GE-2": "1", "GE-3": "2"}

SCOPES = {
    "1": _("Global"),
    "2": _("Regional"),
    "3": _("Several countries"),
    "4": _("National"),
    "5": _("One first-level region of the country (department)"),
    "6": _("Several first-level regions of the country"),
    "7": _("One municipality"),
    "8": _("A single place"),
}
COLLABORATION_TYPES = {
    "1": _("Bilateral"),
    "2": _("Multilateral (inflows)"),
    "3": _("Bilateral, core contributions to NGOs"),
    "4": _("Multilateral outflows"),
    "6": _("Private sector outflows"),
    "7": _("Bilateral, ex-post reporting on NGOs"),
    "8": _("Bilateral, triangular co-operation"),
}
FLOW_TYPES = {
    "10": _("Official development assistance (ODA)"),
    "20": _("Other official flows (OOF)"),
    "21": _("Non-export-credit OOF"),
    "22": _("Officially supported export credits"),
    "30": _("Private development finance"),
    "35": _("Private market"),
    "36": _("Private foreign direct investment"),
    "37": _("Other private flows at market terms"),
    "40": _("Non flow"),
    "50": _("Other flows"),
}
FINANCE_TYPES = {
    "110": _("Standard grant"),
    "210": _("Interest subsidy"),
    "310": _("Capital subscription on deposit basis"),
    "421": _("Standard loan"),
    "422": _("Reimbursable grant"),
}
AID_TYPES = {
    "A01": _("General budget support"),
    "A02": _("Sector budget support"),
    "B01": _("Core support to NGOs and other private bodies"),
    "B02": _("Core contributions to multilateral institutions"),
    "B03": _("Contributions to specific programmes and funds"),
    "B04": _("Basket funds and pooled funding"),
    "C01": _("Project-type interventions"),
    "D01": _("Donor country personnel"),
    "D02": _("Other technical assistance"),
    "E01": _("Scholarships and training in donor country"),
    "G01": _("Administrative costs"),
    "H01": _("Development awareness"),
}
TIED_STATUSES = {
    "3": _("Partially tied"),
    "4": _("Tied"),
    "5": _("Untied"),
}

ORGANISATION_TYPES = {
    *("10", "11", "15", "21", "22", "23", "24", "30", "40"),
    *("60", "70", "71", "72", "73", "80", "90"),
}

# Names of dimensions in a file. The standard leaves them free, so they are fixed here.
SEX, AGE, INSTITUTION, LOCATION = "sex", "age-group", "institution", "location"
_NAME_OF_DIMENSION = {"sex": SEX, "age": AGE, "institution-kind": INSTITUTION}
_DEPARTMENTS = "department-"


def dimension_name(code: str) -> str:
    """Return the name of the portal's dimension in an IATI file; empty if it has none there. The
    departments of every country are locations."""
    return _NAME_OF_DIMENSION.get(code) or (LOCATION if code.startswith(_DEPARTMENTS) else "")


def marker_vocabulary(code: str) -> str:
    return DAC if code in MARKERS else OWN


def own_marker_names(code: str) -> dict[str, str]:
    """Return the name in each language of a marker that is not the DAC's: IATI requires it."""
    if code in MARKERS:
        return {}
    names = {}
    for language in LANGUAGES:
        with translation.override(language):
            names[language] = str(OWN_MARKERS[code])
    return names


def significances_of(marker: str) -> list[str]:
    """Return the significances of a marker; two markers have more than 0, 1 and 2."""
    return [code for code in SIGNIFICANCES if code <= HIGHEST_SIGNIFICANCE.get(marker, "2")]


def refuse_withdrawn(code: str) -> None:
    if code in WITHDRAWN_SECTORS:
        raise ValidationError(
            _("The code %(code)s was withdrawn; use %(other)s."),
            params={"code": code, "other": WITHDRAWN_SECTORS[code]},
        )
