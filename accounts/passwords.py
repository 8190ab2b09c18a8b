"""Refuses passwords that are easy to guess: zxcvbn estimates how many attempts one would take.

Its own lists know English best. The words of this portal's people and of its surroundings are in
`password_words.txt`, in French and Spanish.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User

LEAST_SCORE = 3  # of 4: safe from somebody who tries passwords through the sign-in page
# zxcvbn reads no more; what follows can only make a password better.
MOST_CHARACTERS = 72
SHORTEST_WORD = 3  # shorter ones are in any text
# Three words of a list of 400 are guessed as quickly as a password of a score below LEAST_SCORE.
FEW_WORDS = 3
FEW_LETTERS = 3


class GuessablePasswordValidator:
    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError if the password is too easy to guess."""
        from zxcvbn import zxcvbn  # noqa: PLC0415  (its lists take 0.2 s and 20 MB)

        text = folded(password)[:MOST_CHARACTERS]
        known = [*words_of(user), *common_words()]
        estimate = zxcvbn(text, user_inputs=known)
        found = words_in(text, known)
        if estimate["score"] >= LEAST_SCORE and not is_little_else(text, found):
            return
        if found:
            reason = _("This password is easy to guess: others think of “%(word)s”, too.")
        else:
            reason = _("This password is easy to guess.")
        raise ValidationError(
            f"{reason} {self.get_help_text()}",
            code="password_guessable",
            params={"word": found[0] if found else ""},
        )

    def get_help_text(self) -> str:
        return _(
            "Choose four words or more that have nothing to do with each other, or let "
            "your browser create a password and remember it."
        )


def folded(text: str) -> str:
    """Return the text in small letters without accents, which nobody who guesses leaves out."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def common_words() -> list[str]:
    lines = Path(__file__).with_name("password_words.txt").read_text("utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    return [word for word in words if len(word) >= SHORTEST_WORD]


def words_of(user: User | None) -> list[str]:
    """Return words that somebody who knows the person and the portal would try first."""
    sources = [settings.SITE_HOST, *([user.full_name, user.email or ""] if user else [])]
    words = re.split(r"[\W_]+", folded(" ".join(sources)))
    return [word for word in words if len(word) >= SHORTEST_WORD]


def words_in(text: str, known: list[str]) -> list[str]:
    longest_first = sorted(filter(None, known), key=len, reverse=True)
    return re.findall("|".join(map(re.escape, longest_first)), text)


def is_little_else(text: str, found: list[str]) -> bool:
    """Return whether a few known words are all but the figures and signs of the password: for each
    sign between words zxcvbn counts a separate guess."""
    letters = sum(sign.isalpha() for sign in text) - sum(map(len, found))
    return 0 < len(found) <= FEW_WORDS and letters <= FEW_LETTERS
