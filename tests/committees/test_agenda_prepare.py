"""With what an agenda begins: the template, what earlier meetings left open, and its order."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.agenda.services.agenda import order_items
from committees.agenda.services.carry_over import carry_over, enter_next_agenda, offers_for
from committees.meetings.services.meetings import create_meeting
from committees.models import (
    Action,
    ActionPlan,
    AgendaItem,
    Meeting,
    Minutes,
    Resolution,
    Shift,
    TemplateItem,
)
from kernel.refusal import Refusal
from tests.factories import (
    ActivityFactory,
    AgendaItemFactory,
    DocumentFactory,
    MeetingFactory,
    RecommendationFactory,
    SeatFactory,
    SubjectFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

Source = AgendaItem.Source


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture
def template(world):
    """Three items, the last of which recurs."""
    return [
        TemplateItem.objects.create(
            committee=world.committee,
            position=position,
            title_fr=title,
            minutes_planned=10,
            is_recurring=title == "Varia",
        )
        for position, title in enumerate(("Ouverture", "Plan", "Varia"), start=1)
    ]


def offered(meeting):
    return [(offer.source, offer.title) for offer in offers_for(meeting)]


def keys(meeting):
    return [offer.key for offer in offers_for(meeting)]


def agenda(meeting):
    return list(meeting.items.values_list("title_fr", flat=True))


def provisional(world, number="2020-90"):
    return Resolution.objects.create(
        committee=world.committee,
        kind="decision",
        number=number,
        text_fr="Un atelier est avancé.",
        status=Resolution.Status.PROVISIONAL,
        agreed_by="Les deux sièges.",
        urgency="L’ouragan.",
        agreed_on=timezone.localdate(),
    )


def in_execution(world):
    """The plan of the world is in execution, its action long overdue."""
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_execution", validated_by=world.decision
    )
    return world.action


# The template


def test_a_meeting_begins_with_the_template(planned, template):
    planned.items.all().delete()

    carry_over(planned, [f"template-{item.pk}" for item in template])

    items = list(planned.items.all())
    assert [(item.title_fr, item.source, item.position) for item in items] == [
        ("Ouverture", "template", 1),
        ("Plan", "template", 2),
        ("Varia", "recurring", 3),
    ]
    assert items[0].minutes_planned == 10


def test_from_the_previous_meeting_only_what_recurs_is_ticked(coordinator, planned, template):
    url = reverse("committees:carry-over", args=[planned.pk])

    page = coordinator.get(url, {"start": "previous"}).content.decode()
    everything = coordinator.get(url, {"start": "template"}).content.decode()

    def ticked(html, item):
        start = html.index(f'value="template-{item.pk}"')
        return " checked" in html[start : html.index(">", start)]

    assert [ticked(page, item) for item in template] == [False, False, True]
    assert [ticked(everything, item) for item in template] == [True, True, True]


# What earlier meetings left open


def test_what_was_not_discussed_is_carried_over_with_its_links(world, planned):
    deferred = AgendaItemFactory(meeting=world.meeting, status="deferred", title_fr="Reporté")
    untouched = AgendaItemFactory(meeting=world.meeting, title_fr="Oublié", minutes_planned=7)
    AgendaItemFactory(meeting=world.meeting, notes="On en a parlé.")
    AgendaItemFactory(meeting=world.meeting, status="withdrawn")
    SubjectFactory(agenda_item=untouched, result=world.result)

    assert [offer.continues for offer in offers_for(planned) if offer.continues] == [
        deferred,
        untouched,
    ]
    carry_over(planned, [f"item-{untouched.pk}"])

    item = planned.items.last()
    assert (item.title_fr, item.source, item.continues, item.minutes_planned) == (
        "Oublié",
        Source.NOT_DISCUSSED,
        untouched,
        7,
    )
    assert [subject.thing for subject in item.subjects.all()] == [world.result]


def test_a_reserved_item_stays_reserved(world, planned):
    AgendaItemFactory(meeting=world.meeting, status="deferred", audience="voting")

    carry_over(planned, keys(planned))

    assert planned.items.get(source=Source.NOT_DISCUSSED).audience == "voting"


def test_what_a_cancelled_meeting_took_over_comes_once(world, planned):
    item = AgendaItemFactory(meeting=world.meeting, status="deferred", title_fr="Reporté")
    cancelled = MeetingFactory(
        committee=world.committee,
        number=5,
        status="cancelled",
        starts_at=world.meeting.starts_at + timedelta(days=9),
        ends_at=world.meeting.ends_at + timedelta(days=9),
    )
    again = AgendaItemFactory(meeting=cancelled, title_fr="Reporté", continues=item)

    assert [offer.continues for offer in offers_for(planned) if offer.continues] == [again]


def test_an_item_of_the_template_that_was_left_open_comes_once(world, planned, template):
    AgendaItemFactory(
        meeting=world.meeting, status="deferred", title_fr="Plan", template_item=template[1]
    )

    carry_over(planned, keys(planned))

    assert list(planned.items.filter(title_fr="Plan").values_list("source", flat=True)) == [
        "not_discussed"
    ]


def test_unanswered_recommendations_and_late_actions_are_linked(world, planned):
    asked = RecommendationFactory(agenda_item=world.item)
    RecommendationFactory(agenda_item=world.item, status="accepted")
    action = in_execution(world)

    carry_over(planned, ["recommendations", "overdue"])

    by_source = {item.source: item for item in planned.items.all()}
    assert [s.thing for s in by_source["recommendations"].subjects.all()] == [asked]
    assert [s.thing for s in by_source["overdue"].subjects.all()] == [action]
    assert (by_source["overdue"].title_fr, by_source["overdue"].title_en) == (
        str(by_source["overdue"].title_fr),
        "Overdue actions",
    )


def test_carrying_over_again_adds_only_what_is_new(world, planned):
    first = RecommendationFactory(agenda_item=world.item)
    carry_over(planned, keys(planned))
    before = agenda(planned)
    assert offered(planned) == []

    second = RecommendationFactory(agenda_item=world.item)
    assert [(offer.key, offer.extends.source) for offer in offers_for(planned)] == [
        ("recommendations", "recommendations")
    ]
    carry_over(planned, keys(planned))
    carry_over(planned, ["recommendations"])

    assert agenda(planned) == before
    item = planned.items.get(source="recommendations")
    assert [subject.thing for subject in item.subjects.all()] == [first, second]


def test_the_previous_minutes_are_offered_first(world, planned):
    minutes = Minutes.objects.create(meeting=world.meeting)

    carry_over(planned, keys(planned))

    first = planned.items.first()
    assert (first.source, first.purpose, first.position) == ("minutes", "decide", 1)
    assert [subject.thing for subject in first.subjects.all()] == [minutes]


def test_their_adoption_is_offered_before_they_are_written(world, planned):
    carry_over(planned, ["minutes"])
    minutes = Minutes.objects.create(meeting=world.meeting)

    offered = {offer.key: offer for offer in offers_for(planned)}
    assert offered["minutes"].things == [minutes]
    carry_over(planned, ["minutes"])

    assert planned.items.filter(source="minutes").count() == 1
    assert planned.items.first().subjects.get().thing == minutes


def test_minutes_that_are_adopted_are_not_offered(world, planned):
    Minutes.objects.create(
        meeting=world.meeting,
        status="adopted",
        content={},
        adopted_how="silence",
        adopted_on=timezone.localdate(),
    )

    assert "minutes" not in keys(planned)


def test_shifts_since_the_last_meeting_are_told(world, planned):
    action = in_execution(world)
    Shift.objects.create(
        terms=world.terms, field="ends_on", before="2019-09-30", after="2019-10-10", reason="Pluie."
    )

    carry_over(planned, ["shifts"])

    item = planned.items.get(source="shifts")
    assert (item.purpose, item.subjects.get().thing) == ("inform", action)


def test_shifts_that_the_last_meeting_heard_of_are_not(world, planned):
    Shift.objects.create(
        terms=world.terms,
        field="ends_on",
        before="2019-09-30",
        after="2019-10-10",
        reason="Pluie.",
        recorded_at=world.meeting.starts_at,
    )

    assert "shifts" not in keys(planned)


def test_a_provisional_decision_enters_the_next_agenda_by_itself(world, planned):
    decision = provisional(world)

    enter_next_agenda(decision)
    enter_next_agenda(decision)

    item = planned.items.get(source="provisional")
    assert (item.purpose, item.subjects.get().thing) == ("decide", decision)


def test_it_waits_for_the_next_meeting_to_be_planned(world):
    decision = provisional(world)
    enter_next_agenda(decision)

    meeting = create_meeting(
        Meeting(
            committee=world.committee,
            number=9,
            starts_at=timezone.now() + timedelta(days=20),
            ends_at=timezone.now() + timedelta(days=20, hours=2),
        )
    )

    assert meeting.items.get().subjects.get().thing == decision


def test_things_of_another_project_are_not_offered(world, planned):
    RecommendationFactory(agenda_item__meeting__committee__project=world.neighbour)
    Action.objects.create(project=world.neighbour, reference="9")

    assert [key for key in keys(planned) if not key.startswith("usual")] == ["minutes"]


def test_nothing_is_carried_over_to_a_frozen_agenda(coordinator, planned, template):
    Meeting.objects.filter(pk=planned.pk).update(status="frozen")

    with pytest.raises(Refusal, match="frozen"):
        carry_over(planned, keys(planned))
    response = coordinator.get(reverse("committees:carry-over", args=[planned.pk]), follow=True)
    assert "nothing can be carried over" in response.content.decode()
    assert planned.items.count() == 1


def test_hostile_keys_add_nothing(coordinator, planned, template):
    url = reverse("committees:carry-over", args=[planned.pk])

    response = coordinator.post(url, {"offer": ["", "template-0", "item-x", "'; --"]}, follow=True)

    assert "Nothing was ticked" in response.content.decode()
    assert planned.items.count() == 1


def test_the_page_says_why_each_is_offered_and_adds_what_is_ticked(coordinator, planned, template):
    url = reverse("committees:carry-over", args=[planned.pk])

    offered = coordinator.get(url).text
    response = coordinator.post(url, {"offer": [f"template-{template[2].pk}"]}, follow=True)

    assert "Comes back at each meeting" in offered
    assert "1 item was carried over." in response.text
    assert template[2].title in response.text


def test_the_preview_takes_as_many_queries_for_one_as_for_thirty(
    coordinator, world, planned, django_assert_max_num_queries
):
    url = reverse("committees:carry-over", args=[planned.pk])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for position in numbers:
            TemplateItem.objects.create(
                committee=world.committee, title_fr=f"T{position}", position=position
            )
            item = AgendaItemFactory(meeting=world.meeting, status="deferred")
            SubjectFactory(agenda_item=item, activity=ActivityFactory(project=world.project))
            RecommendationFactory(agenda_item=world.item)
            provisional(world, number=f"2020-9{position}x")

        coordinator.get(url)  # what is read once per process is read

        with django_assert_max_num_queries(30) as statements:
            response = coordinator.get(url)
        counts.append(len(statements))

        assert len(response.context["offers"]) == 3 * numbers.stop + 2

    few, many = counts
    assert many <= few


# The order


def test_items_are_put_in_order_all_at_once(coordinator, planned):
    planned.items.all().delete()
    items = [AgendaItemFactory(meeting=planned, title_fr=title) for title in "ABC"]

    url = reverse("committees:items-order", args=[planned.pk])
    coordinator.post(url, {"row": [items[2].pk, items[0].pk, items[1].pk]})

    assert agenda(planned) == ["C", "A", "B"]


def test_what_the_order_does_not_name_comes_last_and_nonsense_is_passed_over(coordinator, planned):
    planned.items.all().delete()
    items = [AgendaItemFactory(meeting=planned, title_fr=title) for title in "ABC"]

    url = reverse("committees:items-order", args=[planned.pk])
    rows = ["x", "-1", "9" * 5000, "²", items[1].pk, items[1].pk, 0]
    assert coordinator.post(url, {"row": rows}).status_code == 302

    assert agenda(planned) == ["B", "A", "C"]


def test_an_item_of_another_meeting_is_not_drawn_in(world, planned):
    order_items(planned, [world.item.pk, planned.items.get().pk])

    assert planned.items.count() == 1
    assert world.meeting.items.count() == 1


def test_the_order_of_a_cancelled_meeting_stays(coordinator, planned):
    AgendaItemFactory(meeting=planned, title_fr="Z", position=9)
    before = agenda(planned)
    Meeting.objects.filter(pk=planned.pk).update(status="cancelled")

    url = reverse("committees:items-order", args=[planned.pk])
    response = coordinator.post(url, {"row": [planned.items.last().pk]}, follow=True)

    assert "agenda can no longer be changed" in response.content.decode()
    assert agenda(planned) == before


# The page


@pytest.mark.parametrize("role", ["coordinator", "member"])
def test_the_agenda_takes_as_many_queries_for_one_item_as_for_a_hundred(
    sign_in, world, planned, role, django_assert_max_num_queries
):
    Meeting.objects.filter(pk=planned.pk).update(
        status="convened", convened_on=timezone.localdate()
    )
    planned.items.all().delete()
    earlier = RecommendationFactory(agenda_item=world.item)
    minutes = Minutes.objects.create(meeting=world.meeting)
    client = sign_in(role)
    counts = []
    for numbers in (range(1), range(1, 100)):
        for _each in numbers:
            item = AgendaItemFactory(meeting=planned)
            SubjectFactory(agenda_item=item, result=world.result)
            SubjectFactory(agenda_item=item, plan=world.plan)
            SubjectFactory(agenda_item=item, earlier=earlier)
            SubjectFactory(agenda_item=item, minutes=minutes)
            DocumentFactory(meeting=planned, agenda_item=item)
            AgendaItemFactory(
                meeting=planned,
                status="proposed",
                proposed_seat=SeatFactory(committee=world.committee)
                if role == "coordinator"
                else world.seat,
            )
        client.get(planned.get_absolute_url())

        with django_assert_max_num_queries(30) as statements:
            response = client.get(planned.get_absolute_url())
        counts.append(len(statements))

        assert len(response.context["agenda"]) == numbers.stop
        assert len(response.context["proposals"]) == numbers.stop

    few, many = counts
    assert many <= few


def test_what_was_withdrawn_takes_no_time(coordinator, planned):
    planned.items.update(minutes_planned=120)
    AgendaItemFactory(meeting=planned, status="withdrawn", minutes_planned=60)

    assert coordinator.get(planned.get_absolute_url()).context["over_by"] == 0


@pytest.mark.parametrize("verb", ["close", "adjourn", "reconvene", "freeze"])
def test_a_step_that_is_not_open_leads_back_with_a_sentence(coordinator, planned, verb):
    url = reverse("committees:meeting-step", args=[planned.pk, verb])

    response = coordinator.get(url, follow=True)

    assert response.redirect_chain == [(planned.get_absolute_url(), 302)]
    assert "is not possible now" in response.content.decode()
