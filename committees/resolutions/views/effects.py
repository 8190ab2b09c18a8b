"""What a page says of the effects of a decision before it goes: which go with it, and which stay."""

from typing import Any

from django.utils.translation import gettext as _

from committees.models import Resolution
from committees.resolutions.effects import (
    DecisionEffects,
    constituted,
    loose_effects,
    own_drafts,
    returned_effects,
)
from kernel.formats import join_list
from projects.models import Amendment


def undone_with(resolution: Resolution) -> dict[str, Any]:
    """Name what is taken back with it, the drafts that are deleted and those that stay, and say of each
    effect that is `kept` why."""
    effects, kept = loose_effects(resolution)
    founds = constituted(resolution, resolution.committee)
    gone = own_drafts(resolution, effects)
    again = [_again(each, effects, founds=founds) for each in resolution.superseded.all()]
    amendments = [thing for thing in effects.things if isinstance(thing, Amendment)]
    return {
        "undone": _named(effects, founds=founds),
        "gone": join_list([str(each) for each in gone]),
        "drafts": join_list([str(each) for each in amendments if each not in gone]),
        "kept": [*kept, *again],
    }


def _named(effects: DecisionEffects, *, founds: bool) -> str:
    names = [str(thing) for thing in effects.things]
    if effects.adopts_terms:
        terms = _("the adoption of the terms of reference")
        names.append(_("the constitution of the committee") if founds else terms)
    if effects.closes_project:
        names.append(_("the approval to close the project"))
    return join_list(names)


def _again(earlier: Resolution, freed: DecisionEffects, *, founds: bool) -> str:
    """Say of a decision that holds again what it brings about then."""
    if again := _named(returned_effects(earlier, freed), founds=founds):
        return _("%(decision)s holds again, and brings about again: %(effects)s.") % {
            "decision": earlier,
            "effects": again,
        }
    if earlier.effects_before == []:
        return _("%(decision)s holds again.") % {"decision": earlier}
    return _(
        "%(decision)s holds again, without the effects that had passed to this one: record them anew "
        "on the pages of what it decided."
    ) % {"decision": earlier}
