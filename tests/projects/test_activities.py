"""Activities: planned and as they were, who took part, postponed and taken up again, copied."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, strategies as st

from kernel.lifecycle import TransitionError
from partners.models import Institution
from projects.activities.participants import headcount, sum_of
from projects.activities.services import date_changes, write_groups
from projects.models import Activity, ParticipantGroup
from tests.factories import (
    ActivityFactory,
    AgreementFactory,
    DeliverableFactory,
    ParticipantGroupFactory,
)

pytestmark = pytest.mark.django_db


def errors_of(response):
    return response.context["form"].errors


def address(world, page, *args):
    return reverse(f"projects:{page}", args=[world.project.code, *args])


def days_from_now(days):
    return timezone.localdate() + timedelta(days=days)


def activity(**changes):
    return {"kind": "workshop", "title_fr": "Atelier", "share_done": "0"} | changes


def test_an_activity_sent_twice_is_there_once(client, world, coordinator):
    url = address(world, "activity-create")

    client.post(url, activity())
    twice = client.post(url, activity())

    assert errors_of(twice) == {
        "__all__": ["The project already has this activity at this place on these days."]
    }
    assert Activity.objects.get().title_fr == "Atelier"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"planned_start": "2020-02-01", "planned_end": "2020-01-01"}, "__all__"),
        ({"actual_start": "2020-02-01", "actual_end": "2020-01-01"}, "__all__"),
        ({"actual_start": "2999-01-01"}, "actual_start"),
        ({"share_done": "101"}, "share_done"),
        ({"share_done": "-1"}, "share_done"),
        ({"participants": "9" * 30}, "participants"),
        ({"title_fr": "x" * 301}, "title_fr"),
        ({"kind": "party"}, "kind"),
        ({"code": "11 11"}, "code"),
        ({"responsible": "neighbour"}, "responsible"),
        ({"partners": ["neighbour"]}, "partners"),
    ],
)
def test_an_activity_that_cannot_be_is_refused(client, world, coordinator, data, field):
    if field in ("responsible", "partners"):
        data = {field: world.foreign_institution.pk}

    response = client.post(address(world, "activity-create"), activity(**data))

    assert field in errors_of(response)
    assert not Activity.objects.exists()


def test_a_code_is_used_once_in_a_project(client, world, coordinator):
    ActivityFactory(project=world.neighbour, code="1111.1")
    ActivityFactory(project=world.project, code="1111.1")
    ActivityFactory.create_batch(2, project=world.project, code="")

    response = client.post(address(world, "activity-create"), activity(code="1111.1"))

    assert errors_of(response) == {
        "__all__": ["The project already has an activity with this code."]
    }


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, "planned"),
        ({"planned_end": 1}, "planned"),
        ({"planned_end": -1}, "late"),
        ({"planned_end": -1, "actual_end": -1}, "done"),
        ({"actual_start": -1}, "in_progress"),
        ({"share_done": 10}, "in_progress"),
        ({"share_done": 100}, "done"),
        ({"share_done": 100, "planned_end": -1}, "done"),
        ({"share_done": 99, "planned_end": -1}, "late"),
        ({"status": "postponed", "planned_end": -1}, "postponed"),
        ({"status": "cancelled", "share_done": 10}, "cancelled"),
    ],
)
def test_the_state_of_an_activity_follows_from_its_dates(facts, state):
    facts = {
        name: value if name in ("share_done", "status") else days_from_now(value)
        for name, value in facts.items()
    }

    assert Activity(**facts).state == state


def test_an_activity_is_deleted_after_a_question(client, world, coordinator):
    doomed = ActivityFactory(project=world.project)
    url = address(world, "activity-delete", doomed.pk)
    assert "cannot be undone" in client.get(url).content.decode()

    client.post(url)

    assert not Activity.objects.exists()


def test_an_activity_with_deliverables_is_not_deleted_with_them(client, world, coordinator):
    kept = DeliverableFactory(activity__project=world.project).activity

    answer = client.post(address(world, "activity-delete", kept.pk), follow=True)

    assert "is in use and cannot be deleted" in answer.content.decode()
    assert Activity.objects.get() == kept


def test_monitoring_keeps_activities_too(client, world, sign_in):
    sign_in("monitoring")

    client.post(address(world, "activity-create"), activity(title_fr="Mission"))

    assert Activity.objects.get().title_fr == "Mission"


def test_again_at_another_place_opens_the_form_with_what_stays_the_same(client, world, coordinator):
    source = ActivityFactory(
        project=world.project,
        code="1111.1",
        title_es="Taller",
        place="Tela",
        participants=30,
        planned_participants=40,
        responsible=world.institutions["partner"],
        actual_start="2019-10-21",
    )
    source.partners.set([world.institutions["member"]])
    page = client.get(address(world, "activity-create"), {"copy": source.pk})
    form = page.context["form"]

    assert form.initial["partners"] == [world.institutions["member"]]
    assert (form.initial["title_es"], form.initial["planned_participants"]) == ("Taller", 40)
    assert not {"code", "place", "participants", "actual_start"} & {
        name for name in form.initial if form.initial[name]
    }


@pytest.mark.parametrize("number", ["x", "0", "9" * 40, "-1"])
def test_a_copy_of_nothing_is_an_empty_form(client, world, coordinator, number):
    page = client.get(address(world, "activity-create"), {"copy": number})

    assert page.context["form"].initial.get("title_fr") in (None, "")


# Participants


def typed(*rows, **total):
    data = dict(total)
    for number, (who, women, men) in enumerate(rows):
        data |= {f"who_{number}": who, f"women_{number}": women, f"men_{number}": men}
    return data


def told(activity):
    return sorted((g.institution_id or g.kind, g.women, g.men) for g in activity.groups.all())


def test_participants_are_told_by_institution_and_sex(client, world, coordinator):
    one = ActivityFactory(project=world.project)
    url = address(world, "activity-participants", one.pk)
    partner = world.institutions["partner"]

    client.post(url, typed((f"i{partner.pk}", 12, 3), ("", "", ""), ("kstate", 5, 6)))
    one.refresh_from_db()

    assert one.participants == 26  # the sum, where no total is given
    assert {g.name: g.total for g in one.groups.all()} == {
        Institution.Kind.STATE.label: 11,
        partner.name: 15,
    }

    page = client.get(url)
    seen = page.context["form"]["seen"].value()
    client.post(url, typed(("kstate", 5, 7), participants=40, seen=seen))
    assert told(one) == [("state", 5, 7)]
    assert [version.men for version in ParticipantGroup.history.filter(kind="state")] == [7, 6]


def test_rows_that_say_more_than_the_total_are_refused_at_the_field(client, world, coordinator):
    one = ActivityFactory(project=world.project)
    url = address(world, "activity-participants", one.pk)

    above = client.post(url, typed(("", 20, 16), participants=35))
    twice = client.post(url, typed(("kstate", 1, 1), ("kstate", 2, 2)))
    strange = client.post(url, typed(("i0", 1, -1), participants="many"))

    assert errors_of(above) == {
        "participants": ["The rows add up to 36, more than this total: correct one of them."]
    }
    assert errors_of(twice) == {"who_1": ["This row appears twice: combine the numbers."]}
    assert set(errors_of(strange)) == {"who_0", "men_0", "participants"}
    assert not ParticipantGroup.objects.exists()


def test_the_second_of_two_who_count_is_told(client, world, coordinator):
    one = ActivityFactory(project=world.project, participants=10)
    url = address(world, "activity-participants", one.pk)
    seen = client.get(url).context["form"]["seen"].value()
    ParticipantGroupFactory(activity=one, women=5)

    answer = client.post(url, typed(("", 7, 0), participants=10, seen=seen))

    assert answer.context["form"].has_error("__all__", "changed_meanwhile")
    assert told(one) == [("", 5, 0)]


def test_a_total_does_not_fall_below_its_parts(client, world, coordinator):
    one = ActivityFactory(project=world.project, participants=10, title_fr="Atelier")
    ParticipantGroupFactory(activity=one, women=8)
    url = address(world, "activity-edit", one.pk)

    answer = client.post(url, activity(participants=7))

    assert set(errors_of(answer)) == {"participants"}
    with pytest.raises(ValidationError):
        write_groups(one, [ParticipantGroup(women=11)])


def test_a_group_is_one_thing_and_somebody():
    one = ActivityFactory(participants=50)
    ParticipantGroupFactory(activity=one, women=5)

    for wrong in ({"women": 1}, {"kind": "state"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ParticipantGroupFactory(activity=one, **wrong)


# Small counts


@pytest.mark.parametrize(
    ("women", "shown"), [(20, True), (4, False), (31, False), (30, True), (35, True)]
)
def test_few_persons_of_one_sex_are_told_to_the_team_and_by_agreement_alone(
    client, world, sign_in, women, shown
):
    one = ActivityFactory(project=world.project, participants=35)
    ParticipantGroupFactory(activity=one, women=women)
    page = one.get_absolute_url()
    csv = address(world, "activities-export", "csv")
    embassy = world.institutions["embassy"]
    agreement = AgreementFactory(institution=embassy, tells_small_counts=True)
    embassy.participations.update(agreement=agreement)

    for role, seen in (
        ("donor", shown),
        ("partner", shown),
        ("reader", True),
        ("embassy", True),
    ):
        sign_in(role)
        assert (f"{women} women" in client.get(page).content.decode()) == seen
        assert (f",35,{women}," in client.get(csv).content.decode()) == seen


small = st.integers(0, 9)
groups = st.lists(st.tuples(small, small, small), min_size=1, max_size=4)


@given(groups=groups, beyond=small)
def test_nothing_that_is_told_gives_a_small_count_away(groups, beyond):
    rows = [ParticipantGroup(women=w, men=m, other=o) for w, m, o in groups]
    one = Activity(pk=1, participants=sum(row.total for row in rows) + beyond)
    one._prefetched_objects_cache = {"groups": rows}

    def is_told(number):
        return number == 0 or number >= 5

    count = headcount(one, small_counts=False)
    whole = headcount(one, small_counts=True)

    assert whole.withheld == frozenset()
    assert whole.total == sum(whole.by_sex.values()) == sum(n for _g, n in whole.by_group)
    assert count.total in (None, whole.total)
    for part, values in (
        (count.total, [count.total or 0]),
        (count.by_sex, (count.by_sex or {}).values()),
        (count.by_group, [n for _group, n in count.by_group or []]),
        (count.cells, [n for row in count.cells or [] for n in row.counts.values()]),
    ):
        assert part is None or all(map(is_told, values))
    alone = Activity(pk=2, participants=50)
    alone._prefetched_objects_cache = {"groups": []}
    sums = sum_of([count, headcount(alone, small_counts=False)])
    assert sums.total == 50 + (count.total or 0)
    assert sums.by_sex_of == (count.by_sex is not None)


# Postponed, cancelled, taken up again


def test_an_activity_is_postponed_with_a_reason_and_taken_up_again(client, world, coordinator):
    one = ActivityFactory(project=world.project, planned_end=days_from_now(-9))
    step = {verb: address(world, "activity-step", one.pk, verb) for verb in Activity.STEPS}

    silent = client.post(step["postpone"], {"why": " "})
    client.post(step["postpone"], {"why": "La salle est fermée."})
    one.refresh_from_db()
    page = client.get(one.get_absolute_url()).content.decode()

    assert set(errors_of(silent)) == {"why"}
    assert (one.state, "La salle est fermée." in page) == ("postponed", True)
    again = {"why": "Ouverte", "planned_start": days_from_now(8), "planned_end": days_from_now(7)}
    assert set(errors_of(client.post(step["resume"], again))) == {"planned_end"}
    client.post(step["resume"], again | {"planned_end": days_from_now(9)})
    one.refresh_from_db()
    assert (one.state, one.planned_end) == ("planned", days_from_now(9))
    with pytest.raises(TransitionError):
        Activity.objects.get(pk=one.pk).take("resume", by=None)


def test_what_took_place_is_no_longer_cancelled(client, world, coordinator):
    one = ActivityFactory(project=world.project, share_done=100)

    answer = client.post(
        address(world, "activity-step", one.pk, "cancel"), {"why": "x"}, follow=True
    )

    assert "not possible now" in answer.content.decode()
    one.refresh_from_db()
    assert one.status == "going"
    assert client.get(address(world, "activity-step", one.pk, "explode")).status_code == 404


def test_the_team_reads_how_days_have_changed(client, world, sign_in):
    user = sign_in("coordinator")
    one = ActivityFactory(project=world.project, title_fr="Atelier", planned_start="2020-01-05")
    url = address(world, "activity-edit", one.pk)

    client.post(url, activity(planned_start="2020-02-10", why_moved="La salle est fermée."))

    (moved,) = date_changes(one)
    assert (moved.before.isoformat(), moved.after.isoformat()) == ("2020-01-05", "2020-02-10")
    assert (moved.why, moved.by) == ("La salle est fermée.", user)
    for role, shown in (("reader", True), ("donor", False), ("partner", False)):
        sign_in(role)
        page = client.get(one.get_absolute_url()).content.decode()
        assert ("La salle est fermée." in page) == shown


# Share done


def test_when_all_is_delivered_the_whole_share_is_proposed_and_not_written(
    client, world, coordinator
):
    one = ActivityFactory(project=world.project, share_done=60)
    first, second = DeliverableFactory.create_batch(2, activity=one, delivered_on="2020-01-01")
    second.quantity_planned, second.quantity_actual = 10, 4
    second.save()
    whole = address(world, "activity-whole", one.pk)

    assert whole not in client.get(one.get_absolute_url()).content.decode()
    second.quantity_actual = 10
    second.save()
    assert whole in client.get(one.get_absolute_url()).content.decode()
    one.refresh_from_db()
    assert one.share_done == 60

    client.post(whole)
    one.refresh_from_db()
    assert (one.share_done, first.state, second.state) == (100, "delivered", "delivered")
    assert one.history.first().share_done == 100
