"""Every document that can be made of a project, for each of its audiences; and what is in a file."""

import functools
import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader

from committees.models import ActionPlan, Attendance, Audience, Meeting
from reports.compose import freeze
from reports.kinds import KINDS, DocumentDefinition, compose
from reports.models import KINDS_OF, About, DocumentKind
from reports.permissions.documents import PERSONAL
from tests.reports.conftest import SIGNED_ON

LANGUAGES = ("fr", "es", "en")
# Who holds a document of their own, whatever the audience of its data is called.
ADDRESSEE = "addressee"
# The plans of which each audience has documents (`committees.permissions.roles`).
PLANS = {
    Audience.COMMITTEE: set(ActionPlan.Status) - {ActionPlan.Status.DRAFT},
    Audience.PARTNERS: set(ActionPlan.Status) - {ActionPlan.Status.DRAFT},
    Audience.DONOR: set(ActionPlan.SHOWN_TO_DONOR),
}


def abouts(rich) -> Iterator[tuple[About, DocumentDefinition]]:
    """Of the things of a project each kind of document that applies, to one addressee."""
    of = {
        "report": rich.told,
        "meeting": Meeting.objects.filter(committee=rich.world.committee),
        "attendance": Attendance.objects.filter(meeting=rich.world.meeting),
        "seat": rich.seats,
        "committee": [rich.world.committee],
        "plan": rich.plan_versions,
    }
    for name, kinds in KINDS_OF.items():
        for kind in kinds:
            for thing in of[name]:
                about = About(type(thing).objects.get(pk=thing.pk), kind)
                if not KINDS[kind].applies(about):
                    continue
                more = KINDS[kind].addressees or KINDS[kind].bases
                given = more(about).first() if more else None
                if given and KINDS[kind].addressees:
                    about = About(about.thing, kind, addressee=given)
                yield about, KINDS[kind]


def is_theirs(about: About, audience: str) -> bool:
    """Whether readers of that audience ever have a document of this thing."""
    if audience == Audience.COORDINATION:
        return True
    if isinstance(about.thing, ActionPlan):
        return about.thing.status in PLANS[audience]
    if isinstance(about.thing, Meeting):
        return about.thing.status != Meeting.Status.PLANNED
    return True


def documents_of(rich) -> Iterator[tuple[str, About, dict[str, Any]]]:
    """Composed, with the readers who hold it. Reports of all presets, the others than the first
    in one language for each audience."""
    for audience, by_language in freeze(rich.told[0], as_of=SIGNED_ON).items():
        for document in by_language.values():
            yield audience, About(rich.told[0]), document
    for about, kind in abouts(rich):
        if about.thing == rich.told[0]:
            continue
        for place, audience in enumerate(kind.audiences):
            languages = LANGUAGES
            if about.kind == DocumentKind.ANNUAL_REPORT:
                languages = [LANGUAGES[(place + about.thing.pk) % 3]]
            for language in languages if is_theirs(about, audience) else ():
                document = compose(about, language=language, audience=audience, as_of=SIGNED_ON)
                holder = ADDRESSEE if about.kind in PERSONAL else audience
                yield str(holder), about, document


# What is in a file


def words_of_data(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)


def words_of_archive(content: bytes) -> Iterator[tuple[str, str]]:
    """The name and the words of each file in a ZIP, whatever it is."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            yield name, words_of_file(name, packed.read(name))


def words_of_file(name: str, content: bytes) -> str:
    if name.endswith(".pdf"):
        return words_of_pdf(content)
    if name.endswith((".docx", ".xlsx")):
        return " ".join(words for _name, words in words_of_archive(content))
    return re.sub(r"<[^>]*>", "", content.decode("utf-8", "replace"))


@functools.cache  # the same file lies in many archives
def words_of_pdf(content: bytes) -> str:
    """What is drawn on its pages, and every string of its structure: titles, alternative texts,
    bookmarks, addresses, notes on the file itself."""
    reader = PdfReader(io.BytesIO(content))
    drawn = [page.extract_text() for page in reader.pages]
    return "\n".join([*drawn, *_strings(reader)])


def _strings(reader: PdfReader) -> Iterator[str]:
    for number in range(1, len(reader.xref_objStm) + len(reader.xref.get(0, {})) + 1):
        yield from _texts(reader.get_object(number))
    yield from _texts(reader.trailer.get("/Info"))


def _texts(value: Any) -> Iterator[str]:
    """Strings as text, also those that are kept as bytes; what is referred to has its turn."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each.get_object() if isinstance(each, str) else each)
    elif isinstance(value, str):
        yield str(value)
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
