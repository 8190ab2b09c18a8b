"""Converts documents of the first format to the second: computed chapters become blocks.

In the first format a report had rows, and the templates added the words around them. This module
has those words, in the order in which they were printed. Keys read by `get` were added during the
first day of the format.
"""

from collections.abc import Callable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from kernel.formats import MISSING, NO_BREAK
from kernel.frozen import Content
from reports.frozen.from_2 import (
    Block,
    Line,
    Text,
    box,
    cell,
    column,
    figure,
    heading,
    joined,
    link,
    note_on_stars,
    notice,
    pair,
    paragraph,
    pieces_of,
    starred,
    table,
)

Row = dict[str, Any]

RATINGS = {"met": "ok", "close": "warn", "behind": "bad"}
ACTIVITIES = {"done": "ok", "late": "bad", "in_progress": "info"}


def blocks_of_chapters(document: Content) -> Content:
    with translation.override(document["language"]):
        made = {}
        if "chapters" in document:
            made["chapters"] = [_chapter(chapter) for chapter in document["chapters"]]
        if "blocks" in document:
            made["blocks"] = [_block(block) for block in document["blocks"]]
    return document | made


def _chapter(chapter: Row) -> Row:
    part = chapter["part"]
    kept = {name: value for name, value in chapter.items() if name != "part"}
    # The first format had no annexes.
    own = {"number": str(chapter["number"]), "is_annex": False}
    return kept | own | {"blocks": PARTS[chapter["kind"]](part) if part else []}


def _block(block: Block) -> Block:
    """Convert a block of a document that is no report; three kinds of blocks had fewer keys
    there."""
    if block["type"] == "heading":
        return {"over": ""} | block
    if block["type"] == "box":
        title, lines = block["title"], block["lines"]
        return block | {
            "title": {"text": title, "lang": ""},
            "lines": [pieces_of(line) for line in lines],
        }
    if block["type"] == "table":
        rows = [
            row | {"cells": [{"to": ""} | each for each in row["cells"]]} for row in block["rows"]
        ]
        return block | {"rows": rows}
    return block


# Results


def _progress(part: Row) -> list[Block]:
    results, chart = part["results"], part["chart"]
    rows = [row for result in results for row in result["indicators"]]
    return [
        *_in_short(part["counts"]),
        *(
            [figure("indicators", _("Indicators against their targets"), chart)]
            if chart["labels"]
            else []
        ),
        *(block for result in results for block in _result(result)),
        *note_on_stars([*results, *rows]),
    ]


def _in_short(counts: list[Row]) -> list[Block]:
    if not counts:
        return []
    ratings = " · ".join(pair(each["label"], each["count"]) for each in counts)
    cumulative = _("Values are cumulative, from the start of the project to the end of the period.")
    return [notice(f"{ratings}. {cumulative}")]


def _result(result: Row) -> list[Block]:
    title = starred(result["statement"] or result["code"], result.get("illustrative", False))
    over = f"{result['level']} {result['code']}"
    code, rows = {"code": result["code"]}, result["indicators"]
    counted = [_counted(row) for row in rows if not row["is_words"]]
    worded = [[_name(row), row["target"], row["actual"]] for row in rows if row["is_words"]]
    blocks = [heading(title, anchor=result["anchor"], over=over)]
    if counted:
        columns = [
            column(_("Indicator")),
            column(_("Baseline"), 11, num=True),
            column(_("Target"), 10, num=True),
            column(_("Actual value"), 11, num=True),
            column(_("Variance"), 11, num=True),
            column(_("Rating"), 18),
        ]
        blocks.append(table(_("Indicators of result %(code)s") % code, columns, counted))
    if worded:
        columns = [column(_("Indicator")), column(_("Target"), 32), column(_("Actual value"), 36)]
        caption = _("Indicators of result %(code)s reported in words") % code
        blocks.append(table(caption, columns, worded))
    return blocks


def _counted(row: Row) -> list[Any]:
    return [
        _name(row),
        row["baseline"],
        row["target"],
        row["actual"],
        row["variance"] or MISSING,
        cell(row["rating_label"], tone=RATINGS.get(row["rating"], "")),
    ]


def _name(row: Row) -> Row:
    name = row["name"] or {"text": "", "lang": ""}
    text = name | {"text": f"{row['code']}{NO_BREAK} {name['text']}"}
    return cell(starred(text, row["illustrative"]), small=row["comment"], anchor=row["anchor"])


# Activities and amendments


def _activities(part: Row) -> list[Block]:
    columns = [
        column(_("Activity")),
        column(_("When"), 20),
        column(_("Result"), 11),
        column(_("Participants"), 16, num=True),
        column(_("State"), 15),
    ]
    rows = part["rows"]
    lines = [_activity(row) for row in rows]
    return [table(_("Activities of the period"), columns, lines), *note_on_stars(rows)]


def _activity(row: Row) -> list[Any]:
    result = row["result"] or {"label": MISSING, "to": ""}
    place = ", ".join(part for part in (row["kind"], row["place"]) if part)
    return [
        cell(starred(row["title"], row["illustrative"]), small=place, anchor=row["anchor"]),
        row["when"],
        cell(result["label"], to=result["to"]),
        cell(row["participants"] or MISSING, small=row["women"]),
        cell(row["state_label"], small=row["share"], tone=ACTIVITIES.get(row["state"], "")),
    ]


def _amendments(part: Row) -> list[Block]:
    rows = part["rows"]
    return [*map(_amendment, rows), *note_on_stars(rows)]


def _amendment(row: Row) -> Block:
    title = row["title"] or {"text": "", "lang": ""}
    named = title | {"text": f"{row['name']} · {title['text']}"}
    committee: list[Line] = [link(each["label"], each["to"]) for each in row["committee"]]
    both = row["before"] and row["after"]
    lines: list[Line] = [
        pair(_("End of the project"), row["ends"]) if row["ends"] else "",
        pair(_("Budget"), row["amounts"]) if row.get("amounts") else "",
        [pair(_("Before"), ""), row["before"]] if both else "",
        [pair(_("After"), ""), row["after"]] if both else "",
        f"{row['kind']} · {row['status_label']}",
        [pair(_("Committee"), ""), *(joined(", ", committee) or [_("no decision yet")])],
        pair(_("Donor"), row["donor"] or _("no answer yet")),
    ]
    text = starred(named, row["illustrative"])
    return box("amendment", text, row["reason"], lines, anchor=row["anchor"])


# Governance


def _governance(part: Row) -> list[Block]:
    resolved = [*part["decisions"], *part["recommendations"]]
    return [
        *_composition(part),
        *_meetings(part["meetings"], part["meetings_after"]),
        *_resolutions(_("Decisions"), "decisions", part["decisions"]),
        *_resolutions(
            _("Recommendations"), "recommendations", part["recommendations"], part["follow_up"]
        ),
        *note_on_stars(resolved),
    ]


def _composition(part: Row) -> list[Block]:
    seats = part["composition"]
    columns = [
        column(_("Kind of institution")),
        column(_("Voting seats"), 22, num=True),
        column(_("Observers"), 24, num=True),
    ]
    lines = [[row["kind"], str(row["voting"]), str(row["observing"])] for row in seats["rows"]]
    total = [_("Total"), str(seats["voting"]), str(seats["observing"])]
    rules = " · ".join(pair(rule["label"], rule["value"]) for rule in part["rules"])
    return [
        heading(_("Composition of the committee"), anchor="composition"),
        *([paragraph(part["mandate"])] if part["mandate"] else []),
        table(_("Seats by kind of institution"), columns, lines, total=total),
        paragraph(rules, "small"),
    ]


def _meetings(inside: list[Row], after: list[Row]) -> list[Block]:
    if not (inside or after):
        return []
    blocks = [heading(_("Meetings"), anchor="meetings")]
    if inside:
        blocks += [heading(_("In the period"), 2), *map(_meeting, inside)]
    else:
        blocks.append(paragraph(_("The committee did not meet in the period.")))
    if after:
        title = _("After the period, until this report was signed off")
        blocks += [heading(title, 2), *map(_meeting, after)]
    return blocks


def _meeting(row: Row) -> Block:
    facts = [row["kind"], row["mode"], row["headcount"], row["quorum"]]
    summary = " · ".join(fact for fact in facts if fact)
    present = " · ".join(
        f"{each['kind']} {each['present']}/{each['total']}" for each in row["by_kind"]
    )
    recorded = _("Recorded afterwards from the documents of the meeting.")
    lines: list[Line] = [
        pair(_("Voting seats present"), present) if present else "",
        recorded if row["recorded_afterwards"] else "",
        row["note"] or "",
    ]
    return box("meeting", f"{row['name']} · {row['day']}", summary, lines, anchor=row["anchor"])


def _resolutions(
    title: str, anchor: str, rows: list[Row], follow_up: Row | None = None
) -> list[Block]:
    if not rows:
        return []
    sentence = [paragraph(follow_up["sentence"])] if follow_up else []
    return [heading(title, anchor=anchor), *sentence, *map(_resolution, rows)]


def _resolution(row: Row) -> Block:
    where: list[Text] = [link(row["meeting"]["label"], row["meeting"]["to"]), f", {row['day']}"]
    if row["is_after_period"]:
        where.append(f" ({_('after the period')})")
    due = pair(_("Due"), row["due"]) if row["due"] else ""
    if due and row["is_overdue"]:
        due = f"{due} ({_('overdue')})"
    responsible = pair(_("Responsible"), row["responsible"]) if row["responsible"] else ""
    see = joined(" · ", [link(each["label"], each["to"]) for each in row["subjects"]])
    lines: list[Line] = [
        joined(" · ", [where, row["seats"]]),
        joined(" · ", [responsible, due]),
        [pair(_("See"), ""), *see] if see else "",
    ]
    title = starred(f"{row['name']} · {row['how']}", row["illustrative"])
    return box(row["kind"], title, row["text"], lines, anchor=row["anchor"])


# Plans


def _plan(part: Row) -> list[Block]:
    """Return the plan of the period, with the chart of its actions."""
    chart = part["chart"]
    title = _("Actions of the plan by state")
    return _plan_with(part, [figure("states", title, chart)] if chart["labels"] else [])


def _next_plan(part: Row) -> list[Block]:
    return _plan_with(part, [])


def _plan_with(part: Row, pictures: list[Block]) -> list[Block]:
    columns = [
        column(_("No."), 8),
        column(_("Action")),
        column(_("Responsible"), 15),
        column(_("When"), 20),
        column(_("State"), 13),
        column(_("Done (share)"), 15, num=True),
    ]
    caption = _("Actions of: %(plan)s") % {"plan": part["name"]}
    lines = [_action(row) for row in part["rows"]]
    return [
        heading(starred(part["name"], part["illustrative"]), anchor=part["anchor"]),
        paragraph(_state_of(part)),
        *pictures,
        *([table(caption, columns, lines, head=1)] if lines else []),
        *note_on_stars([part]),
    ]


def _state_of(part: Row) -> Line:
    decision, day = part["validated_by"], part["donor_approved_on"]
    approved = _("approved on %(day)s") % {"day": day} if day else _("not approved yet")
    committee: Line = []
    if decision:
        committee = [pair(_("Committee"), ""), link(decision["label"], decision["to"])]
    return joined(
        " · ", [part["period"], part["status_label"], committee, pair(_("Donor"), approved)]
    )


def _action(row: Row) -> list[Any]:
    result, status = row["result"], row["status"]
    tone = "info" if status == "in_progress" else ""
    if status in {"done", "verified"}:
        tone = "ok"
    elif row["is_late"] or status == "blocked":
        tone = "bad"
    return [
        cell(row["reference"], anchor=row["anchor"]),
        cell(row["title"], small=pair(_("Result"), result["label"]) if result else ""),
        row["responsible"],
        row["when"],
        cell(row["status_label"], small=_("late") if row["is_late"] else "", tone=tone),
        row["share"],
    ]


PARTS: dict[str, Callable[[Row], list[Block]]] = {
    "progress": _progress,
    "activities": _activities,
    "changes": _amendments,
    "governance": _governance,
    "plan": _plan,
    "next_year": _next_plan,
}
