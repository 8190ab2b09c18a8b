from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from ibcr_portal import checks  # noqa: F401  (so that they run)


class PortalConfig(AppConfig):
    name = "ibcr_portal"

    def ready(self) -> None:
        from accounts.retention import add_retention  # noqa: PLC0415  (models are loaded)
        from ibcr_portal.persons.retention import RULES  # noqa: PLC0415  (likewise)

        add_retention(*RULES)


class PortalAdminConfig(AdminConfig):
    default_site = "ibcr_portal.admin.PortalAdminSite"
