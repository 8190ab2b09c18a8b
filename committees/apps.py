from django.apps import AppConfig


class CommitteesConfig(AppConfig):
    name = "committees"

    def ready(self) -> None:
        from accounts.idle import add_live_sessions  # noqa: PLC0415  (models are loaded)
        from committees.permissions.meetings import follows_meeting  # noqa: PLC0415  (likewise)
        from committees.permissions.roles import roles_by_seat  # noqa: PLC0415  (likewise)
        from projects.permissions.roles import add_role_source  # noqa: PLC0415  (likewise)

        add_role_source(roles_by_seat)
        add_live_sessions(follows_meeting)
