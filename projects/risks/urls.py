from django.urls import path

from projects.risks import views

urlpatterns = [
    # /projects/…/risks/
    path("<str:code>/risks/", views.risk_list, name="risks"),
    path("<str:code>/risks/new/", views.risk_create, name="risk-create"),
    path("<str:code>/risks/review/", views.risk_review, name="risk-review"),
    path("<str:code>/risks/export/", views.risks_export, name="risks-export"),
    path("<str:code>/risks/<int:pk>/", views.risk, name="risk"),
    path("<str:code>/risks/<int:pk>/edit/", views.risk_edit, name="risk-edit"),
    path("<str:code>/risks/<int:pk>/delete/", views.risk_delete, name="risk-delete"),
    path("<str:code>/risks/<int:pk>/<slug:verb>/", views.risk_step, name="risk-step"),
]
