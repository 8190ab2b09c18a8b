"""Loads the demonstration; run again, it leaves what is there as people have changed it."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ibcr_portal.demo.calls import Calling
from ibcr_portal.demo.loader import People, ProjectLoader, read
from ibcr_portal.demo.planning import Planning
from ibcr_portal.demo.preparing import Preparing
from ibcr_portal.demo.recording import Recording
from ibcr_portal.demo.steering import Steering
from ibcr_portal.demo.telling import Telling
from projects.models import Project

PROJECTS = ("honduras", "example")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--public-password",
            action="store_true",
            help="Load it outside the embedded mode too, although everyone knows the password.",
        )

    def handle(self, *, public_password: bool, **options: object) -> None:
        if not (settings.EMBEDDED or public_password):
            raise CommandError(
                "The demonstration's accounts have a password that everyone knows. "
                "If that is meant, say --public-password."
            )
        people = People()
        for name in PROJECTS:
            data = read(name)
            code = data["project"]["code"]
            if Project.objects.filter(code=code).exists():
                self.stdout.write(f"{code} is there already: left as it is.")
                continue
            load_project(data, people)
            self.stdout.write(f"{code} is loaded.")


@transaction.atomic
def load_project(data: dict, people: People) -> None:
    loaded = ProjectLoader(data, people)
    loaded.load()
    planning = Planning(loaded)
    steering = Steering(loaded, planning)
    tellers = (planning, steering, Recording(steering), Preparing(steering), Telling(loaded))
    tellers += (Calling(loaded),)
    events = [event for teller in tellers for event in teller.events()]
    # Sorting keeps the order in which events of one day are told.
    for _day, happen in sorted(events, key=lambda event: event[0]):
        happen()
