from django.urls import path

from projects.duties import views

urlpatterns = [
    *views.PeriodPages.urls(),
    path("<str:code>/periods/open/", views.period_open, name="periods-open"),
    *views.DutyPages.urls(),
    # /projects/…/due/ is a page of `ibcr_portal`
    path("<str:code>/duties/preset/", views.duty_preset, name="duty-preset"),
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
