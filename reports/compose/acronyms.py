"""The table of the acronyms that a document uses: names of institutions, and terms of the trade."""

import re
from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from partners.models import Institution, InstitutionName
from reports.block_types import Block, LocalText
from reports.compose.blocks import Cell, cell, column, table
from reports.compose.reading import DocumentReading, local_text

# Donors' names for their own documents, in each language: a text in one may quote another.
TRADE = {
    "fr": {
        "AMC": "Affaires mondiales Canada",
        "CMR": "cadre de mesure du rendement",
        "GAR": "gestion axée sur les résultats",
        "ML": "modèle logique",
        "PEAS": "prévention de l’exploitation et des abus sexuels",
        "PMO": "plan de mise en œuvre du projet",
        "PTA": "plan de travail annuel",
        "PV": "procès-verbal",
    },
    "es": {
        "GpR": "gestión por resultados",
        "ML": "modelo lógico",
        "MMD": "marco de medición del desempeño",
        "PEAS": "prevención de la explotación y el abuso sexual",
        "PIP": "plan de implementación del proyecto",
        "POA": "plan operativo anual",
    },
    "en": {
        "AWP": "annual work plan",
        "GAC": "Global Affairs Canada",
        "LM": "logic model",
        "PIP": "project implementation plan",
        "PMF": "performance measurement framework",
        "PSEA": "protection from sexual exploitation and abuse",
        "RBM": "results-based management",
    },
}


def acronyms(reading: DocumentReading, composed: object) -> list[Block]:
    """Return a table of the acronyms in the composed data, by alphabet; [] if there are none.

    If two institutions share an acronym, an institution of the project takes precedence.
    """
    meanings = _of_institutions(reading)
    for language in (reading.language, *TRADE):
        for short, meaning in TRADE[language].items():
            meanings.setdefault(short, _in(meaning, language, reading))
    rows: list[list[Cell]] = [
        [cell(short), cell(meanings[short])]
        for short in sorted(_used(meanings, _texts(composed)), key=str.casefold)
    ]
    if not rows:
        return []
    return [table("", [column(_("Acronym"), 18), column(_("Meaning"))], rows, head=0)]


def _in(meaning: str, language: str, reading: DocumentReading) -> LocalText:
    return {"text": meaning, "lang": "" if language == reading.language else language}


def _of_institutions(reading: DocumentReading) -> dict[str, LocalText]:
    meanings: dict[str, LocalText] = {}
    for institution in reading.once("acronyms", lambda: _with_acronym(reading)):
        name = institution.name_on(reading.names_on)
        meaning = local_text(name, "name")
        if name and meaning and name.acronym and name.acronym != name.name:
            meanings.setdefault(name.acronym, meaning)
    return meanings


def _with_acronym(reading: DocumentReading) -> list[Institution]:
    """Return institutions with an acronym, those of the project first."""
    own = set(reading.project.participations.values_list("institution", flat=True))
    called = InstitutionName.objects.exclude(acronym="").values("institution")
    found = Institution.objects.filter(pk__in=called).with_names()
    found = found.filter(Q(is_guarded=False) | Q(pk__in=own))
    return sorted(found, key=lambda one: (one.pk not in own, one.pk))


def _used(acronyms: Collection[str], texts: Collection[str]) -> set[str]:
    """Return those that are words of the texts; an acronym may hold hyphens, dots and ampersands.

    To find the texts that hold one at all is much faster than to take all of them apart.
    """
    everything = "\n".join(texts)
    present = [short for short in acronyms if short in everything]
    is_in = re.compile("|".join(map(re.escape, present))).search
    words: set[str] = set()
    for text in filter(is_in, texts) if present else ():
        words.update(re.findall(r"\w+(?:[-.&/]\w+)*", text), re.findall(r"\w+", text))
    return words.intersection(present)


def _texts(composed: object) -> set[str]:
    """Return every text once, however deep. Not recursive: a document has a hundred thousand parts."""
    found, left = set(), [composed]
    while left:
        value = left.pop()
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list | tuple):
            left += value
    return found
