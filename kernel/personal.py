"""What may identify a person in a text that people type, and forms that ask about it.

The portal must never hold data about victims, and texts have more readers than their writers think
of. Only the writer knows whether a number belongs to somebody, so nothing is forbidden: the form
shows what it found and who would read it, and saves it once the writer has said that it may be
saved as it is.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _, gettext_lazy

from kernel import typed_texts

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_NAME = r"[A-ZÁÉÍÑÓÚÜ][a-záéíñóúü]+"
_TELEPHONE = (
    r"t[ée]l(?:[ée]f?(?:ph)?one?|[ée]fono)?\.?|cel(?:ular)?|m[óo]vil|mobile|phone|whats ?app"
)
_WAYS_ES = r"calle|avenida|avda?\.|ave?\.|bulevar|blvd\.?|pasaje"
_DISTRICTS_ES = r"colonia|col\.|barrio|bo\.|residencial|urbanizaci[óo]n"
_WAYS_FR = r"rue|avenue|av\.|boulevard|boul\.|bd|chemin|ch\.|route|rang|all[ée]e|impasse"
_WAYS_EN = r"Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Lane|Crescent|Court"


def _spelled(at: str, dot: str) -> str:
    """Return a pattern of an address whose signs are words, such as “rosa arroba correo punto hn”."""
    between = rf"(?: ?[(\[]{dot}[)\]] ?| {dot} |\.)"
    return rf"\b[\w.+-]+(?: {at} | ?[(\[]{at}[)\]] ?)[\w-]+{between}[\w-]{{2,}}"


_PERSONAL = [
    (
        gettext_lazy("This looks like an identity number."),
        re.compile(
            # Honduras; Canada's SIN; passports, which only their word tells from other numbers.
            r"\b\d{4}[- ]?(?:19|20)\d\d[- ]?\d{5}\b"
            r"|\b\d{3}-\d{3}-\d{3}\b"
            r"|\b(?:SIN|NAS)\b\D{0,12}\d{3}[- ]?\d{3}[- ]?\d{3}\b"
            r"|(?i:\b(?:passe?ports?|pasaportes?)\b)[^\d\n]{0,20}?\b[A-Za-z]{0,3}\d{6,9}\b"
        ),
    ),
    (
        gettext_lazy("This looks like a telephone number."),
        re.compile(
            r"(?:\+|\b00)\d{1,3}[-. (]{0,2}\d{2,4}[-. )]{0,2}\d{2,4}[-. ]?\d{2,4}\b"
            r"|\b\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b"
            # Honduras; no pair of years, no year before a number, no part of a longer number.
            r"|(?<!\d[ ])\b(?!(?:19|20)\d\d(?:[ \u00a0]|-(?:19|20)\d\d))[23789]\d{3}[- \u00a0]\d{4}\b(?! \d)"
            rf"|(?i:\b(?:{_TELEPHONE}))[^\w\n]{{0,3}}\d(?:[-. ]?\d){{6,11}}\b"
        ),
    ),
    (
        gettext_lazy("This looks like an e-mail address."),
        re.compile(
            r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
            # In words, as people write it so that no program finds it.
            rf"|(?i:{_spelled('arroba', 'punto')}|{_spelled('arobase', 'point')}|{_spelled('at', 'dot')})"
        ),
    ),
    (
        gettext_lazy("This looks like the number of an account."),
        re.compile(
            # Not the verbs: “cuenta con 12000000”, “compte 12000000 habitants”.
            r"(?i:\b(?:cuentas?|cta|comptes?|accounts?|acct)\b(?! con\b))(?=\W)[^\d\n]{0,40}?"
            r"\b(?!(?:19|20)\d\d-(?:19|20)\d\d\b)(?:\d{8,20}|\d{2,6}(?:-\d{2,10}){1,4}|\d{4}(?: \d{4}){2,4})\b"
            r"|\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?\b"  # IBAN
        ),
    ),
    (
        gettext_lazy("This looks like the page of a person in a social network."),
        re.compile(
            r"(?i)\b(?:(?:facebook|fb|instagram|tiktok|twitter|linkedin|x)\.com|(?:fb|wa|t)\.me)"
            r"/(?:in/)?[\w.@%?=-]{2,}"
        ),
    ),
    (
        gettext_lazy("This looks like a street address."),
        re.compile(
            rf"(?i:\b\d{{1,5}}(?: ?(?:bis|ter))?,? (?:{_WAYS_FR}) [^\W\d_][^,;.\n]{{2,40}})"
            rf"|\b\d{{1,5}},? (?:{_NAME}\.? ){{1,3}}(?:{_WAYS_EN})\b"
            rf"|(?i:\b(?:{_WAYS_ES}) [^;.\n]{{1,40}}(?:#|\bn[.º°o]{{1,2}}|\bn[úu]mero|\bcasa) ?\d+)"
            rf"|(?i:\b(?:{_DISTRICTS_ES}) [^;.\n]{{2,60}}\b(?:calle|avenida|bloque|casa)\b[^;.\n]{{0,12}}\d)"
            r"|\b[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]\d[A-Z]\d\b"  # a Canadian postcode
        ),
    ),
    (
        gettext_lazy("This looks like a date of birth."),
        re.compile(
            r"\b(?:née? le|nacid[oa] el|naci[óo] el|(?:was )?born on|date de naissance"
            r"|fecha de nacimiento|date of birth)\b[ :(]{0,3}\w",
            re.IGNORECASE,
        ),
    ),
    (
        gettext_lazy("This looks like the name of a victim."),
        re.compile(
            r"\b(?i:victimes?|víctimas?|victims?)\b[ ,:(]+"
            rf"(?:(?i:nommée?|appelée?|llamad[oa]|de nombre|named|called)[ ,:]+{_NAME}"
            rf"|{_NAME} {_NAME})"
        ),
    ),
]

# A SIN without its name: its check digit tells it from other numbers.
_NINE_DIGITS = re.compile(r"\d{3}-\d{3}-\d{3}")


def personal_data_in(text: str) -> list[tuple[str, str]]:
    """Return what in the text may identify a person: a sentence that says what it looks like, and
    the words."""
    return [
        (str(sentence), " ".join(found.group().split()))
        for sentence, pattern in _PERSONAL
        for found in pattern.finditer(text)
        if not _NINE_DIGITS.fullmatch(found.group()) or _is_valid(found.group())
    ]


def _is_valid(number: str) -> bool:
    """Whether the last digit is the check digit of the others, as in Canada's SIN."""
    digits = [int(sign) for sign in number if sign.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def looks_personal(text: str) -> list[str]:
    """Return sentences about what in the text may identify a person, each once."""
    return list(dict.fromkeys(sentence for sentence, _words in personal_data_in(text)))


# Forms

# The code of the error that asks.
PERSONAL_DATA = "personal_data"
GUARDED_NAME = "guarded_name"
# The names of the ticks, in every form.
CHECKED = "personal_data_checked"
REPLACED = "names_replaced"
# Numbers and signs of things, which may look like those of persons.
NO_TEXTS = frozenset(
    {"acronym", "code", "currency", "donor_number", "donor_reference", "identifier", "legal_number"}
    | {"reference", "voucher"}
)


class AsksAboutPersonalData(forms.BaseForm):
    """A form that asks before it saves a text with data that may identify a person.

    The tick that confirms a text is shown with the error of its field, so it is there wherever the
    field is. It is good for the words that were found, not for others. A text that was not changed
    is not asked about.
    """

    # A sentence that says who would read the texts of this form.
    readers: ClassVar["StrOrPromise"] = ""
    # Fields that are meant for data of persons, besides those for e-mail addresses.
    meant_for_persons: ClassVar[tuple[str, ...]] = ()
    # Whether to ask at all: not while a text is still typed.
    asks_about_personal_data = True
    # Whether a text may be held (`kernel.typed_texts`), which keeps it with its author.
    keeps_author = True

    def full_clean(self) -> None:
        super().full_clean()
        if not (self.is_bound and self.asks_about_personal_data):
            return
        texts = [name for name in self.changed_data if self._is_text_to_ask_about(name)]
        for name in texts:
            self._ask_about(name)
            self._ask_about_names(name)
        if self.keeps_author and not self.errors:
            for name in texts:
                typed_texts.take(self.cleaned_data[name])

    def _is_text_to_ask_about(self, name: str) -> bool:
        return isinstance(self.cleaned_data.get(name), str) and self.is_asked_about(name)

    def _before(self, name: str) -> str:
        """Return the text as the page showed it, with single spaces, as the words that are found."""
        before = str(self.get_initial_for_field(self.fields[name], name) or "")
        return " ".join(before.split())

    def _ask_about(self, name: str) -> None:
        text, known = self.cleaned_data[name], self._before(name)
        found = [(says, words) for says, words in personal_data_in(text) if words not in known]
        if found and (key := _key(name, found)) not in self._confirmed(CHECKED):
            question = _question(found, self.readers, key)
            self.add_error(name, ValidationError(question, code=PERSONAL_DATA))

    def _ask_about_names(self, name: str) -> None:
        """Offer other words for the name of an institution that not every reader may know."""
        text, known = self.cleaned_data.get(name, ""), self._before(name)
        found = [(word, other) for word, other in typed_texts.names_in(text) if word not in known]
        if not found:
            return
        key = _key(name, found)
        if key in self._confirmed(REPLACED):
            for word, other in found:
                text = text.replace(word, other)
            self.cleaned_data[name] = text
            if hasattr(instance := getattr(self, "instance", None), name):
                setattr(instance, name, text)
        elif key not in self._confirmed(CHECKED):
            self.add_error(name, ValidationError(_question_of_names(found, key), code=GUARDED_NAME))

    def is_asked_about(self, name: str) -> bool:
        """Whether people type free text in that field, and it is not meant for data of persons."""
        return (
            is_free_text(self.fields[name])
            and name not in NO_TEXTS
            and name not in self.meant_for_persons
        )

    def _confirmed(self, tick: str) -> Iterable[str]:
        data: Any = self.data
        if hasattr(data, "getlist"):
            keys: list[str] = data.getlist(tick)
            return keys
        return [data.get(tick, "")]


class TextForm(AsksAboutPersonalData, forms.Form):
    """A form in which people type texts. Forms over rows ask as well (`kernel.stamps`)."""


def is_free_text(field: forms.Field) -> bool:
    """Whether a field takes any text: no address, no pattern, nothing hidden."""
    of_a_kind = (forms.EmailField, forms.URLField, forms.RegexField, forms.UUIDField)
    is_text = isinstance(field, forms.CharField) and not isinstance(field, of_a_kind)
    return is_text and not field.widget.is_hidden


def _key(name: str, found: list[tuple[str, str]]) -> str:
    words = "\n".join(words for _says, words in found)
    return f"{name}:{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def _question(found: list[tuple[str, str]], readers: "StrOrPromise", key: str) -> str:
    lines = ((says, words) for says, words in dict.fromkeys(found))
    return format_html(
        '{} <span class="d-block fw-normal">{}</span> {}',
        format_html_join(" ", '<span class="d-block">{} “{}”</span>', lines),
        readers
        or _("Everybody who sees this page can read it, and it may be printed in documents."),
        _tick(CHECKED, key, _("I have checked this: it may be saved as it is.")),
    )


def _question_of_names(found: list[tuple[str, str]], key: str) -> str:
    pairs = list(dict.fromkeys(found))
    return format_html(
        '{} <span class="d-block fw-normal">{}</span>{}{}',
        _("Not everybody who may come to read this may know the name: %(names)s.")
        % {"names": ", ".join(f"“{word}”" for word, _other in pairs)},
        _("Tick one of these and save again."),
        _tick(
            REPLACED,
            key,
            _("Write %(words)s instead.")
            % {"words": ", ".join(f"“{other}”" for _word, other in pairs)},
        ),
        _tick(CHECKED, key, _("Keep the name: all who read this text may know it.")),
    )


def _tick(name: str, key: str, words: str) -> str:
    return format_html(
        '<label class="form-check fw-normal mt-2">'
        '<input type="checkbox" class="form-check-input" name="{}" value="{}"> {}</label>',
        name,
        key,
        words,
    )
