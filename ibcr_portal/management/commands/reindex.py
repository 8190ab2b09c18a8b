"""Write the index of the search anew, while the portal runs."""

from typing import Any

from django.core.management.base import BaseCommand

from ibcr_portal.search.writing import reindex


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        for kind, number in reindex():
            self.stdout.write(f"{number:>7}  {kind}")
