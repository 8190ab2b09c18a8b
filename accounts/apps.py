from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Services enqueue tasks by name, so each process must have imported them.
        from accounts import tasks  # noqa: F401, PLC0415  (models are there from now on)
        from accounts.retention import RULES, add_retention  # noqa: PLC0415  (likewise)

        add_retention(*RULES)
