from typing import Any

from django.contrib import admin
from django.urls import include, path

from accounts.views import set_language
from committees import urls as committees
from committees.meetings.views.meetings import MeetingPages, meeting_detail
from committees.plans.views.actions import action_detail
from committees.plans.views.plans import PlanPages, plan_detail
from committees.resolutions.views.resolutions import resolution_detail
from committees.seats.views.committee import project_committee
from committees.seats.views.register import ResolutionPages
from ibcr_portal import chain_views, handover, views
from ibcr_portal.audit import views as audit
from ibcr_portal.chain import (
    amendment_chain,
    call_chain,
    planned_chain,
    resolution_chain,
    resolved_chain,
    risk_chain,
    risk_register_chain,
    thing_chain,
)
from ibcr_portal.closing import views as closing
from ibcr_portal.help import views as helping
from ibcr_portal.intake import views as intake
from ibcr_portal.mail_kinds import views as mail_kinds
from ibcr_portal.news import views as news
from ibcr_portal.obligations import by_link, views as obligations
from ibcr_portal.observing import machines
from ibcr_portal.observing.views import system
from ibcr_portal.overview import project_overview
from ibcr_portal.portfolio import views as portfolio
from ibcr_portal.public import views as public
from ibcr_portal.search import views as searching
from ibcr_portal.seen import views as seen
from ibcr_portal.starting import views as demonstration, views as starting
from ibcr_portal.translating import views as queue
from ibcr_portal.translating.views import gist
from projects import urls as projects
from projects.exchange.views.exchange import public_file
from reports.views.filing import filed_list
from reports.views.projects import project_reports

handler400 = "ibcr_portal.views.bad_request"
handler403 = "ibcr_portal.views.permission_denied"
handler404 = "ibcr_portal.views.page_not_found"
handler429 = "ibcr_portal.views.too_many_requests"  # named so by allauth, which counts them
handler500 = "ibcr_portal.views.server_error"

# Pages of `projects` that show the evidence chain, of which `projects` knows nothing: its views
# take what to add, the template that shows it, and the roles, a seat in the committee included.
CHAINS: dict[str, dict[str, Any]] = {
    "detail": {"overview": project_overview},
    "result": {"chain": thing_chain, "template": "ibcr_portal/chain/result.html"},
    "indicator": {"chain": thing_chain, "template": "ibcr_portal/chain/indicator.html"},
    "activity": {"chain": thing_chain, "template": "ibcr_portal/chain/activity.html"},
    "amendment": {
        "chain": amendment_chain,
        "template": "ibcr_portal/chain/amendment.html",
    },
    "risks": {
        "chain": risk_register_chain,
        "template": "ibcr_portal/chain/risks.html",
    },
    "risk": {"chain": risk_chain, "template": "ibcr_portal/chain/risk.html"},
    "call": {"chain": call_chain, "template": "ibcr_portal/chain/call.html"},
}
project_pages = [
    path(str(page.pattern), page.callback, CHAINS.get(str(page.name)), page.name)
    for page in projects.urlpatterns
]
# The same of pages of `committees`, for reports.
committee_pages = [
    path(
        "resolutions/<int:pk>/",
        resolution_detail,
        {"chain": resolution_chain, "template": "ibcr_portal/chain/resolution.html"},
        name="resolution",
    ),
    path(
        "meetings/<int:pk>/",
        meeting_detail,
        {"chain": resolved_chain, "template": "ibcr_portal/chain/meeting.html"},
        name="meeting",
    ),
    path(
        "actions/<int:pk>/",
        action_detail,
        {"chain": planned_chain, "template": "ibcr_portal/chain/action.html"},
        name="action",
    ),
    path(
        "plans/<int:pk>/",
        plan_detail,
        {"chain": planned_chain, "template": "ibcr_portal/chain/plan.html"},
        name="plan",
    ),
    *committees.urlpatterns,
]
project_pages += [
    path("<str:code>/committee/", project_committee, name="committee"),
    *MeetingPages.urls("<str:code>/meetings/"),
    *PlanPages.urls("<str:code>/plans/"),
    *ResolutionPages.urls("<str:code>/decisions/"),
    path("<str:code>/reports/", project_reports, name="reports"),
    path("<str:code>/documents/", filed_list, name="documents"),
    *closing.AskedPages.urls("<str:code>/documents/asked/"),
    path("<str:code>/closing/", closing.closing, name="closing"),
    path("<str:code>/closing/reopen/", closing.reopen, name="closing-reopen"),
    path("<str:code>/due/", obligations.project_due, name="due"),
    path("<str:code>/due/ask/<int:pk>/", by_link.due_ask, name="due-ask"),
    path("<str:code>/seen/ask/<int:pk>/", seen.seen_ask, name="seen-ask"),
    path("<str:code>/budget/advances/<int:pk>/ask/", by_link.advance_ask, name="advance-ask"),
    path("<str:code>/due/reminders/", obligations.project_reminders, name="due-reminders"),
    path("<str:code>/handover/", handover.handover, name="handover"),
    path("<str:code>/handover/notes/", handover.handover_notes, name="handover-notes"),
    path("<str:code>/audit/", audit.overview, name="audit"),
    *audit.LogPages.urls("<str:code>/audit/log/"),
    *audit.ChangePages.urls("<str:code>/audit/changes/"),
    path("<str:code>/data/", intake.intake, name="intake"),
    path("<str:code>/data/template/", intake.intake_template, name="intake-template"),
    path("<str:code>/data/check/", intake.intake_check, name="intake-check"),
    path("<str:code>/data/problems/", intake.intake_problems, name="intake-problems"),
    path("<str:code>/data/discard/", intake.intake_discard, name="intake-discard"),
    path("<str:code>/data/<int:pk>/undo/", intake.intake_undo, name="intake-undo"),
    *queue.QueuePages.urls(),
    path("<str:code>/translations/export/", queue.translations_export, name="translations-export"),
    path("<str:code>/translations/import/", queue.translations_import, name="translations-import"),
    path("<str:code>/translations/write/", queue.translations_write, name="translations-write"),
    path(
        "<str:code>/translations/<slug:to>/<str:kind>/<int:pk>/<slug:field>/",
        queue.translation,
        name="translation",
    ),
]

urlpatterns = [
    # /
    path("", views.home, name="home"),
    path("robots.txt", public.robots_file, name="robots"),
    path("sitemap.xml", public.sitemap, name="sitemap"),
    path("health/", views.health, name="health"),
    path("health/live", machines.live, name="health-live"),
    path("health/ready", machines.ready, name="health-ready"),
    path("metrics", machines.metrics, name="metrics"),
    path("system/", system, name="system"),
    path("privacy/", views.privacy, name="privacy"),
    # /start/ (the first visit), /begin/, /organisation/, /demonstration/
    path("start/", starting.start, name="start"),
    path("start/organisation/", starting.start_organisation, name="start-organisation"),
    path("start/administrator/", starting.start_administrator, name="start-administrator"),
    path("begin/", starting.begin, name="begin"),
    path("organisation/", starting.organisation_page, name="organisation"),
    path("organisation/logo/<str:sha256>.png", starting.logo, name="organisation-logo"),
    path("demonstration/", demonstration.page, name="demonstration"),
    path("demonstration/state/", demonstration.state, name="demonstration-state"),
    path("demonstration/load/", demonstration.load, name="demonstration-load"),
    path("demonstration/remove/", demonstration.remove, name="demonstration-remove"),
    path("gist/", gist, name="gist"),
    path("search/", searching.search_page, name="search"),
    path("search/quick/", searching.search_quick, name="search-quick"),
    path("search/saved/", searching.search_save, name="search-save"),
    path("search/saved/<int:pk>/delete/", searching.search_delete, name="search-delete"),
    path("chain/<slug:kind>/<int:pk>/", chain_views.whole_chain, name="chain"),
    path("news/", news.news_list, name="news"),
    path("news/read/", news.news_read, name="news-read"),
    # /due/
    path("due/", obligations.due_list, name="due"),
    path("due/export/", obligations.due_export, name="due-export"),
    path("due/reminders/", obligations.due_reminders, name="due-reminders"),
    path("seen/link/<str:token>/", seen.seen_link, name="seen-link"),
    path("seen/link/<str:token>/hide/", seen.seen_link_hide, name="seen-link-hide"),
    path("due/link/<str:token>/", by_link.due_link, name="due-link"),
    path("due/link/<str:token>/<slug:duty>/", by_link.due_link_open, name="due-link-open"),
    path("due/calendar/", obligations.feed.page, name="due-calendar"),
    path("due/calendar/renew/", obligations.feed.renew, name="due-calendar-renew"),
    path("due/calendar/revoke/", obligations.feed.revoke, name="due-calendar-revoke"),
    path("due/calendar/<str:token>/due.ics", obligations.feed.file, name="due-feed"),
    # /portfolio/
    path("portfolio/", portfolio.portfolio, name="portfolio"),
    path("portfolio/indicators/", portfolio.indicators, name="portfolio-indicators"),
    path("portfolio/export/", portfolio.export, name="portfolio-export"),
    path("portfolio/filters/", portfolio.filter_save, name="portfolio-filter"),
    path(
        "portfolio/filters/<int:pk>/delete/",
        portfolio.filter_delete,
        name="portfolio-filter-delete",
    ),
    path("iati/<str:code>.xml", public_file, name="iati-file"),
    path("mailbox/kinds/", mail_kinds.kinds, name="mail-kinds"),
    path("mailbox/kinds/<slug:name>/", mail_kinds.kind, name="mail-kind"),
    path("mailbox/kinds/<slug:name>/html/", mail_kinds.kind_html, name="mail-kind-html"),
    # /accounts/ (sign-in, password, second factor), /people/, /language/, /mailbox/, /mail/,
    # /kept/
    path("accounts/", include("accounts.sign_in_urls")),
    path("language/", set_language, name="set_language"),
    path("", include("accounts.urls")),
    # /people/me/data/, /persons/
    path("", include("ibcr_portal.persons.urls")),
    # /projects/
    path("projects/", include((project_pages, projects.app_name))),
    # /calls/, for anybody
    path("calls/", include("projects.calls.public_urls")),
    # /partners/
    path("partners/", include("projects.institutions.urls")),
    # /committees/, /meetings/, /resolutions/, /plans/, /actions/
    path("", include((committee_pages, committees.app_name))),
    # /reports/, /documents/, /verify/
    path("", include("reports.urls")),
    # /help/
    path("help/", helping.index, name="help"),
    path("help/glossary/", helping.terms, name="help-glossary"),
    path("help/keys/", helping.keys, name="help-keys"),
    path("help/<slug:page>/", helping.text_page, name="help-page"),
    path("admin/", admin.site.urls),
]
