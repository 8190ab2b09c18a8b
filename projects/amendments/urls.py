from django.urls import path

from projects.amendments import views

urlpatterns = [
    # /projects/…/amendments/
    path(
        "<str:code>/amendments/<int:pk>/files/new/",
        views.amendment_file_create,
        name="amendment-file-create",
    ),
    path(
        "<str:code>/amendments/<int:pk>/files/<int:file_pk>/",
        views.amendment_file,
        name="amendment-file",
    ),
    path(
        "<str:code>/amendments/<int:pk>/files/<int:file_pk>/remove/",
        views.amendment_file_remove,
        name="amendment-file-remove",
    ),
    *views.AmendmentPages.urls(),
]
