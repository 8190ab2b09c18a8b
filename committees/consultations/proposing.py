"""Words a proposal to the voting seats about what waits for a decision of the committee."""

from collections.abc import Mapping

from django.utils import translation
from django.utils.translation import gettext as _

from committees.models import ActionPlan, Minutes, WrittenConsultation
from kernel.languages import working_languages


def propose_thing(consultation: WrittenConsultation, asked: Mapping[str, str]) -> None:
    """Begin with the minutes or the plan that the address names, if they wait for a decision."""
    committee = consultation.committee
    finals = Minutes.objects.with_related().filter(
        meeting__committee=committee, status=Minutes.Status.FINAL_DRAFT
    )
    for minutes in finals if "minutes" in asked else ():
        if str(minutes.pk) == asked["minutes"]:
            propose(consultation, minutes)
    plans = ActionPlan.objects.filter(
        project=committee.project, status=ActionPlan.Status.PRESENTED
    ).select_related("period")
    for plan in plans if "plan" in asked else ():
        if str(plan.pk) == asked["plan"]:
            propose(consultation, plan)


def propose(consultation: WrittenConsultation, thing: ActionPlan | Minutes) -> None:
    """Word the proposal to adopt these minutes, or to validate this plan, in the languages of the
    project; its writer may change it."""
    for language in working_languages():
        with translation.override(language):
            said = _("The committee validates: %(plan)s.") % {"plan": thing}
            if isinstance(thing, Minutes):
                said = _("The committee adopts: %(minutes)s.") % {"minutes": thing}
            setattr(consultation, f"title_{language}", str(thing))
            setattr(consultation, f"text_{language}", said)
    if isinstance(thing, Minutes):
        consultation.why_written = _("So that the minutes need not wait for the next meeting.")
        consultation.adopts_minutes = thing
    else:
        consultation.why_written = _("So that the plan need not wait for the next meeting.")
        consultation.validates = thing
