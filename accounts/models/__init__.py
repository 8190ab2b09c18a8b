"""People who sign in, the links in their mail, the mail itself, and the access log."""

from accounts.models.access_log import (
    NOTHING_BEFORE,
    AccessChain,
    AccessEvent,
    AccessEventQuerySet,
    Pseudonym,
)
from accounts.models.drafts import FormDraft, FormDraftQuerySet
from accounts.models.factor_reset import FactorReset, FactorResetQuerySet
from accounts.models.hold import Hold, HoldQuerySet
from accounts.models.incoming import IncomingMail, IncomingMailQuerySet
from accounts.models.links import AccessLink, AccessLinkQuerySet, hash_token
from accounts.models.outbox import Attachment, Delivery, OutgoingMail, OutgoingMailQuerySet
from accounts.models.people import User, UserManager

__all__ = [
    "NOTHING_BEFORE",
    "AccessChain",
    "AccessEvent",
    "AccessEventQuerySet",
    "AccessLink",
    "AccessLinkQuerySet",
    "Attachment",
    "Delivery",
    "FactorReset",
    "FactorResetQuerySet",
    "FormDraft",
    "FormDraftQuerySet",
    "Hold",
    "HoldQuerySet",
    "IncomingMail",
    "IncomingMailQuerySet",
    "OutgoingMail",
    "OutgoingMailQuerySet",
    "Pseudonym",
    "User",
    "UserManager",
    "hash_token",
]
