from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        """Let web processes know the tasks that services ring by name."""
        from reports import tasks  # noqa: F401, PLC0415  (models are there from now on)
