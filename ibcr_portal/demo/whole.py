"""The whole demonstration: which projects it has, and what happens in each."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from ibcr_portal.demo.calls import DemoCalls
from ibcr_portal.demo.classification import classify
from ibcr_portal.demo.entering import enter_in_time
from ibcr_portal.demo.framework import DemoActivities, DemoFramework
from ibcr_portal.demo.light import LIGHT, DemoLogicModel, DemoObligations, DemoRisks, load_light
from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.meetings import DemoMeetings, DemoNextMeeting
from ibcr_portal.demo.minutes import DemoMinutes
from ibcr_portal.demo.money import DemoMoney
from ibcr_portal.demo.neighbours import NEIGHBOURS, load_neighbour
from ibcr_portal.demo.people import DemoPeople
from ibcr_portal.demo.reports import DemoPlans, DemoReports
from ibcr_portal.demo.texts import Data, columns, read, save_translated
from ibcr_portal.models import PersonRequest
from ibcr_portal.obligations.writing import write_changed
from kernel.models import Organisation
from kernel.organisation import organisation
from partners.naming import EVERY_NAME, read_by
from projects.models import Project

PROJECTS = ("honduras", "example", *NEIGHBOURS, *LIGHT)


def codes() -> list[str]:
    return [read(name)["project"]["code"] for name in PROJECTS]


def is_wanted() -> bool:
    """Whether the database is empty, or loading was interrupted. Data of others are never mixed
    with it."""
    loaded = Project.objects.filter(code__in=codes()).count()
    own = [account["email"] for account in read("people")["account"]]
    others = User.objects.exclude(email__in=own)
    return loaded < len(PROJECTS) and (loaded > 0 or not others.exists())


def load_demonstration(
    report: Callable[[str, int], None] = lambda code, number: None,
    *,
    is_open: bool,
) -> list[str]:
    """Load what is not there yet, and return the codes of the projects that were loaded.

    `report` gets the code of each project and how many were loaded before. `is_open`: people sign in
    with the password that everybody knows. Otherwise nobody can, and its projects are for training:
    no message leaves the portal.
    """
    load_organisation()
    loaded = []
    with timezone.override(organisation().zone):
        people = DemoPeople(is_open=is_open)
        for number, name in enumerate(PROJECTS):
            data = read(name)
            code = data["project"]["code"]
            report(code, number)
            if Project.objects.filter(code=code).exists():
                continue
            load_one(name, data, people, is_training=not is_open)
            loaded.append(code)
        ask_about_data(people)
        write_changed(Project.objects.all(), Project.objects.count())
    return loaded


def load_organisation() -> None:
    """The organisation of the demonstration, unless somebody entered one."""
    if Organisation.objects.exists():
        return
    facts = read("organisation")
    names = columns("name", facts.pop("name"))
    save_translated(Organisation(is_demonstration=True, **names, **facts))


@transaction.atomic
def load_one(name: str, data: Data, people: DemoPeople, *, is_training: bool) -> None:
    with read_by(EVERY_NAME):  # as those who coordinate its projects would have written it
        if name in NEIGHBOURS:
            load_neighbour(data, people)
        elif name in LIGHT:
            load_light(data, people)
        else:
            load_project(name, data, people)
    enter_in_time(Project.objects.get(code=data["project"]["code"]))
    if is_training:  # only now: a training project publishes nothing
        Project.objects.filter(code=data["project"]["code"]).update(training=True)


def ask_about_data(people: DemoPeople) -> None:
    """A request that waits for an answer, in the register of persons."""
    person = people.users["member"]
    if not PersonRequest.objects.exists():
        people.note(
            PersonRequest.objects.create(
                kind=PersonRequest.Kind.CORRECT,
                user=person,
                text="Ejemplo: mi cargo cambió; debe decir «titular de la silla».",
                recorded_by=person,
            )
        )


def load_project(name: str, data: Data, people: DemoPeople) -> None:
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
