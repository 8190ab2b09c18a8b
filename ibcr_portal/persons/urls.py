from django.urls import path

from ibcr_portal.persons import own_views, register_views, views

app_name = "persons"

urlpatterns = [
    # /people/me/data/
    path("people/me/data/", own_views.own_data, name="own"),
    path("people/me/data/link/", own_views.own_data_link, name="own-link"),
    path("people/me/data/file/", own_views.own_data_file, name="own-file"),
    path("people/me/data/ask/", own_views.own_request, name="own-request"),
    # /persons/
    path("persons/", views.index, name="index"),
    path("persons/retention/", views.retention, name="retention"),
    path("persons/of/<str:who>/", views.person, name="person"),
    path("persons/of/<str:who>/file/", views.person_file, name="person-file"),
    path("persons/of/<str:who>/forget/", views.person_forget, name="forget"),
    path("persons/of/<str:who>/protect/", views.person_protect, name="protect"),
    path("persons/erasures/<int:pk>/", views.erasure, name="erasure"),
    path("persons/locked/", views.locked_away, name="locked"),
    path("persons/locked/<int:pk>/", views.locked_open, name="locked-open"),
    path("persons/locked/<int:pk>/file/", views.locked_file, name="locked-file"),
    path("persons/requests/new/", register_views.request_create, name="request-create"),
    path("persons/requests/<int:pk>/", register_views.request_edit, name="request"),
    path("persons/incidents/new/", register_views.incident_create, name="incident-create"),
    path("persons/incidents/<int:pk>/", register_views.incident_edit, name="incident"),
    path("persons/consents/new/", register_views.consent_create, name="consent-create"),
    path("persons/consents/<int:pk>/", register_views.consent_edit, name="consent"),
    path("persons/holds/new/", register_views.hold_create, name="hold-create"),
    path("persons/holds/<int:pk>/lift/", views.hold_lift, name="hold-lift"),
]
