"""How to join a call: its link, number and passcode, taken out of an invitation that was pasted whole."""

import re
from typing import Any, NamedTuple

from django import forms

# Zoom and Teams name them so; an accent or a capital may be missing.
NUMBER = (
    r"(?:meeting id|webinar id|id\.?\s*de\s*(?:la\s*)?(?:reuni[oó]n|r[eé]union|seminario)"
    r"|(?:identifiant|n°) de r[eé]union)"
)
PASSCODE = (
    r"(?:passcode|password|c[oó]digo de acceso|clave de acceso|contraseña|code secret"
    r"|code d[’']acc[eè]s|mot de passe)"
)
CALLS = r"zoom\.us/|zoomgov\.com/|teams\.(?:microsoft|live)\.com/|meet\.google\.com/|webex\.com/|jit\.si/"
# Pasted into one line, the words that follow touch the address.
_ADDRESS = re.compile(
    rf"https?://[^\s<>\"]+?(?=(?:{NUMBER}|{PASSCODE})\s*:|[\s<>\"]|$)", re.IGNORECASE
)
_NUMBER = re.compile(rf"{NUMBER}\s*:\s*([\d][\d -]{{6,24}}\d)", re.IGNORECASE)
_PASSCODE = re.compile(rf"{PASSCODE}\s*:\s*([^\s]{{1,40}})", re.IGNORECASE)


class Call(NamedTuple):
    """How to join a call; a part that the text does not name is empty."""

    link: str
    number: str = ""
    passcode: str = ""


def call_of(text: str) -> Call:
    """Return what the text says. One that holds no address is taken for the link as it is, which its
    field then refuses."""
    text = text.replace("\xa0", " ").strip()
    found = [address.rstrip(".,;)") for address in _ADDRESS.findall(text)]
    if not found:
        return Call(text)
    calls = [address for address in found if re.search(CALLS, address, re.IGNORECASE)]
    number, passcode = _NUMBER.search(text), _PASSCODE.search(text)
    return Call(
        (calls or found)[0],
        " ".join(number[1].replace("-", " ").split()) if number else "",
        passcode[1] if passcode else "",
    )


class PastedLinkField(forms.URLField):
    """Takes the link out of an invitation that was pasted whole."""

    def to_python(self, value: Any) -> str | None:
        return super().to_python(call_of(value).link if value else value)
