"""Reports on a period of a project, written section by section, from draft to published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from committees.models import Meeting, Resolution
from kernel.keys import by_whom
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import WordCount, translated, validate_markdown
from projects.models import Period, Project, Result
from reports.evidence import tokens_in, typed_codes
from reports.models.preset import ReportPreset, SectionKind


class ReportQuerySet(models.QuerySet["Report"]):
    def published(self) -> Self:
        return self.filter(status=Report.Status.PUBLISHED)

    def newer_than(self, report: "Report") -> "Report | None":
        """Return the latest of these reports that is a later version of the given one."""
        later = self.versions_of(report).filter(version__gt=report.version)
        return later.with_related().order_by("-version").first()

    def versions_of(self, report: "Report") -> Self:
        """Return the versions of the same report, itself included: those of the same preset and
        period."""
        return self.filter(period=report.period_id, preset=report.preset_id)

    def with_related(self) -> Self:
        return self.select_related(
            "project",
            "period",
            "preset",
            "snapshot",
            "written_by",
            "signed_off_by",
            "resolution",
            "noted_at",
        )


class Report(Lifecycle):
    class Outcome(models.TextChoices):
        VALIDATED = "validated", _("Validated by the committee")
        NOTED = "noted", _("Noted by the committee")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", pgettext_lazy("of a report", "In review")
        SIGNED_OFF = "signed_off", _("Signed off")
        PRESENTED = "presented", _("Presented to the committee")
        SUBMITTED = "submitted", _("Submitted to the donor")
        RETURNED = "returned", _("Returned by the donor")
        ACCEPTED = "accepted", _("Accepted by the donor")
        PUBLISHED = "published", _("Published")

    # From signing off on, the text does not change and documents carry no watermark.
    FROZEN = frozenset(
        {
            Status.SIGNED_OFF,
            Status.PRESENTED,
            Status.SUBMITTED,
            Status.RETURNED,
            Status.ACCEPTED,
            Status.PUBLISHED,
        }
    )
    SHOWN_TO_DONOR = frozenset(
        {Status.SUBMITTED, Status.RETURNED, Status.ACCEPTED, Status.PUBLISHED}
    )
    SHOWN_TO_MEMBERS = SHOWN_TO_DONOR | {Status.PRESENTED}

    STEPS = {
        "review": Step.of(Status.DRAFT, Status.IN_REVIEW, _("Send for internal review")),
        "return": Step.of(Status.IN_REVIEW, Status.DRAFT, _("Return to draft")),
        "sign_off": Step.of(Status.IN_REVIEW, Status.SIGNED_OFF, _("Sign off")),
        "present": Step.of(Status.SIGNED_OFF, Status.PRESENTED, _("Present to the committee")),
        "submit": Step.of(
            [Status.SIGNED_OFF, Status.PRESENTED], Status.SUBMITTED, _("Submit to the donor")
        ),
        "comment": Step.of(
            Status.SUBMITTED, Status.RETURNED, _("Record that the donor requests changes")
        ),
        "resubmit": Step.of(Status.RETURNED, Status.SUBMITTED, _("Submit again")),
        "accept": Step.of(Status.SUBMITTED, Status.ACCEPTED, _("Record acceptance")),
        "publish": Step.of([Status.SUBMITTED, Status.ACCEPTED], Status.PUBLISHED, _("Publish")),
    }

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reports")
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="reports", verbose_name=_("period")
    )
    preset = models.ForeignKey(
        ReportPreset,
        on_delete=models.PROTECT,
        related_name="reports",
        verbose_name=_("kind of report"),
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    status = status_field(Status, Status.DRAFT)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    signed_off_by = by_whom()
    signed_off_on = models.DateField(_("signed off on"), null=True, editable=False)
    # The reason why the author signs, if a small team has nobody else.
    four_eyes_exception = models.TextField(blank=True, editable=False)
    # The committee's outcome, which is recorded independently of the donor's answer.
    committee_outcome = models.CharField(
        _("outcome in the committee"), max_length=20, choices=Outcome, blank=True, editable=False
    )
    resolution = models.ForeignKey(
        Resolution, on_delete=models.PROTECT, null=True, editable=False, related_name="reports"
    )
    noted_at = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    outcome_on = models.DateField(_("day of the committee’s outcome"), null=True, editable=False)
    outcome_recorded_at = models.DateTimeField(null=True, editable=False)
    outcome_recorded_by = by_whom()
    accepted_on = models.DateField(_("accepted on"), null=True, editable=False)
    acceptance_reference = models.CharField(
        _("reference of the acceptance"), max_length=200, blank=True, editable=False
    )
    published_on = models.DateField(_("published on"), null=True, editable=False)
    # The writers' text about the differences of a later version, beside the computed ones.
    version_note = translated(
        models.TextField(
            _("what is different in this version"),
            max_length=3000,
            blank=True,
            validators=[validate_markdown],
        )
    )
    snapshot = models.ForeignKey(
        "Snapshot", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-period__start", "-version"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "preset", "version"],
                name="report_version_is_used_once",
                violation_error_message=_("This period already has a report: open that one."),
            ),
            models.CheckConstraint(
                name="report_signed_off_has_its_snapshot",
                condition=Q(status__in=["draft", "in_review"])
                | Q(
                    snapshot__isnull=False,
                    signed_off_by__isnull=False,
                    signed_off_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="report_has_four_eyes",
                condition=Q(signed_off_by=None)
                | ~Q(signed_off_by=F("written_by"))
                | ~Q(four_eyes_exception=""),
                violation_error_message=_("Whoever wrote a report cannot sign it off."),
            ),
            models.CheckConstraint(
                name="report_publication_is_dated",
                condition=~Q(status="published") | Q(published_on__isnull=False),
            ),
            models.CheckConstraint(
                name="report_acceptance_is_dated",
                condition=~Q(status="accepted") | Q(accepted_on__isnull=False),
            ),
            models.CheckConstraint(
                name="report_outcome_has_its_reason",
                condition=Q(committee_outcome="", resolution=None, noted_at=None)
                | Q(committee_outcome="validated", resolution__isnull=False, noted_at=None)
                | Q(committee_outcome="noted", resolution__isnull=False, noted_at=None)
                | Q(committee_outcome="noted", resolution=None, noted_at__isnull=False),
                violation_error_message=_("Say by which decision, or at which meeting."),
            ),
            models.CheckConstraint(
                name="report_outcome_is_dated",
                condition=Q(committee_outcome="", outcome_on=None, outcome_recorded_at=None)
                | (
                    ~Q(committee_outcome="")
                    & Q(
                        outcome_on__isnull=False,
                        outcome_recorded_at__isnull=False,
                        outcome_recorded_by__isnull=False,
                    )
                ),
            ),
        ]

    def __str__(self) -> str:
        if self.preset.is_final:
            return self.preset.title
        facts = {"report": self.preset.title, "number": self.period.number}
        if self.period.kind == Period.Kind.SEMESTER:
            return _("%(report)s, half-year %(number)s") % facts
        return _("%(report)s, year %(number)s") % facts

    def get_absolute_url(self) -> str:
        return reverse("reports:detail", args=[self.pk])

    def clean(self) -> None:
        if self.period_id and self.project_id and self.period.project_id != self.project_id:
            raise ValidationError({"period": _("That period belongs to another project.")})

    @property
    def start(self) -> date:
        """The first day that it covers."""
        return self.project.starts_on if self.preset.is_final else self.period.start

    @property
    def end(self) -> date:
        return self.period.end

    @property
    def is_frozen(self) -> bool:
        return self.status in self.FROZEN

    @property
    def is_signed(self) -> bool:
        """Whether it is signed, also while it is being signed off, since the frozen document names
        the day."""
        return self.signed_off_on is not None


class CodesOf(models.JSONField):
    """The codes in a text of the same row. An `update` of the text has to find them itself."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        usual: dict[str, Any] = {"default": list, "editable": False}
        super().__init__(**usual | options)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, arguments, options = super().deconstruct()
        return name, path, arguments, options | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> list[str]:
        found = typed_codes(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, found)
        return found


class Section(models.Model):
    """The narrative of one kind in one language; a section that is only computed has no row.

    A text with a `result` is printed with the figures of that result, in the chapter of its kind.
    """

    Kind = SectionKind

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="sections")
    kind = models.CharField(_("section"), max_length=20, choices=SectionKind)
    # What was written about a result is not lost with it.
    result = models.ForeignKey(
        Result, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    text = models.TextField(_("text"), blank=True, validators=[validate_markdown])
    words = WordCount(of="text")
    # The codes in the text, and other texts in double brackets, as they were typed: so the list of
    # gaps need not read hundreds of pages. They are found when the row is saved, as the words are.
    codes = CodesOf("text")
    # Raised with each save, so that of two people who write at once the second does not overwrite
    # the first.
    version = models.PositiveIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )

    history = HistoricalRecords(excluded_fields=["codes"])

    class Meta:
        ordering = ["report", "kind", "result_id", "language"]
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "kind", "language"],
                condition=Q(result=None),
                name="section_is_written_once",
            ),
            models.UniqueConstraint(
                fields=["report", "result", "language"],
                condition=Q(result__isnull=False),
                name="section_of_a_result_is_written_once",
            ),
        ]

    def __str__(self) -> str:
        words = [self.get_kind_display(), self.get_language_display()]
        if self.result:
            words.insert(1, self.result.code)
        return " · ".join(words)

    @property
    def slug(self) -> str:
        """What addresses name its place in the report by."""
        return slug_of(self.kind, self.result_id)

    @property
    def codes_leading_nowhere(self) -> list[str]:
        """Those of its `codes` that lead to nothing. They are mistyped, or their thing was deleted
        since. A list fetches `citations` before."""
        kept = {one.token for one in self.citations.all()}
        return [typed for typed in self.codes if kept.isdisjoint(tokens_in(typed))]


# The place of a text


OF_RESULT = "result-"


def slug_of(kind: str, result: int | None) -> str:
    """Return what addresses name the place by."""
    return f"{OF_RESULT}{result}" if result else kind


def home_of(result: Result) -> SectionKind:
    """Return the kind of the chapter in which a result stands: outputs, the lowest level of the
    donor's preset, with the activities, all others with the progress."""
    is_output = result.level == result.project.donor_preset.results[-1].key
    return SectionKind.ACTIVITIES if is_output else SectionKind.PROGRESS


@dataclass(frozen=True)
class SectionPlace:
    """`kind` is the chapter; with a `result` it is the text beside the figures of that result."""

    kind: str
    result: Result | None = None

    @property
    def slug(self) -> str:
        return slug_of(self.kind, self.result.pk if self.result else None)

    @property
    def columns(self) -> dict[str, Any]:
        """What the rows of its texts have, in every language."""
        return {"result": self.result} if self.result else {"kind": self.kind, "result": None}
