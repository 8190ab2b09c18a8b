from django.urls import path

from projects.calls.views import call_parts, calls, grants, proposals

CALL = "<str:code>/calls/<int:pk>/"
PROPOSAL = f"{CALL}proposals/<int:proposal_pk>/"
GRANT = "<str:code>/grants/<int:pk>/"
REPORT = f"{GRANT}reports/<int:report_pk>/"

urlpatterns = [
    # /projects/…/calls/
    path("<str:code>/calls/", calls.call_list, name="calls"),
    path("<str:code>/calls/new/", calls.call_form, name="call-create"),
    path("<str:code>/calls/<int:pk>/", calls.call, name="call"),
    path(f"{CALL}edit/", calls.call_form, name="call-edit"),
    path(f"{CALL}delete/", calls.call_delete, name="call-delete"),
    path(f"{CALL}answers/", calls.call_answers, name="call-answers"),
    path(f"{CALL}steps/<slug:verb>/", calls.call_step, name="call-step"),
    *call_parts.CriterionPages.urls(),
    *call_parts.CallQuestionPages.urls(),
    path(f"{CALL}documents/new/", call_parts.document_create, name="call-document-create"),
    path(f"{CALL}documents/<int:document_pk>/", call_parts.document, name="call-document"),
    path(
        f"{CALL}documents/<int:document_pk>/delete/",
        call_parts.document_delete,
        name="call-document-delete",
    ),
    path(f"{CALL}panel/new/", call_parts.panel_create, name="panel-create"),
    path(f"{CALL}panel/<int:member_pk>/delete/", call_parts.panel_delete, name="panel-delete"),
    # …/proposals/
    path(f"{CALL}proposals/", proposals.proposal_list, name="proposals"),
    path(f"{CALL}proposals/export/", proposals.proposal_export, name="proposals-export"),
    path(PROPOSAL, proposals.proposal, name="proposal"),
    path(f"{PROPOSAL}files/<int:file_pk>/", proposals.proposal_file, name="proposal-file"),
    path(f"{PROPOSAL}eligibility/", proposals.proposal_eligibility, name="proposal-eligibility"),
    path(f"{PROPOSAL}late/", proposals.proposal_late, name="proposal-late"),
    path(f"{PROPOSAL}decide/<slug:verb>/", proposals.proposal_decide, name="proposal-decide"),
    path(f"{PROPOSAL}grant/", grants.grant_prepare, name="grant-prepare"),
    path(
        f"{PROPOSAL}panel/<int:member_pk>/interest/",
        call_parts.proposal_interest,
        name="proposal-interest",
    ),
    path(
        f"{PROPOSAL}panel/<int:member_pk>/score/",
        call_parts.proposal_score,
        name="proposal-score",
    ),
    *grants.GrantPages.urls(),
    path(f"{GRANT}sign/", grants.grant_sign, name="grant-sign"),
    path(f"{GRANT}steps/<slug:verb>/", grants.grant_step, name="grant-step"),
    *grants.InstalmentPages.urls(),
    path(
        f"{GRANT}instalments/<int:instalment_pk>/pay/",
        grants.instalment_pay,
        name="instalment-pay",
    ),
    path(f"{GRANT}reports/new/", grants.report_create, name="grant-report-create"),
    path(REPORT, grants.report, name="grant-report"),
    path(f"{REPORT}submit/", grants.report_submit, name="grant-report-submit"),
    path(f"{REPORT}judge/<slug:verb>/", grants.report_judge, name="grant-report-judge"),
    path(f"{REPORT}files/<int:file_pk>/", grants.report_file, name="grant-report-file"),
    path(f"{GRANT}support/new/", grants.support_create, name="support-create"),
]
