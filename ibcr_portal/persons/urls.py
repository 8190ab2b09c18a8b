from django.urls import path

from ibcr_portal.persons import register_views, register_views as registers, views

app_name = "persons"

urlpatterns = [
    # /people/me/data/
    path("people/me/data/", register_views.own_data, name="own"),
    path("people/me/data/link/", register_views.own_data_link, name="own-link"),
    path("people/me/data/file/", register_views.own_data_file, name="own-file"),
    path("people/me/data/ask/", register_views.own_request, name="own-request"),
    # /persons/
    path("persons/", registers.index, name="index"),
    path("persons/retention/", views.retention, name="retention"),
    path("persons/of/<str:who>/", views.person, name="person"),
    path("persons/of/<str:who>/file/", views.person_file, name="person-file"),
    path("persons/of/<str:who>/forget/", views.person_forget, name="forget"),
    path("persons/of/<str:who>/protect/", views.person_protect, name="protect"),
    path("persons/erasures/<int:pk>/", views.erasure, name="erasure"),
    path("persons/locked/", views.locked_away, name="locked"),
    path("persons/locked/<int:pk>/", views.locked_open, name="locked-open"),
    path("persons/locked/<int:pk>/file/", views.locked_file, name="locked-file"),
    *registers.RequestPages.urls("persons/requests/"),
    *registers.IncidentPages.urls("persons/incidents/"),
    *registers.ConsentPages.urls("persons/consents/"),
    *registers.HoldPages.urls("persons/holds/")[:1],  # one is placed, and lifted below
    path("persons/holds/<int:pk>/lift/", views.hold_lift, name="hold-lift"),
]
