from django.urls import path

from projects.amendments.views import amendments, files

urlpatterns = [
    # /projects/…/amendments/
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
    *amendments.AmendmentPages.urls(),
]
