from django.urls import path

from projects.mail_notes import views

urlpatterns = [
    # /projects/mail/link/…/, /projects/…/mail/ and below
    path("mail/link/<str:token>/", views.mail_note_link, name="mail-note-link"),
    path("<str:code>/mail/", views.mail_notes, name="mail-notes"),
    path("<str:code>/mail/<int:pk>/", views.mail_note, name="mail-note"),
    path(
        "<str:code>/mail/<int:pk>/photos/<int:photo>/",
        views.mail_note_photo,
        name="mail-note-photo",
    ),
]
