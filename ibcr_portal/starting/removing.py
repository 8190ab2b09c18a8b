"""Removes the demonstration as a whole, and keeps what projects of people's own use of it."""

from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.identities import record_erasure
from accounts.models import AccessEvent, AccessLink, OutgoingMail, Pseudonym, User
from accounts.second_factor import sign_out_everywhere
from committees.models import (
    ActionPlan,
    Committee,
    DigestChoice,
    Meeting,
    Minutes,
    Reminder,
    Resolution,
)
from ibcr_portal.models import (
    DemonstrationJob,
    DemonstrationThing,
    DueReminder,
    Obligation,
    ObligationChange,
    PersonRequest,
    ReminderChoice,
    SavedFilter,
    SavedSearch,
)
from kernel.formats import join_list
from kernel.jobs import LostLease, enqueue
from kernel.models import Organisation
from kernel.organisation import forget
from kernel.refusal import Refusal
from kernel.removal import AnyModel, Removal
from partners.models import Agreement, AgreementFile, Contact, Institution, InstitutionName
from projects.models import (
    Activity,
    CallForProposals,
    Direction,
    Expenditure,
    Indicator,
    InstitutionChange,
    NamingChoice,
    NamingPrecaution,
    NeutralNumber,
    PrecautionLift,
    Project,
    Proposal,
    Result,
)
from projects.retention import held_projects
from reports.models import Rendition, Report

# What goes with an institution or a person if nothing else refers to them.
OWN: dict[AnyModel, frozenset[AnyModel]] = {
    Institution: frozenset(
        {
            *(InstitutionName, Contact, Agreement, AgreementFile, NamingChoice, NeutralNumber),
            *(NamingPrecaution, PrecautionLift),
            *(InstitutionChange, Obligation, DemonstrationThing),
            NamingChoice.excluded.through,
        }
    ),
    Contact: frozenset({DemonstrationThing}),
    User: frozenset(
        {
            *(Pseudonym, Direction, EmailAddress, Authenticator, UserSession, AccessLink),
            *(
                DemonstrationThing,
                OutgoingMail,
                ReminderChoice,
                DueReminder,
                SavedFilter,
                SavedSearch,
                DigestChoice,
                Reminder,
                Obligation,
            ),
            *(User.groups.through, User.user_permissions.through),
        }
    ),
}


BY_THEMSELVES: tuple[AnyModel, ...] = (PersonRequest, Institution, Contact, User)


class Counted(NamedTuple):
    label: str
    number: int


class Kept(NamedTuple):
    label: str
    why: str


@dataclass
class RemovalPlan:
    """What goes with the demonstration, and what stays."""

    removal: Removal
    projects: list[Project]
    people: Collection[int] = ()
    """The keys of the accounts that the demonstration made."""
    stays: list[Kept] = field(default_factory=list)
    accounts: list[User] = field(default_factory=list)
    """Accounts that stay."""
    conflicts: str = ""

    @property
    def counts_something(self) -> bool:
        """Whether the demonstration is there at all."""
        return bool(self.projects or self.stays or self.removal.counts)

    @property
    def goes(self) -> list[Counted]:
        """What people know by its name, and how much else goes with it."""
        counts = self.removal.counts
        named = [
            Counted(capfirst(str(model._meta.verbose_name_plural)), counts[model])
            for model in NAMED
            if model in counts
        ]
        rest = sum(counts.values()) - sum(row.number for row in named)
        return [*named, Counted(_("Everything else in them"), rest)] if rest else named


PEOPLE_KNOW = frozenset({"projects", "committees", "reports", "partners", "accounts"})
NAMED: tuple[AnyModel, ...] = (
    *(Project, Institution, Contact, User, Committee, Meeting, Minutes, Resolution, ActionPlan),
    *(Result, Indicator, Activity, Expenditure, CallForProposals, Proposal, Report, Rendition),
)


def is_loaded() -> bool:
    return Project.objects.filter(demonstration=True).exists() or (
        DemonstrationThing.objects.exists()
    )


def has_other_administrator() -> bool:
    """Whether somebody can administer the portal once the demonstration is gone."""
    kind = ContentType.objects.get_for_model(User)
    made_people = DemonstrationThing.objects.filter(content_type=kind).values("object_id")
    return User.objects.filter(is_staff=True, is_active=True).exclude(pk__in=made_people).exists()


def made(model: AnyModel) -> list[int]:
    """Return the keys of what the demonstration made."""
    kind = ContentType.objects.get_for_model(model)
    rows = DemonstrationThing.objects.filter(content_type=kind).order_by("object_id")
    return list(rows.values_list("object_id", flat=True))


def plan_removal() -> RemovalPlan:
    """Return what goes, without changing anything."""
    projects = list(Project.objects.filter(demonstration=True))
    found = ContentType.objects.get_for_models(*BY_THEMSELVES)
    kinds = {kind.pk: model for model, kind in found.items()}
    keys: dict[AnyModel, list[int]] = defaultdict(list)
    rows = DemonstrationThing.objects.filter(content_type__in=kinds).order_by("object_id")
    for kind, key in rows.values_list("content_type", "object_id"):
        keys[kinds[kind]].append(key)
    removal = Removal()
    demonstrated = [project.pk for project in projects]
    removal.take_all({Project: demonstrated, PersonRequest: keys.pop(PersonRequest, [])})
    plan = RemovalPlan(removal, projects, keys[User])
    plan.conflicts = _conflicts(projects, removal)
    with_them = Removal(removal)
    with_them.take_all(keys)
    for model in BY_THEMSELVES[1:]:
        if keys[model]:
            _decide(model, keys[model], with_them, plan)
    return plan


def _conflicts(projects: list[Project], removal: Removal) -> str:
    """Return a sentence if something of the demonstration must not go, or belongs to others too."""
    if held := held_projects().filter(pk__in=[project.pk for project in projects]):
        return _("Somebody has placed a hold on %(projects)s: lift it first.") % {
            "projects": join_list(str(project) for project in held)
        }
    owners = {model for model in removal.found if model._meta.app_label in PEOPLE_KNOW}
    strays = removal.strays(owners - {Institution, User})
    if not strays:
        return ""
    return _("Your own projects refer to it: %(things)s. Remove these references first.") % {
        "things": join_list(sorted(str(model._meta.verbose_name_plural) for model in strays))
    }


def _decide(model: AnyModel, keys: list[int], with_them: Removal, plan: RemovalPlan) -> None:
    """Let institutions or people go, unless something that stays refers to them."""
    used: dict[int, set[AnyModel]] = {}
    for key in keys:
        part = with_them.with_only(model, key, plan.removal)
        if of := part.counts.keys() - {model} - OWN[model]:
            used[key] = of
        else:
            plan.removal.add(part)
    rows = model._default_manager.filter(pk__in=used)
    if model is Institution:
        rows = rows.prefetch_related("names")
    for thing in rows.order_by("pk") if used else ():
        _keep(thing, used[thing.pk], plan)


def _keep(thing: models.Model, used: Collection[AnyModel], plan: RemovalPlan) -> None:
    names = sorted(str(each._meta.verbose_name_plural) for each in used)
    plan.stays.append(Kept(str(thing), _("Used by: %(things)s") % {"things": join_list(names)}))
    if isinstance(thing, User):
        plan.accounts.append(thing)


@transaction.atomic
def remove_demonstration() -> None:
    """Raises Refusal."""
    projects = list(Project.objects.select_for_update().filter(demonstration=True))
    plan = plan_removal()
    if plan.conflicts:
        raise Refusal(plan.conflicts)
    if not has_other_administrator():
        raise Refusal(_("Nobody else administers the portal: enter an administrator first."))
    record_erasure(plan.removal.found[User], by=None)
    plan.removal.delete()
    # The triggers have noted that something changed in projects that are gone.
    ObligationChange.objects.filter(project_key__in=[project.pk for project in projects]).delete()
    for person in plan.accounts:
        _close_door(person)
    DemonstrationThing.objects.all().delete()
    if Organisation.objects.filter(is_demonstration=True).delete()[0]:
        transaction.on_commit(forget)


def _close_door(person: User) -> None:
    """Take from an account that stays the password that everybody knows, and its rights."""
    person.password = make_password(None)
    person.is_staff = person.is_superuser = False
    person.save(update_fields=["password", "is_staff", "is_superuser"])
    sign_out_everywhere(person)


# --- Loads and removes the demonstration in the background ---

WORK = "ibcr_portal.tasks.work_on_demonstration"
Kind = DemonstrationJob.Kind


def is_public() -> bool:
    """Whether everybody may know the password: this machine alone reaches the embedded portal."""
    return bool(settings.EMBEDDED)


def latest_job() -> DemonstrationJob | None:
    return DemonstrationJob.objects.order_by("-pk").first()


@transaction.atomic
def ask_for(kind: str, *, by: User) -> DemonstrationJob:
    """Have a worker load or remove it. Raises Refusal."""
    busy = _("The demonstration is already being loaded or removed: wait until this is finished.")
    if DemonstrationJob.objects.in_hand().exists():
        raise Refusal(busy)
    if kind == Kind.REMOVE and not is_loaded():
        raise Refusal(_("There is no demonstration to remove."))
    job = DemonstrationJob(kind=kind, language=by.language)
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:  # somebody else asked at the same moment
        raise Refusal(busy) from None
    change = "demonstration loaded" if kind == Kind.LOAD else "demonstration removed"
    AccessEvent.record(AccessEvent.Kind.ROLE, user=by, change=change)
    enqueue(WORK, job.pk)
    return job


def work(job: DemonstrationJob) -> None:
    # What makes it is imported here: it has libraries of its own, for one task in a year.
    from ibcr_portal.demo.whole import PROJECTS, load_demonstration  # noqa: PLC0415

    # A worker that lost its lease publishes nothing: another one has the job.
    with suppress(LostLease), translation.override(job.language):
        try:
            if job.kind == Kind.LOAD:
                load_demonstration(
                    lambda code, number: job.report_progress(
                        code, lease=job.LEASE, progress=number, of=len(PROJECTS)
                    ),
                    is_open=is_public(),
                )
            else:
                remove_demonstration()
        except Refusal as refusal:
            DemonstrationJob.objects.filter(pk=job.pk).update(why=str(refusal)[:500])
            job.fail(job.Failure.BROKEN)
        except LostLease:
            raise
        except Exception:
            job.fail(job.Failure.BROKEN)
            raise
        else:
            job.finish()
