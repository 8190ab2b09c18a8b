from django.urls import path

from reports.views import documents, projects, reports

app_name = "reports"

urlpatterns = [
    # /reports/
    path("reports/", reports.report_list, name="list"),
    path("reports/new/<str:code>/", reports.report_create, name="create"),
    path("reports/preview/", reports.preview, name="preview"),
    path("reports/<int:pk>/", reports.report_detail, name="detail"),
    path("reports/<int:pk>/documents/", reports.rendition_request, name="request"),
    path(
        "reports/<int:pk>/sections/<slug:kind>/<slug:language>/",
        reports.section_edit,
        name="section",
    ),
    path("reports/<int:pk>/versions/", reports.report_revise, name="revise"),
    path("reports/<int:pk>/steps/<slug:verb>/", reports.report_step, name="step"),
    # /projects/…/reports/, which is itself among the pages of projects; /archives/
    path("projects/<str:code>/reports/data/", projects.data_workbook, name="data"),
    path("projects/<str:code>/reports/archive/", projects.archive_request, name="archive-request"),
    path("archives/<int:pk>/status/", projects.archive_status, name="archive-status"),
    path("archives/<int:pk>/cancel/", projects.archive_cancel, name="archive-cancel"),
    path("archives/<int:pk>/retry/", projects.archive_retry, name="archive-retry"),
    path("archives/<int:pk>/download/", projects.archive_download, name="archive-download"),
    # /documents/
    path("documents/of/<slug:thing>/<int:pk>/", documents.document_shelf, name="documents"),
    path(
        "documents/new/<slug:kind>/<int:pk>/", documents.document_request, name="document-request"
    ),
    path("documents/word/<slug:kind>/<int:pk>/", documents.document_word, name="document-word"),
    path("documents/<int:pk>/", documents.rendition_detail, name="rendition"),
    path("documents/<int:pk>/status/", documents.rendition_status, name="rendition-status"),
    path("documents/<int:pk>/cancel/", documents.rendition_cancel, name="rendition-cancel"),
    path("documents/<int:pk>/retry/", documents.rendition_retry, name="rendition-retry"),
    path("documents/<int:pk>/download/", documents.rendition_download, name="download"),
    # /verify/ (public)
    path("verify/", documents.verify, name="verify"),
    path("verify/<str:code>/", documents.verify_code, name="verify-code"),
]
