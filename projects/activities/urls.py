from typing import Any

from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from kernel.pages import READ_OR_SAVE
from projects.activities.views import evidence, presentations
from projects.activities.views.activities import ActivityPages

ACTIVITY = "<str:code>/activities/<int:pk>/"
MORE_PAGES: list[tuple[Any, str, str]] = [
    (READ_OR_SAVE, "participants", "participants"),
    (require_POST, "whole", "whole"),
    (READ_OR_SAVE, "step", "<slug:verb>"),
]

urlpatterns = [
    # /projects/…/activities/
    path(
        "<str:code>/activities/calendar/",
        require_safe(presentations.ActivityCalendar.as_view(role="index")),
        name="activities-calendar",
    ),
    path(
        "<str:code>/activities/timeline/",
        require_safe(presentations.ActivityTimeline.as_view(role="index")),
        name="activities-timeline",
    ),
    *ActivityPages.urls(),
    *[
        path(f"{ACTIVITY}{route}/", wrap(ActivityPages.as_view(role=role)), name=f"activity-{role}")
        for wrap, role, route in MORE_PAGES
    ],
    path(f"{ACTIVITY}deliverables/new/", evidence.deliverable_create, name="deliverable-create"),
    path(f"{ACTIVITY}evidence/new/", evidence.evidence_create, name="evidence-create"),
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
