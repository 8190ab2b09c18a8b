from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from ibcr_portal import checks  # noqa: F401  (so that they run)


class PortalConfig(AppConfig):
    name = "ibcr_portal"


class PortalAdminConfig(AdminConfig):
    default_site = "ibcr_portal.admin.PortalAdminSite"
