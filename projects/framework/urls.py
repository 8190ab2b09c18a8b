from django.urls import path

from projects.framework.views import (
    approval,
    framework,
    logic_model,
    request_link,
    requests,
    results,
    value_parts,
    values,
    workbook,
)

urlpatterns = [
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
        workbook.framework_export,
        name="framework-export",
    ),
    path(
        "<str:code>/framework/workbook/",
        workbook.framework_workbook,
        name="framework-workbook",
    ),
    path(
        "<str:code>/framework/workbook/download/",
        workbook.framework_workbook_download,
        name="framework-workbook-download",
    ),
    path(
        "<str:code>/framework/workbook/check/",
        workbook.framework_workbook_check,
        name="framework-workbook-check",
    ),
    path(
        "<str:code>/framework/workbook/problems/",
        workbook.framework_workbook_problems,
        name="framework-workbook-problems",
    ),
    path(
        "<str:code>/framework/workbook/discard/",
        workbook.framework_workbook_discard,
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
    path("<str:code>/values/", approval.values_to_approve, name="values"),
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
]
