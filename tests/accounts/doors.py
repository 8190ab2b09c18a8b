"""The ways in, as a browser goes them."""

import re

from tests.factories import PASSWORD

LOGIN = "/accounts/login/"
CODE = "/accounts/login/code/"
CONFIRM = "/accounts/login/code/confirm/"
RESET = "/accounts/password/reset/"


def sign_in(client, email, password=PASSWORD, **options):
    return client.post(LOGIN, {"login": email, "password": password}, **options)


def code_of(message):
    return re.search(r"^([A-Z]{4}-[A-Z]{4})$", message.body, re.MULTILINE)[1]
