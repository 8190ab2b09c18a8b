"""Makes a project of an IATI file that others wrote: a draft, until somebody has checked it."""

from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from accounts.models import User
from kernel.text import LANGUAGES
from partners.models import Agreement
from projects.exchange.services.draft import Draft
from projects.exchange.services.draft_money import Promise
from projects.exchange.services.draft_results import DraftResults
from projects.institutions.services import record_participation
from projects.models import (
    Budget,
    BudgetCategory,
    BudgetLine,
    Contribution,
    DataPoint,
    IatiImport,
    Indicator,
    Participation,
    Period,
    Project,
    Result,
)


@transaction.atomic
def create_project(draft: Draft, *, file_name: str, sha256: str, by: User | None) -> Project:
    """Save the draft, all of it or nothing. `by` is None where an operator does it.

    Raises ValidationError where the activity is here already, or cannot be a project.
    """
    if draft.problem:
        raise ValidationError(draft.problem)
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
        raise ValidationError(_("This activity is here already.")) from None
    _classify(draft)
    places = _take_part(draft, by=by)
    _save_results(project, draft.results, by=by, why=str(source))
    _save_money(project, draft, places, by=by, why=str(source))
    source.left_out = [asdict(each) for each in draft.notes]
    source.save(update_fields=["left_out"])
    return project


@transaction.atomic
def mark_checked(project: Project, *, by: User) -> None:
    """Say that the draft was compared with its source: from now on it is a project like others."""
    IatiImport.objects.filter(project=project, checked_at=None).update(
        checked_at=timezone.now(), checked_by=by
    )


def _classify(draft: Draft) -> None:
    rows: list[models.Model] = [*draft.countries, *draft.sectors, *draft.tags, *draft.markers]
    rows += [draft.classification] if draft.classification else []
    for row in rows:
        row.project = draft.project
        row.save()


def _take_part(draft: Draft, *, by: User | None) -> dict[int, Participation]:
    """Enter the institutions that are new, and the place of each in the project."""
    places = {}
    for each in draft.participations:
        if each.name and not each.institution.pk:
            each.institution.save()
            each.name.institution = each.institution
            each.name.save()
        place = Participation.objects.create(
            project=draft.project, institution=each.institution, role=each.role
        )
        record_participation(place, by=by, change="institution added")
        places[id(each)] = place
    return places


def _save_results(project: Project, drafts: DraftResults, *, by: User | None, why: str) -> None:
    for period in drafts.periods:
        period.project = project
    Period.objects.bulk_create(drafts.periods)
    for level in project.donor_preset.results:  # from the top: what is below names its parent
        rows = [each.result for each in drafts.results if each.result.level == level.key]
        for row in rows:
            row.project, row.parent = project, row.parent
        bulk_create_with_history(rows, Result, batch_size=500, default_user=by)
    for each in drafts.results:
        for below in each.indicators:
            below.indicator.result = each.result
    indicators = [each.indicator for each in drafts.indicators]
    bulk_create_with_history(indicators, Indicator, batch_size=500, default_user=by)
    for each in drafts.indicators:
        for point in each.points:
            point.indicator, point.period = each.indicator, point.period
    # They were public where they came from; entered by nobody here.
    DataPoint.bring_in(drafts.points, status=DataPoint.Status.APPROVED, by=by, why=why)


def _save_money(
    project: Project,
    draft: Draft,
    places: dict[int, Participation],
    *,
    by: User | None,
    why: str,
) -> None:
    """Budget, promises and contributions. `places`: by the key of the draft's participation."""
    said = draft.money
    if said.lines:
        category = imported_category(project)
        for line in said.lines:
            line.project, line.category, line.period = project, category, line.period
        Budget.objects.create(project=project, approved_on=said.approved_on)
        keep = {"default_user": by, "default_change_reason": why[:100]}
        bulk_create_with_history(said.lines, BudgetLine, batch_size=500, **keep)
    for each, promise in said.promises:
        _keep_promise(places[id(each)], promise)
    for each, contribution in said.contributions:
        contribution.participation = places[id(each)]
    rows = [contribution for _each, contribution in said.contributions]
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


def _keep_promise(place: Participation, promise: Promise) -> None:
    agreement, _created = Agreement.objects.get_or_create(
        institution=place.institution,
        kind=Agreement.Kind.CONTRIBUTION,
        reference=promise.reference,
        defaults={"signed_on": promise.signed_on},
    )
    place.amount, place.agreement = promise.amount, agreement
    place.save(update_fields=["amount", "agreement"])
