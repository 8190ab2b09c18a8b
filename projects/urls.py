from django.urls import path

from projects.call_paths import call_paths, grant_paths
from projects.views import activities, amendments, calls, project, results, team, values

app_name = "projects"

urlpatterns = [
    # /projects/
    path("", project.project_list, name="list"),
    path("new/", project.create, name="create"),
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
    # /projects/…/results/
    path("<str:code>/results/new/", results.result_create, name="result-create"),
    path("<str:code>/results/<int:pk>/", results.result, name="result"),
    path("<str:code>/results/<int:pk>/edit/", results.result_edit, name="result-edit"),
    path("<str:code>/results/<int:pk>/delete/", results.result_delete, name="result-delete"),
    # /projects/…/indicators/
    path("<str:code>/indicators/new/", results.indicator_create, name="indicator-create"),
    path("<str:code>/indicators/<int:pk>/", results.indicator, name="indicator"),
    path("<str:code>/indicators/<int:pk>/edit/", results.indicator_edit, name="indicator-edit"),
    path(
        "<str:code>/indicators/<int:pk>/delete/", results.indicator_delete, name="indicator-delete"
    ),
    path("<str:code>/indicators/<int:pk>/values/new/", values.value_create, name="value-create"),
    # /projects/…/values/
    path("<str:code>/values/<int:pk>/", values.value, name="value"),
    path("<str:code>/values/<int:pk>/edit/", values.value_edit, name="value-edit"),
    path("<str:code>/values/<int:pk>/delete/", values.value_delete, name="value-delete"),
    path("<str:code>/values/<int:pk>/<slug:verb>/", values.value_step, name="value-step"),
    # /projects/…/activities/
    path("<str:code>/activities/", activities.activity_list, name="activities"),
    path("<str:code>/activities/new/", activities.activity_create, name="activity-create"),
    path("<str:code>/activities/<int:pk>/", activities.activity, name="activity"),
    path("<str:code>/activities/<int:pk>/edit/", activities.activity_edit, name="activity-edit"),
    path(
        "<str:code>/activities/<int:pk>/delete/",
        activities.activity_delete,
        name="activity-delete",
    ),
    # /projects/…/amendments/
    path("<str:code>/amendments/", amendments.amendment_list, name="amendments"),
    path("<str:code>/amendments/new/", amendments.amendment_create, name="amendment-create"),
    path("<str:code>/amendments/<int:pk>/", amendments.amendment, name="amendment"),
    path("<str:code>/amendments/<int:pk>/edit/", amendments.amendment_edit, name="amendment-edit"),
    path(
        "<str:code>/amendments/<int:pk>/delete/",
        amendments.amendment_delete,
        name="amendment-delete",
    ),
    path(
        "<str:code>/amendments/<int:pk>/<slug:verb>/",
        amendments.amendment_step,
        name="amendment-step",
    ),
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
