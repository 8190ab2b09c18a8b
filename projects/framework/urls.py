from django.urls import path

from projects.framework.views import (
    framework,
    logic_model,
    request_link,
    requests,
    results,
    values,
    workbook,
)

LOGIC = "<str:code>/logic-model/"
RESULT = "<str:code>/results/<int:pk>/"
INDICATOR = "<str:code>/indicators/<int:pk>/"
WORKBOOK = "<str:code>/framework/workbook/"
REQUEST = "<str:code>/requests/<int:pk>/"
VALUE = "<str:code>/values/<int:pk>/"

urlpatterns = [
    # /projects/…/logic-model/
    path(LOGIC, logic_model.logic_model, name="logic-model"),
    path(f"{LOGIC}shift/", logic_model.logic_shift, name="logic-shift"),
    path(f"{LOGIC}renumber/", logic_model.logic_renumber, name="logic-renumber"),
    path(f"{LOGIC}approve/", logic_model.logic_approve, name="logic-approve"),
    path(f"{LOGIC}changes/", logic_model.logic_changes, name="logic-changes"),
    path(f"{LOGIC}versions/<int:number>/", logic_model.logic_version, name="logic-version"),
    path(
        f"{LOGIC}versions/<int:number>/changes/",
        logic_model.logic_version_changes,
        name="logic-version-changes",
    ),
    # /projects/…/results/
    path("<str:code>/results/new/", results.result_form, name="result-create"),
    path(RESULT, results.result, name="result"),
    path(f"{RESULT}edit/", results.result_form, name="result-edit"),
    path(f"{RESULT}delete/", results.result_delete, name="result-delete"),
    path(f"{RESULT}move/", logic_model.result_move, name="result-move"),
    # /projects/…/indicators/
    path("<str:code>/indicators/new/", results.indicator_form, name="indicator-create"),
    path(INDICATOR, results.indicator, name="indicator"),
    path(f"{INDICATOR}edit/", results.indicator_form, name="indicator-edit"),
    path(f"{INDICATOR}delete/", results.indicator_delete, name="indicator-delete"),
    path(f"{INDICATOR}values/new/", values.value_create, name="value-create"),
    # /projects/…/framework/
    path("<str:code>/framework/", framework.framework, name="framework"),
    path("<str:code>/framework/settings/", framework.framework_settings, name="framework-settings"),
    # /projects/…/framework/export/, /projects/…/framework/workbook/
    path("<str:code>/framework/export/", workbook.framework_export, name="framework-export"),
    path(WORKBOOK, workbook.framework_workbook, name="framework-workbook"),
    path(
        f"{WORKBOOK}download/",
        workbook.framework_workbook_download,
        name="framework-workbook-download",
    ),
    path(f"{WORKBOOK}check/", workbook.framework_workbook_check, name="framework-workbook-check"),
    path(
        f"{WORKBOOK}problems/",
        workbook.framework_workbook_problems,
        name="framework-workbook-problems",
    ),
    path(
        f"{WORKBOOK}discard/",
        workbook.framework_workbook_discard,
        name="framework-workbook-discard",
    ),
    # /projects/…/requests/, and by its link, which comes before the codes of projects
    path("values/link/<str:token>/", request_link.request_link, name="request-link"),
    path("<str:code>/requests/", requests.request_list, name="requests"),
    path("<str:code>/requests/new/", requests.request_create, name="request-create"),
    path(REQUEST, requests.value_request, name="request"),
    path(f"{REQUEST}edit/", requests.request_edit, name="request-edit"),
    path(f"{REQUEST}people/", requests.request_people, name="request-people"),
    path(
        f"{REQUEST}people/<int:user_pk>/link/",
        requests.request_link_create,
        name="request-link-create",
    ),
    # /projects/…/values/
    path("<str:code>/values/", framework.values_to_approve, name="values"),
    path(VALUE, values.value, name="value"),
    path(f"{VALUE}edit/", values.value_edit, name="value-edit"),
    path(f"{VALUE}delete/", values.value_delete, name="value-delete"),
    path(f"{VALUE}cells/", values.value_cells, name="value-cells"),
    path(f"{VALUE}files/<int:file_pk>/", values.value_file, name="value-file"),
    path(
        f"{VALUE}files/<int:file_pk>/remove/",
        values.value_file_remove,
        name="value-file-remove",
    ),
    path(f"{VALUE}<slug:verb>/", values.value_step, name="value-step"),
]
