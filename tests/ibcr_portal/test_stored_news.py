"""News are stored by triggers: what is stored is what would be selected anew, whatever changes, and
whoever changes it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from committees.models import (
    AgendaItem,
    Document,
    Invitation,
    Meeting,
    MinutesRemark,
    Position,
    ProposedChange,
    Remark,
    Resolution,
)
from committees.models.review import Reply
from ibcr_portal.migrations._acceptance_operations import ACCEPTED
from ibcr_portal.migrations._news_operations import STORED, select_again
from ibcr_portal.models import NewsItem, NewsKind
from kernel.lifecycle import StatusChange
from partners.models import Contact
from projects.models import DataPoint
from reports.models import Report, ReportRemark
from tests.factories import AgendaItemFactory, MeetingFactory, UserFactory
from tests.ibcr_portal.test_news import record_everything
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

COLUMNS = [field.attname for field in NewsItem._meta.concrete_fields if field.name != "id"]


@pytest.fixture
def author():
    return UserFactory(full_name="Somebody else")


@pytest.fixture
def world(author):
    """A project with news of each kind."""
    world = World()
    record_everything(world, author)
    coordinator = world.people["coordinator"]
    Reply.objects.create(remark=Remark.objects.first(), text="Oui.", by=coordinator)
    ProposedChange.objects.get().take("decline", by=coordinator, answer="Non.")
    MinutesRemark.objects.update(settled_at=timezone.now(), settled_by=coordinator)
    meeting = MeetingFactory(committee=world.committee, number=7, status="planned")
    AgendaItemFactory(meeting=meeting)
    meeting.take("convene", by=author, convened_on=timezone.localdate())
    AgendaItemFactory(meeting=meeting)
    meeting.take("cancel", by=author)
    minutes = MinutesRemark.objects.get().minutes
    for verb in ("circulate", "adopt"):
        step(minutes, verb, author)
    step(Report.objects.get(), "accept", author)
    ReportRemark.objects.create(
        report=Report.objects.get(),
        origin="donor",
        text="?",
        by=author,
        status="answered",
        answer="!",
        answered_at=timezone.now(),
        answered_by=coordinator,
    )
    return world


def step(thing, verb, by):
    """A step as it is kept, without what it does."""
    return StatusChange.objects.create(
        thing=thing, verb=verb, by=by, to_status=verb, happened_on=timezone.localdate()
    )


def stored():
    return sorted(NewsItem.objects.values_list(*COLUMNS), key=str)


def select_all_again():
    with connection.cursor() as cursor:
        for each in [*STORED, ACCEPTED]:
            for statement in select_again(each, "IS NOT NULL").split(";"):
                if statement:
                    cursor.execute(statement)


def test_news_of_each_kind_are_stored(world):
    assert {*NewsItem.objects.values_list("kind", flat=True)} == {*NewsKind.values}


def test_what_was_recorded_before_there_was_the_table_is_selected_by_its_migration(world):
    by_triggers = stored()
    NewsItem.objects.all().delete()

    select_all_again()

    assert stored() == by_triggers


CHANGES = {
    "a remark is withdrawn": lambda world: Remark.objects.update(withdrawn_at=timezone.now()),
    "the readers of answers": lambda world: [
        model.objects.update(audience="coordination") for model in (Remark, ProposedChange)
    ],
    "a proposal is withdrawn": lambda world: ProposedChange.objects.update(
        withdrawn_at=timezone.now()
    ),
    "a position is deleted": lambda world: Position.objects.all().delete(),
    "an invitation is withdrawn": lambda world: Invitation.objects.update(
        withdrawn_at=timezone.now()
    ),
    "whoever answered gets an account": lambda world: Contact.objects.filter(user=None).update(
        user=world.people["coordinator"]
    ),
    "documents in bulk": lambda world: Document.objects.bulk_create(
        Document(committee=world.committee, file="a.pdf", title="A", size=1) for _each in range(3)
    ),
    "a document is deleted": lambda world: Document.objects.all().delete(),
    "an item is deleted": lambda world: AgendaItem.objects.filter(meeting__number=7).delete(),
    "a comment is withdrawn": lambda world: MinutesRemark.objects.update(
        withdrawn_at=timezone.now()
    ),
    "the day of a resolution": lambda world: Resolution.history.model.objects.update(
        history_date=timezone.now() - timedelta(days=3)
    ),
    "a value is a draft again": lambda world: DataPoint.objects.update(status="draft"),
    "values are deleted": lambda world: DataPoint.objects.all().delete(),
    "a remark on a report is withdrawn": lambda world: ReportRemark.objects.update(
        status="withdrawn"
    ),
    "steps are taken back": lambda world: StatusChange.objects.all().delete(),
    "the moment of steps": lambda world: StatusChange.objects.update(
        recorded_at=timezone.now() - timedelta(days=3)
    ),
    "a meeting is convened again": lambda world: step(
        Meeting.objects.get(number=7), "reconvene", world.people["coordinator"]
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_stored_is_what_would_be_selected_after_any_change(world, change):
    before = stored()
    change(world)
    by_triggers = stored()

    select_all_again()

    assert by_triggers != before
    assert stored() == by_triggers


def test_no_row_holds_a_name_or_a_text(world):
    texts = set(NewsItem.objects.values_list("audience", flat=True))
    assert texts <= {"", "committee", "coordination", "donor"}
