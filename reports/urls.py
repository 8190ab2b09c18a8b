from django.urls import path

from reports import views

app_name = "reports"

urlpatterns = [
    # /reports/
    path("reports/", views.report_list, name="list"),
    path("reports/new/<slug:code>/", views.report_create, name="create"),
    path("reports/preview/", views.preview, name="preview"),
    path("reports/<int:pk>/", views.report_detail, name="detail"),
    path("reports/<int:pk>/documents/", views.rendition_request, name="request"),
    path(
        "reports/<int:pk>/sections/<slug:kind>/<slug:language>/", views.section_edit, name="section"
    ),
    path("reports/<int:pk>/steps/<slug:verb>/", views.report_step, name="step"),
    # /documents/
    path("documents/<int:pk>/", views.rendition_detail, name="rendition"),
    path("documents/<int:pk>/status/", views.rendition_status, name="rendition-status"),
    path("documents/<int:pk>/cancel/", views.rendition_cancel, name="rendition-cancel"),
    path("documents/<int:pk>/retry/", views.rendition_retry, name="rendition-retry"),
    path("documents/<int:pk>/download/", views.rendition_download, name="download"),
    # /verify/ (public)
    path("verify/", views.verify, name="verify"),
    path("verify/<str:code>/", views.verify_code, name="verify-code"),
]
