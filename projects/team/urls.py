from django.urls import path

from projects.team import views

urlpatterns = [
    # /projects/…/team/
    path("<str:code>/team/", views.team, name="team"),
    path("<str:code>/team/new/", views.assignment_create, name="assignment-create"),
    path("<str:code>/team/invitations/<int:pk>/", views.team_invitation, name="team-invitation"),
    path(
        "<str:code>/team/invitations/<int:pk>/withdraw/",
        views.team_invitation_withdraw,
        name="team-invitation-withdraw",
    ),
    path("<str:code>/team/<int:pk>/", views.assignment_edit, name="assignment-edit"),
    path("<str:code>/team/<int:pk>/delete/", views.assignment_delete, name="assignment-delete"),
    # /projects/…/held/
    path("<str:code>/held/", views.held_texts, name="held-texts"),
    path("<str:code>/held/<int:pk>/release/", views.held_text_release, name="held-text-release"),
]
