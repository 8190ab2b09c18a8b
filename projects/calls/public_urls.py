"""Public addresses of calls: the views stand in `projects`, where calls are."""

from django.urls import path

from projects.calls.views import proposing

app_name = "calls"

urlpatterns = [
    # /calls/
    path("", proposing.open_calls, name="open"),
    path("<slug:code>/", proposing.call, name="call"),
    path("<slug:code>/documents/<int:pk>/", proposing.call_document, name="document"),
    # /calls/…/propose/
    path("<slug:code>/propose/", proposing.propose, name="propose"),
    path("<slug:code>/propose/sent/", proposing.sent, name="sent"),
    path("<slug:code>/propose/<str:token>/", proposing.proposal, name="proposal"),
    path(
        "<slug:code>/propose/<str:token>/files/<int:pk>/",
        proposing.proposal_file,
        name="proposal-file",
    ),
    path(
        "<slug:code>/propose/<str:token>/withdraw/",
        proposing.proposal_withdraw,
        name="proposal-withdraw",
    ),
]
