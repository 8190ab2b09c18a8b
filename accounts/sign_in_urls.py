"""The pages of allauth that a portal without sign-up needs.

Pages to change addresses are left out: the coordination knows people by their address and
changes it on request. The sign-up page remains, and says how to get an invitation.
"""

from allauth.account.urls import urlpatterns as account_urls
from django.urls import include, path

from accounts import views

LEFT_OUT = {"account_email", "account_email_verification_sent", "account_confirm_email"}
OWN = {"account_confirm_login_code"}

urlpatterns = [
    *(pattern for pattern in account_urls if pattern.name not in LEFT_OUT | OWN),
    path("login/code/confirm/", views.confirm_code, name="account_confirm_login_code"),
    path("2fa/", include("allauth.mfa.urls")),
]
