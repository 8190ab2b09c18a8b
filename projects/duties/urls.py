from django.urls import path

from projects.duties import views

urlpatterns = [
    path("<str:code>/periods/", views.period_list, name="periods"),
    path("<str:code>/periods/open/", views.period_open, name="periods-open"),
    # /projects/…/duties/; /projects/…/due/ is a page of `ibcr_portal`
    path("<str:code>/duties/", views.duty_list, name="duties"),
    path("<str:code>/duties/new/", views.duty_create, name="duty-create"),
    path("<str:code>/duties/preset/", views.duty_preset, name="duty-preset"),
    path("<str:code>/duties/<int:pk>/", views.duty_edit, name="duty-edit"),
    path("<str:code>/duties/<int:pk>/delete/", views.duty_delete, name="duty-delete"),
    path("<str:code>/duties/<int:pk>/periods/<int:period_pk>/", views.duty_done, name="duty-done"),
    path(
        "<str:code>/duties/<int:pk>/periods/<int:period_pk>/undo/",
        views.duty_undone,
        name="duty-undone",
    ),
    path(
        "<str:code>/duties/<int:pk>/periods/<int:period_pk>/file/",
        views.duty_file,
        name="duty-file",
    ),
]
