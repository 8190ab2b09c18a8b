"""Documents that the coordination lists on the public page of the portal, for anybody.

A link to a document does so, if its maker says so (`SharedLink.is_listed`): until it expires or is
revoked. The document must be one that was composed for the public: what others read may hold
amounts, small counts, and names that are hidden from the public alone.
"""

from django.utils.translation import gettext as _

from committees.models import Audience
from kernel.refusal import Refusal
from projects.permissions.institutions import names_ever
from projects.permissions.naming import NamesForAudience, readers_in
from reports.kinds import kind_of
from reports.models import Rendition, SharedLink, SharedLinkQuerySet
from reports.permissions.documents import is_shareable
from reports.services.naming import renditions_that_name

MOST = 30


def listed_links() -> SharedLinkQuerySet:
    return SharedLink.objects.valid().filter(
        is_listed=True,
        rendition__audience=Audience.PUBLIC,
        rendition__snapshot__project__training=False,
    )


def published_documents() -> list[SharedLink]:
    """Return the links that are listed, the newest document first."""
    links = {link.rendition_id: link for link in listed_links().order_by("pk")}
    if not links:
        return []
    rows = Rendition.objects.filter(pk__in=links).with_related().order_by("-pk")
    for rendition in rows:
        links[rendition.pk].rendition = rendition
    return [links[one.pk] for one in rows if is_shareable(one)][:MOST]


def why_not_listed(rendition: Rendition) -> str:
    """Return a sentence that says why a document of its project, kind and readers cannot be listed,
    and what to do; empty if it can."""
    if rendition.snapshot.project.training:
        return _("This project is for training: nothing of it is published.")
    if rendition.audience == Audience.PUBLIC:
        return ""
    if Audience.PUBLIC in kind_of(rendition.snapshot.about).audiences:
        return _(
            "This document was made for other readers. Have it made for the public and list that "
            "one, or make a link for certain people instead."
        )
    return _(
        "Documents of this kind are never made for the public. Make a link for certain people instead."
    )


def refuse_listing(rendition: Rendition) -> None:
    """Refuse to list a document for which `why_not_listed` has a sentence, or that names institutions
    which are not to be named to the public."""
    if sentence := why_not_listed(rendition):
        raise Refusal(sentence)
    project = rendition.snapshot.project
    hidden = NamesForAudience(project, readers_in(project, "public")).hidden
    words = [word for _key, *spelt in names_ever(hidden) for word in spelt if word]
    if renditions_that_name(words, project=project).filter(pk=rendition.pk).exists():
        raise Refusal(
            _(
                "This document names institutions that may not be named to the public. Make a link "
                "for certain people instead."
            )
        )
