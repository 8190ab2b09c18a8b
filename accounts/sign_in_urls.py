"""The pages of allauth that a closed portal has.

Addresses are left out: the coordination knows people by theirs and changes it on request.
Nobody signs up either, but whoever looks for that page learns how to get in.
"""

from allauth.account.urls import urlpatterns as account_urls
from django.urls import include, path

LEFT_OUT = {"account_email", "account_email_verification_sent", "account_confirm_email"}

urlpatterns = [
    *(pattern for pattern in account_urls if pattern.name not in LEFT_OUT),
    path("2fa/", include("allauth.mfa.urls")),
]
