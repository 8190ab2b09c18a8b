from django.urls import path

from projects.call_paths import call_paths, grant_paths
from projects.money_urls import money_pages
from projects.views import (
    activities,
    activity_ways,
    amendment_files,
    amendments,
    approving,
    calls,
    classification,
    duties,
    evidence,
    exchange,
    framework,
    framework_workbook,
    iati_import,
    logic_model,
    partners,
    project,
    request_link,
    requests,
    results,
    risks,
    team,
    value_parts,
    values,
)

app_name = "projects"

urlpatterns = [
    # /projects/
    path("", project.project_list, name="list"),
    path("new/", project.create, name="create"),
    # /projects/new/iati/
    path("new/iati/", iati_import.give, name="iati-import"),
    path("new/iati/check/", iati_import.check, name="iati-import-check"),
    path("new/iati/discard/", iati_import.discard, name="iati-import-discard"),
    path("<str:code>/", project.detail, name="detail"),
    path("<str:code>/edit/", project.edit, name="edit"),
    # /projects/…/periods/, /projects/…/partners/
    path("<str:code>/periods/new/", project.period_create, name="period-create"),
    path("<str:code>/periods/<int:pk>/", project.period_edit, name="period-edit"),
    path("<str:code>/periods/<int:pk>/delete/", project.period_delete, name="period-delete"),
    path("<str:code>/partners/new/", project.participation_create, name="participation-create"),
    path(
        "<str:code>/partners/<int:pk>/delete/",
        project.participation_delete,
        name="participation-delete",
    ),
    # /projects/…/logic-model/
    path("<str:code>/logic-model/", logic_model.logic_model, name="logic-model"),
    path("<str:code>/logic-model/shift/", logic_model.logic_shift, name="logic-shift"),
    path("<str:code>/logic-model/renumber/", logic_model.logic_renumber, name="logic-renumber"),
    path("<str:code>/logic-model/approve/", logic_model.logic_approve, name="logic-approve"),
    path("<str:code>/logic-model/changes/", logic_model.logic_changes, name="logic-changes"),
    path(
        "<str:code>/logic-model/versions/<int:number>/",
        logic_model.logic_version,
        name="logic-version",
    ),
    path(
        "<str:code>/logic-model/versions/<int:number>/changes/",
        logic_model.logic_version_changes,
        name="logic-version-changes",
    ),
    path("<str:code>/periods/", duties.period_list, name="periods"),
    path("<str:code>/periods/open/", duties.period_open, name="periods-open"),
    path("<str:code>/partners/", partners.participation_list, name="participations"),
    path("<str:code>/partners/<int:pk>/", partners.participation_edit, name="participation-edit"),
    # /projects/…/duties/; /projects/…/due/ is a page of `ibcr_portal`
    path("<str:code>/duties/", duties.duty_list, name="duties"),
    path("<str:code>/duties/new/", duties.duty_create, name="duty-create"),
    path("<str:code>/duties/preset/", duties.duty_preset, name="duty-preset"),
    path("<str:code>/duties/<int:pk>/", duties.duty_edit, name="duty-edit"),
    path("<str:code>/duties/<int:pk>/delete/", duties.duty_delete, name="duty-delete"),
    path("<str:code>/duties/<int:pk>/periods/<int:period_pk>/", duties.duty_done, name="duty-done"),
    path(
        "<str:code>/duties/<int:pk>/periods/<int:period_pk>/undo/",
        duties.duty_undone,
        name="duty-undone",
    ),
    path(
        "<str:code>/duties/<int:pk>/periods/<int:period_pk>/file/",
        duties.duty_file,
        name="duty-file",
    ),
    # /projects/…/results/
    path("<str:code>/results/new/", results.result_create, name="result-create"),
    path("<str:code>/results/<int:pk>/", results.result, name="result"),
    path("<str:code>/results/<int:pk>/edit/", results.result_edit, name="result-edit"),
    path("<str:code>/results/<int:pk>/delete/", results.result_delete, name="result-delete"),
    path("<str:code>/results/<int:pk>/move/", logic_model.result_move, name="result-move"),
    # /projects/…/indicators/
    path("<str:code>/indicators/new/", results.indicator_create, name="indicator-create"),
    path("<str:code>/indicators/<int:pk>/", results.indicator, name="indicator"),
    path("<str:code>/indicators/<int:pk>/edit/", results.indicator_edit, name="indicator-edit"),
    path(
        "<str:code>/indicators/<int:pk>/delete/", results.indicator_delete, name="indicator-delete"
    ),
    path("<str:code>/indicators/<int:pk>/values/new/", values.value_create, name="value-create"),
    # /projects/…/framework/
    path("<str:code>/framework/", framework.framework, name="framework"),
    path("<str:code>/framework/settings/", framework.framework_settings, name="framework-settings"),
    # /projects/…/framework/export/, /projects/…/framework/workbook/
    path(
        "<str:code>/framework/export/",
        framework_workbook.framework_export,
        name="framework-export",
    ),
    path(
        "<str:code>/framework/workbook/",
        framework_workbook.framework_workbook,
        name="framework-workbook",
    ),
    path(
        "<str:code>/framework/workbook/download/",
        framework_workbook.framework_workbook_download,
        name="framework-workbook-download",
    ),
    path(
        "<str:code>/framework/workbook/check/",
        framework_workbook.framework_workbook_check,
        name="framework-workbook-check",
    ),
    path(
        "<str:code>/framework/workbook/problems/",
        framework_workbook.framework_workbook_problems,
        name="framework-workbook-problems",
    ),
    path(
        "<str:code>/framework/workbook/discard/",
        framework_workbook.framework_workbook_discard,
        name="framework-workbook-discard",
    ),
    # /projects/…/requests/, and by its link, which comes before the codes of projects
    path("values/link/<str:token>/", request_link.request_link, name="request-link"),
    path("<str:code>/requests/", requests.request_list, name="requests"),
    path("<str:code>/requests/new/", requests.request_create, name="request-create"),
    path("<str:code>/requests/<int:pk>/", requests.value_request, name="request"),
    path("<str:code>/requests/<int:pk>/edit/", requests.request_edit, name="request-edit"),
    path("<str:code>/requests/<int:pk>/people/", requests.request_people, name="request-people"),
    path(
        "<str:code>/requests/<int:pk>/people/<int:user_pk>/link/",
        requests.request_link_create,
        name="request-link-create",
    ),
    # /projects/…/values/
    path("<str:code>/values/", approving.values_to_approve, name="values"),
    path("<str:code>/values/<int:pk>/", values.value, name="value"),
    path("<str:code>/values/<int:pk>/edit/", values.value_edit, name="value-edit"),
    path("<str:code>/values/<int:pk>/delete/", values.value_delete, name="value-delete"),
    path("<str:code>/values/<int:pk>/cells/", value_parts.value_cells, name="value-cells"),
    path(
        "<str:code>/values/<int:pk>/files/<int:file_pk>/",
        value_parts.value_file,
        name="value-file",
    ),
    path(
        "<str:code>/values/<int:pk>/files/<int:file_pk>/remove/",
        value_parts.value_file_remove,
        name="value-file-remove",
    ),
    path("<str:code>/values/<int:pk>/<slug:verb>/", values.value_step, name="value-step"),
    # /projects/…/activities/
    path("<str:code>/activities/", activities.activity_list, name="activities"),
    path(
        "<str:code>/activities/calendar/",
        activity_ways.activities_calendar,
        name="activities-calendar",
    ),
    path(
        "<str:code>/activities/timeline/",
        activity_ways.activities_timeline,
        name="activities-timeline",
    ),
    path(
        "<str:code>/activities/export/<slug:kind>/",
        activity_ways.activities_export,
        name="activities-export",
    ),
    path("<str:code>/activities/new/", activities.activity_create, name="activity-create"),
    path("<str:code>/activities/<int:pk>/", activities.activity, name="activity"),
    path("<str:code>/activities/<int:pk>/edit/", activities.activity_edit, name="activity-edit"),
    path(
        "<str:code>/activities/<int:pk>/delete/",
        activities.activity_delete,
        name="activity-delete",
    ),
    path(
        "<str:code>/activities/<int:pk>/participants/",
        activities.activity_participants,
        name="activity-participants",
    ),
    path("<str:code>/activities/<int:pk>/whole/", activities.activity_whole, name="activity-whole"),
    path(
        "<str:code>/activities/<int:pk>/deliverables/new/",
        evidence.deliverable_create,
        name="deliverable-create",
    ),
    path(
        "<str:code>/activities/<int:pk>/evidence/new/",
        evidence.evidence_create,
        name="evidence-create",
    ),
    path(
        "<str:code>/activities/<int:pk>/<slug:verb>/",
        activities.activity_step,
        name="activity-step",
    ),
    # /projects/…/deliverables/, /projects/…/evidence/
    path(
        "<str:code>/deliverables/<int:pk>/edit/", evidence.deliverable_edit, name="deliverable-edit"
    ),
    path(
        "<str:code>/deliverables/<int:pk>/delete/",
        evidence.deliverable_delete,
        name="deliverable-delete",
    ),
    path("<str:code>/evidence/<int:pk>/edit/", evidence.evidence_edit, name="evidence-edit"),
    path("<str:code>/evidence/<int:pk>/accept/", evidence.evidence_accept, name="evidence-accept"),
    path("<str:code>/evidence/<int:pk>/delete/", evidence.evidence_delete, name="evidence-delete"),
    path("<str:code>/evidence/<int:pk>/file/", evidence.evidence_file, name="evidence-file"),
    *money_pages,
    # /projects/…/risks/
    path("<str:code>/risks/", risks.risk_list, name="risks"),
    path("<str:code>/risks/new/", risks.risk_create, name="risk-create"),
    path("<str:code>/risks/review/", risks.risk_review, name="risk-review"),
    path("<str:code>/risks/export/", risks.risks_export, name="risks-export"),
    path("<str:code>/risks/<int:pk>/", risks.risk, name="risk"),
    path("<str:code>/risks/<int:pk>/edit/", risks.risk_edit, name="risk-edit"),
    path("<str:code>/risks/<int:pk>/delete/", risks.risk_delete, name="risk-delete"),
    path("<str:code>/risks/<int:pk>/<slug:verb>/", risks.risk_step, name="risk-step"),
    # /projects/…/amendments/
    path("<str:code>/amendments/", amendments.amendment_list, name="amendments"),
    path("<str:code>/amendments/new/", amendments.amendment_create, name="amendment-create"),
    path(
        "<str:code>/amendments/export/", amendment_files.amendments_export, name="amendments-export"
    ),
    path("<str:code>/amendments/<int:pk>/", amendments.amendment, name="amendment"),
    path("<str:code>/amendments/<int:pk>/edit/", amendments.amendment_edit, name="amendment-edit"),
    path(
        "<str:code>/amendments/<int:pk>/delete/",
        amendments.amendment_delete,
        name="amendment-delete",
    ),
    path(
        "<str:code>/amendments/<int:pk>/files/new/",
        amendment_files.amendment_file_create,
        name="amendment-file-create",
    ),
    path(
        "<str:code>/amendments/<int:pk>/files/<int:file_pk>/",
        amendment_files.amendment_file,
        name="amendment-file",
    ),
    path(
        "<str:code>/amendments/<int:pk>/files/<int:file_pk>/remove/",
        amendment_files.amendment_file_remove,
        name="amendment-file-remove",
    ),
    path(
        "<str:code>/amendments/<int:pk>/<slug:verb>/",
        amendments.amendment_step,
        name="amendment-step",
    ),
    # /projects/…/classification/, /projects/…/exchange/
    path("<str:code>/classification/", classification.edit, name="classification"),
    path("<str:code>/exchange/", exchange.exchange, name="exchange"),
    path("<str:code>/exchange/file/", exchange.download, name="exchange-file"),
    path("<str:code>/exchange/publish/", exchange.publish_file, name="exchange-publish"),
    path("<str:code>/exchange/withdraw/", exchange.withdraw_file, name="exchange-withdraw"),
    path("<str:code>/exchange/checked/", exchange.checked_import, name="exchange-checked"),
    # /projects/…/calls/
    path("<str:code>/calls/", calls.call_list, name="calls"),
    path("<str:code>/calls/new/", calls.call_create, name="call-create"),
    path("<str:code>/calls/<int:pk>/", calls.call, name="call"),
    *call_paths,
    # /projects/…/grants/
    *grant_paths,
    # /projects/…/team/
    path("<str:code>/team/", team.team, name="team"),
    path("<str:code>/team/new/", team.assignment_create, name="assignment-create"),
    path("<str:code>/team/<int:pk>/", team.assignment_edit, name="assignment-edit"),
    path("<str:code>/team/<int:pk>/delete/", team.assignment_delete, name="assignment-delete"),
]
