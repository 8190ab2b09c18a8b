"""The annex of the logic model as it was approved, as a tree and as a table."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kernel.formats import NO_BREAK, day
from kernel.frozen import Content
from kernel.text import LANGUAGES
from projects.framework.outline import Branch, LocalizedText, branches, content_of, level_name
from projects.framework.tree import logic_model
from projects.models import LogicModelVersion
from reports.compose.blocks import (
    Cell,
    cell,
    column,
    figure,
    joined,
    notice,
    pair,
    paragraph,
    table,
)
from reports.compose.reading import ReportReading, as_written, in_language, local_text
from reports.document_types import Block, LocalText, Text, TextLine


def logic_model_annex(reading: ReportReading) -> list[Block]:
    """Return the version that was approved last by the day of the document, or else the present
    tree with a sentence that says so; nothing if the project has no results."""
    version = reading.once("version of the logic model", lambda: _version_of(reading))
    content = version.outline if version else _present(reading)
    if not content["results"]:
        return []
    head = [_approval(reading, version), _reason(version)] if version else [_unapproved()]
    blocks = [
        figure("tree", _title(version), _tree(content)),
        *head,
        _table(content),
        _illustrative(content),
    ]
    return [block for block in blocks if block]


def _version_of(reading: ReportReading) -> LogicModelVersion | None:
    versions = reading.project.logic_versions.filter(approved_on__lte=reading.as_of)
    return versions.order_by("-number").first()


def _present(reading: ReportReading) -> Content:
    results = reading.once("results", lambda: logic_model(reading.project, []))
    return content_of(reading.project, results)


def _title(version: LogicModelVersion | None) -> str:
    return f"{_('Logic model')} · {version}" if version else _("Logic model")


def _unapproved() -> Block:
    return notice(
        _(
            "No version of the logic model had been approved by the day of this "
            "document. This is the tree as it is now."
        )
    )


def _approval(reading: ReportReading, version: LogicModelVersion) -> Block:
    """Return who approved the version; the committee's validation and the donor's approval are
    separate."""
    by = version.get_approver_display()
    facts: list[TextLine] = [
        f"{version}.",
        [pair(by, ""), *_on(version.approved_on, version.reference), "."],
    ]
    if version.approver != LogicModelVersion.Approver.DONOR:
        known = reading.knows(version.donor_approved_on)
        answer = (
            _on(version.donor_approved_on, version.donor_reference)
            if known
            else [_("not approved yet")]
        )
        facts.append([pair(LogicModelVersion.Approver.DONOR.label, ""), *answer, "."])
    return paragraph(joined(" ", facts))


def _on(approved_on: date | None, reference: str) -> list[Text]:
    shown = _("approved on %(day)s") % {"day": day(approved_on)}
    return [shown, " (", as_written(reference), ")"] if reference else [shown]


def _reason(version: LogicModelVersion) -> Block | None:
    reason = local_text(version, "reason")
    if reason is None:
        return None
    return paragraph(
        {"text": pair(_("Reason of the change"), reason["text"]), "lang": reason["lang"]}
    )


def _tree(content: Content) -> dict[str, Any]:
    keys = [level["key"] for level in content["preset"]["levels"]]
    return {
        "rows": [level_name(content, key, "plural") for key in keys],
        "boxes": [_box(branch, keys) for branch in branches(content)],
    }


def _box(branch: Branch, keys: list[str]) -> dict[str, Any]:
    return {
        "head": _code(branch),
        "text": branch.statement.text,
        "row": keys.index(branch.level) if branch.level in keys else len(keys) - 1,
        "below": [_box(child, keys) for child in branch.children],
    }


def _code(branch: Branch) -> str:
    return f"{branch.code}{NO_BREAK}*" if branch.illustrative else branch.code


def _table(content: Content) -> Block:
    """Return every result with its indicators, which the tree does not have, and in words that can
    be read aloud."""
    rows: list[list[Cell]] = [
        [
            cell(_code(branch), small=branch.level_name),
            cell(_words(branch.statement)),
            cell(
                "", small=[[f"{code}{NO_BREAK} ", _words(name)] for code, name in branch.indicators]
            ),
        ]
        for root in branches(content)
        for branch in root.walk()
    ]
    columns = [
        column(_("code"), 20),
        column(_("Result")),
        column(_("Indicators"), 40),
    ]
    return table(_("Results and their indicators"), columns, rows, head=0)


def _words(named: LocalizedText) -> LocalText:
    return in_language(named.text, named.language if named.language in LANGUAGES else "")


def _illustrative(content: Content) -> Block | None:
    if not any(row["illustrative"] for row in content["results"]):
        return None
    return paragraph(_("* Illustrative."), "small note")
