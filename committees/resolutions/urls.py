from django.urls import path

from committees.resolutions.views import correcting, link, resolutions as views
from committees.seats.views.register import ResolutionPages

urlpatterns = [
    path("items/<int:pk>/decisions/new/", views.decision_create, name="decision-create"),
    path(
        "items/<int:pk>/recommendations/new/",
        views.recommendation_create,
        name="recommendation-create",
    ),
    *ResolutionPages.urls(),
    path("resolutions/<int:pk>/edit/", correcting.resolution_edit, name="resolution-edit"),
    path("resolutions/<int:pk>/remove/", correcting.resolution_remove, name="resolution-remove"),
    path("resolutions/<int:pk>/steps/<str:verb>/", views.resolution_step, name="resolution-step"),
    path("resolutions/<int:pk>/ask/", views.resolution_ask, name="resolution-ask"),
    path("resolutions/link/<str:token>/", link.resolution_link, name="resolution-link"),
]
