from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse


class PortalAdminSite(admin.AdminSite):
    """The admin site, for repairs by staff. People sign in through allauth, so that one rate limit
    holds for both."""

    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return page
