from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    # /people/
    path("people/me/", views.profile, name="profile"),
    # /access-log/
    path("access-log/", views.access_log, name="access-log"),
    path("access-log/check/", views.access_log_check, name="access-log-check"),
    path("access-log/checkpoints/", views.access_log_checkpoints, name="access-log-checkpoints"),
    # /mailbox/
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<str:file>/<int:number>/", views.letter, name="letter"),
]
