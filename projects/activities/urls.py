from django.urls import path

from projects.activities.views import activities, evidence, presentations

urlpatterns = [
    # /projects/…/activities/
    path("<str:code>/activities/", activities.activity_list, name="activities"),
    path(
        "<str:code>/activities/calendar/",
        presentations.activities_calendar,
        name="activities-calendar",
    ),
    path(
        "<str:code>/activities/timeline/",
        presentations.activities_timeline,
        name="activities-timeline",
    ),
    path(
        "<str:code>/activities/export/<slug:kind>/",
        presentations.activities_export,
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
]
