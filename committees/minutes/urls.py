from django.urls import path

from committees.minutes.views import comments, minutes, writing

urlpatterns = [
    # /minutes/
    path("meetings/<int:pk>/minutes/", minutes.meeting_minutes, name="meeting-minutes"),
    path("meetings/<int:pk>/minutes/new/", writing.minutes_create, name="minutes-create"),
    path("minutes/<int:pk>/", minutes.minutes_detail, name="minutes"),
    path("minutes/<int:pk>/edit/", writing.minutes_edit, name="minutes-edit"),
    path("minutes/<int:pk>/steps/<slug:verb>/", minutes.minutes_step, name="minutes-step"),
    path("minutes/<int:pk>/next-agenda/", writing.minutes_to_agenda, name="minutes-to-agenda"),
    path(
        "minutes/<int:pk>/versions/<int:number>/", minutes.minutes_version, name="minutes-version"
    ),
    path(
        "minutes/<int:pk>/translations/<slug:language>/",
        writing.minutes_translate,
        name="minutes-translate",
    ),
    path("minutes/<int:pk>/errata/new/", writing.erratum_create, name="minutes-erratum"),
    path(
        "minutes/<int:pk>/annex/destroy/",
        writing.annex_destroy,
        name="minutes-annex-destroy",
    ),
    path("minutes/<int:pk>/comments/new/", comments.minutes_remark, name="minutes-remark"),
    path(
        "minutes/<int:pk>/comments/<int:remark_pk>/",
        comments.remark_settle,
        name="minutes-remark-settle",
    ),
    path(
        "minutes/<int:pk>/comments/<int:remark_pk>/withdraw/",
        comments.remark_withdraw,
        name="minutes-remark-withdraw",
    ),
    path("minutes/link/<str:token>/", comments.minutes_link, name="minutes-link"),
    path(
        "minutes/link/<str:token>/comment/",
        comments.minutes_link_remark,
        name="minutes-link-remark",
    ),
    path(
        "minutes/link/<str:token>/comments/<int:remark_pk>/withdraw/",
        comments.minutes_link_withdraw,
        name="minutes-link-withdraw",
    ),
]
