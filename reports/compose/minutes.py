"""Minutes and the record of decisions, from frozen content if there is some.

Minutes that were circulated, adopted or sealed are printed from `Minutes.content` alone, whatever
the rows are today; a draft is made from what is written so far. Neither holds names of persons.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext

from committees.minutes.services.corrections import with_present_states
from committees.minutes.services.text import for_present_readers, in_language
from committees.models import Audience, Meeting, Minutes, Resolution
from kernel.formats import day
from reports.compose.blocks import (
    box,
    cell,
    field,
    heading,
    joined,
    listing,
    notice,
    pair,
    pair_line,
    paragraph,
    prose,
    table_of,
)
from reports.compose.frame import framed
from reports.compose.reading import DocumentReading, as_named, as_written, local_text
from reports.document_types import Block, FramedDocument, LocalText
from reports.models import About

Content = dict[str, Any]


def minutes_of(meeting: Meeting) -> Minutes | None:
    return Minutes.objects.with_related().filter(meeting=meeting).first()


def content_for_readers(
    minutes: Minutes, reading: DocumentReading, *, without: Collection[int] = ()
) -> Content:
    """Return the text in the reader's language, with the items of the reader's audiences only.

    Items are numbered anew, so that a reserved one leaves no gap. `without` holds the numbers of
    items that are withheld from all readers here.
    """
    content = for_present_readers(
        with_present_states(minutes, reading.language, minutes.text_in(reading.language))
        if minutes.is_circulated
        else in_language(minutes, reading.language)
    )
    shown = [
        item
        for item in content["items"]
        if item["audience"] in reading.audiences and item["number"] not in without
    ]
    titles = {item["title"]["text"] for item in shown}
    content["items"] = [item | {"number": place} for place, item in enumerate(shown, 1)]
    content["declarations"] = [
        row | {"items": [title for title in row["items"] if title["text"] in titles]}
        for row in content["declarations"]
    ]
    content["declarations"] = [row for row in content["declarations"] if row["items"]]
    return content


def minutes_document(
    about: About, reading: DocumentReading, annex: Iterable[Block] = ()
) -> FramedDocument:
    """Return the minutes as the readers of the document may see them, with errata, an annex, and with
    the code of verification once they are sealed. Raises Minutes.DoesNotExist."""
    minutes = Minutes.objects.with_related().get(meeting=about.of(Meeting))
    content = content_for_readers(minutes, reading)
    return framed(
        about,
        reading,
        [
            _which_language_binds(minutes, reading),
            *blocks_of_minutes(content),
            *_errata(minutes),
            *annex,
        ],
        heading=content["label"],
        title=f"{content['committee']} · {content['meeting']}",
        facts=_facts(minutes, content),
        code=minutes.code if minutes.is_sealed else "",
    )


def _facts(minutes: Minutes, content: Content) -> list[tuple[str, str]]:
    return [
        (_("Day"), content["day"]),
        (_("Time"), content["time"]),
        (_("Place"), content["place"]),
        (_("Kind"), f"{content['kind']} · {content['mode']}"),
        (_("State"), _state(minutes)),
        (_("Authoritative language"), minutes.get_language_display()),
    ]


def _state(minutes: Minutes) -> str:
    if minutes.is_sealed:
        return _("Adopted on %(adopted)s, sealed on %(sealed)s") % {
            "adopted": day(minutes.adopted_on),
            "sealed": day(minutes.sealed_on),
        }
    if minutes.is_settled:
        return _("Adopted on %(adopted)s") % {"adopted": day(minutes.adopted_on)}
    return minutes.get_status_display()


def _which_language_binds(minutes: Minutes, reading: DocumentReading) -> Block | None:
    if minutes.language == reading.language:
        return None
    return notice(
        _("Courtesy translation. The authoritative text is the one in this language: %(language)s.")
        % {"language": minutes.get_language_display()}
    )


def blocks_of_minutes(content: Content, *, below: int = 0) -> list[Block]:
    """`below` is the number of levels of headings above, if the minutes are part of a pack."""
    blocks: list[Block | None] = [
        heading(_("Attendance"), 1 + below),
        _seats(content["present"]),
        legend(content["institutions"]),
        paragraph(" ".join([content["quorum"], *content["counts"]])),
        _offices(content["offices"]),
        *_declarations(content["declarations"], below),
        prose(content["opening"]) if content["opening"] else None,
        heading(pgettext("of an agenda", "Items"), 1 + below),
        *(block for item in content["items"] for block in _item(item, below)),
    ]
    if content["closing"]:
        blocks += [heading(_("Closing"), 1 + below), prose(content["closing"])]
    if content["recorded_afterwards"]:
        recorded = _("Recorded afterwards from the documents of the meeting.")
        blocks.append(paragraph(recorded, "small"))
    if content["note"]:
        blocks.append(paragraph(content["note"], "small"))
    return [block for block in blocks if block]


def _seats(present: list[dict[str, Any]]) -> Block:
    fields = [
        field(_("Seat"), lambda seat: cell(seat["seat"], small=seat["institution"])),
        field(_("Kind of institution"), lambda seat: seat["kind"], 24),
        field(_("Vote"), lambda seat: _("Voting") if seat["voting"] else _("Observer"), 20),
        field(_("Presence"), lambda seat: cell(seat["presence"], small=_represented_by(seat)), 20),
    ]
    return table_of(present, fields)


def legend(institutions: list[dict[str, str]]) -> Block | None:
    """Return what the acronyms mean. The name of an institution that its readers may not know is
    its neutral designation, and says nothing."""
    named = [pair(row["short"], row["name"]) for row in institutions if row["short"] != row["name"]]
    return paragraph("; ".join(named), "small") if named else None


def _represented_by(seat: dict[str, Any]) -> str:
    if seat["by_alternate"]:
        return _("by alternate")
    return _("by delegate") if seat["by_delegate"] else ""


def _offices(offices: list[dict[str, str]]) -> Block | None:
    if not offices:
        return None
    return paragraph(" · ".join(pair(row["office"], row["seat"]) for row in offices))


def _declarations(rows: list[dict[str, Any]], below: int) -> list[Block]:
    if not rows:
        return []
    lines = []
    for row in rows:
        titles = "; ".join(title["text"] for title in row["items"])
        recused = _("recused") if row["recused"] else _("not recused")
        lines.append(pair(f"{row['seat']} ({recused})", titles))
    return [heading(_("Declarations of interest"), 2 + below), listing(lines)]


def _item(item: dict[str, Any], below: int) -> list[Block]:
    title: LocalText = {
        "text": f"{item['number']}. {item['title']['text']}",
        "lang": item["title"]["lang"],
    }
    presenter = as_named(item["presenter"]) if item["presenter"] else ""
    about = joined(" · ", [item["purpose"], presenter, item["state"]])
    blocks: list[Block] = [heading(title, 2 + below), paragraph(about, "small before")]
    if item["notes"]:
        blocks.append(prose(item["notes"]))
    corrections = item.get("corrections", [])
    return [
        *blocks,
        *(_resolution(row) for row in item["resolutions"]),
        *(paragraph(sentence, "small") for sentence in corrections),
    ]


def _resolution(row: dict[str, Any]) -> Block:
    lines = [
        " · ".join(part for part in (row["how"] or row["state"], row["seats"]) if part),
        pair(_("State"), capfirst(row["standing"])) if row.get("standing") else "",
        pair_line(_("Why it was put to a vote"), as_written(row["why"])) if row["why"] else "",
        charge(row["responsible"], row["due"]),
    ]
    return box(row["kind"], row["name"], row["text"], lines)


def charge(responsible: str, due: str) -> str:
    """Return who carries out a resolution, and until when, as far as that is known."""
    facts = ((_("Responsible"), responsible), (_("Due"), due))
    return " · ".join(pair(label, value) for label, value in facts if value)


def _errata(minutes: Minutes) -> list[Block]:
    """Return the errata, which are beside the sealed text and never in it."""
    errata = list(minutes.errata.all()) if minutes.is_sealed else []
    if not errata:
        return []
    rows = [pair(f"{erratum} ({day(erratum.made_on)})", erratum.text) for erratum in errata]
    return [heading(_("Errata"), anchor="errata"), listing(rows)]


# The record of decisions


def record_document(about: About, reading: DocumentReading) -> FramedDocument:
    """Compose decisions and recommendations alone, as an extract that may be published."""
    meeting = about.of(Meeting)
    minutes = minutes_of(meeting)
    rows = _resolved(meeting, minutes, reading)
    if reading.audience == Audience.PUBLIC:  # it reads what was decided alone
        rows = [row | {"why": ""} for row in rows]
    decisions = [row for row in rows if row["kind"] == Resolution.Kind.DECISION]
    recommendations = [row for row in rows if row["kind"] == Resolution.Kind.RECOMMENDATION]
    blocks: list[Block] = []
    if decisions:
        blocks += [heading(_("Decisions")), *map(_resolution, decisions)]
    if recommendations:
        blocks += [heading(_("Recommendations")), *map(_resolution, recommendations)]
    if not rows:
        blocks = [paragraph(_("The meeting adopted no decision and issued no recommendation."))]
    return framed(
        about,
        reading,
        blocks,
        title=f"{meeting.committee} · {meeting}",
        facts=[(_("Day"), day(meeting.day)), (_("State"), _state(minutes) if minutes else "")],
        shows_audience=reading.audience != Audience.PUBLIC,
    )


def _resolved(
    meeting: Meeting, minutes: Minutes | None, reading: DocumentReading
) -> list[dict[str, Any]]:
    """Return adopted and issued resolutions, in the words of the minutes once there are some."""
    resolved = meeting.resolutions.for_audiences(reading.audiences).adopted().with_related()
    found = list(resolved.order_by("number"))
    if not (minutes and minutes.is_circulated):
        return [_row(row, reading) for row in found]
    names = {str(row) for row in found}
    items = content_for_readers(minutes, reading)["items"]
    return [row for item in items for row in item["resolutions"] if row["name"] in names]


def _row(row: Resolution, reading: DocumentReading) -> dict[str, Any]:
    """Return a resolution as minutes would show it, before there are any."""
    return {
        "name": str(row),
        "kind": row.kind,
        "text": local_text(row, "text"),
        "how": row.how,
        "was_voted_down": row.was_voted_down,
        "why": row.rule_reason,
        "state": row.get_status_display(),
        "standing": row.standing,
        "seats": "",
        "responsible": reading.short_name(row.addressee) if row.addressee else "",
        "due": day(row.due_on) if row.due_on else "",
    }
