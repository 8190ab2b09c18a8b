"""Addresses of institutions; `projects.institutions.views.institutions` explains why projects has
them."""

from django.urls import path
from django.views.decorators.http import require_safe

from projects.institutions.views import agreements, institutions, naming, register

app_name = "partners"

CONTACT = "<int:pk>/contacts/<int:contact_pk>/"
AGREEMENT = "<int:pk>/agreements/<int:agreement_pk>/"

urlpatterns = [
    # /partners/
    path("", require_safe(register.InstitutionPages.as_view(role="index")), name="list"),
    path("new/", institutions.institution_create, name="create"),
    path("<int:pk>/", institutions.institution, name="detail"),
    path("<int:pk>/edit/", institutions.institution_edit, name="edit"),
    path("<int:pk>/delete/", institutions.institution_delete, name="delete"),
    # /partners/…/names/
    *institutions.InstitutionNamePages.urls(),
    # /partners/…/changes/
    path("<int:pk>/changes/new/", institutions.change_propose, name="change-propose"),
    path(
        "<int:pk>/changes/<int:change_pk>/settle/", institutions.change_settle, name="change-settle"
    ),
    # /partners/…/naming/
    path("<int:pk>/naming/new/", naming.naming_record, name="naming-record"),
    path("<int:pk>/naming/hide/", naming.precaution_take, name="precaution-take"),
    path("<int:pk>/naming/lift/", naming.precaution_lift, name="precaution-lift"),
    # /partners/…/contacts/
    path(CONTACT, agreements.contact_edit, name="contact-edit"),
    path(f"{CONTACT}left/", agreements.contact_departure, name="contact-departure"),
    path(f"{CONTACT}invite/", agreements.contact_invite, name="contact-invite"),
    # /partners/…/agreements/
    path("<int:pk>/agreements/new/", agreements.agreement_form, name="agreement-create"),
    path(AGREEMENT, agreements.agreement, name="agreement"),
    path(f"{AGREEMENT}edit/", agreements.agreement_form, name="agreement-edit"),
    path(f"{AGREEMENT}delete/", agreements.agreement_delete, name="agreement-delete"),
    path(f"{AGREEMENT}files/new/", agreements.agreement_file_create, name="agreement-file-create"),
    path(f"{AGREEMENT}files/<int:file_pk>/", agreements.agreement_file, name="agreement-file"),
    path(
        f"{AGREEMENT}files/<int:file_pk>/remove/",
        agreements.agreement_file_remove,
        name="agreement-file-remove",
    ),
]
