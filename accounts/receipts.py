"""Receipts by e-mail for what people do on pages that open by link."""

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.link_letters import answer_received_letter
from accounts.links import absolute_url, token_of
from accounts.mail import send_to_person
from accounts.models import AccessLink


def confirm_use(request: HttpRequest, link: AccessLink, *, page: str, **facts: Any) -> None:
    """Confirm by e-mail what the bearer did, with the `facts` of `answer_received_letter`. `page`: the
    name of the page that the link opens."""
    url = absolute_url(reverse(page, args=[token_of(request)]))
    send_to_person(link.user, partial(answer_received_letter, url, **facts), about=link.thing)
