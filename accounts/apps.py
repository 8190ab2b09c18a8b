from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Services enqueue tasks by their names: each process has to know them.
        from accounts import tasks  # noqa: F401, PLC0415  (models are there from now on)
