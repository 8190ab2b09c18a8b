"""A field that takes one thing of many: a choice of few; of more, a search by words."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kernel.names import plain

MANY = 30  # a list of links, or of choices, that nobody reads to the end


class Candidate(NamedTuple):
    key: str
    label: str

    def matches(self, words: str) -> bool:
        """Without regard to case and accents."""
        return plain(words.strip()) in plain(self.label)


class OneOfMany(forms.CharField):
    """The key of one candidate, or an empty text.

    Typed words find it by its label. If they find several, the form that is shown again offers these.
    """

    candidates: tuple[Candidate, ...] = ()

    def offer(self, candidates: Iterable[Candidate]) -> None:
        """Say, for each form anew, which there are."""
        self.candidates = tuple(candidates)
        if len(self.candidates) > MANY:
            self.widget = forms.SearchInput()
        else:
            self._let_choose(self.candidates)

    def clean(self, value: Any) -> str:
        words: str = super().clean(value)
        if not words or words in self._labels:
            return words
        found = [each for each in self.candidates if each.label == words] or [
            each for each in self.candidates if each.matches(words)
        ]
        if not found:
            raise ValidationError(_("Nothing here has this name: check how it is written."))
        if len(found) > 1:
            self._let_choose(found[:MANY])
            raise ValidationError(_("Several have this name: choose one of them."))
        return found[0].key

    def prepare_value(self, value: Any) -> Any:
        """Show what a key stands for where words are typed."""
        is_search = isinstance(self.widget, forms.SearchInput)
        return self._labels.get(str(value), value) if is_search else value

    @property
    def _labels(self) -> dict[str, str]:
        return dict(self.candidates)

    def _let_choose(self, candidates: Iterable[Candidate]) -> None:
        self.widget = forms.Select(choices=[("", "---------"), *candidates])
