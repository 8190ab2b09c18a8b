"""Addresses of institutions. Why their views belong to projects: `projects.views.institutions`."""

from django.urls import path

from projects.views import contacts, institutions

app_name = "partners"

urlpatterns = [
    # /partners/
    path("", institutions.institution_list, name="list"),
    path("new/", institutions.institution_create, name="create"),
    path("<int:pk>/", institutions.institution, name="detail"),
    path("<int:pk>/edit/", institutions.institution_edit, name="edit"),
    path("<int:pk>/delete/", institutions.institution_delete, name="delete"),
    # /partners/…/names/
    path("<int:pk>/names/new/", institutions.name_create, name="name-create"),
    path("<int:pk>/names/<int:name_pk>/", institutions.name_edit, name="name-edit"),
    path("<int:pk>/names/<int:name_pk>/delete/", institutions.name_delete, name="name-delete"),
    # /partners/…/contacts/
    path("<int:pk>/contacts/new/", contacts.contact_create, name="contact-create"),
    path("<int:pk>/contacts/<int:contact_pk>/", contacts.contact_edit, name="contact-edit"),
    path(
        "<int:pk>/contacts/<int:contact_pk>/left/",
        contacts.contact_departure,
        name="contact-departure",
    ),
    path(
        "<int:pk>/contacts/<int:contact_pk>/invite/",
        contacts.contact_invite,
        name="contact-invite",
    ),
    path(
        "<int:pk>/contacts/<int:contact_pk>/withdraw/",
        contacts.contact_withdraw,
        name="contact-withdraw",
    ),
]
