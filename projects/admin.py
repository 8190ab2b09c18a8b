"""For repairs by administrators. Statuses stay with the lifecycle: no field here writes one."""

from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from projects.models import (
    Activity,
    Amendment,
    Assignment,
    DataPoint,
    Indicator,
    Participation,
    Period,
    Project,
    Result,
    Risk,
)


class PeriodInline(admin.TabularInline):
    model = Period
    extra = 0


class ParticipationInline(admin.TabularInline):
    model = Participation
    extra = 0
    raw_id_fields = ["institution"]


@admin.register(Project)
class ProjectAdmin(SimpleHistoryAdmin):
    list_display = ["code", "short_title_fr", "status", "starts_on", "original_end", "current_end"]
    list_filter = ["status", "illustrative"]
    search_fields = ["code", "short_title_fr", "title_fr", "donor_number"]
    readonly_fields = ["original_end", "current_end"]
    inlines = [PeriodInline, ParticipationInline]

    def has_add_permission(self, request: object) -> bool:
        """A project is created in the portal, where its current end is set with the original."""
        return False


@admin.register(Assignment)
class AssignmentAdmin(admin.ModelAdmin):
    """To look: roles are given on the team page, which writes the access log."""

    list_display = ["project", "user", "role", "ends_on"]
    list_filter = ["role"]
    list_select_related = ["project", "user"]

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Result)
class ResultAdmin(SimpleHistoryAdmin):
    list_display = ["code", "project", "level", "statement_fr"]
    list_filter = ["level"]
    search_fields = ["code", "statement_fr", "project__code"]
    list_select_related = ["project"]
    raw_id_fields = ["project", "parent"]


@admin.register(Indicator)
class IndicatorAdmin(SimpleHistoryAdmin):
    list_display = ["code", "result", "name_fr", "measure"]
    list_filter = ["measure", "illustrative"]
    search_fields = ["code", "name_fr", "result__project__code"]
    list_select_related = ["result"]
    raw_id_fields = ["result", "responsible"]


@admin.register(DataPoint)
class DataPointAdmin(admin.ModelAdmin):
    list_display = ["indicator", "kind", "period", "numerator", "denominator", "status"]
    list_filter = ["kind", "status"]
    search_fields = ["indicator__code", "indicator__result__project__code"]
    list_select_related = ["indicator", "period"]
    raw_id_fields = ["indicator", "period"]
    readonly_fields = ["status", "entered_by"]


@admin.register(Activity)
class ActivityAdmin(SimpleHistoryAdmin):
    list_display = ["title_fr", "project", "kind", "planned_start", "actual_start", "share_done"]
    list_filter = ["kind", "illustrative"]
    search_fields = ["title_fr", "place", "project__code"]
    list_select_related = ["project"]
    raw_id_fields = ["project", "result"]


@admin.register(Amendment)
class AmendmentAdmin(SimpleHistoryAdmin):
    list_display = ["project", "number", "title_fr", "kind", "status", "donor_decided_on"]
    list_filter = ["kind", "status"]
    search_fields = ["title_fr", "project__code"]
    list_select_related = ["project"]
    raw_id_fields = ["project"]
    readonly_fields = ["status"]


@admin.register(Risk)
class RiskAdmin(SimpleHistoryAdmin):
    list_display = ["project", "number", "definition_fr", "kind", "status", "is_shared"]
    list_filter = ["kind", "status", "illustrative"]
    search_fields = ["definition_fr", "project__code"]
    list_select_related = ["project"]
    raw_id_fields = ["project", "owner"]
    filter_horizontal = ["results"]
    readonly_fields = ["status"]
