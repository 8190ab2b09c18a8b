"""What people call themselves in a video call, taken apart: “SEDIS - Ana P.”, “Ana Pérez (SEDIS)”."""

import re

from kernel.tables import plain

# A dash between two names has a space at one side at least; “Pérez-López” is one name.
_BETWEEN = re.compile(r"[()\[\]{}|/·:;,@]|\s[-–—]+\s?|[-–—]+\s")


def pieces_of(name: str) -> list[str]:
    """Split a name at brackets, dashes and the like; return one piece if it has none of them."""
    return [piece.strip() for piece in _BETWEEN.split(name) if plain(piece)]


def fits_initials(name: str, full_name: str) -> bool:
    """Whether “ana p” or “a perez” may be this person, both plain: a whole word of the name, and the
    initials of others."""
    words, theirs = name.split(), full_name.split()
    initials = [word for word in words if len(word) == 1]
    whole = [word for word in words if len(word) > 1]
    if not (initials and any(len(word) > 2 for word in whole)):
        return False
    for word in whole:
        if word not in theirs:
            return False
        theirs.remove(word)
    for letter in initials:
        fitting = next((word for word in theirs if word.startswith(letter)), None)
        if fitting is None:
            return False
        theirs.remove(fitting)
    return True


class CalledName:
    """A name as somebody wrote it, to be compared with many."""

    def __init__(self, text: str) -> None:
        self.text, self.words, self.pieces = text, plain(text), pieces_of(text)
        self._pieces = {plain(piece) for piece in self.pieces}

    def names(self, institution: str, words: str) -> bool:
        """Whether it is this name of an institution (`words`: the same, plain), or has it beside
        it. An acronym counts in its capitals, since its letters may be a word or a person's name."""
        if words in self._pieces:
            return True
        if " " in words:
            return f" {words} " in f" {self.words} "
        return institution in self.text and bool(
            re.search(rf"(?<!\w){re.escape(institution)}(?!\w)", self.text)
        )

    def without(self, known: set[str]) -> tuple[str, bool]:
        """Return it without the pieces that are `known`, and whether one piece at most is left."""
        left = [piece for piece in self.pieces if plain(piece) not in known]
        return " ".join(left), len(left) <= 1
