"""Print what a person would find: for operators, and to measure how well the search finds."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from accounts.models import User
from ibcr_portal.search.showing import results, search
from kernel.refusal import Refusal
from partners.naming import read_by
from projects.permissions.naming import NamesForPerson

MOST = 50


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", help="What to search for.")
        parser.add_argument("--as", dest="address", required=True, help="Whose e-mail address.")
        parser.add_argument("--language", choices=dict(settings.LANGUAGES), default="en")
        parser.add_argument("--json", action="store_true", help="One list of objects.")

    def handle(self, *, query: str, address: str, language: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=address, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody signs in as {address}.")
        with translation.override(language), read_by(NamesForPerson(user, None)):
            try:
                found = search(user, query)
            except Refusal as refusal:
                raise CommandError(str(refusal)) from refusal
            shown = results([*found.called_so, *found.hits][:MOST], found.question)
        rows = [
            {
                "kind": each.kind,
                "url": each.url,
                "title": each.title.text,
                "score": round(each.score, 3),
            }
            for each in shown
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
            return
        for row in rows:
            self.stdout.write("{score:<6} {kind:<12} {url}  {title}".format(**row))
