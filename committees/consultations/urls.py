from django.urls import path

from committees.consultations.views import answer, consultations

urlpatterns = [
    # /written/: decisions between meetings
    path(
        "committees/<int:pk>/written/new/",
        consultations.consultation_create,
        name="consultation-create",
    ),
    path("written/<int:pk>/", consultations.consultation_detail, name="consultation"),
    path("written/<int:pk>/edit/", consultations.consultation_edit, name="consultation-edit"),
    path(
        "written/<int:pk>/steps/<slug:verb>/",
        consultations.consultation_step,
        name="consultation-step",
    ),
    path("written/<int:pk>/enter/", consultations.ballot_enter, name="consultation-enter"),
    path(
        "written/<int:pk>/answer/",
        answer.consultation_answer,
        name="consultation-answer",
    ),
    path(
        "written/link/<str:token>/",
        answer.consultation_link,
        name="consultation-link",
    ),
    path(
        "written/link/<str:token>/answer/",
        answer.consultation_link_answer,
        name="consultation-link-answer",
    ),
    path(
        "committees/<int:pk>/provisional/new/",
        consultations.provisional_create,
        name="provisional-create",
    ),
    path("resolutions/<int:pk>/ratify/", consultations.resolution_ratify, name="resolution-ratify"),
]
