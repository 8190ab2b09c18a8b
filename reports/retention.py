"""How long documents are kept (`accounts.retention`)."""

from django.utils.translation import gettext as _, gettext_lazy

from accounts.retention import RetentionRule, days
from reports.models import Archive, Rendition

SWEEP = "reports.tasks.sweep_renditions"

RULES = (
    RetentionRule(
        "documents",
        gettext_lazy("Drafts and documents of the day, with the names in them"),
        lambda: days(Rendition.DAYS_KEPT),
        "Rendition.DAYS_KEPT",
        task=SWEEP,
    ),
    RetentionRule(
        "archives",
        gettext_lazy("Archives of a project that somebody requested"),
        lambda: days(Archive.DAYS_KEPT),
        "Archive.DAYS_KEPT",
        task=SWEEP,
    ),
    RetentionRule(
        "attendance-reports",
        gettext_lazy("Attendance reports that were uploaded and not confirmed"),
        lambda: days(1),
        "ParticipantsUpload.objects.forgotten",
        task=SWEEP,
    ),
    RetentionRule(
        "filed-documents",
        gettext_lazy("Letters, e-mails and other documents of a project"),
        lambda: _("With the project: they are its record. The coordination removes what must go."),
        "FiledDocument.withdrawn_on",
        task="",
    ),
    RetentionRule(
        "final-documents",
        gettext_lazy("Minutes, decisions and published reports"),
        lambda: _("Permanently: they are the record of the project, without names."),
        "Snapshot.is_final",
        task="",
    ),
)
