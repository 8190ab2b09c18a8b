from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed: the coordination invites the contacts of institutions."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
