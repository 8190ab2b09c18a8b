from django.contrib import admin
from django.urls import include, path

from accounts.views import set_language
from ibcr_portal import views

handler400 = "ibcr_portal.views.bad_request"
handler403 = "ibcr_portal.views.permission_denied"
handler404 = "ibcr_portal.views.page_not_found"
handler429 = "ibcr_portal.views.too_many_requests"  # named so by allauth, which counts them
handler500 = "ibcr_portal.views.server_error"

urlpatterns = [
    # /
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("privacy/", views.privacy, name="privacy"),
    # /accounts/ (sign-in, password, second factor), /people/, /language/, /mailbox/
    path("accounts/", include("accounts.sign_in_urls")),
    path("language/", set_language, name="set_language"),
    path("", include("accounts.urls")),
    # /projects/
    path("projects/", include("projects.urls")),
    # /partners/
    path("partners/", include("projects.partner_urls")),
    # /committees/, /meetings/, /resolutions/, /plans/, /actions/
    path("", include("committees.urls")),
    # /reports/, /documents/, /verify/
    path("", include("reports.urls")),
    path("admin/", admin.site.urls),
]
