"""How long the registers and what is locked away are kept (`accounts.retention`)."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import Hold, User
from accounts.retention import RetentionRule
from accounts.retention_rules import years
from ibcr_portal.models import Consent, PersonRequest, PrivacyIncident
from ibcr_portal.models.persons import INCIDENT_YEARS, REGISTER_YEARS
from ibcr_portal.persons.keeping import destroy_what_is_over
from projects.amendments.periods import months_later


def forget_registers() -> int:
    today = timezone.localdate()
    before = months_later(today, -12 * REGISTER_YEARS)
    held = Hold.objects.keys_of(User)
    answered = PersonRequest.objects.filter(answered_on__lt=before).exclude(user__in=held)
    ended = Q(withdrawn_on__lt=before) | Q(until__lt=before)
    consents = Consent.objects.filter(ended).exclude(user__in=held)
    return answered.delete()[0] + consents.delete()[0]


def forget_incidents() -> int:
    """It is not known whom an incident concerns, so a hold on anybody keeps all of them."""
    if Hold.objects.open().exists():
        return 0
    before = months_later(timezone.localdate(), -12 * INCIDENT_YEARS)
    return PrivacyIncident.objects.filter(noticed_on__lt=before).delete()[0]


RULES = (
    RetentionRule(
        "account",
        gettext_lazy("Your account"),
        lambda: _("Until an administrator removes it at the request of you or your institution."),
        "forget",
        task="",
    ),
    RetentionRule(
        "registers",
        gettext_lazy("Requests of persons, and consents"),
        lambda: _("%(years)s after the answer or the end") % {"years": years(REGISTER_YEARS)},
        "REGISTER_YEARS",
        forget_registers,
    ),
    RetentionRule(
        "incidents",
        gettext_lazy("Privacy incidents"),
        lambda: years(INCIDENT_YEARS),
        "INCIDENT_YEARS",
        forget_incidents,
    ),
    RetentionRule(
        "locked-away",
        gettext_lazy("Locked-away data of people who were forgotten"),
        lambda: _("As long as the law or the agreement requires"),
        "RECORDS_YEARS",
        destroy_what_is_over,
    ),
)
