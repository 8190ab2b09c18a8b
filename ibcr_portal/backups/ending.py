"""What a restore ends. Nobody knows what was revoked or withdrawn after the backup: a link that was
valid then may be one that had to stop opening anything. So all of them end, and people get new ones."""

from django.db import transaction
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink
from accounts.models.factor_reset import FactorReset
from projects.models import IatiPublication, TeamInvitation
from reports.models import SharedLink


@transaction.atomic
def end_what_may_have_been_revoked() -> dict[str, int]:
    """End links and addresses of calendars, links to documents, invitations to a team, public IATI files,
    and removals of a second step that wait for the second person. Return how many of each.

    Links to proposals stay: nobody can revoke them, and organisations without an account have nothing
    else. What was forgotten with a proposal is forgotten again in the next night.
    """
    now = timezone.now()
    shared = list(SharedLink.objects.valid().select_related("rendition"))
    for link in shared:
        link.revoke()
    public = IatiPublication.objects.current()
    for file in public:
        AccessEvent.record(AccessEvent.Kind.EXPORT, user=None, thing=file, change="withdrawn")
    withdrawn = TeamInvitation.Outcome.WITHDRAWN
    return {
        "links of persons": AccessLink.objects.filter(expires_at__gt=now).revoke(by=None),
        "links to documents": len(shared),
        "invitations to a team": TeamInvitation.objects.open().update(
            outcome=withdrawn, ended_at=now
        ),
        "public IATI files": public.update(ended_at=now),
        "removals of a second step": FactorReset.objects.open().update(ended_at=now),
    }
