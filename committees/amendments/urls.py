from django.urls import path

from committees.amendments import views

urlpatterns = [
    # /amendments/
    path("amendments/<int:pk>/recommend/", views.amendment_recommend, name="amendment-recommend"),
    path(
        "amendments/<int:pk>/take-effect/",
        views.amendment_take_effect,
        name="amendment-take-effect",
    ),
]
