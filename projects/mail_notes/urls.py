from django.urls import path

from projects.mail_notes import views

urlpatterns = [
    # /projects/mail/link/…/, /projects/…/mail/
    path("mail/link/<str:token>/", views.mail_note_link, name="mail-note-link"),
    path("<str:code>/mail/", views.mail_notes, name="mail-notes"),
]
