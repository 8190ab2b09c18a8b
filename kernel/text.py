"""Texts that people write: names in three languages, and longer texts in Markdown.

A name (title, statement, resolution) is kept in three real columns made by `translated()`;
`Multilingual` remembers from which text each translation was made. Longer texts are Markdown
without HTML, rendered here and nowhere else.
"""

import hashlib
import html
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

import nh3
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.token import Token
from translated_fields import TranslatedField

from kernel.languages import (
    LANGUAGES as LANGUAGES,
    active_language as active_language,
    reading_order,
    say_empty,
    working_languages,
    writing_order,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as StrOrPromise
else:
    # A text, or one that is translated when it is shown.
    StrOrPromise = str | Promise

MAX_LENGTH = 20_000
# Above these limits markdown-it needs seconds: each open bracket searches its whole paragraph,
# and a table pads each short row to the width of its head.
MAX_BRACKET_SEARCH = 200_000
MAX_TABLE_CELLS = 2_000


# Names in three languages


class _Translated(TranslatedField):
    """A column for each language, read in the active language or else in the first filled one."""

    if TYPE_CHECKING:
        # The library replaces itself by a property of the model.
        @overload
        def __get__(self, obj: None, owner: type[models.Model]) -> Self: ...
        @overload
        def __get__(self, obj: models.Model, owner: type[models.Model]) -> str: ...
        def __get__(self, obj: models.Model | None, owner: type[models.Model]) -> Self | str: ...
        def __set__(self, obj: models.Model, value: str) -> None: ...

    def __init__(self, field: "models.Field[Any, Any]") -> None:
        super().__init__(
            field,
            languages=LANGUAGES,
            attrgetter=lambda name, field: lambda obj: read(obj, name),
            attrsetter=lambda name, field: (
                lambda obj, value: setattr(obj, f"{name}_{active_language()}", value)
            ),
        )

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        """Label the columns, and require none of them: `Multilingual` requires any one.

        The library's `specific=` cannot do this: it compares the arguments, and comparing lazy
        labels while models are loaded asks for translations before they exist.
        """
        super().contribute_to_class(cls, name)
        label = self._field.verbose_name or name.replace("_", " ")
        columns = {column.name: column for column in cls._meta.local_fields}
        for language, language_label in LANGUAGES.items():
            column = columns[f"{name}_{language}"]
            column.verbose_name = format_lazy(
                "{label} ({language})", label=label, language=language_label
            )
            column.blank = True


def translated(field: "models.Field[Any, Any]") -> _Translated:
    """`title = translated(CharField(_("title"), …))` makes title_fr, title_es and title_en."""
    return _Translated(field)


def which_language(obj: models.Model, name: str) -> str:
    """Return the language in which `obj` shows `name` now, for `lang` of the element around it."""
    return shown(obj, name, active_language())[1]


def read(obj: models.Model, name: str) -> str:
    """Return `obj.title`, also for rows of a history table, which have only the columns."""
    return shown(obj, name, active_language())[0]


def shown(obj: models.Model, name: str, active: str) -> tuple[str, str]:
    """Return what `read` and `which_language` do, at once and without asking for the active
    language: for the rows of long lists."""
    if text := getattr(obj, f"{name}_{active}"):
        return text, active
    texts = {each: text for each in LANGUAGES if (text := getattr(obj, f"{name}_{each}"))}
    if not texts:
        return "", active
    # The order is asked for only where it matters, since the project may have to be looked for.
    order = texts if len(texts) == 1 else reading_order()
    language = next(each for each in order if each in texts)
    return texts[language], language


def columns_of(*names: str) -> list[str]:
    """Return the columns of translated fields for `.only(*columns_of("title", "result__statement"))`:
    of every language, since a reader who lacks a text in their own is served another."""
    return [f"{name}_{language}" for name in names for language in LANGUAGES]


def translated_names(model: type[models.Model]) -> list[str]:
    """Return the names that the model has in each language."""
    columns = (field.name for field in model._meta.concrete_fields if field.name[-3:] == "_en")
    names = (column.removesuffix("_en") for column in columns)
    return [name for name in names if isinstance(getattr(model, name, None), TranslatedField)]


def is_required(model: type[models.Model], name: str) -> bool:
    return not getattr(model, name)._field.blank


class Multilingual(models.Model):
    """Needs a required name in one language, whichever it is, and remembers in which it was written
    first (its origin) and from which text each of its translations was made."""

    # By name: the fingerprint of the origin's text by language, and the origin itself.
    translation_sources = models.JSONField(
        _("sources of the translations"), default=dict, blank=True, editable=False
    )

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Refuse a required name without a text in any language, at the first box that is shown."""
        errors = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.update_error_dict({})
        for name in translated_names(type(self)):
            boxes = [f"{name}_{language}" for language in writing_order()]
            asked = [box for box in boxes if box not in (exclude or ())]
            is_empty = not any(getattr(self, box).strip() for box in boxes)
            if asked and is_empty and is_required(type(self), name):
                errors[asked[0]] = [ValidationError(say_empty())]
        if errors:
            raise ValidationError(errors)

    def origin_of(self, name: str) -> str | None:
        """Return the language in which the name was written first, or None if it is empty. Where it
        was not noted, it is the first in all lists."""
        filled = [each for each in LANGUAGES if getattr(self, f"{name}_{each}")]
        noted = self.translation_sources.get(name, {}).get("origin")
        return noted if noted in filled else next(iter(filled), None)

    def mark_translated(self, language: str, name: str) -> None:
        """Note that the translation fits the present text of the origin. The caller saves."""
        if (origin := self.origin_of(name)) not in (None, language):
            sources = self.translation_sources.setdefault(name, {})
            sources[language] = _fingerprint(getattr(self, f"{name}_{origin}"))

    def note_translations(self, changed: Iterable[str]) -> None:
        """Note which columns were just written (`form.changed_data`)."""
        changed = set(changed)
        for name in translated_names(type(self)):
            written = {each for each in LANGUAGES if f"{name}_{each}" in changed}
            if not written or (origin := self._note_origin(name, written)) is None:
                continue
            for language in LANGUAGES:
                if language == origin:
                    continue
                if language in written:
                    self.mark_translated(language, name)
                elif origin in written:
                    # Its origin is unknown, but it was not made from the text written just now.
                    self.translation_sources[name].setdefault(language, "")

    def _note_origin(self, name: str, written: set[str]) -> str | None:
        """Keep the origin, or note it: of texts that are all new the one in the first language of
        the place, else as `origin_of`."""
        sources = self.translation_sources.get(name, {})
        filled = [each for each in reading_order() if getattr(self, f"{name}_{each}")]
        if sources.get("origin") in filled:
            return str(sources["origin"])
        origin = filled[0] if filled and written.issuperset(filled) else self.origin_of(name)
        # What was made from the text of another origin says nothing about this one.
        known = {} if "origin" in sources else sources
        if origin is None:
            self.translation_sources.pop(name, None)
        else:
            self.translation_sources[name] = known | {"origin": origin}
        return origin

    @property
    def stale_translations(self) -> list[tuple[str, str]]:
        """(field, language) of each translation whose original text has changed since."""
        return [
            (name, language)
            for name, origin in self._origins()
            for language in LANGUAGES
            if language != origin
            and getattr(self, f"{name}_{language}")
            and (source := self.translation_sources.get(name, {}).get(language)) is not None
            and source != _fingerprint(getattr(self, f"{name}_{origin}"))
        ]

    @property
    def missing_translations(self) -> list[tuple[str, str]]:
        """(field, language) of each text that exists, but not in that working language."""
        return [
            (name, language)
            for name, _origin in self._origins()
            for language in working_languages()
            if not getattr(self, f"{name}_{language}")
        ]

    def _origins(self) -> list[tuple[str, str]]:
        """(field, language) of each text that exists."""
        names = translated_names(type(self))
        return [(name, origin) for name in names if (origin := self.origin_of(name))]


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:12]


# Longer texts in Markdown


class TextTooLong(ValueError):
    """A text of more than MAX_LENGTH characters was about to be rendered."""


# Controls other than line ends, and marks that turn the reading direction or hide letters:
# none of the three languages needs them, and they can make a text look different from what it is.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
# A web page, a mail address, or an anchor in the same document such as #result-1100.
_LINK = re.compile(r"(https?://|mailto:)\S|#[a-z]+-[\w.~%-]+\Z", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_CLOSED = re.compile(r"\[[^\[\]\\`<]*\]")  # without signs that could hide the closing bracket
# Lines of nothing that Markdown or HTML gives a meaning to, as most texts are.
_WORDS_ALONE = re.compile("(?:[^\\W\\d_][^\\\\`*_\\[\\]<>&#|~\n]*(?:\n+|\\Z))*")
_ALIGNMENTS = {"text-align:right": "text-end", "text-align:center": "text-center"}
_TAGS = {
    *("p", "br", "strong", "em", "s", "ul", "ol", "li", "blockquote", "code", "pre", "hr", "a"),
    *("table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"),
}


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 (markdown-it asks for it by this name)
        return bool(_LINK.match(url))


_markdown = _Markdown("js-default", {"html": False, "typographer": False}).disable("image")


def clean_text(text: str) -> str:
    """Return the text without invisible marks, with plain line ends, in Unicode's normal form."""
    text = re.sub("\r\n|[\r\v\f]", "\n", text)
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))


def render_markdown(text: str, *, top: int = 3) -> SafeString:
    """Return HTML of a Markdown text whose highest headings are `<h{top}>`, without gaps in levels.

    A text that would take too long is rendered as plain paragraphs; `validate_markdown` refuses it
    where it is typed. Raises TextTooLong above MAX_LENGTH characters.
    """
    text = clean_text(text)
    if len(text) > MAX_LENGTH:
        raise TextTooLong
    if _too_many_open_brackets(text) or _too_many_cells(text):
        return _paragraphs(text)
    tokens = _markdown.parse(text)
    _fit_in(tokens, top)
    return mark_safe(  # noqa: S308 (cleaned by nh3)
        nh3.clean(
            _markdown.renderer.render(tokens, _markdown.options, {}),
            tags=_TAGS,
            attributes={"a": {"href", "title"}, "ol": {"start"}, "th": {"scope"}},
            allowed_classes={tag: set(_ALIGNMENTS.values()) for tag in ("th", "td")},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener nofollow",
        )
    )


def plain_text(text: str) -> str:
    """Return the words of a Markdown text, a line for each block, for mails, search and counting."""
    if len(text) > MAX_LENGTH or not _WORDS_ALONE.fullmatch(words := clean_text(text)):
        spaced = re.sub(r"(</(?:p|h\d|li|tr|pre|blockquote)>|<hr>)", r"\1\n", render_markdown(text))
        spaced = re.sub(r"<br>\n?", "\n", re.sub(r"</t[hd]>\s*(?=<t[hd])", " · ", spaced))
        words = html.unescape(nh3.clean(spaced, tags=set()))
    lines = (" ".join(line.split()) for line in words.splitlines())
    return "\n".join(line for line in lines if line)


def count_words(text: str) -> int:
    """Return how many words readers count, without marks of formatting; “d'une” or “1,250” is one."""
    return len(re.findall(r"\w+(?:[’'.,-]\w+)*", plain_text(text)))


class WordCount(models.PositiveIntegerField):
    """The number of words in a Markdown text of the same row. They are counted when the row is
    saved, since pages show them often; an `update` of the text has to count them itself."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(**{"default": 0, "editable": False} | options)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, arguments, options = super().deconstruct()
        return name, path, arguments, options | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> int:
        number = count_words(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, number)
        return number


def validate_markdown(text: str) -> None:
    """Validator of model and form fields; its messages say what to do."""
    if len(text) > MAX_LENGTH:
        raise ValidationError(
            _("This text has %(length)s characters; shorten it to at most %(limit)s."),
            code="too_long",
            params={"length": len(text), "limit": MAX_LENGTH},
        )
    text = clean_text(text)
    if _too_many_open_brackets(text):
        raise ValidationError(
            _("This text has many square brackets “[” that are not closed; close or remove them."),
            code="open_brackets",
        )
    if _too_many_cells(text):
        raise ValidationError(
            _("The tables in this text are too large; attach them as a file instead."),
            code="too_many_cells",
        )


def _too_many_open_brackets(text: str) -> bool:
    # Twice, since brackets may be nested, as in [[I 1110.1]].
    paragraphs = (
        _CLOSED.sub("]", _CLOSED.sub("", paragraph)) for paragraph in _BLANK_LINE.split(text)
    )
    search = (paragraph.count("[") * len(paragraph) for paragraph in paragraphs)
    return sum(search) > MAX_BRACKET_SEARCH


def _too_many_cells(text: str) -> bool:
    """Count each run of lines that could be a table as one table, as wide as its widest line."""
    runs = (run.split("\n") for run in _BLANK_LINE.split(text))
    cells = (len(lines) * max(line.count("|") for line in lines) for lines in runs)
    return sum(cells) > MAX_TABLE_CELLS


def _paragraphs(text: str) -> SafeString:
    parts = (escape(part.strip()).replace("\n", "<br>") for part in _BLANK_LINE.split(text))
    return mark_safe("\n".join(f"<p>{part}</p>" for part in parts if part))  # noqa: S308 (escaped)


def _fit_in(tokens: list[Token], top: int) -> None:
    """Shift headings below the page's own, and give table cells what the CSP and PDF/UA need."""
    outer: list[str] = []  # levels, as written, of the headings above the present one
    for token in tokens:
        if token.type == "heading_open":
            while outer and outer[-1] >= token.tag:
                outer.pop()
            outer.append(token.tag)
        if token.type in ("heading_open", "heading_close"):
            shown = f"h{min(top + len(outer) - 1, 6)}"
            token.tag = shown
        if token.type in ("th_open", "td_open"):
            alignment = _ALIGNMENTS.get(str(token.attrs.pop("style", "")))
            if alignment:
                token.attrs["class"] = alignment
        if token.type == "th_open":
            token.attrs["scope"] = "col"
