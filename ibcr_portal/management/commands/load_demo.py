"""Loads the demonstration; run again, it leaves what is there as people have changed it."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import User
from ibcr_portal.demo.activities import DemoActivities
from ibcr_portal.demo.calls import DemoCalls
from ibcr_portal.demo.classification import classify
from ibcr_portal.demo.entering import enter_in_time
from ibcr_portal.demo.framework import DemoFramework
from ibcr_portal.demo.loader import DemoPeople, ProjectLoader, read
from ibcr_portal.demo.logic import DemoLogicModel
from ibcr_portal.demo.meetings import DemoMeetings
from ibcr_portal.demo.minutes import DemoMinutes
from ibcr_portal.demo.money import DemoMoney
from ibcr_portal.demo.neighbours import NEIGHBOURS, load_neighbour
from ibcr_portal.demo.next_meeting import DemoNextMeeting
from ibcr_portal.demo.obligations import DemoObligations
from ibcr_portal.demo.plans import DemoPlans
from ibcr_portal.demo.reports import DemoReports
from ibcr_portal.demo.risks import DemoRisks
from ibcr_portal.models import PersonRequest
from ibcr_portal.obligations.writing import write_changed
from projects.models import Project

PROJECTS = ("honduras", "example")


def is_wanted() -> bool:
    """Whether the database is empty, or loading was interrupted. Data of others are never mixed
    with it."""
    codes = {read(name)["project"]["code"] for name in (*PROJECTS, *NEIGHBOURS)}
    loaded = Project.objects.filter(code__in=codes).count()
    own = [account["email"] for account in read("people")["account"]]
    others = User.objects.exclude(email__in=own)
    return loaded < len(codes) and (loaded > 0 or not others.exists())


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
        people = DemoPeople()
        for name in (*PROJECTS, *NEIGHBOURS):
            data = read(name)
            code = data["project"]["code"]
            if Project.objects.filter(code=code).exists():
                self.stdout.write(f"{code} is there already: left as it is.")
                continue
            if name in NEIGHBOURS:
                load_neighbour(data, people)
            else:
                load_project(name, data, people)
            enter_in_time(Project.objects.get(code=code))
            self.stdout.write(f"{code} is loaded.")
        ask_about_data(people)
        write_changed(Project.objects.all(), Project.objects.count())


def ask_about_data(people: DemoPeople) -> None:
    """A request that waits for an answer, in the register of persons."""
    person = people.users["member"]
    if not PersonRequest.objects.exists():
        PersonRequest.objects.create(
            kind=PersonRequest.Kind.CORRECT,
            user=person,
            text="Ejemplo: mi cargo cambió; debe decir «titular de la silla».",
            recorded_by=person,
        )


@transaction.atomic
def load_project(name: str, data: dict, people: DemoPeople) -> None:
    loaded = ProjectLoader(data, people)
    loaded.load()
    classify(loaded.project)
    planning = DemoPlans(loaded)
    steering = DemoMeetings(loaded, planning)
    tellers = (
        DemoActivities(loaded),
        planning,
        steering,
        DemoMinutes(steering),
        DemoNextMeeting(steering),
        DemoReports(loaded),
        DemoLogicModel(loaded),
        DemoFramework(loaded),
        DemoMoney(name, loaded),
        DemoRisks(loaded),
        DemoObligations(name, loaded),
        DemoCalls(loaded),
    )
    events = [event for teller in tellers for event in teller.events()]
    # Sorting is stable: events of one day keep the order of the file.
    for _day, happen in sorted(events, key=lambda event: event[0]):
        happen()
