"""Addresses of the public pages of calls, which need no account."""

from django.urls import path

from projects.calls.views import public

app_name = "calls"

urlpatterns = [
    # /calls/
    path("", public.open_calls, name="open"),
    path("<slug:code>/", public.call, name="call"),
    path("<slug:code>/documents/<int:pk>/", public.call_document, name="document"),
    # /calls/…/propose/
    path("<slug:code>/propose/", public.propose, name="propose"),
    path("<slug:code>/propose/sent/", public.sent, name="sent"),
    path("<slug:code>/propose/<str:token>/", public.proposal, name="proposal"),
    path(
        "<slug:code>/propose/<str:token>/files/<int:pk>/",
        public.proposal_file,
        name="proposal-file",
    ),
    path(
        "<slug:code>/propose/<str:token>/withdraw/",
        public.proposal_withdraw,
        name="proposal-withdraw",
    ),
]
