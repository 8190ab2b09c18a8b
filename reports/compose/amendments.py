"""The chapter on amendments of the agreement. The committee recommends and the donor approves,
which are separate facts."""

from collections import defaultdict

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from committees.models import Audience, Resolution, Subject
from kernel.formats import day, money
from projects.models import Amendment
from reports.compose.blocks import (
    CrossReference,
    box,
    joined,
    link,
    pair,
    starred,
    with_note_on_stars,
)
from reports.compose.reading import ReportReading, local_text, text_of
from reports.document_types import Block, BoxBlock, TextLine


def amendments(reading: ReportReading) -> list[Block]:
    """Return the part on changes to the agreement with the donor: a box for each amendment.

    Neither partners nor the public read amounts.
    """
    shown = reading.amendments_shown
    decisions = reading.once(
        f"decisions on amendments, {reading.audience}", lambda: _decisions_on(reading, shown)
    )
    sees_amounts = reading.audience not in {Audience.PARTNERS, Audience.PUBLIC}
    boxes: list[Block] = [
        _box(each, decisions[each.pk], _amounts(each) if sees_amounts else "") for each in shown
    ]
    return with_note_on_stars(boxes, shown)


def _box(amendment: Amendment, decisions: list[Resolution], amounts: str) -> BoxBlock:
    title = text_of(amendment, "title")
    named = title | {"text": f"{amendment} · {title['text']}"}
    links: list[TextLine] = [
        link(CrossReference(str(each), f"resolution-{each.number}")) for each in decisions
    ]
    ends = _ends(amendment)
    before, after = local_text(amendment, "before"), local_text(amendment, "after")
    lines: list[TextLine] = [
        pair(_("End of the project"), ends) if ends else "",
        pair(_("Budget"), amounts) if amounts else "",
        [pair(_("Before"), ""), before] if before and after else "",
        [pair(_("After"), ""), after] if before and after else "",
        f"{amendment.get_kind_display()} · {amendment.get_status_display()}",
        [pair(_("Committee"), ""), *(joined(", ", links) or [_("no decision yet")])],
        pair(_("Donor"), _donor_answer(amendment) or _("no answer yet")),
    ]
    return box(
        "amendment",
        starred(named, amendment.illustrative),
        local_text(amendment, "reason"),
        lines,
        anchor=f"amendment-{amendment.number}",
    )


def _ends(amendment: Amendment) -> str:
    if not amendment.end_after:
        return ""
    before = amendment.end_before or amendment.project.original_end
    return _from_to(day(before), day(amendment.end_after))


def _amounts(amendment: Amendment) -> str:
    if amendment.amount_before is None or amendment.amount_after is None:
        return ""
    currency = amendment.project.currency
    return _from_to(
        money(amendment.amount_before, currency), money(amendment.amount_after, currency)
    )


def _from_to(before: str, after: str) -> str:
    return _("from %(before)s to %(after)s") % {"before": before, "after": after}


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
