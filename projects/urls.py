from django.urls import path
from django.views.decorators.http import require_safe

from projects import deleting, views
from projects.activities import urls as activities
from projects.amendments import urls as amendments
from projects.calls import urls as calls
from projects.duties import urls as duties
from projects.exchange import urls as exchange
from projects.framework import urls as framework
from projects.institutions.views import representations
from projects.lessons.views import LessonPages
from projects.mail_notes import urls as mail_notes
from projects.money import urls as money
from projects.risks import urls as risks
from projects.team import urls as team

app_name = "projects"

urlpatterns = [
    # /projects/
    path("", require_safe(views.ProjectPages.as_view(role="index")), name="list"),
    path("new/", views.create, name="create"),
    path("<str:code>/", views.detail, name="detail"),
    path("<str:code>/subjects/", views.subjects, name="subjects"),
    path("<str:code>/edit/", views.edit, name="edit"),
    path("<str:code>/delete/", deleting.delete, name="delete"),
    # /projects/…/partners/
    path("<str:code>/partners/new/", views.participation_create, name="participation-create"),
    path(
        "<str:code>/partners/<int:pk>/delete/",
        views.participation_delete,
        name="participation-delete",
    ),
    path("<str:code>/partners/", representations.participation_list, name="participations"),
    path(
        "<str:code>/partners/<int:pk>/",
        representations.participation_edit,
        name="participation-edit",
    ),
    # /projects/…/people/: who represents an institution
    path(
        "<str:code>/partners/<int:pk>/people/new/",
        representations.representation_create,
        name="representation-create",
    ),
    path("<str:code>/people/<int:pk>/", representations.representation, name="representation"),
    path(
        "<str:code>/people/<int:pk>/confirm/",
        representations.representation_confirm,
        name="representation-confirm",
    ),
    path(
        "<str:code>/people/<int:pk>/edit/",
        representations.representation_edit,
        name="representation-edit",
    ),
    path(
        "<str:code>/people/<int:pk>/end/",
        representations.representation_end,
        name="representation-end",
    ),
    path(
        "<str:code>/people/<int:pk>/keep/",
        representations.representation_keep,
        name="representation-keep",
    ),
    path(
        "<str:code>/people/<int:pk>/invite/",
        representations.representation_invite,
        name="representation-invite",
    ),
    *exchange.urlpatterns,
    *framework.urlpatterns,
    *duties.urlpatterns,
    *activities.urlpatterns,
    *risks.urlpatterns,
    *LessonPages.urls(),
    *amendments.urlpatterns,
    *team.urlpatterns,
    *mail_notes.urlpatterns,
    *money.urlpatterns,
    *calls.urlpatterns,
]
