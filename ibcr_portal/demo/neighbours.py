"""Two neighbouring projects of IBCR, with the facts on public pages only: no partner, result or
person is invented for them."""

from django.db import transaction

from ibcr_portal.demo.classification import classify
from ibcr_portal.demo.people import DemoPeople
from ibcr_portal.demo.texts import LANGUAGES, Data, columns, day, save_translated
from projects.models import Assignment, Participation, Period, Project

NEIGHBOURS = ("burkina_faso", "drc")


@transaction.atomic
def load_neighbour(data: Data, people: DemoPeople) -> None:
    facts = data["project"]
    project = save_translated(
        Project(
            code=facts["code"],
            languages=[*LANGUAGES],
            country=facts["country"],
            donor_number=facts["donor_number"],
            starts_on=day(facts["starts_on"]),
            original_end=day(facts["original_end"]),
            current_end=day(facts.get("current_end", facts["original_end"])),
            currency=facts["currency"],
            status=facts["status"],
            demonstration=True,
            **columns("short_title", facts["short_title"]),
            **columns("title", facts["title"]),
            **columns("description", facts["description"]),
            **columns("source_note", facts["source_note"]),
        )
    )
    for row in data["participation"]:
        Participation.objects.create(
            project=project,
            institution=people.institutions[row["institution"]],
            role=row["role"],
            amount=row.get("amount"),
        )
    people.represent(project)
    for row in data.get("period", []):
        Period.objects.create(project=project, **row)
    for role in ("coordinator", "monitoring", "reader"):
        Assignment.objects.create(project=project, user=people.users[role], role=role)
    classify(project)
