"""Publishes the IATI file of a project, and withdraws it."""

import hashlib
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from lxml import etree

from accounts.models import AccessEvent, User
from projects.iati.document import IatiDocument, IatiFinding
from projects.iati.export import to_tree, to_xml
from projects.iati.publishable import PublishableFile, publishable_file
from projects.iati.rules import rule_findings
from projects.iati.schema import schema_findings
from projects.models import IatiImport, IatiPublication, Project
from projects.training import refuse_in_training


def file_findings(outgoing: PublishableFile) -> list[IatiFinding]:
    """Returns the errors and warnings of schema and rules; none as long as there is no file."""
    if outgoing.document is None:
        return []
    root = etree.fromstring(etree.tostring(to_tree(outgoing.document), pretty_print=True))
    return schema_findings(root) + rule_findings(root[0])


def publication_errors(outgoing: PublishableFile) -> list[str]:
    """Returns sentences that say why the file cannot be published; none if it can."""
    return outgoing.missing + [each.sentence for each in file_findings(outgoing) if each.is_error]


def compose_file(project: Project, *, updated: datetime | None = None) -> bytes:
    """Returns the file as it would be published now, which says `updated` if it is given.

    Raises ValidationError with the sentences of `publication_errors`.
    """
    return to_xml(_publishable_document(project), updated=updated)


def _publishable_document(project: Project) -> IatiDocument:
    outgoing = publishable_file(project)
    errors = publication_errors(outgoing)
    if errors or outgoing.document is None:
        raise ValidationError(errors)
    return outgoing.document


@transaction.atomic
def publish(project: Project, *, by: User, seen: str = "") -> IatiPublication:
    """Publishes the file in place of the previous one.

    `seen`: the fingerprint of the file that the person looked at. Raises ValidationError where the
    project has changed since, so that nothing is published unseen.
    """
    Project.objects.select_for_update().get(pk=project.pk)
    refuse_in_training(project)
    if IatiImport.objects.filter(project=project, checked_at=None).exists():
        raise ValidationError(_("This project was imported and nobody has checked it yet."))
    document = _publishable_document(project)
    if seen != fingerprint(to_xml(document)):
        raise ValidationError(
            _("The project has changed since you looked. Look at the file again, then publish it.")
        )
    now = timezone.now()
    content = to_xml(document, updated=now)
    IatiPublication.objects.filter(project=project).current().update(ended_at=now)
    publication = IatiPublication(
        project=project,
        size=len(content),
        sha256=fingerprint(content),
        published_at=now,
        published_by=by,
    )
    publication.file.save(f"{project.code}.xml", ContentFile(content), save=False)
    publication.save()
    AccessEvent.record(AccessEvent.Kind.EXPORT, user=by, thing=publication, change="published")
    return publication


@transaction.atomic
def withdraw(project: Project, *, by: User) -> bool:
    """Withdraws the public file, which is kept here. Returns whether there was one."""
    Project.objects.select_for_update().get(pk=project.pk)
    current = IatiPublication.objects.filter(project=project).current().first()
    if current is None:
        return False
    current.ended_at, current.withdrawn_by = timezone.now(), by
    current.save(update_fields=["ended_at", "withdrawn_by"])
    AccessEvent.record(AccessEvent.Kind.EXPORT, user=by, thing=current, change="withdrawn")
    return True


def fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
