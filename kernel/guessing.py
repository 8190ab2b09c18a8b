"""Guesses the language of a text that somebody typed into a field without languages.

Remarks, sources and reasons are kept as they were typed, and are printed in documents of every
language. A screen reader needs to know in which voice to read them.
"""

import re
from collections.abc import Collection

# Words that are frequent in one of the languages and rare in the others.
_WORDS = {
    "fr": "le les des du une et est sont dans pour par sur avec au aux ce cette qui que ne pas été "
    "en plus mois après chaque lors entre encore leur se si selon fois l’an exemple ont seront étaient",
    "es": "el los las del una y es son en para por con al este esta que no se su sus más mes "
    "después cada entre todavía según fue fueron ejemplo han sido serán salvo acuerdo",
    "en": "the of and is are in for by with at this that which not was were more month after each "
    "between still their its to from once been will example during because",
}
_LANGUAGES_OF: dict[str, set[str]] = {}
for _language, _words in _WORDS.items():
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, set()).add(_language)
_SIGNS = {"fr": "çèêœàùîôû", "es": "ñ¿¡"}


def guessed_language(text: str, among: Collection[str], otherwise: str) -> str:
    """Return the language of which the text has most words, `otherwise` if two have as many."""
    points = dict.fromkeys(among, 0.0)
    lower = text.lower().replace("'", "’")
    for word in re.findall(r"[^\W\d_]+(?:’[^\W\d_]+)?", lower):
        # French elides before a vowel: l’atelier, d’un.
        elided = re.match(r"([ldnsjcm]|qu)’", word)
        found = {"fr"} if elided else _LANGUAGES_OF.get(word, set())
        for language in found & points.keys():
            points[language] += 1 / len(found)
    for language, signs in _SIGNS.items():
        if language in points:
            points[language] += sum(sign in lower for sign in signs) / 2
    best = max(points.values(), default=0)
    leading = [language for language, count in points.items() if count == best]
    return leading[0] if best and len(leading) == 1 else otherwise
