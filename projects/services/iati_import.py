"""Makes a project of an IATI file that others wrote: a draft, until somebody has checked it."""

from collections.abc import Iterable
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from accounts.models import User
from partners.models import Agreement
from projects.iati.document import Document, Transaction
from projects.iati.reading import LeftOut
from projects.models import (
    DataPoint,
    IatiImport,
    Indicator,
    Participation,
    Period,
    Project,
    Result,
)
from projects.services.iati_draft import Draft, DraftParticipation
from projects.services.iati_draft_results import LEVELS, DraftResults

PROMISED = "11"  # incoming commitment


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
    participations = _take_part(draft)
    _save_results(project, draft.results, by=by, why=str(source))
    draft.notes += keep_money(project, draft.document, participations)
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


def _take_part(draft: Draft) -> list[tuple[DraftParticipation, Participation]]:
    """Enter the institutions that are new, and the place of each in the project."""
    rows = []
    for each in draft.participations:
        if each.name and not each.institution.pk:
            each.institution.save()
            each.name.institution = each.institution
            each.name.save()
        place = Participation.objects.create(
            project=draft.project, institution=each.institution, role=each.role
        )
        rows.append((each, place))
    return rows


def _save_results(project: Project, drafts: DraftResults, *, by: User | None, why: str) -> None:
    for period in drafts.periods:
        period.project = project
    Period.objects.bulk_create(drafts.periods)
    for level in LEVELS:  # from the top: what is below names its parent
        rows = [each.result for each in drafts.results if each.result.level == level]
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


# --- Money: the seam to what keeps it ---------------------------------------------------------


def keep_money(
    project: Project,
    document: Document,
    participations: Iterable[tuple[DraftParticipation, Participation]],
) -> list[LeftOut]:
    """Keep what has a place; answer what has none. `sources` is the other way round.

    The first commitment of each donor is its contribution, with the agreement of that day. Budgets
    and other payments are left to be entered with the accounts.
    """
    left = []
    donors = [place for _draft, place in participations if place.role == place.Role.FUNDING]
    taken: set[int] = set()
    for each in document.transactions:
        place = _donor_of(each, donors, project)
        if place is None or place.pk in taken:
            left.append("transaction")
            continue
        taken.add(place.pk)
        _keep_contribution(place, each, document)
    left += ["budget"] * len(document.budgets)
    left += ["planned-disbursement"] * len(document.planned_disbursements)
    why = _("Money is entered with the accounts: it was read and is not kept.")
    return [LeftOut(name, why, [], left.count(name)) for name in dict.fromkeys(left)]


def _donor_of(
    said: Transaction, donors: list[Participation], project: Project
) -> Participation | None:
    if said.kind != PROMISED or said.provider is None or said.money.currency != project.currency:
        return None
    if said.money.amount <= 0 or said.on > timezone.localdate():
        return None
    names = set(said.provider.names.values())
    for place in donors:
        institution = place.institution
        name = institution.name_on()
        called = {name.name_fr, name.name_es, name.name_en} - {""} if name else set()
        if (said.provider.ref and said.provider.ref == institution.identifier) or names & called:
            return place
    return None


def _keep_contribution(place: Participation, said: Transaction, document: Document) -> None:
    agreement, _created = Agreement.objects.get_or_create(
        institution=place.institution,
        kind=Agreement.Kind.CONTRIBUTION,
        reference=said.ref or document.identifier[:100],
        defaults={"signed_on": said.on},
    )
    place.amount, place.agreement = said.money.amount, agreement
    place.save(update_fields=["amount", "agreement"])
