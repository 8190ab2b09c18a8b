from django.urls import path

from accounts import kept, mail_views, views

app_name = "accounts"

urlpatterns = [
    # /people/
    path("people/me/", views.profile, name="profile"),
    path("people/me/sessions/", views.sessions, name="sessions"),
    path("people/me/sessions/end/", views.end_all_sessions, name="sessions-end"),
    path("people/me/sessions/<int:pk>/end/", views.end_session, name="session-end"),
    path("people/me/unsaved/", views.unsaved, name="unsaved"),
    path("people/me/here/", views.still_here, name="still-here"),
    path("people/lost-factors/", views.lost_factors, name="lost-factors"),
    path("people/lost-factors/new/", views.lost_factor_create, name="lost-factor-create"),
    path(
        "people/lost-factors/<int:pk>/confirm/",
        views.lost_factor_confirm,
        name="lost-factor-confirm",
    ),
    path(
        "people/lost-factors/<int:pk>/withdraw/",
        views.lost_factor_withdraw,
        name="lost-factor-withdraw",
    ),
    # /access-log/
    *views.AccessLogPages.urls(),
    path("access-log/check/", views.access_log_check, name="access-log-check"),
    path("access-log/checkpoints/", views.access_log_checkpoints, name="access-log-checkpoints"),
    # /mailbox/
    path("mailbox/", mail_views.mailbox, name="mailbox"),
    path("mailbox/<str:file>/<int:number>/", mail_views.letter, name="letter"),
    path("mailbox/<str:file>/<int:number>/html/", mail_views.letter_html, name="letter-html"),
    # /kept/: what is kept on a phone; its worker answers below it (static/js/kept-worker.js)
    path("kept/", kept.kept, name="kept"),
    path("kept/worker.js", kept.worker, name="kept-worker"),
    path("kept/<path:rest>", kept.kept, name="kept-page"),
    # /mail/
    *mail_views.IncomingPages.urls(),
    path("mail/incoming/<int:pk>/", mail_views.incoming_message, name="incoming-message"),
    path("mail/link/<str:token>/", mail_views.choices, name="mail-choices"),
]
