"""Saves a project that was read from an IATI file, a draft until somebody has checked it; publishes the
file of a project, and withdraws it."""

import hashlib
from dataclasses import asdict
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from lxml import etree
from simple_history.utils import bulk_create_with_history

from accounts.models import AccessEvent, User
from kernel.text import LANGUAGES
from partners.models import Agreement
from projects.exchange.services.draft import ProjectDraft
from projects.exchange.services.draft_money import SignedPromise
from projects.exchange.services.draft_results import DraftResults
from projects.iati.document import IatiDocument, IatiFinding
from projects.iati.export import to_tree, to_xml
from projects.iati.publishable import PublishableFile, publishable_file
from projects.iati.rules import rule_findings, schema_findings
from projects.institutions.services.register import record_participation
from projects.models import (
    Budget,
    BudgetCategory,
    BudgetLine,
    Classification,
    Contribution,
    DataPoint,
    IatiImport,
    IatiPublication,
    Indicator,
    Participation,
    Period,
    Project,
    ProjectCountry,
    ProjectMarker,
    ProjectSector,
    ProjectTag,
    Result,
)
from projects.training import refuse_in_training


@transaction.atomic
def create_project(draft: ProjectDraft, *, file_name: str, sha256: str, by: User | None) -> Project:
    """Saves the draft as a whole or not at all. `by` is None when an operator imports it.

    Raises ValidationError where the activity is here already, or cannot be a project.
    """
    if draft.problem:
        raise ValidationError(draft.problem)
    if "country" in draft.asked:
        raise ValidationError(_("The file names no country: say where the project takes place."))
    if "currency" in draft.asked:
        raise ValidationError(
            _("The file has no single currency: say in which the project counts.")
        )
    project = draft.project
    project.full_clean()
    try:
        with transaction.atomic():
            project.save()
            source = IatiImport.objects.create(
                project=project,
                identifier=draft.identifier,
                version=draft.version,
                file_name=file_name,
                sha256=sha256,
                imported_by=by,
            )
    except IntegrityError:
        raise ValidationError(_("This activity is already here.")) from None
    _classify(draft)
    participations = _save_participations(draft, by=by)
    _save_results(project, draft.results, by=by, why=str(source))
    _save_money(draft, participations, by=by, why=str(source))
    source.left_out = [asdict(each) for each in draft.notes]
    source.save(update_fields=["left_out"])
    return project


@transaction.atomic
def mark_checked(project: Project, *, by: User) -> None:
    """Records that the draft was compared with its source; from now on it is an ordinary project."""
    IatiImport.objects.filter(project=project, checked_at=None).update(
        checked_at=timezone.now(), checked_by=by
    )


def _classify(draft: ProjectDraft) -> None:
    rows: list[ProjectCountry | ProjectSector | ProjectTag | ProjectMarker | Classification]
    rows = [*draft.countries, *draft.sectors, *draft.tags, *draft.markers]
    if draft.classification:
        rows.append(draft.classification)
    for row in rows:
        row.project = draft.project
        row.save()


def _save_participations(draft: ProjectDraft, *, by: User | None) -> dict[int, Participation]:
    """Saves new institutions and the roles of all; returns them by the id() of the draft's ones."""
    participations = {}
    for each in draft.participations:
        if each.name and not each.institution.pk:
            each.institution.save()
            each.name.institution = each.institution
            each.name.save()
        participation = Participation.objects.create(
            project=draft.project, institution=each.institution, role=each.role
        )
        record_participation(participation, by=by, change="institution added")
        participations[id(each)] = participation
    return participations


def _save_results(project: Project, drafts: DraftResults, *, by: User | None, why: str) -> None:
    for period in drafts.periods:
        period.project = project
    Period.objects.bulk_create(drafts.periods)
    for level in project.donor_preset.results:  # from the top, since children refer to parents
        rows = [each.result for each in drafts.results if each.result.level == level.key]
        for row in rows:
            row.project = project
            row.parent = row.parent  # sets the key, which the parent has only since it was saved
        bulk_create_with_history(rows, Result, batch_size=500, default_user=by)
    for drafted in drafts.results:
        for each in drafted.indicators:
            each.indicator.result = drafted.result
    indicators = [each.indicator for each in drafts.indicators]
    bulk_create_with_history(indicators, Indicator, batch_size=500, default_user=by)
    for each in drafts.indicators:
        for point in each.points:
            point.indicator, point.period = each.indicator, point.period
    # Their source published them, so they count as approved; nobody entered them here.
    DataPoint.bring_in(drafts.points, status=DataPoint.Status.APPROVED, by=by, why=why)


def _save_money(
    draft: ProjectDraft, participations: dict[int, Participation], *, by: User | None, why: str
) -> None:
    """Saves budget, promises and contributions of the drafted participations."""
    project, money = draft.project, draft.money
    if money.lines:
        category = imported_category(project)
        for line in money.lines:
            line.project, line.category, line.period = project, category, line.period
        Budget.objects.create(project=project, approved_on=money.approved_on)
        keep = {"default_user": by, "default_change_reason": why[:100]}
        bulk_create_with_history(money.lines, BudgetLine, batch_size=500, **keep)
    for donor, promise in money.promises:
        _save_promise(participations[id(donor)], promise)
    for donor, contribution in money.contributions:
        contribution.participation = participations[id(donor)]
    rows = [contribution for _donor, contribution in money.contributions]
    bulk_create_with_history(rows, Contribution, batch_size=500, default_user=by)


def imported_category(project: Project) -> BudgetCategory:
    category = BudgetCategory(
        project=project,
        code="IATI",
        name_fr="Importé (toutes catégories)",
        name_es="Importado (todas las categorías)",
        name_en="Imported (all categories)",
    )
    category.note_translations([f"name_{language}" for language in LANGUAGES])
    category.save()
    return category


def _save_promise(participation: Participation, promise: SignedPromise) -> None:
    agreement, _created = Agreement.objects.get_or_create(
        institution=participation.institution,
        kind=Agreement.Kind.CONTRIBUTION,
        reference=promise.reference,
        defaults={"signed_on": promise.signed_on},
    )
    participation.amount, participation.agreement = promise.amount, agreement
    participation.save(update_fields=["amount", "agreement"])


# --- Publishing ---


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
