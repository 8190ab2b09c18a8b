"""Upgrades a portal, opens its main pages and reads what is frozen in it.

`test_upgrade.py` runs it in a process with the settings of that portal: one for all of it, since
each takes seconds to start.
"""

import json
import re
import sys
from io import StringIO

from django.core.management import call_command
from django.test import Client

from accounts.models import User
from committees.models import MinutesVersion
from kernel.text import LANGUAGES
from projects.models import LogicModelVersion
from reports.models import Snapshot

WHO = ("admin", "coordination", "membre", "donateur", "finances")
FIRST = ("/", "/projects/", "/reports/", "/search/?q=plan", "/calendar/", "/organisation/")
# Files take long and have tests of their own; these end the session or make something.
LEFT_OUT = re.compile(
    r"/(static|logout|accounts/logout|documents/word|download|archive)|\.\w{2,5}$"
)


def main(pages):
    call_command("update", no_key=True, stdout=StringIO())
    call_command("migrate", check_unapplied=True, stdout=StringIO())
    log = StringIO()
    call_command("verify_access_log", stdout=log)
    found = {"log": log.getvalue(), "frozen": frozen(), "pages": {}}
    for who in WHO:
        client = Client(HTTP_HOST="localhost", headers={"accept-language": "en"})
        client.force_login(User.objects.get(email=f"{who}@example.org"))
        found["pages"][who] = looked(client, pages)
    json.dump(found, sys.stdout)


def looked(client, pages):
    """The status of the first pages and of what they lead to."""
    statuses, waiting = {}, list(FIRST)
    while waiting and len(statuses) < pages:
        path = waiting.pop(0)
        if path in statuses:
            continue
        answer = client.get(path, follow=True)
        statuses[path] = answer.status_code
        if answer.status_code == 200 and not answer.streaming:
            links = re.findall(r'href="(/[^"#]*)"', answer.text)
            waiting += [link for link in links if not LEFT_OUT.search(link)]
    return statuses


def frozen():
    final = list(Snapshot.objects.filter(is_final=True))
    documents = [
        snapshot.document(audience, language)
        for snapshot in final
        for audience, languages in snapshot.data.items()
        for language in languages
    ]
    return {
        "snapshots": len(final),
        "whole": sum(snapshot.is_whole for snapshot in final),
        "documents": len(documents),
        "with text": sum(bool(document["chapters"]) for document in documents),
        "minutes": sum(
            bool(version.text_in(language))
            for version in MinutesVersion.objects.all()
            for language in LANGUAGES
        ),
        "logic models": sum(bool(version.outline) for version in LogicModelVersion.objects.all()),
    }
