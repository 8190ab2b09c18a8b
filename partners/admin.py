"""Pages on which administrators repair data. Access is given and taken away on the page of the
institution."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from kernel.text import columns_of
from partners.models import Agreement, Contact, Institution, InstitutionName


class InstitutionNameInline(admin.TabularInline):
    model = InstitutionName
    extra = 0
    min_num = 1
    validate_min = True


@admin.register(Institution)
class InstitutionAdmin(SimpleHistoryAdmin):
    list_display = ["name", "kind", "country", "safeguarding_signed_on"]
    list_filter = ["kind", "illustrative"]
    search_fields = [*columns_of("names__name"), "names__acronym"]
    inlines = [InstitutionNameInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Institution]:
        rows: QuerySet[Institution] = super().get_queryset(request).with_names()
        return rows


@admin.register(Contact)
class ContactAdmin(admin.ModelAdmin):
    list_display = ["full_name", "institution", "title", "email", "ended_on"]
    list_filter = ["is_minor", "is_pseudonymous"]
    search_fields = ["full_name", "email"]
    raw_id_fields = ["institution"]
    readonly_fields = ["user"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        return super().get_queryset(request).prefetch_related("institution__names")


@admin.register(Agreement)
class AgreementAdmin(SimpleHistoryAdmin):
    list_display = ["institution", "kind", "reference", "signed_on", "ends_on"]
    list_filter = ["kind", "illustrative"]
    raw_id_fields = ["institution"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agreement]:
        rows: QuerySet[Agreement] = super().get_queryset(request)
        return rows.prefetch_related("institution__names")
