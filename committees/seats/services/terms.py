"""The rules of a committee and its terms of reference. Each change locks the committee."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from committees.agenda.services.agenda import save_columns
from committees.models import Committee, QuorumMinimum, Resolution
from kernel.refusal import Refusal
from kernel.text import LANGUAGES, columns_of as text_columns, translated_names
from projects.models import Project

# The rules that one committee may take from another: all but its name, its mandate and its terms.
RULES = (
    *("meetings_per_year", "notice_days", "notice_days_extraordinary", "papers_due_days"),
    *("quorum_rule", "quorum_share", "second_call_share", "counts_vacant_seats"),
    *("counts_admitted_delegates", "decision_rule", "minutes_silence_days", "minutes_name"),
    *("tolerance_days", "tolerance_share"),
)


@transaction.atomic
def found_committee(committee: Committee) -> Committee:
    """Save a new committee; return the one that the project has if somebody else founded it
    meanwhile."""
    Project.objects.select_for_update().get(pk=committee.project_id)
    if known := Committee.objects.filter(project=committee.project_id).first():
        return known
    committee.save()
    return committee


@transaction.atomic
def save_rules(committee: Committee, names: Iterable[str], minima: Mapping[str, int]) -> None:
    """Write these fields, and how many seats of each kind a quorum needs (0: none). Meetings
    that are over keep the rules under which they sat (`Meeting.keep_quorum`)."""
    Committee.objects.select_for_update().get(pk=committee.pk)
    save_columns(committee, *names)
    save_minima(committee, minima)


def save_minima(committee: Committee, minima: Mapping[str, int]) -> None:
    kept = {kind: seats for kind, seats in minima.items() if seats}
    committee.quorum_minima.exclude(kind__in=kept).delete()
    for kind, seats in kept.items():
        QuorumMinimum.objects.update_or_create(
            committee=committee, kind=kind, defaults={"seats": seats}
        )


@transaction.atomic
def copy_rules(committee: Committee, source: Committee, *, with_terms: bool = False) -> None:
    """Take the rules of another committee, and its minima for the quorum.

    `with_terms`: the text of its terms of reference as well, which a committee that adopted its own
    does not replace.
    """
    held = Committee.objects.select_for_update().get(pk=committee.pk)
    names = [*RULES]
    if with_terms:
        if held.terms_adopted_by_id or any(
            getattr(held, f"terms_text_{language}") for language in LANGUAGES
        ):
            raise Refusal(
                _(
                    "The committee already has terms of reference: edit these, or copy "
                    "only the rules."
                )
            )
        names.append("terms_text")
    several = set(translated_names(Committee))
    for name in names:
        columns = text_columns(name) if name in several else [name]
        for column in columns:
            setattr(committee, column, getattr(source, column))
        if name in several:
            committee.note_translations(columns)
    save_columns(committee, *names)
    save_minima(committee, dict(source.quorum_minima.values_list("kind", "seats")))


@transaction.atomic
def save_terms(
    committee: Committee, decision: Resolution | None, *, is_correction: bool = False
) -> None:
    """Write the terms of reference and the decision that adopted them.

    A decision adopted certain words: others need another decision, unless only a slip or a
    translation is mended.
    """
    stored = Committee.objects.select_for_update().get(pk=committee.pk)
    changed = any(
        getattr(stored, column) != getattr(committee, column)
        for column in (f"terms_text_{language}" for language in LANGUAGES)
    )
    same_decision = decision is not None and stored.terms_adopted_by_id == decision.pk
    if changed and same_decision and not is_correction:
        raise Refusal(
            _(
                "%(decision)s adopted a different wording. Choose the decision that "
                "adopts this one, or none yet, or confirm that only a slip or a "
                "translation is corrected."
            )
            % {"decision": decision}
        )
    committee.terms_adopted_by = decision
    save_columns(committee, "terms_text", "terms_adopted_by")


@transaction.atomic
def take_committee_step(
    committee: Committee,
    verb: str,
    *,
    by: User | None,
    on: date,
    why: str,
    decision: Resolution | None = None,
) -> None:
    """A committee is constituted once it has somebody to vote and terms that were adopted."""
    Committee.objects.select_for_update().get(pk=committee.pk)
    facts = {}
    if verb == "constitute":
        if not committee.seats.filter(is_voting=True).exists():
            raise Refusal(_("The committee has no voting seat yet: add its seats first."))
        if decision:
            facts["terms_adopted_by"] = decision
            adopted = _("Terms of reference adopted by %(decision)s.") % {"decision": decision}
            why = f"{adopted} {why}".strip()
    committee.take(verb, by=by, on=on, why=why, **facts)
