"""A bare Django page, with which the pages of the portal are compared: somebody is signed in and
reads a list of 50 rows in a layout.

`bench/answers_stage.py` starts it as a child, on a database of its own: it answers each line on its
standard input with the seconds of processor time that the page took.
"""

import sys

import django
import environ
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

LAYOUT = """<!doctype html>
<html lang="{{ LANGUAGE_CODE }}"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title></head>
<body><header><p>{{ user.get_username }} · {{ request.path }}</p>
{% for message in messages %}<p>{{ message }}</p>{% endfor %}</header>
<main>{% block main %}{% endblock %}</main></body></html>"""
PAGE = """{% extends "layout.html" %}{% load i18n %}
{% block title %}{% translate "People" %}{% endblock %}
{% block main %}<h1>{% translate "People" %}</h1><table>
<tr><th>{% translate "Name" %}</th><th>{% translate "E-mail" %}</th><th>{% translate "Since" %}</th></tr>
{% for person in people %}<tr><td><a href="{% url 'person' person.pk %}">{{ person.get_full_name }}</a></td>
<td>{{ person.email }}</td><td>{{ person.date_joined|date }}</td></tr>{% endfor %}</table>{% endblock %}"""
ROWS = 50

settings.configure(
    SECRET_KEY="only for this run",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": environ.Env().db_url("DATABASE_URL") | {"CONN_MAX_AGE": 60}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.gzip.GZipMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        [
                            (
                                "django.template.loaders.locmem.Loader",
                                {"layout.html": LAYOUT, "page.html": PAGE},
                            )
                        ],
                    )
                ],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.template.context_processors.i18n",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ],
)
django.setup()

from django.contrib.auth.decorators import login_required  # noqa: E402  (Django comes first)
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.test import Client  # noqa: E402

from bench.clock import answer_of  # noqa: E402


@login_required
def people(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return render(request, "page.html", {"people": User.objects.order_by("last_name")[:ROWS]})


urlpatterns = [path("", people), path("people/<int:pk>/", people, name="person")]


def main() -> None:
    call_command("migrate", verbosity=0)
    User.objects.bulk_create(
        User(username=f"person{n}", last_name=f"Person {n}", email=f"person{n}@example.org")
        for n in range(ROWS)
    )
    client = Client(headers={"accept-encoding": "gzip"})
    person = User.objects.get(username="person0")
    client.force_login(person)  # type: ignore[arg-type]  # this project has users of its own
    print("ready", flush=True)
    for _line in sys.stdin:
        answer = answer_of(client, "/")
        assert answer.status == 200, answer.status
        print(answer.seconds, flush=True)


if __name__ == "__main__":
    main()
