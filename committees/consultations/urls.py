from django.urls import include, path

from committees.consultations.views import answer, consultations

of_consultation = [
    path("", consultations.consultation_detail, name="consultation"),
    path("edit/", consultations.consultation_edit, name="consultation-edit"),
    path("steps/<slug:verb>/", consultations.consultation_step, name="consultation-step"),
    path("enter/", consultations.ballot_enter, name="consultation-enter"),
    path("answer/", answer.consultation_answer, name="consultation-answer"),
]
urlpatterns = [
    path(
        "committees/<int:pk>/written/new/",
        consultations.consultation_create,
        name="consultation-create",
    ),
    path("written/<int:pk>/", include(of_consultation)),
    path("written/link/<str:token>/", answer.consultation_link, name="consultation-link"),
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
