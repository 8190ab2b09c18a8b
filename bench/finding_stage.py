"""What `bench/finding.py` measures, in a process with the settings of one engine."""

import argparse
import io
import json
import logging
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import translation  # noqa: E402

from accounts.models import User  # noqa: E402
from bench.finding_set import HELD, TUNE, IndexPlace, Records, names, texts  # noqa: E402
from ibcr_portal.search.showing import search  # noqa: E402
from ibcr_portal.search.writing import reindex  # noqa: E402
from kernel.apertium import is_installed  # noqa: E402
from kernel.refusal import Refusal  # noqa: E402
from partners.naming import read_by  # noqa: E402
from projects.permissions.naming import NamesForPerson  # noqa: E402

READER = "coordination@example.org"
NOT_FOUND = 0


def place_found(user: User, language: str, query: str, wanted: IndexPlace) -> int:
    """Return the place of the right record among all that the person finds, counted from 1, or
    NOT_FOUND. It asks as the page and `manage.py search` do."""
    person = User.objects.get(pk=user.pk)  # a page reads its reader anew
    with translation.override(language), read_by(NamesForPerson(person, None)):
        try:
            done = search(person, query)
        except Refusal:
            return NOT_FOUND
    entries = dict.fromkeys(hit.entry for hit in [*done.called_so, *done.hits])
    places = [IndexPlace(entry.kind, entry.thing, entry.part) for entry in entries]
    return places.index(wanted) + 1 if wanted in places else NOT_FOUND


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("answers", type=Path)
    parser.add_argument("--held", action="store_true")
    chosen = parser.parse_args()
    parts = (TUNE, HELD) if chosen.held else (TUNE,)
    call_command("migrate", verbosity=0)
    call_command("load_demo", "--public-password", stdout=io.StringIO())
    user = User.objects.get(email=READER)
    records = Records(user)
    with transaction.atomic():
        written = [
            (each, records.write(each.kind, each.text_language, each.text)) for each in texts()
        ]
        named = [(each, records.write(each.kind, each.language, each.name)) for each in names()]
    number = sum(count for _kind, count in reindex())
    found = {
        "engine": connection.vendor,
        "things": number,
        "translator": is_installed(),
        "texts": [
            (each, place_found(user, each.query_language, each.query, at))
            for each, at in written
            if each.part in parts
        ],
        "names": [
            (each, place_found(user, each.language, each.query, at))
            for each, at in named
            if each.part in parts
        ],
    }
    chosen.answers.write_text(json.dumps(found, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
