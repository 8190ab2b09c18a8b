"""Read-only pages of the admin. Reports are written, signed and rendered on their own pages."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from reports.models import Rendition, Report, SharedLink, Snapshot, WordTemplate


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "project", "version", "status", "signed_off_on", "published_on"]
    list_filter = ["status"]
    list_select_related = ["project", "period", "preset"]


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ["code", "kind", "project", "is_final", "created_at", "is_whole"]
    list_filter = ["kind", "is_final"]
    list_select_related = ["project"]
    search_fields = ["sha256"]


@admin.register(Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    """Shows the work in the background: which document, its progress, its attempts and its
    failure."""

    list_display = [
        "pk",
        "snapshot",
        "language",
        "audience",
        "state",
        "stage",
        "attempt",
        "failure",
    ]
    list_filter = ["state", "failure", "is_draft", "audience"]
    list_select_related = ["snapshot"]
    readonly_fields = ["requested_at", "started_at", "finished_at", "lease_until"]


@admin.register(SharedLink)
class SharedLinkAdmin(ReadOnlyAdmin):
    list_display = ["label", "rendition", "expires_at", "revoked_at", "created_by"]
    list_select_related = ["created_by"]


@admin.register(WordTemplate)
class WordTemplateAdmin(ReadOnlyAdmin):
    list_display = ["name", "preset", "language", "size", "added_by", "uploaded_at"]
    list_select_related = ["preset", "added_by"]
