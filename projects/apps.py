from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from accounts.permissions import add_auditors  # noqa: PLC0415  (models are loaded)
        from accounts.retention import add_reason_to_keep  # noqa: PLC0415  (likewise)
        from projects.permissions.roles import is_auditor  # noqa: PLC0415  (likewise)
        from projects.retention import first_day_to_keep  # noqa: PLC0415  (likewise)

        add_auditors(is_auditor)
        add_reason_to_keep(first_day_to_keep)
