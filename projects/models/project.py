"""Projects, and the institutions that take part. The original end of a project is never overwritten:
an extension moves `current_end` alone."""

import zoneinfo
from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, Exists, F, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy
from django_countries.fields import CountryField
from simple_history.models import HistoricalRecords

from accounts.models import User
from kernel.entering import entered_on_field
from kernel.languages import LANGUAGES, default_languages, languages_field
from kernel.organisation import home_country, home_zone
from kernel.text import Multilingual, translated
from partners.models import Agreement, Institution
from projects import presets
from projects.models.assignment import Assignment
from projects.models.currency import refuse_other_currency
from projects.models.places import (
    DIRECT_ROLES,
    end_has_not_come,
    is_acting,
    place_sources,
    representation_is_in_force,
)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> Self:
        """Administrators and the direction see every project; others those they work for, in which
        they represent an institution, or in which they have another place, such as a seat."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        represented = Participation.objects.represented_by(user).values("project")
        seen = Q(pk__in=represented) | self.inside_of(user)
        for source in place_sources:
            seen |= Q(pk__in=source().filter(contact__user=user).values("place_in"))
        return self.filter(seen)

    def inside_of(self, user: User) -> Q:
        """Match the projects that the person sees from the inside: those for which they work, and
        all for the direction."""
        assigned = Assignment.objects.current().filter(user=user).values("project")
        return Q(pk__in=assigned) | Q(self.directed_by(user))

    def directed_by(self, user: User) -> Exists:
        """Match all projects if the person directs the organisation, else none."""
        not_over = Q(direction__until=None) | Q(direction__until__gte=timezone.localdate())
        return Exists(User.objects.filter(not_over, pk=user.pk, direction__isnull=False))

    def coordinated_by(self, user: User) -> Self:
        """Keep projects that the person may edit (`permissions.roles.may_edit`, for many rows)."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        own = Assignment.objects.current().filter(user=user, role=Assignment.Role.COORDINATOR)
        return self.filter(pk__in=own.values("project"))

    def matching(self, text: str) -> Self:
        """Keep projects with the text in their code, donor's number or title in any language."""
        columns = ["code", "donor_number"]
        columns += [f"{name}_{lang}" for name in ("short_title", "title") for lang in LANGUAGES]
        found = Q()
        for column in columns:
            found |= Q(**{f"{column}__icontains": text})
        return self.filter(found)

    def with_next_dates(self) -> Self:
        """Add the next planned start of an activity not begun, and the next end of a period."""
        today = timezone.localdate()
        to_come = Q(
            activities__planned_start__gte=today,
            activities__actual_start=None,
            activities__share_done=0,
            activities__status="going",
        )
        return self.annotate(
            next_activity_on=Min("activities__planned_start", filter=to_come),
            next_period_end=Min("periods__end", filter=Q(periods__end__gte=today)),
        )


class Project(Multilingual):
    # Added by `with_next_dates`, and missing without it.
    next_activity_on: date | None
    next_period_end: date | None

    class Status(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("of a project", "Planned")
        ACTIVE = "active", _("In progress")
        CLOSED = "closed", _("Closed")
        SUSPENDED = "suspended", _("Suspended")
        CANCELLED = "cancelled", pgettext_lazy("of a project", "Cancelled")

    OVER = frozenset({Status.CLOSED, Status.CANCELLED})

    code = models.CharField(
        _("code"),
        max_length=30,
        unique=True,
        validators=[
            RegexValidator(
                r"^(?!new$)[A-Za-z0-9][A-Za-z0-9.-]*$",  # /projects/new/ is a page
                _("Use only letters, digits, points and hyphens, such as HN-TRATA."),
            )
        ],
    )
    short_title = translated(models.CharField(_("short title"), max_length=80))
    title = translated(models.CharField(_("title"), max_length=300))
    description = translated(models.TextField(_("description"), blank=True, max_length=5000))
    country = CountryField(_("country"), default=home_country)
    donor_number = models.CharField(_("donor's project number"), max_length=60, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.ACTIVE)
    starts_on = models.DateField(_("start"))
    original_end = models.DateField(_("original end"))
    current_end = models.DateField(_("current end"), editable=False)
    actual_start = models.DateField(_("actual start"), null=True, blank=True)
    actual_end = models.DateField(_("actual end"), null=True, blank=True)
    # The day from which it is closed for good: nothing of it is changed any more, and the years for
    # which its records are kept begin (`ibcr_portal.closing`). An older project may have the status
    # without it.
    closed_on = models.DateField(_("closed on"), null=True, editable=False)
    code_of_conduct_on = models.DateField(
        _("code of conduct signed by the team on"), null=True, blank=True
    )
    languages = languages_field(_("working languages"), default=default_languages)
    report_languages = languages_field(_("languages of reports"), default=list, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CAD")
    plan_amounts_open = models.BooleanField(
        _("members and partners see the amount of each action"),
        default=False,
        help_text=_(
            "Otherwise they see the totals by result, and the amounts of their own institution."
        ),
    )
    preset = models.CharField(
        _("levels of results"),
        max_length=20,
        choices=presets.choices,
        default=presets.DEFAULT,
        help_text=_("Whose names and numbering the logic model uses."),
    )
    # How indicators are rated, and when their values are due.
    met_from = models.DecimalField(
        _("target met from (share)"),
        max_digits=3,
        decimal_places=2,
        default=Decimal(1),
        help_text=_("The share of the target from which it counts as met: 1 is the whole target."),
    )
    close_from = models.DecimalField(
        _("close to the target from (share)"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.8"),
    )
    values_due_days = models.PositiveSmallIntegerField(
        _("days for actual values after a period"), default=30
    )
    # It may be removed with what is sealed. A trigger of the first migration keeps
    # the mark.
    demonstration = models.BooleanField(_("demonstration"), default=False, editable=False)
    training = models.BooleanField(
        _("training"),
        default=False,
        help_text=_(
            "For learning and trying things out: no e-mail is sent, and nothing is published."
        ),
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)  # as a whole
    source_note = translated(models.TextField(_("sources and what is illustrative"), blank=True))
    entered_on = entered_on_field()

    objects = ProjectQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-starts_on", "code"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.CheckConstraint(
                name="project_ends_after_it_starts",
                condition=Q(original_end__gt=F("starts_on"), current_end__gt=F("starts_on")),
                violation_error_message=_("A project has to end after it starts."),
            ),
            models.CheckConstraint(
                name="project_closed_on_a_day_is_closed",
                condition=Q(closed_on=None) | Q(status="closed"),
            ),
            models.CheckConstraint(
                name="project_thresholds_are_in_order",
                condition=Q(close_from__gt=0, met_from__gte=F("close_from"), met_from__lte=1),
                violation_error_message=_(
                    "The thresholds are shares above 0 and up to 1, with the one for "
                    "“close” the lower."
                ),
            ),
            models.CheckConstraint(
                name="project_actual_dates_are_ordered",
                condition=Q(actual_start=None)
                | Q(actual_end=None)
                | Q(actual_end__gt=F("actual_start")),
                violation_error_message=_("The actual end is before the actual start."),
            ),
        ]

    def __str__(self) -> str:
        return self.short_title

    def get_absolute_url(self) -> str:
        return reverse("projects:detail", args=[self.code])

    def clean(self) -> None:
        """Actual dates are not in the future, and every result fits the levels of the preset."""
        today = timezone.localdate()
        for name in ("actual_start", "actual_end"):
            if (day := getattr(self, name)) and day > today:
                raise ValidationError({name: _("This day is in the future.")})
        if self.pk:
            refuse_other_currency(self)
            self._check_levels_of_results()

    def _check_levels_of_results(self) -> None:
        levels = {level.key: level for level in self.donor_preset.results}
        results = self.results.order_by("code").values_list("code", "level", "parent__level")
        misplaced = [
            code
            for code, level, above in results
            if level not in levels or above not in (None, levels[level].parent)
        ]
        if misplaced:
            message = _("%(preset)s has no such level: first move or delete %(codes)s.")
            names = {"preset": self.donor_preset.name, "codes": ", ".join(misplaced)}
            raise ValidationError({"preset": message % names})

    @property
    def donor_preset(self) -> presets.Preset:
        """The donor's names and numbering of the levels of results."""
        return presets.preset(self.preset)

    @property
    def is_extended(self) -> bool:
        return self.current_end != self.original_end

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone of the project: that of the organisation, whatever the reader's own is."""
        return home_zone()

    @property
    def today(self) -> date:
        """The day at the place of the project: its deadlines end with it, wherever the reader is."""
        return timezone.localdate(timezone=self.zone)

    @property
    def next_date(self) -> tuple[date, str] | None:
        """Return the next day ahead and its meaning; needs rows fetched `with_next_dates`."""
        if self.is_over:
            return None
        days = [
            (self.next_activity_on, gettext("an activity is planned")),
            (self.next_period_end, gettext("a period ends")),
            (self.current_end, gettext("the project ends")),
        ]
        today = timezone.localdate()
        to_come = [(day, words) for day, words in days if day and day >= today]
        return min(to_come, key=lambda each: each[0], default=None)

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER

    @property
    def is_closed(self) -> bool:
        """Whether it was closed for good, so that nothing of it is changed any more."""
        return self.closed_on is not None

    @property
    def percent_elapsed(self) -> int:
        return round(self.share_elapsed * 100)

    @property
    def share_elapsed(self) -> Decimal:
        """Return the share of the time from start to current end that has passed, from 0 to 1."""
        total = (self.current_end - self.starts_on).days
        passed = (min(timezone.localdate(), self.current_end) - self.starts_on).days
        return Decimal(max(passed, 0)) / Decimal(total)


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def represented_by(self, user: User) -> Self:
        """Keep those in which the person represents the institution today; for somebody who acts and
        does not only read, without those whose end was announced."""
        in_force = representation_is_in_force("representations__")
        if is_acting(user):
            in_force &= Q(representations__ends_at=None)
        rows = self.filter(in_force, representations__contact__user=user)
        return self.filter(pk__in=rows.values("pk"))

    def with_people(self) -> Self:
        """Add how many people represent the institution today, and how many are to be confirmed."""
        open_rows = Q(representations__ended_at=None, representations__contact__ended_on=None)
        open_rows &= end_has_not_come("representations__")
        in_force = representation_is_in_force("representations__")
        waiting = open_rows & Q(representations__confirmed_at=None) & ~Q(role__in=DIRECT_ROLES)
        return self.annotate(
            people=Count("representations", filter=in_force),
            people_waiting=Count("representations", filter=waiting),
        )

    def with_institutions(self) -> Self:
        return self.select_related("institution").prefetch_related("institution__names")


class Participation(models.Model):
    """An institution in a project, in one role. A represented group (Afro-Honduran peoples,
    children and adolescents) is an institution of civil society like any other."""

    class Role(models.TextChoices):
        FUNDING = "funding", _("Funding")
        REPRESENTING = "representing", _("Represents the donor")
        ACCOUNTABLE = "accountable", _("Accountable")
        EXTENDING = "extending", _("Extending")
        IMPLEMENTING = "implementing", _("Implementing")
        PARTNER = "partner", _("Partner")
        BENEFICIARY = "beneficiary", _("Beneficiary")

    # What an institution of a kind does in a project, where nobody says otherwise.
    USUAL_ROLES: ClassVar[dict[str, str]] = {
        Institution.Kind.DONOR: Role.FUNDING,
        Institution.Kind.EMBASSY: Role.REPRESENTING,
        Institution.Kind.IMPLEMENTER: Role.IMPLEMENTING,
    }
    # The representatives of institutions in these roles act for the donor.
    DONOR_ROLES = frozenset({Role.FUNDING, Role.REPRESENTING})
    # These sign a safeguarding policy: the donor and who represents it have their own rules, and the
    # accountable institution keeps the policies.
    SIGNS_POLICY = (Role.IMPLEMENTING, Role.PARTNER, Role.BENEFICIARY)

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="participations")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="participations",
        verbose_name=_("institution"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.PARTNER)
    agreement = models.ForeignKey(
        Agreement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("agreement"),
    )
    amount = models.DecimalField(
        _("amount"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("What the institution contributes to the project, in the project's currency."),
    )
    entered_on = entered_on_field()

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        ordering = ["role", "pk"]
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "institution", "role"],
                name="participation_role_once",
                violation_error_message=_("This institution already has this role in the project."),
            ),
            models.CheckConstraint(
                name="participation_amount_is_not_negative",
                condition=Q(amount=None) | Q(amount__gte=0),
                violation_error_message=_("An amount cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.get_role_display()}"
