from contextlib import suppress
from typing import Any

from django.apps import AppConfig, apps as every_app
from django.db.models.signals import post_migrate

from accounts.made_files import register_made_files


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        """Register the tasks, which services enqueue by name, and the files; and write the standard presets into
        every database that was set up or emptied."""
        from reports import tasks  # noqa: F401, PLC0415  (models are loaded from now on)
        from reports.services import naming  # noqa: PLC0415  (as above)

        register_made_files(naming)

        from projects.iati.sources import add_summary_source  # noqa: PLC0415  (likewise)
        from reports.services.public_summary import summary_of_latest_report  # noqa: PLC0415  (likewise)

        add_summary_source(summary_of_latest_report)

        from accounts.log_words import add_words  # noqa: PLC0415  (likewise)
        from accounts.retention import add_retention  # noqa: PLC0415  (likewise)
        from reports.models import DocumentKind  # noqa: PLC0415  (likewise)
        from reports.retention import RULES  # noqa: PLC0415  (likewise)

        add_retention(*RULES)
        add_words("document", DocumentKind)
        post_migrate.connect(_load_presets, sender=self)


def _load_presets(using: str, apps: Any = every_app, **_rest: Any) -> None:
    from reports.presets import load_presets  # noqa: PLC0415  (as above)

    with suppress(LookupError):  # on the way back to a state before this model existed
        models = [apps.get_model("reports", name) for name in ("ReportPreset", "PresetSection")]
        if using == "default":
            load_presets(*models)
