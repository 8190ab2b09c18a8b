from django.urls import URLPattern, URLResolver, include, path

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
Routes = list[URLPattern | URLResolver]

# /reports/presets/<pk>/
preset_section_urls = [
    path("", presets.preset_section_edit, name="preset-section"),
    path("remove/", presets.section_remove, name="preset-section-remove"),
    path("up/", presets.section_move, {"direction": "up"}, name="preset-section-up"),
    path("down/", presets.section_move, {"direction": "down"}, name="preset-section-down"),
]
preset_template_urls = [
    path("", templates.preset_template, name="preset-template"),
    path("edit/", templates.template_edit, name="preset-template-edit"),
    path("remove/", templates.template_remove, name="preset-template-remove"),
]
preset_urls: Routes = [
    path("preview/", presets.preset_preview, name="preset-preview"),
    path("order/", presets.sections_order, name="preset-order"),
    path("sections/new/", presets.section_create, name="preset-section-create"),
    path("sections/<int:section_pk>/", include(preset_section_urls)),
    path("templates/new/", templates.template_create, name="preset-template-create"),
    path("templates/example/", templates.template_example, name="preset-template-example"),
    path("templates/<int:template_pk>/", include(preset_template_urls)),
]

# /reports/<pk>/
section_urls = [
    path("", sections.section_edit, name="section"),
    path("preview/", sections.section_preview, name="section-preview"),
    path("writing/", sections.section_writing, name="section-writing"),
    path("versions/", sections.section_versions, name="section-versions"),
    path("versions/<int:number>/", sections.section_version, name="section-version"),
    path("versions/<int:number>/restore/", sections.section_restore, name="section-restore"),
]
report_urls: Routes = [
    path("", reports.report_detail, name="detail"),
    path("read/", reading.report_read, name="read"),
    path("read/<slug:part>/", reading.report_read, name="read-part"),
    path("read/photographs/<int:evidence>/", reading.picture, name="picture"),
    path("data/<slug:figure>/", reading.figure_page, name="figure"),
    path("data/<slug:figure>.<str:kind>", reading.figure_file, name="figure-file"),
    path("documents/", reports.rendition_request, name="request"),
    path("templates/<int:template_pk>/", templates.filled_report, name="template"),
    path("sections/<slug:kind>/<slug:language>/", include(section_urls)),
    path("glance/", steps.report_glance, name="glance"),
    path("remarks/new/", remarks.remark_create, name="remark-create"),
    path("remarks/enter/", remarks.remark_enter, name="remark-enter"),
    path("remarks/<int:remark_pk>/answer/", remarks.remark_answer, name="remark-answer"),
    path("remarks/<int:remark_pk>/steps/<slug:verb>/", remarks.remark_step, name="remark-step"),
    path("files/<int:file_pk>/", remarks.report_file, name="file"),
    path("steps/<slug:verb>/", steps.report_step, name="step"),
    path("outcome/", steps.report_outcome, name="outcome"),
    path("versions/", steps.report_revise, name="revise"),
    path("differences/", reading.report_differences, name="differences"),
]

# /projects/<code>/, of which the lists of documents and reports are among the pages of projects
filed_urls = [
    path("", filing.filed_detail, name="filed"),
    path("edit/", filing.filed_edit, name="filed-edit"),
    path("versions/new/", filing.filed_version, name="filed-version"),
    path("versions/<int:number>/", filing.filed_file, name="filed-file"),
    path("remove/", filing.filed_withdraw, name="filed-withdraw"),
]
project_urls: Routes = [
    path("documents/new/", filing.filed_create, name="filed-create"),
    path("documents/<int:pk>/", include(filed_urls)),
    path("reports/data/", projects.data_workbook, name="data"),
    path("reports/archive/", projects.archive_request, name="archive-request"),
    path("reports/superseded/", sharing.superseded_list, name="superseded"),
    path("reports/superseded/new/", sharing.words_withdraw, name="supersede"),
    path("archive/<slug:edition>/", projects.archive_edition, name="archive-edition"),
]
archive_urls = [
    path("status/", projects.archive_status, name="archive-status"),
    path("cancel/", projects.archive_cancel, name="archive-cancel"),
    path("retry/", projects.archive_retry, name="archive-retry"),
    path("download/", projects.archive_download, name="archive-download"),
]

# /documents/
rendition_urls = [
    path("", documents.rendition_detail, name="rendition"),
    path("status/", documents.rendition_status, name="rendition-status"),
    path("cancel/", documents.rendition_cancel, name="rendition-cancel"),
    path("retry/", documents.rendition_retry, name="rendition-retry"),
    path("download/", documents.rendition_download, name="download"),
    path("text/", documents.rendition_text, name="rendition-text"),
    path("links/", sharing.links, name="links"),
    path("links/<int:link_pk>/revoke/", sharing.link_revoke, name="link-revoke"),
]
document_urls: Routes = [
    path("of/<slug:thing>/<int:pk>/", documents.document_list, name="documents"),
    path("of/<slug:thing>/<int:pk>/downloads/", sharing.download_list, name="downloads"),
    path(
        "of/<slug:thing>/<int:pk>/downloads/export/",
        sharing.download_export,
        name="downloads-export",
    ),
    path("pack/<int:pk>/", packs.meeting_pack, name="pack"),
    path("new/<slug:kind>/<int:pk>/", documents.document_request, name="document-request"),
    path(
        "word/<slug:kind>/<int:pk>/",
        documents.document_file,
        {"ending": "docx"},
        name="document-word",
    ),
    path(
        "text/<slug:kind>/<int:pk>/",
        documents.document_file,
        {"ending": "txt"},
        name="document-text",
    ),
    path("<int:pk>/", include(rendition_urls)),
]

# Pages for anybody
public_urls = [
    path("guides/<slug:code>/<slug:language>.pdf", guides.guide_pdf, name="guide"),
    path("guides/<slug:code>/<slug:language>.docx", guides.guide_word, name="guide-word"),
    path("shared/<str:token>/", sharing.shared, name="shared"),
    path("shared/<str:token>/download/", sharing.shared_download, name="shared-download"),
    path("published/<int:pk>/", sharing.published, name="published"),
    path("seal/", verifying.seal, name="seal"),
    path("seal/certificate.cer", verifying.certificate, {"form": "cer"}, name="seal-certificate"),
    path(
        "seal/certificate.pem", verifying.certificate, {"form": "pem"}, name="seal-certificate-pem"
    ),
    path("seal/<str:sha256>.cer", verifying.earlier_certificate, name="seal-earlier"),
    path("verify/", verifying.verify, name="verify"),
    path("verify/file/<str:sha256>/", verifying.verify_file, name="verify-file"),
    path("verify/<str:code>/", verifying.verify_code, name="verify-code"),
]

urlpatterns = [
    *reports.ReportPages.urls("reports/"),
    path("reports/new/<str:code>/", reports.report_create, name="create"),
    path("reports/preview/", reports.preview, name="preview"),
    *presets.PresetPages.urls(),
    path("reports/presets/<int:pk>/", include(preset_urls)),
    path("reports/<int:pk>/", include(report_urls)),
    path("projects/<str:code>/", include(project_urls)),
    path("archives/<int:pk>/", include(archive_urls)),
    path("documents/", include(document_urls)),
    # What a cited code in a document leads to
    path("code/<str:code>/<path:name>/", codes.cited_code, name="code"),
    *public_urls,
]
