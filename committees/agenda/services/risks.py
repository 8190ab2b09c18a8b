"""Writes the agenda item on risks: what changed since the committee last met. Only risks shared
with the committee are named, since its members read the agenda."""

from django.utils.translation import gettext as _

from committees.agenda.services.agenda import in_languages
from committees.models import Committee, Meeting
from kernel.formats import day
from projects.risks.services import RiskChange, RiskChangeKind, risk_changes_since


def shared_changes(committee: Committee, last: Meeting | None) -> list[RiskChange]:
    """Return the changes of shared risks since that meeting ended, or all of them without a
    meeting."""
    changes = risk_changes_since(committee.project, last.ends_at if last else None)
    return [each for each in changes if each.risk.is_shared]


def briefing_of(changes: list[RiskChange], last: Meeting | None) -> dict[str, str]:
    """The changes in words, by kind, in each language."""
    return in_languages(lambda: _in_words(changes, last))


def _in_words(changes: list[RiskChange], last: Meeting | None) -> str:
    if last:
        since = _("Since the meeting of %(day)s:") % {"day": day(last.day)}
    else:
        since = _("The register of risks until today:")
    if not changes:
        return f"{since} {_('no shared risk has changed.')}"
    lines = [f"- **{each.change.label}** · {sentence_of(each)}" for each in changes]
    return "\n".join([since, "", *lines])


def sentence_of(each: RiskChange) -> str:
    """Describe a risk without Markdown: “Risk 3: the partner loses its team. Level 6, before 3.”"""
    name = f"{each.risk}: {_plain(each.risk.definition)}"
    name = name if name.endswith((".", "!", "?")) else f"{name}."
    if not each.now:
        return f"{name} {_('Not rated yet.')}"
    if each.before and each.change != RiskChangeKind.NEW and each.before != each.now:
        level = _("Level %(now)s, before %(before)s.") % {"now": each.now, "before": each.before}
    else:
        level = _("Level %(now)s.") % {"now": each.now}
    return f"{name} {level}"


def _plain(text: str) -> str:
    """Return one line in which no character begins a list, a link or an emphasis."""
    words = " ".join(text.split())
    return "".join(f"\\{mark}" if mark in r"\`*_[]<>#" else mark for mark in words)
