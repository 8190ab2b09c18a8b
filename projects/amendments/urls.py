from django.urls import path

from projects.amendments.views import amendments, files

urlpatterns = [
    # /projects/…/amendments/
    path("<str:code>/amendments/", amendments.amendment_list, name="amendments"),
    path("<str:code>/amendments/new/", amendments.amendment_create, name="amendment-create"),
    path("<str:code>/amendments/export/", files.amendments_export, name="amendments-export"),
    path("<str:code>/amendments/<int:pk>/", amendments.amendment, name="amendment"),
    path("<str:code>/amendments/<int:pk>/edit/", amendments.amendment_edit, name="amendment-edit"),
    path(
        "<str:code>/amendments/<int:pk>/delete/",
        amendments.amendment_delete,
        name="amendment-delete",
    ),
    path(
        "<str:code>/amendments/<int:pk>/files/new/",
        files.amendment_file_create,
        name="amendment-file-create",
    ),
    path(
        "<str:code>/amendments/<int:pk>/files/<int:file_pk>/",
        files.amendment_file,
        name="amendment-file",
    ),
    path(
        "<str:code>/amendments/<int:pk>/files/<int:file_pk>/remove/",
        files.amendment_file_remove,
        name="amendment-file-remove",
    ),
    path(
        "<str:code>/amendments/<int:pk>/<slug:verb>/",
        amendments.amendment_step,
        name="amendment-step",
    ),
]
