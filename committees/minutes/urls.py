from django.urls import include, path

from committees.minutes.views import comments, minutes, writing

of_minutes = [
    path("", minutes.minutes_detail, name="minutes"),
    path("edit/", writing.minutes_edit, name="minutes-edit"),
    path("steps/<slug:verb>/", minutes.minutes_step, name="minutes-step"),
    path("next-agenda/", writing.minutes_to_agenda, name="minutes-to-agenda"),
    path("versions/<int:number>/", minutes.minutes_version, name="minutes-version"),
    path("translations/<slug:language>/", writing.minutes_translate, name="minutes-translate"),
    path("errata/new/", writing.erratum_create, name="minutes-erratum"),
    path("annex/destroy/", writing.annex_destroy, name="minutes-annex-destroy"),
    path("comments/new/", comments.minutes_remark, name="minutes-remark"),
    path("comments/<int:remark_pk>/", comments.remark_settle, name="minutes-remark-settle"),
    path(
        "comments/<int:remark_pk>/withdraw/",
        comments.remark_withdraw,
        name="minutes-remark-withdraw",
    ),
]
by_link = [
    path("", comments.minutes_link, name="minutes-link"),
    path("comment/", comments.minutes_link_remark, name="minutes-link-remark"),
    path(
        "comments/<int:remark_pk>/withdraw/",
        comments.minutes_link_withdraw,
        name="minutes-link-withdraw",
    ),
]
urlpatterns = [
    path("meetings/<int:pk>/minutes/", minutes.meeting_minutes, name="meeting-minutes"),
    path("meetings/<int:pk>/minutes/new/", writing.minutes_create, name="minutes-create"),
    path("minutes/<int:pk>/", include(of_minutes)),
    path("minutes/link/<str:token>/", include(by_link)),
]
