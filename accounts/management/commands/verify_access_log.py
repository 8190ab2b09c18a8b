from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import AccessEvent


class Command(BaseCommand):
    help = "Checks that no event of the access log was changed, removed or slipped in."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = AccessEvent.objects.broken()
        if broken:
            raise CommandError("Broken events: " + ", ".join(map(str, broken)), returncode=1)
        if AccessEvent.objects.is_cut():
            raise CommandError("The last events are missing.", returncode=1)
        self.stdout.write(f"OK: {AccessEvent.objects.count()} events.")
