"""What lies below a call and a grant: long enough for a file beside `urls`."""

from django.urls import path

from projects.views import calls, grants, proposals

CALL = "<str:code>/calls/<int:pk>/"
PROPOSAL = f"{CALL}proposals/<int:proposal_pk>/"
GRANT = "<str:code>/grants/<int:pk>/"
REPORT = f"{GRANT}reports/<int:report_pk>/"

call_paths = [
    path(f"{CALL}edit/", calls.call_edit, name="call-edit"),
    path(f"{CALL}delete/", calls.call_delete, name="call-delete"),
    path(f"{CALL}answers/", calls.call_answers, name="call-answers"),
    path(f"{CALL}steps/<slug:verb>/", calls.call_step, name="call-step"),
    path(f"{CALL}criteria/new/", calls.criterion_create, name="criterion-create"),
    path(f"{CALL}criteria/<int:criterion_pk>/", calls.criterion_edit, name="criterion-edit"),
    path(
        f"{CALL}criteria/<int:criterion_pk>/delete/",
        calls.criterion_delete,
        name="criterion-delete",
    ),
    path(f"{CALL}documents/new/", calls.document_create, name="call-document-create"),
    path(f"{CALL}documents/<int:document_pk>/", calls.document, name="call-document"),
    path(
        f"{CALL}documents/<int:document_pk>/delete/",
        calls.document_delete,
        name="call-document-delete",
    ),
    path(f"{CALL}panel/new/", calls.panel_create, name="panel-create"),
    path(f"{CALL}panel/<int:member_pk>/delete/", calls.panel_delete, name="panel-delete"),
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
        proposals.proposal_interest,
        name="proposal-interest",
    ),
    path(
        f"{PROPOSAL}panel/<int:member_pk>/score/",
        proposals.proposal_score,
        name="proposal-score",
    ),
]

grant_paths = [
    path("<str:code>/grants/new/", grants.grant_create, name="grant-create"),
    path(GRANT, grants.grant, name="grant"),
    path(f"{GRANT}edit/", grants.grant_edit, name="grant-edit"),
    path(f"{GRANT}sign/", grants.grant_sign, name="grant-sign"),
    path(f"{GRANT}steps/<slug:verb>/", grants.grant_step, name="grant-step"),
    path(f"{GRANT}instalments/new/", grants.instalment_create, name="instalment-create"),
    path(
        f"{GRANT}instalments/<int:instalment_pk>/",
        grants.instalment_edit,
        name="instalment-edit",
    ),
    path(
        f"{GRANT}instalments/<int:instalment_pk>/delete/",
        grants.instalment_delete,
        name="instalment-delete",
    ),
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
