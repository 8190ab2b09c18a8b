"""What a page says of the effects of a decision before it goes: which go with it, and which stay."""

from typing import Any

from django.utils.translation import gettext as _

from committees.models import Resolution
from committees.resolutions.effects import constituted, loose_effects, own_drafts
from kernel.formats import join_list
from projects.models import Amendment


def undone_with(resolution: Resolution) -> dict[str, Any]:
    """Name what is taken back with it, the drafts that are deleted and those that stay, and say of each
    effect that is `kept` why."""
    effects, kept = loose_effects(resolution)
    undone = [str(thing) for thing in effects.things]
    if effects.adopts_terms:
        founds = constituted(resolution, resolution.committee)
        terms = _("the adoption of the terms of reference")
        undone.append(_("the constitution of the committee") if founds else terms)
    if effects.closes_project:
        undone.append(_("the approval to close the project"))
    gone = own_drafts(resolution, effects)
    amendments = [thing for thing in effects.things if isinstance(thing, Amendment)]
    return {
        "undone": join_list(undone),
        "gone": join_list([str(each) for each in gone]),
        "drafts": join_list([str(each) for each in amendments if each not in gone]),
        "kept": [*kept, *(_again(each) for each in resolution.superseded.all())],
    }


def _again(earlier: Resolution) -> str:
    return _(
        "%(decision)s holds again, without the effects that had passed to this one: record them anew "
        "on the pages of what it decided."
    ) % {"decision": earlier}
