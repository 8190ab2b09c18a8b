from django.contrib import admin
from django.urls import include, path

from accounts.views import set_language
from committees.permissions import roles_in
from ibcr_portal import views
from ibcr_portal.chain import amendment_chain, call_chain, project_chain, thing_chain
from projects import urls as projects

handler400 = "ibcr_portal.views.bad_request"
handler403 = "ibcr_portal.views.permission_denied"
handler404 = "ibcr_portal.views.page_not_found"
handler429 = "ibcr_portal.views.too_many_requests"  # named so by allauth, which counts them
handler500 = "ibcr_portal.views.server_error"

# Pages of `projects` that show the evidence chain, of which `projects` knows nothing: its views
# take what to add, the template that shows it, and the roles, a seat in the committee included.
CHAINS = {
    "detail": {
        "chain": project_chain,
        "template": "ibcr_portal/chain/project.html",
        "roles": roles_in,
    },
    "result": {"chain": thing_chain, "template": "ibcr_portal/chain/result.html"},
    "indicator": {"chain": thing_chain, "template": "ibcr_portal/chain/indicator.html"},
    "activity": {"chain": thing_chain, "template": "ibcr_portal/chain/activity.html"},
    "amendment": {
        "chain": amendment_chain,
        "template": "ibcr_portal/chain/amendment.html",
        "roles": roles_in,
    },
    "call": {"chain": call_chain, "template": "ibcr_portal/chain/call.html"},
    "activities": {"roles": roles_in},
    "amendments": {"roles": roles_in},
}
project_pages = [
    path(str(page.pattern), page.callback, CHAINS.get(page.name), page.name)
    for page in projects.urlpatterns
]

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
    path("projects/", include((project_pages, projects.app_name))),
    # /calls/, for anybody
    path("calls/", include("projects.call_urls")),
    # /partners/
    path("partners/", include("projects.partner_urls")),
    # /committees/, /meetings/, /resolutions/, /plans/, /actions/
    path("", include("committees.urls")),
    # /reports/, /documents/, /verify/
    path("", include("reports.urls")),
    path("admin/", admin.site.urls),
]
