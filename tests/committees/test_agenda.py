"""The agenda: items and their order, consent after it is frozen, notes, and links."""

import uuid

import pytest
from django.urls import reverse
from django.utils.translation import override

from committees.agenda.services.agenda import link_things, unlink
from committees.agenda.views.rows import LONG
from committees.models import AgendaItem, Meeting, Subject
from committees.plans.services.lifecycle import validate_plan
from kernel.refusal import Refusal
from tests.factories import (
    ActivityFactory,
    AgendaItemFactory,
    AmendmentFactory,
    IndicatorFactory,
    MeetingFactory,
    ResultFactory,
    SubjectFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


def create_url(meeting):
    return reverse("committees:item-create", args=[meeting.pk])


def item_form(**facts):
    return {
        "title_fr": "Appel à projets",
        "purpose": "discuss",
        "minutes_planned": "20",
        "presenter": "IBCR",
        "audience": "committee",
    } | facts


def titles(meeting):
    return list(meeting.items.values_list("title_fr", flat=True))


# Items


def test_an_item_goes_to_the_end(coordinator, planned):
    coordinator.post(create_url(planned), item_form())

    item = planned.items.last()
    assert (item.title_fr, item.position) == ("Appel à projets", 2)
    assert item.status == AgendaItem.Status.ACCEPTED


def test_the_form_sent_twice_adds_one_item(coordinator, planned):
    form = item_form(entry_key=str(uuid.uuid4()))

    coordinator.post(create_url(planned), form)
    coordinator.post(create_url(planned), form)

    assert planned.items.count() == 2


def test_the_same_title_may_stand_twice_when_it_is_meant(coordinator, planned):
    for _each in range(2):
        coordinator.post(create_url(planned), item_form(entry_key=str(uuid.uuid4())))

    assert planned.items.count() == 3


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_title_in_one_language_suffices(coordinator, planned, language):
    coordinator.post(
        create_url(planned), item_form(title_fr="", **{f"title_{language}": "Apertura"})
    )

    assert planned.items.last().title == "Apertura"


def test_no_title_is_refused(coordinator, planned):
    response = coordinator.post(create_url(planned), item_form(title_fr="  "))

    assert "Fill in at least one language." in response.content.decode()
    assert planned.items.count() == 1


def test_items_are_moved_by_buttons(coordinator, planned):
    for title in ("B", "C"):
        AgendaItemFactory(meeting=planned, title_fr=title, position=1)
    first = titles(planned)[0]
    last = planned.items.get(title_fr="C")

    coordinator.post(reverse("committees:item-move", args=[last.pk]), {"up": "1"})
    coordinator.post(reverse("committees:item-move", args=[last.pk]), {"up": "1"})
    coordinator.post(reverse("committees:item-move", args=[last.pk]), {"up": "1"})
    assert titles(planned) == ["C", first, "B"]

    coordinator.post(reverse("committees:item-move", args=[last.pk]))
    assert titles(planned) == [first, "C", "B"]
    assert list(planned.items.values_list("position", flat=True)) == [1, 2, 3]


def test_an_item_is_removed_from_a_draft(coordinator, planned):
    item = planned.items.get()

    coordinator.post(reverse("committees:item-remove", args=[item.pk]))

    assert not planned.items.exists()


def test_what_was_resolved_on_stays(coordinator, world):
    response = coordinator.post(
        reverse("committees:item-remove", args=[world.item.pk]), follow=True
    )

    assert "withdraw" in response.content.decode()
    assert AgendaItem.objects.filter(pk=world.item.pk).exists()


def test_moving_and_removing_need_a_pressed_button(coordinator, planned):
    for name in ("item-move", "item-remove"):
        url = reverse(f"committees:{name}", args=[planned.items.get().pk])
        assert coordinator.get(url).status_code == 405


def test_too_long_an_agenda_is_marked(coordinator, planned):
    planned.items.update(minutes_planned=121)

    response = coordinator.get(planned.get_absolute_url())

    assert (response.context["planned"], response.context["over_by"]) == (121, 1)
    assert "121 of 120 minutes planned" in response.content.decode()
    assert "1 minute longer than the meeting" in response.content.decode()


def test_a_full_agenda_is_not_marked(coordinator, planned):
    planned.items.update(minutes_planned=120)

    assert coordinator.get(planned.get_absolute_url()).context["over_by"] == 0


@pytest.mark.parametrize("status", ["cancelled", "adjourned"])
def test_the_agenda_of_what_does_not_take_place_stays(coordinator, planned, status):
    Meeting.objects.filter(pk=planned.pk).update(status=status)

    response = coordinator.post(create_url(planned), item_form())

    assert "agenda can no longer be changed" in response.content.decode()
    assert planned.items.count() == 1


# After the agenda is frozen


@pytest.mark.parametrize("status", ["frozen", "in_session", "held"])
def test_a_late_item_for_decision_needs_the_consent_of_all(coordinator, planned, status):
    Meeting.objects.filter(pk=planned.pk).update(status=status)

    refused = coordinator.post(create_url(planned), item_form(purpose="decide"))
    coordinator.post(
        create_url(planned),
        item_form(purpose="decide", late_consent="Asked by STSS; all agreed aloud."),
    )

    assert "needs the consent of all" in refused.content.decode()
    assert planned.items.count() == 2
    page = coordinator.get(planned.get_absolute_url()).content.decode()
    assert "Asked by STSS; all agreed aloud." in page


def test_a_late_item_to_discuss_needs_none(coordinator, planned):
    Meeting.objects.filter(pk=planned.pk).update(status="frozen")

    coordinator.post(create_url(planned), item_form())

    assert planned.items.count() == 2


def test_an_item_does_not_become_one_for_decision_in_silence(coordinator, planned):
    item = AgendaItemFactory(meeting=planned, title_fr="À discuter")
    Meeting.objects.filter(pk=planned.pk).update(status="frozen")
    url = reverse("committees:item-edit", args=[item.pk])

    coordinator.post(url, item_form(purpose="decide"))

    item.refresh_from_db()
    assert item.purpose == AgendaItem.Purpose.DISCUSS


def test_an_item_that_was_for_decision_is_edited_freely(coordinator, planned):
    item = planned.items.get()
    Meeting.objects.filter(pk=planned.pk).update(status="frozen")
    url = reverse("committees:item-edit", args=[item.pk])

    coordinator.post(url, item_form(purpose="decide", title_fr="Plan d’action"))

    item.refresh_from_db()
    assert item.title_fr == "Plan d’action"


def test_what_is_typed_in_later_is_the_agenda_as_it_was(coordinator, planned):
    Meeting.objects.filter(pk=planned.pk).update(status="held", recorded_afterwards=True)

    coordinator.post(create_url(planned), item_form(purpose="decide"))

    assert planned.items.count() == 2


def test_a_frozen_agenda_loses_no_item(coordinator, planned):
    Meeting.objects.filter(pk=planned.pk).update(status="frozen")

    coordinator.post(reverse("committees:item-remove", args=[planned.items.get().pk]))

    assert planned.items.count() == 1


def test_items_are_discussed_deferred_and_withdrawn(coordinator, world):
    for verb, status in (("discuss", "discussed"), ("defer", "deferred"), ("discuss", "discussed")):
        coordinator.post(reverse("committees:item-step", args=[world.item.pk, verb]))
        world.item.refresh_from_db()
        assert world.item.status == status


def test_nothing_is_discussed_before_the_meeting(coordinator, planned):
    item = planned.items.get()

    coordinator.post(reverse("committees:item-step", args=[item.pk, "discuss"]))

    item.refresh_from_db()
    assert item.status == AgendaItem.Status.ACCEPTED


@pytest.mark.parametrize("verb", ["accept", "decline", "dance"])
def test_other_steps_of_an_item_are_not_found(coordinator, planned, verb):
    url = reverse("committees:item-step", args=[planned.items.get().pk, verb])

    assert coordinator.post(url).status_code == 404


# Notes


def notes_url(item):
    return reverse("committees:item-notes", args=[item.pk])


def test_notes_are_kept_in_their_language_and_shown_formatted(coordinator, world):
    coordinator.post(
        notes_url(world.item), {"notes": "El **plan**.", "language": "es", "version": "0"}
    )

    world.item.refresh_from_db()
    assert (world.item.notes_language, world.item.notes_version) == ("es", 1)
    page = coordinator.get(world.meeting.get_absolute_url()).content.decode()
    assert "<strong>plan</strong>" in page
    assert 'lang="es"' in page


def test_the_second_of_two_writers_is_told_and_keeps_the_text(coordinator, world):
    coordinator.post(notes_url(world.item), {"notes": "First.", "language": "fr", "version": "0"})

    second = coordinator.post(
        notes_url(world.item), {"notes": "Second.", "language": "fr", "version": "0"}
    )

    page = second.content.decode()
    world.item.refresh_from_db()
    assert second.status_code == 409
    assert world.item.notes == "First."
    assert "Somebody else saved notes" in page
    assert "Second." in page
    assert "First." in page
    assert second.context["form"]["version"].value() == "1"


def test_the_second_writer_may_then_save_both(coordinator, world):
    coordinator.post(notes_url(world.item), {"notes": "First.", "language": "fr", "version": "0"})

    coordinator.post(
        notes_url(world.item), {"notes": "First. Second.", "language": "fr", "version": "1"}
    )

    world.item.refresh_from_db()
    assert (world.item.notes, world.item.notes_version) == ("First. Second.", 2)
    assert list(world.item.history.values_list("notes", flat=True))[:2] == [
        "First. Second.",
        "First.",
    ]


def test_there_are_no_notes_before_the_meeting(coordinator, planned):
    item = planned.items.get()

    response = coordinator.post(
        notes_url(item), {"notes": "Early.", "language": "fr", "version": "0"}
    )

    item.refresh_from_db()
    assert "open it" in response.content.decode()
    assert item.notes == ""


def test_hostile_notes_do_nothing(coordinator, world):
    notes = "<script>alert(1)</script> [x](javascript:alert(1)) ![](https://example.org/p.png)"

    coordinator.post(notes_url(world.item), {"notes": notes, "language": "fr", "version": "0"})

    page = coordinator.get(world.meeting.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "<img" not in page


def test_notes_that_are_too_long_are_refused_and_kept_in_the_form(coordinator, world):
    response = coordinator.post(
        notes_url(world.item), {"notes": "x" * 20_001, "language": "fr", "version": "0"}
    )

    assert response.context["form"].has_error("notes")
    assert "x" * 20_001 in response.content.decode()


def test_editing_an_item_leaves_its_notes(coordinator, world):
    url = reverse("committees:item-edit", args=[world.item.pk])
    coordinator.get(url)
    coordinator.post(notes_url(world.item), {"notes": "Kept.", "language": "fr", "version": "0"})

    coordinator.post(url, item_form())

    world.item.refresh_from_db()
    assert (world.item.title_fr, world.item.notes) == ("Appel à projets", "Kept.")


# What it speaks of


def subjects_url(item):
    return reverse("committees:item-subjects", args=[item.pk])


def test_all_kinds_of_things_are_linked(coordinator, world):
    activity = ActivityFactory(project=world.project)
    amendment = AmendmentFactory(project=world.project)
    things = [
        ("result", world.result),
        ("indicator", world.indicator),
        ("activity", activity),
        ("action", world.action),
        ("plan", world.plan),
        ("amendment", amendment),
    ]

    for kind, thing in things:
        coordinator.post(subjects_url(world.item), {"thing": f"{kind}:{thing.pk}"})

    linked = [subject.thing for subject in world.item.subjects.with_things()]
    assert linked == [thing for _kind, thing in things]
    page = coordinator.get(world.meeting.get_absolute_url()).content.decode()
    assert all(thing.get_absolute_url() in page for thing in linked)


def test_a_link_pressed_twice_is_one(coordinator, world):
    for _each in range(2):
        coordinator.post(subjects_url(world.item), {"thing": f"result:{world.result.pk}"})

    assert world.item.subjects.count() == 1


@pytest.mark.parametrize("value", ["", "result:999999", "result:x", "user:1", "result"])
def test_what_is_no_thing_of_the_project_is_refused(coordinator, world, value):
    response = coordinator.post(subjects_url(world.item), {"thing": value})

    assert response.context["form"].has_error("thing")
    assert not Subject.objects.exists()


def test_a_thing_of_another_project_is_refused(coordinator, world):
    foreign = ResultFactory(project=world.neighbour)

    response = coordinator.post(subjects_url(world.item), {"thing": f"result:{foreign.pk}"})

    assert response.context["form"].has_error("thing")
    with override("en"), pytest.raises(Refusal, match="another project"):
        link_things(world.item, [foreign])
    assert not Subject.objects.exists()


def test_a_link_is_removed(coordinator, world):
    subject = SubjectFactory(agenda_item=world.item, result=world.result)

    coordinator.post(reverse("committees:subject-remove", args=[subject.pk]))

    assert not Subject.objects.exists()


def test_the_link_by_which_a_plan_was_validated_stays(coordinator, world):
    world.plan.status = "presented"
    world.plan.save()
    subject = SubjectFactory(resolution=world.decision, plan=world.plan)
    validate_plan(world.plan, decision=world.decision, by=None)

    with pytest.raises(Refusal, match="the link has to stay"):
        unlink(subject)

    assert Subject.objects.exists()


def test_a_link_of_another_project_is_not_found(coordinator, world):
    foreign = AgendaItemFactory(meeting=MeetingFactory(committee__project=world.neighbour))
    subject = SubjectFactory(agenda_item=foreign, result=ResultFactory(project=world.neighbour))

    response = coordinator.post(reverse("committees:subject-remove", args=[subject.pk]))

    assert response.status_code == 404
    assert Subject.objects.exists()


@pytest.mark.parametrize("kind", ["result", "indicator", "activity", "amendment"])
def test_a_thing_that_is_spoken_of_is_not_deleted(coordinator, world, kind):
    things = {
        "result": lambda: ResultFactory(project=world.project),
        "indicator": lambda: IndicatorFactory(result=world.result, code="1100.9"),
        "activity": lambda: ActivityFactory(project=world.project),
        "amendment": lambda: AmendmentFactory(project=world.project),
    }
    thing = things[kind]()
    SubjectFactory(agenda_item=world.item, **{kind: thing})
    SubjectFactory(resolution=world.decision, **{kind: thing})

    url = reverse(f"projects:{kind}-delete", args=[world.project.code, thing.pk])
    page = coordinator.post(url, follow=True).content.decode()

    assert "First remove what refers to it: Agenda items and Resolutions." in page
    assert Subject.objects.count() == 2
    assert type(thing).objects.filter(pk=thing.pk).exists()


def test_a_long_agenda_offers_what_may_be_done_with_one_item_at_a_time(world, sign_in):
    items = [world.item, *AgendaItemFactory.create_batch(LONG, meeting=world.meeting)]
    client, page = sign_in("coordinator"), world.meeting.get_absolute_url()
    edits = [reverse("committees:item-edit", args=[item.pk]) for item in items]

    folded = client.get(page).content.decode()
    opened = client.get(page, {"item": items[3].pk}).content.decode()

    assert [url in folded for url in edits] == [False] * len(items)
    assert [f"?item={item.pk}#item-{item.pk}" in folded for item in items] == [True] * len(items)
    assert [url in opened for url in edits] == [item == items[3] for item in items]
