from django.urls import path

from projects.risks import views

urlpatterns = [
    # /projects/…/risks/
    path("<str:code>/risks/review/", views.risk_review, name="risk-review"),
    *views.RiskPages.urls(),
]
