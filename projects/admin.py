"""Repairs by administrators. No field here writes a status: statuses change by their steps
alone."""

from django.contrib import admin
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from accounts.admin import ReadOnlyAdmin, person
from accounts.models import AccessEvent
from kernel.text import columns_of
from projects.models import (
    Activity,
    Amendment,
    Assignment,
    Budget,
    BudgetLine,
    CallForProposals,
    Category,
    Classification,
    Contribution,
    DataPoint,
    Dimension,
    Direction,
    ExchangeRate,
    Expenditure,
    Grant,
    GrantReport,
    IatiImport,
    IatiPublication,
    Indicator,
    Instalment,
    LogicModelVersion,
    Participation,
    Period,
    Project,
    ProjectCountry,
    ProjectMarker,
    ProjectSector,
    ProjectTag,
    Representation,
    Result,
    Risk,
)
from projects.permissions.roles import Role


class PeriodInline(admin.TabularInline):
    model = Period
    extra = 0


class ParticipationInline(admin.TabularInline):
    model = Participation
    extra = 0
    raw_id_fields = ["institution"]


class ReadOnlyInline(admin.TabularInline):
    """Shows rows that are written on their own page, which checks them together."""

    extra = 0

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


def read_only_inline(model: type[models.Model]) -> type[ReadOnlyInline]:
    return type(f"{model.__name__}Inline", (ReadOnlyInline,), {"model": model})


# The percentages of sectors and of countries add up to 100, so no row is changed alone.
CLASSIFICATION_INLINES = [
    read_only_inline(model)
    for model in (Classification, ProjectCountry, ProjectSector, ProjectMarker, ProjectTag)
]


@admin.register(Project)
class ProjectAdmin(SimpleHistoryAdmin):
    list_display = ["code", "short_title", "status", "starts_on", "original_end", "current_end"]
    list_filter = ["status", "illustrative"]
    search_fields = ["code", *columns_of("short_title", "title"), "donor_number"]
    readonly_fields = ["original_end", "current_end"]
    inlines = [PeriodInline, ParticipationInline, *CLASSIFICATION_INLINES]

    def has_add_permission(self, request: object) -> bool:
        """A project is created in the portal, where its current end is set with the original."""
        return False


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    """Roles are given on the team page, which writes the access log."""

    list_display = ["project", "user", "role", "ends_on"]
    list_filter = ["role"]
    list_select_related = ["project", "user"]


@admin.register(Result)
class ResultAdmin(SimpleHistoryAdmin):
    list_display = ["code", "project", "level", "statement"]
    list_filter = ["level"]
    search_fields = ["code", *columns_of("statement"), "project__code"]
    list_select_related = ["project"]
    raw_id_fields = ["project", "parent"]


@admin.register(Indicator)
class IndicatorAdmin(SimpleHistoryAdmin):
    list_display = ["code", "result", "name", "measure"]
    list_filter = ["measure", "illustrative"]
    search_fields = ["code", *columns_of("name"), "result__project__code"]
    list_select_related = ["result"]
    raw_id_fields = ["result", "responsible"]


@admin.register(DataPoint)
class DataPointAdmin(SimpleHistoryAdmin):
    list_display = [
        "indicator",
        "kind",
        "period",
        "category",
        "numerator",
        "denominator",
        "status",
    ]
    list_filter = ["kind", "status"]
    search_fields = ["indicator__code", "indicator__result__project__code"]
    list_select_related = ["indicator", "period", "category"]
    raw_id_fields = ["indicator", "period"]
    readonly_fields = ["status", "entered_by"]


class CategoryInline(admin.TabularInline):
    model = Category
    extra = 0
    exclude = ["translation_sources"]


@admin.register(Dimension)
class DimensionAdmin(SimpleHistoryAdmin):
    """The breakdowns that all projects may use; administrators add to them."""

    list_display = ["name", "code", "position"]
    search_fields = ["code", *columns_of("name")]
    inlines = [CategoryInline]


@admin.register(Activity)
class ActivityAdmin(SimpleHistoryAdmin):
    list_display = ["title", "project", "kind", "planned_start", "actual_start", "share_done"]
    list_filter = ["kind", "illustrative"]
    search_fields = [*columns_of("title"), "place", "project__code"]
    list_select_related = ["project"]
    raw_id_fields = ["project", "result", "responsible", "partners"]
    # The total must fit the table by institution and sex, which the portal writes together with it.
    readonly_fields = ["status", "participants", "groups_illustrative"]


@admin.register(Amendment)
class AmendmentAdmin(SimpleHistoryAdmin):
    list_display = ["project", "number", "title", "kind", "status", "donor_decided_on"]
    list_filter = ["kind", "status"]
    search_fields = [*columns_of("title"), "project__code"]
    list_select_related = ["project"]
    raw_id_fields = ["project"]
    readonly_fields = ["status"]


@admin.register(LogicModelVersion)
class LogicModelVersionAdmin(admin.ModelAdmin):
    """Approved versions never change; the database refuses it."""

    list_display = ["project", "number", "approved_on", "approver", "reference"]
    list_filter = ["approver"]
    list_select_related = ["project"]


class ReadOnlyHistoryAdmin(ReadOnlyAdmin, SimpleHistoryAdmin):
    """Money, calls and grants change on their own pages, which check locks, reasons and
    tolerance."""


@admin.register(Budget)
class BudgetAdmin(ReadOnlyHistoryAdmin):
    list_display = ["project", "approved_on", "threshold", "tolerance"]
    list_select_related = ["project"]


@admin.register(BudgetLine)
class BudgetLineAdmin(ReadOnlyHistoryAdmin):
    list_display = ["project", "category", "result", "period", "original", "revised"]
    list_select_related = ["project", "category", "result", "period"]


@admin.register(Expenditure)
class ExpenditureAdmin(ReadOnlyHistoryAdmin):
    list_display = ["project", "spent_on", "category", "amount", "currency", "rate", "adjusts"]
    list_filter = ["currency"]
    list_select_related = ["project", "category", "adjusts__category"]


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyHistoryAdmin):
    list_display = ["project", "currency", "starts_on", "ends_on", "rate"]
    list_select_related = ["project"]


@admin.register(Contribution)
class ContributionAdmin(ReadOnlyHistoryAdmin):
    list_display = ["participation", "promised", "received", "currency", "received_on"]
    list_select_related = ["participation__institution"]


@admin.register(Risk)
class RiskAdmin(SimpleHistoryAdmin):
    list_display = ["project", "number", "definition", "kind", "status", "is_shared"]
    list_filter = ["kind", "status", "illustrative"]
    search_fields = [*columns_of("definition"), "project__code"]
    list_select_related = ["project"]
    raw_id_fields = ["project", "owner"]
    filter_horizontal = ["results"]
    readonly_fields = ["status"]


@admin.register(IatiPublication)
class IatiPublicationAdmin(ReadOnlyAdmin):
    """When each published file was public. The file itself is served to the public."""

    list_display = ["project", "published_at", "ended_at", "size", "sha256"]
    list_select_related = ["project"]
    search_fields = ["project__code", "sha256"]
    exclude = ["file"]


@admin.register(IatiImport)
class IatiImportAdmin(ReadOnlyAdmin):
    """The projects that were imported from a file, and what was left out."""

    list_display = ["identifier", "project", "version", "imported_at", "checked_at"]
    list_select_related = ["project"]
    search_fields = ["identifier", "project__code"]


# Proposals, panels and assessments are left out on purpose: nobody reads a proposal before the
# deadline, and scores are private to the member until they are submitted.


@admin.register(CallForProposals)
class CallForProposalsAdmin(ReadOnlyHistoryAdmin):
    list_display = ["code", "project", "title", "status", "opens_at", "closes_at"]
    list_filter = ["status", "illustrative"]
    list_select_related = ["project"]
    search_fields = ["code", *columns_of("title"), "project__code"]


@admin.register(Grant)
class GrantAdmin(ReadOnlyHistoryAdmin):
    list_display = ["project", "institution", "amount", "currency", "starts_on", "status"]
    list_filter = ["status", "illustrative"]
    list_select_related = ["project", "institution"]
    search_fields = ["project__code"]
    exclude = ["proposal"]
    inlines = [read_only_inline(Instalment)]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Grant]:
        grants: models.QuerySet[Grant] = super().get_queryset(request)
        return grants.prefetch_related("institution__names")


@admin.register(GrantReport)
class GrantReportAdmin(ReadOnlyHistoryAdmin):
    """The status of each report; its content is on its page."""

    list_display = ["grant_id", "due_on", "period_start", "period_end", "is_final", "status"]
    list_filter = ["status"]
    fields = ["due_on", "period_start", "period_end", "is_final", "status", "received_on"]
    readonly_fields = ["status"]  # no form has it, not even one of an earlier version


@admin.register(Direction)
class DirectionAdmin(admin.ModelAdmin):
    """Who directs the organisation reads all projects. Only administrators say who does."""

    list_display = ["user", "until"]
    list_select_related = ["user"]
    raw_id_fields = ["user"]

    def save_model(
        self, request: HttpRequest, obj: Direction, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        self._record(request, obj, "changed" if change else "added")

    def delete_model(self, request: HttpRequest, obj: Direction) -> None:
        self._record(request, obj, "removed")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Direction]) -> None:
        for direction in queryset:
            self.delete_model(request, direction)

    def _record(self, request: HttpRequest, direction: Direction, change: str) -> None:
        AccessEvent.record(
            AccessEvent.Kind.ROLE,
            user=person(request),
            thing=direction.user,
            role=Role.DIRECTION.value,
            change=change,
            until=direction.until.isoformat() if direction.until else "",
        )


@admin.register(Representation)
class RepresentationAdmin(ReadOnlyAdmin):
    """Shows who represents what. It is granted, confirmed and ended on the pages of the portal."""

    list_display = ["contact", "participation", "right", "since", "until", "confirmed_at"]
    list_select_related = ["contact", "participation__institution"]
    list_filter = ["right", "participation__role"]
    search_fields = ["contact__full_name"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Representation]:
        rows = super().get_queryset(request)
        return rows.prefetch_related("participation__institution__names")
