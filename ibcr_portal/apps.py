from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    name = "ibcr_portal"


class PortalAdminConfig(AdminConfig):
    default_site = "ibcr_portal.admin.PortalAdminSite"
