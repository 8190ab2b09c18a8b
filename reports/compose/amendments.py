"""The chapter on amendments of the agreement. The committee recommends and the donor approves,
which are separate facts."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from committees.models import Audience, Resolution, Subject
from kernel.formats import day, money
from projects.models import Amendment
from reports.block_types import Block, BoxBlock, LocalText, TextLine
from reports.compose.blocks import CrossReference, box, joined, link, note_on_stars, pair, starred
from reports.compose.reading import ReportReading, local_text


@dataclass(frozen=True)
class AmendmentRow:
    """An amendment in words, as the readers may know it; `donor` is the answer, "" until there is
    one."""

    anchor: str
    name: str
    kind: str
    title: LocalText | None
    reason: LocalText | None
    before: LocalText | None
    after: LocalText | None
    ends: str
    amounts: str
    committee: list[CrossReference]
    donor: str
    status: str
    status_label: str
    illustrative: bool


def amendments(reading: ReportReading) -> list[Block]:
    """Return the part on changes to the agreement with the donor: a box for each amendment."""
    rows = amendments_of(reading)
    blocks: list[Block] = [_box(row) for row in rows]
    return [*blocks, note_on_stars()] if any(row.illustrative for row in rows) else blocks


def _box(row: AmendmentRow) -> BoxBlock:
    title: LocalText = row.title or {"text": "", "lang": ""}
    named = title | {"text": f"{row.name} · {title['text']}"}
    committee: list[TextLine] = [link(each) for each in row.committee]
    lines: list[TextLine] = [
        pair(_("End of the project"), row.ends) if row.ends else "",
        pair(_("Budget"), row.amounts) if row.amounts else "",
        *_before_and_after(row),
        f"{row.kind} · {row.status_label}",
        [pair(_("Committee"), ""), *(joined(", ", committee) or [_("no decision yet")])],
        pair(_("Donor"), row.donor or _("no answer yet")),
    ]
    return box(
        "amendment",
        starred(named, row.illustrative),
        row.reason,
        lines,
        anchor=row.anchor,
    )


def _before_and_after(row: AmendmentRow) -> list[TextLine]:
    if not (row.before and row.after):
        return []
    return [[pair(_("Before"), ""), row.before], [pair(_("After"), ""), row.after]]


def amendments_of(reading: ReportReading) -> list[AmendmentRow]:
    """Return the amendments of the report in words. Partners read only those that are in effect,
    and neither they nor the public read amounts."""
    shown = reading.amendments
    if reading.audience == Audience.PARTNERS:
        shown = [each for each in shown if each.status == Amendment.Status.EFFECTIVE]
    decisions = reading.once(
        f"decisions on amendments, {reading.audience}", lambda: _decisions_on(reading, shown)
    )
    sees_amounts = reading.audience not in {Audience.PARTNERS, Audience.PUBLIC}
    return [
        _amendment(amendment, decisions[amendment.pk], sees_amounts=sees_amounts)
        for amendment in shown
    ]


def _amendment(
    amendment: Amendment, decisions: list[Resolution], *, sees_amounts: bool
) -> AmendmentRow:
    return AmendmentRow(
        anchor=f"amendment-{amendment.number}",
        name=str(amendment),
        kind=amendment.get_kind_display(),
        title=local_text(amendment, "title"),
        reason=local_text(amendment, "reason"),
        before=local_text(amendment, "before"),
        after=local_text(amendment, "after"),
        ends=_ends(amendment),
        amounts=_amounts(amendment) if sees_amounts else "",
        committee=[
            CrossReference(str(decision), f"resolution-{decision.number}") for decision in decisions
        ],
        donor=_donor_answer(amendment),
        status=amendment.status,
        status_label=amendment.get_status_display(),
        illustrative=amendment.illustrative,
    )


def _ends(amendment: Amendment) -> str:
    if not amendment.end_after:
        return ""
    before = amendment.end_before or amendment.project.original_end
    return _("from %(before)s to %(after)s") % {
        "before": day(before),
        "after": day(amendment.end_after),
    }


def _amounts(amendment: Amendment) -> str:
    if amendment.amount_before is None or amendment.amount_after is None:
        return ""
    currency = amendment.project.currency
    return _("from %(before)s to %(after)s") % {
        "before": money(amendment.amount_before, currency),
        "after": money(amendment.amount_after, currency),
    }


def _decisions_on(
    reading: ReportReading, amendments: list[Amendment]
) -> dict[int, list[Resolution]]:
    """Return the adopted decisions on each amendment, in the order of their numbers."""
    decisions = Resolution.objects.decisions().for_audiences(reading.audiences)
    spoken_of = Subject.objects.filter(
        amendment__in=amendments,
        resolution__in=decisions.filter(resolved_on__lte=reading.as_of),
    )
    found: dict[int, list[Resolution]] = defaultdict(list)
    for subject in spoken_of.select_related("resolution").order_by("resolution__number"):
        if subject.amendment_id and subject.resolution and subject.resolution.is_adopted:
            found[subject.amendment_id].append(subject.resolution)
    return found


def _donor_answer(amendment: Amendment) -> str:
    if not amendment.donor_decided_on:
        return ""
    if amendment.status == Amendment.Status.REFUSED:
        answer = _("refused on %(day)s")
    else:
        answer = _("approved on %(day)s")
    answered = capfirst(answer % {"day": day(amendment.donor_decided_on)})
    return f"{answered} ({amendment.donor_reference})" if amendment.donor_reference else answered
