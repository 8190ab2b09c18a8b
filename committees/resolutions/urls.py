from django.urls import path

from committees.resolutions import views

urlpatterns = [
    path("items/<int:pk>/decisions/new/", views.decision_create, name="decision-create"),
    path(
        "items/<int:pk>/recommendations/new/",
        views.recommendation_create,
        name="recommendation-create",
    ),
    # /resolutions/: decisions and recommendations
    path("resolutions/", views.resolution_list, name="resolutions"),
    path("resolutions/<int:pk>/", views.resolution_detail, name="resolution"),
    path("resolutions/<int:pk>/edit/", views.resolution_edit, name="resolution-edit"),
    path(
        "resolutions/<int:pk>/steps/<str:verb>/",
        views.resolution_step,
        name="resolution-step",
    ),
]
