from django.urls import path

from reports.views import (
    codes,
    documents,
    filing,
    guides,
    packs,
    presets,
    projects,
    reading,
    remarks,
    reports,
    sections,
    sharing,
    steps,
    templates,
    verifying,
)

app_name = "reports"

urlpatterns = [
    # /reports/
    path("reports/", reports.report_list, name="list"),
    path("reports/new/<str:code>/", reports.report_create, name="create"),
    path("reports/preview/", reports.preview, name="preview"),
    path("reports/presets/", presets.preset_list, name="presets"),
    path("reports/presets/new/", presets.preset_create, name="preset-create"),
    path("reports/presets/<int:pk>/", presets.preset_detail, name="preset"),
    path("reports/presets/<int:pk>/edit/", presets.preset_edit, name="preset-edit"),
    path("reports/presets/<int:pk>/delete/", presets.preset_delete, name="preset-delete"),
    path("reports/presets/<int:pk>/preview/", presets.preset_preview, name="preset-preview"),
    path("reports/presets/<int:pk>/order/", presets.sections_order, name="preset-order"),
    path(
        "reports/presets/<int:pk>/sections/new/",
        presets.section_create,
        name="preset-section-create",
    ),
    path(
        "reports/presets/<int:pk>/sections/<int:section_pk>/",
        presets.preset_section_edit,
        name="preset-section",
    ),
    path(
        "reports/presets/<int:pk>/sections/<int:section_pk>/remove/",
        presets.section_remove,
        name="preset-section-remove",
    ),
    path(
        "reports/presets/<int:pk>/sections/<int:section_pk>/up/",
        presets.section_move,
        {"direction": "up"},
        name="preset-section-up",
    ),
    path(
        "reports/presets/<int:pk>/sections/<int:section_pk>/down/",
        presets.section_move,
        {"direction": "down"},
        name="preset-section-down",
    ),
    path(
        "reports/presets/<int:pk>/templates/new/",
        templates.template_create,
        name="preset-template-create",
    ),
    path(
        "reports/presets/<int:pk>/templates/example/",
        templates.template_example,
        name="preset-template-example",
    ),
    path(
        "reports/presets/<int:pk>/templates/<int:template_pk>/",
        templates.preset_template,
        name="preset-template",
    ),
    path(
        "reports/presets/<int:pk>/templates/<int:template_pk>/edit/",
        templates.template_edit,
        name="preset-template-edit",
    ),
    path(
        "reports/presets/<int:pk>/templates/<int:template_pk>/remove/",
        templates.template_remove,
        name="preset-template-remove",
    ),
    path("reports/<int:pk>/", reports.report_detail, name="detail"),
    path("reports/<int:pk>/read/", reading.report_read, name="read"),
    path("reports/<int:pk>/read/<slug:part>/", reading.report_read, name="read-part"),
    path("reports/<int:pk>/read/photographs/<int:evidence>/", reading.picture, name="picture"),
    path("reports/<int:pk>/data/<slug:figure>/", reading.figure_page, name="figure"),
    path("reports/<int:pk>/data/<slug:figure>.<str:kind>", reading.figure_file, name="figure-file"),
    path("reports/<int:pk>/documents/", reports.rendition_request, name="request"),
    path("reports/<int:pk>/templates/<int:template_pk>/", templates.filled_report, name="template"),
    path(
        "reports/<int:pk>/sections/<slug:kind>/<slug:language>/",
        sections.section_edit,
        name="section",
    ),
    path(
        "reports/<int:pk>/sections/<slug:kind>/<slug:language>/writing/",
        sections.section_writing,
        name="section-writing",
    ),
    path(
        "reports/<int:pk>/sections/<slug:kind>/<slug:language>/versions/",
        sections.section_versions,
        name="section-versions",
    ),
    path(
        "reports/<int:pk>/sections/<slug:kind>/<slug:language>/versions/<int:number>/",
        sections.section_version,
        name="section-version",
    ),
    path(
        "reports/<int:pk>/sections/<slug:kind>/<slug:language>/versions/<int:number>/restore/",
        sections.section_restore,
        name="section-restore",
    ),
    path("reports/<int:pk>/glance/", steps.report_glance, name="glance"),
    path("reports/<int:pk>/remarks/new/", remarks.remark_create, name="remark-create"),
    path("reports/<int:pk>/remarks/enter/", remarks.remark_enter, name="remark-enter"),
    path(
        "reports/<int:pk>/remarks/<int:remark_pk>/answer/",
        remarks.remark_answer,
        name="remark-answer",
    ),
    path(
        "reports/<int:pk>/remarks/<int:remark_pk>/steps/<slug:verb>/",
        remarks.remark_step,
        name="remark-step",
    ),
    path("reports/<int:pk>/files/<int:file_pk>/", remarks.report_file, name="file"),
    path("reports/<int:pk>/steps/<slug:verb>/", steps.report_step, name="step"),
    path("reports/<int:pk>/outcome/", steps.report_outcome, name="outcome"),
    path("reports/<int:pk>/versions/", steps.report_revise, name="revise"),
    path("reports/<int:pk>/differences/", reading.report_differences, name="differences"),
    path(
        "reports/<int:pk>/sections/<slug:kind>/<slug:language>/preview/",
        sections.section_preview,
        name="section-preview",
    ),
    # /projects/…/documents/, which is itself among the pages of projects
    path("projects/<str:code>/documents/new/", filing.filed_create, name="filed-create"),
    path("projects/<str:code>/documents/<int:pk>/", filing.filed_detail, name="filed"),
    path("projects/<str:code>/documents/<int:pk>/edit/", filing.filed_edit, name="filed-edit"),
    path(
        "projects/<str:code>/documents/<int:pk>/versions/new/",
        filing.filed_version,
        name="filed-version",
    ),
    path(
        "projects/<str:code>/documents/<int:pk>/versions/<int:number>/",
        filing.filed_file,
        name="filed-file",
    ),
    path(
        "projects/<str:code>/documents/<int:pk>/remove/",
        filing.filed_withdraw,
        name="filed-withdraw",
    ),
    # /projects/…/reports/, which is itself among the pages of projects; /archives/
    path("projects/<str:code>/reports/data/", projects.data_workbook, name="data"),
    path("projects/<str:code>/reports/archive/", projects.archive_request, name="archive-request"),
    path("projects/<str:code>/reports/superseded/", sharing.superseded_list, name="superseded"),
    path("projects/<str:code>/reports/superseded/new/", sharing.words_withdraw, name="supersede"),
    path(
        "projects/<str:code>/archive/<slug:edition>/",
        projects.archive_edition,
        name="archive-edition",
    ),
    path("archives/<int:pk>/status/", projects.archive_status, name="archive-status"),
    path("archives/<int:pk>/cancel/", projects.archive_cancel, name="archive-cancel"),
    path("archives/<int:pk>/retry/", projects.archive_retry, name="archive-retry"),
    path("archives/<int:pk>/download/", projects.archive_download, name="archive-download"),
    # /documents/
    path("documents/of/<slug:thing>/<int:pk>/", documents.document_list, name="documents"),
    path("documents/pack/<int:pk>/", packs.meeting_pack, name="pack"),
    path(
        "documents/new/<slug:kind>/<int:pk>/", documents.document_request, name="document-request"
    ),
    path("documents/word/<slug:kind>/<int:pk>/", documents.document_word, name="document-word"),
    path("documents/text/<slug:kind>/<int:pk>/", documents.document_text, name="document-text"),
    path("documents/<int:pk>/", documents.rendition_detail, name="rendition"),
    path("documents/<int:pk>/status/", documents.rendition_status, name="rendition-status"),
    path("documents/<int:pk>/cancel/", documents.rendition_cancel, name="rendition-cancel"),
    path("documents/<int:pk>/retry/", documents.rendition_retry, name="rendition-retry"),
    path("documents/<int:pk>/download/", documents.rendition_download, name="download"),
    path("documents/of/<slug:thing>/<int:pk>/downloads/", sharing.download_list, name="downloads"),
    path(
        "documents/of/<slug:thing>/<int:pk>/downloads/export/",
        sharing.download_export,
        name="downloads-export",
    ),
    path("documents/<int:pk>/links/", sharing.links, name="links"),
    path("documents/<int:pk>/links/<int:link_pk>/revoke/", sharing.link_revoke, name="link-revoke"),
    # /guides/ (public)
    path("guides/<slug:code>/<slug:language>.pdf", guides.guide_pdf, name="guide"),
    path("guides/<slug:code>/<slug:language>.docx", guides.guide_word, name="guide-word"),
    # /code/: what a cited code in a document leads to
    path("code/<str:code>/<path:name>/", codes.cited_code, name="code"),
    # /shared/ (public)
    path("shared/<str:token>/", sharing.shared, name="shared"),
    path("shared/<str:token>/download/", sharing.shared_download, name="shared-download"),
    path("published/<int:pk>/", sharing.published, name="published"),
    path("documents/<int:pk>/text/", documents.rendition_text, name="rendition-text"),
    # /seal/ (public)
    path("seal/", verifying.seal, name="seal"),
    path("seal/certificate.cer", verifying.certificate, {"form": "cer"}, name="seal-certificate"),
    path(
        "seal/certificate.pem", verifying.certificate, {"form": "pem"}, name="seal-certificate-pem"
    ),
    path("seal/<str:sha256>.cer", verifying.earlier_certificate, name="seal-earlier"),
    # /verify/ (public)
    path("verify/", verifying.verify, name="verify"),
    path("verify/file/<str:sha256>/", verifying.verify_file, name="verify-file"),
    path("verify/<str:code>/", verifying.verify_code, name="verify-code"),
]
