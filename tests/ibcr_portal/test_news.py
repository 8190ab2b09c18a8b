"""What is new: for each role what its pages show, until it is marked as read."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from committees.models import ActionPlan, Invitation, Minutes, MinutesRemark, ProposedChange
from committees.models.review import Reply
from ibcr_portal.news.reading import news_lines
from ibcr_portal.reader import Reader
from projects.models import DataPoint
from tests.factories import (
    AgendaItemFactory,
    ContactFactory,
    DataPointFactory,
    DocumentFactory,
    MeetingFactory,
    PositionFactory,
    ProposedChangeFactory,
    RecommendationFactory,
    RemarkFactory,
    UserFactory,
)
from tests.reports.shelves import standing_report
from tests.world import World

pytestmark = pytest.mark.django_db

AUDITED = frozenset({"invitations"})
TEAM = frozenset(
    {"proposals", "positions", "plan", "files", "values", "recommendation", "report", "comments"}
)
SEEN = {
    "administrator": TEAM | AUDITED,
    "coordinator": TEAM | AUDITED,
    "auditor": TEAM | AUDITED,
    "monitoring": TEAM,
    "reader": TEAM,
    "member": TEAM - {"proposals", "comments"},  # the minutes are a draft
    # Its own proposal, remark and position are shown with the plan.
    "partner": frozenset({"plan", "values", "recommendation", "report"}),
    "donor": frozenset({"values", "recommendation", "report"}),
    "panel": frozenset(),
    "outsider": frozenset(),
}


@pytest.fixture
def world():
    return World()


@pytest.fixture
def author():
    return UserFactory(full_name="Somebody else")


def lines_of(person):
    with translation.override("en"):
        return news_lines(Reader(type(person).objects.get(pk=person.pk)), 20)


def number_of(person):
    return len(lines_of(person))


def in_review(plan):
    until = timezone.localdate() + timedelta(days=7)
    ActionPlan.objects.filter(pk=plan.pk).update(
        status=ActionPlan.Status.IN_REVIEW, review_until=until
    )
    return plan


def record_everything(world, author):
    """One thing of each kind, by somebody who reads none of it; return where each is shown."""
    plan, meeting, partner = in_review(world.plan), world.meeting, world.institutions["partner"]
    ProposedChangeFactory(plan=plan, action=world.action, institution=partner, by=author)
    RemarkFactory(plan=plan, institution=partner, audience="committee", by=author)
    PositionFactory(plan=plan, institution=partner, by=author)
    DocumentFactory(meeting=meeting, added_by=author)
    now = timezone.now()
    Invitation.objects.create(
        meeting=meeting,
        contact=ContactFactory(),
        capacity=Invitation.Capacity.GUEST,
        answer=Invitation.Answer.ACCEPTED,
        answered_at=now,
        answered_for=meeting.starts_at,
    )
    minutes = Minutes.objects.create(meeting=meeting, status=Minutes.Status.DRAFT)
    MinutesRemark.objects.create(minutes=minutes, seat=world.seat, text="Non.", by=author)
    value = DataPointFactory(
        indicator=world.indicator,
        period=world.year,
        status=DataPoint.Status.SUBMITTED,
        entered_by=author,
    )
    value.take("approve", by=author)
    asked = RecommendationFactory(agenda_item=world.item, addressee=partner)
    asked.take("accept", by=author, answered_on=timezone.localdate())
    report = standing_report(world, status="submitted")
    report.take("publish", by=author, published_on=timezone.localdate())
    return {
        "proposals": reverse("committees:plan-proposals", args=[plan.pk]),
        "positions": reverse("committees:plan-positions", args=[plan.pk]),
        "plan": plan.get_absolute_url(),
        "files": meeting.get_absolute_url(),
        "invitations": reverse("committees:meeting-invitations", args=[meeting.pk]),
        "comments": minutes.get_absolute_url(),
        "values": reverse("projects:framework", args=[world.project.code]),
        "recommendation": asked.get_absolute_url(),
        "report": report.get_absolute_url(),
    }


def test_each_role_reads_what_its_pages_show(world, author):
    places = record_everything(world, author)
    names = {url: name for name, url in places.items()}

    found = {
        role: frozenset(names[line.url] for line in lines_of(world.people[role])) for role in SEEN
    }

    assert found == SEEN


@pytest.mark.parametrize("role", ["coordinator", "member", "partner", "donor"])
def test_news_lead_to_pages_that_open(client, world, author, role):
    record_everything(world, author)
    client.force_login(world.people[role])

    urls = {line.url for line in lines_of(world.people[role])}

    assert {client.get(url).status_code for url in urls} == {200}


def test_news_hold_no_text_and_no_name(client, world, author):
    record_everything(world, author)
    client.force_login(world.people["coordinator"])

    page = client.get(reverse("news")).content.decode()

    for secret in ("Une remarque", "Les ateliers", "Non.", author.full_name, "document.pdf"):
        assert secret not in page


def test_what_a_person_did_is_no_news_to_them(world):
    coordinator, partner = world.people["coordinator"], world.institutions["partner"]
    before = number_of(coordinator)
    RemarkFactory(plan=in_review(world.plan), institution=partner, by=coordinator)
    DocumentFactory(meeting=world.meeting, added_by=coordinator)
    report = standing_report(world, status="submitted")
    report.take("publish", by=coordinator, published_on=timezone.localdate())

    assert number_of(coordinator) == before
    assert number_of(world.people["monitoring"]) == before + 3


def test_answers_reach_those_who_asked(world):
    partner, coordinator = world.people["partner"], world.people["coordinator"]
    plan, institution = in_review(world.plan), world.institutions["partner"]
    remark = RemarkFactory(plan=plan, institution=institution, by=partner)
    change = ProposedChangeFactory(
        plan=plan, action=world.action, institution=institution, by=partner
    )
    assert number_of(partner) == 0

    Reply.objects.create(remark=remark, text="Oui.", by=coordinator)
    ProposedChange.objects.get(pk=change.pk).take("decline", by=coordinator, answer="Non.")

    assert number_of(partner) == 2


def test_many_things_in_one_place_are_one_line(world, author):
    plan, partner = in_review(world.plan), world.institutions["partner"]
    for _each in range(3):
        RemarkFactory(plan=plan, institution=partner, by=author)

    [line] = lines_of(world.people["partner"])

    assert line.title.startswith("3 remarks")


def test_news_stay_until_they_are_marked_as_read(client, world, author):
    person = world.people["partner"]
    RemarkFactory(plan=in_review(world.plan), institution=world.institutions["partner"], by=author)
    client.force_login(person)
    for _visit in range(2):
        shown = client.get(reverse("home")).context["home"].news
    assert len(shown) == 1

    # What comes while the page is open stays new.
    PositionFactory(plan=world.plan, institution=world.institutions["partner"], by=author)
    client.post(reverse("news-read"), {"until": shown[0].at.isoformat()})
    assert [line.title[:10] for line in lines_of(person)] == ["1 position"]

    client.post(reverse("news-read"), {"until": "2999-01-01T00:00:00+00:00"})
    assert lines_of(person) == []
    PositionFactory(plan=world.plan, institution=world.institutions["partner"], by=author)
    client.post(reverse("news-read"), {"until": "2020-01-01T00:00:00+00:00"})
    assert number_of(person) == 1


def test_nothing_is_new_from_before_somebody_had_access(world, author):
    person = world.people["partner"]
    RemarkFactory(plan=in_review(world.plan), institution=world.institutions["partner"], by=author)
    type(person).objects.filter(pk=person.pk).update(date_joined=timezone.now())

    assert lines_of(person) == []


@pytest.mark.parametrize("kinds", [0, 1])
def test_news_take_few_statements(world, author, kinds, django_assert_max_num_queries):
    if kinds:
        record_everything(world, author)

    with django_assert_max_num_queries(11):
        lines_of(world.people["member"])


def convened(world, author):
    """A meeting of the committee that was convened, with an item."""
    meeting = MeetingFactory(
        committee=world.committee,
        number=7,
        status="planned",
        starts_at=timezone.now() + timedelta(days=20),
        ends_at=timezone.now() + timedelta(days=20, hours=2),
    )
    AgendaItemFactory(meeting=meeting, title_en="First")
    meeting.take("convene", by=author, convened_on=timezone.localdate())
    return meeting


def test_members_read_what_was_convened_and_what_changed_of_an_agenda_since(world, author):
    meeting = convened(world, author)
    member = world.people["member"]
    at_first = [line.title for line in lines_of(member)]

    AgendaItemFactory(meeting=meeting)
    AgendaItemFactory(meeting=meeting, audience="coordination")

    assert at_first == ["Convened: 7th meeting"]
    assert "1 agenda item is new or changed: 7th meeting" in [
        line.title for line in lines_of(member)
    ]


def test_the_page_of_a_meeting_marks_what_is_new_until_it_is_marked_as_read(client, world, author):
    meeting = convened(world, author)
    member = world.people["member"]
    client.force_login(member)
    url = meeting.get_absolute_url()
    before = client.get(url).context["news"]
    item = AgendaItemFactory(meeting=meeting)
    AgendaItemFactory(meeting=meeting, audience="coordination")
    paper = DocumentFactory(meeting=meeting, added_by=author)

    marked = [one["url"] for one in client.get(url).context["news"]]
    client.post(reverse("news-read"))

    assert before == []
    assert marked == [f"#item-{item.pk}", f"#document-{paper.pk}"]
    assert client.get(url).context["news"] == []
