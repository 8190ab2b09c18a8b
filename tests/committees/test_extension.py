"""An extension takes effect as it was shown: once, whole, after the donor's approval, and the
original end stays."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from committees.amendments.services import ExtensionChoice, preview_of, put_into_effect
from committees.models import ActionPlan, Shift
from committees.plans.services.shifts import validated_values
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from partners.models import Agreement
from projects.models import Amendment, DataPoint, Period, Project
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    AmendmentFactory,
    DataPointFactory,
    PeriodFactory,
)

pytestmark = pytest.mark.django_db

OLD, NEW = date(2022, 3, 31), date(2022, 9, 30)


@pytest.fixture
def extension(world):
    """Approved by the donor; the last year has a target and an action that end with it."""
    PeriodFactory(project=world.project, number=2, start="2020-04-01", end="2021-03-31")
    year = PeriodFactory(project=world.project, number=3, start="2021-04-01", end=OLD)
    DataPointFactory(indicator=world.indicator, kind="target", period=year)
    ActionTermsFactory(
        plan=ActionPlanFactory(period=year, status="in_execution", validated_by=world.decision),
        action=ActionFactory(project=world.project, reference="3.1"),
        starts_on=date(2021, 5, 1),
        ends_on=OLD,
        title_fr="Former",
    )
    return AmendmentFactory(
        project=world.project,
        number=1,
        status="approved",
        donor_decided_on="2020-10-01",
        end_before=OLD,
        end_after=NEW,
    )


def fresh(amendment):
    return Amendment.objects.select_related("project").get(pk=amendment.pk)


def ends(project):
    years = project.periods.filter(kind="project_year").order_by("start")
    return [(period.number, period.end) for period in years][2:]


def url_of(amendment):
    return reverse("committees:amendment-take-effect", args=[amendment.pk])


def confirmed(client, amendment, **changes):
    """What the page sends when everything stays ticked, but for `changes`."""
    form = client.get(url_of(amendment)).context["form"]
    typed = {"seen": form.preview.fingerprint}
    for line in form.preview.items:
        if line.is_optional:
            typed[f"move-{line.key}"] = "on"
        if len(line.ways) > 1:
            typed[f"way-{line.key}"] = line.default
    typed |= changes
    return {name: value for name, value in typed.items() if value is not None}


def key(amendment, start):
    return next(line.key for line in preview_of(amendment).items if line.key.startswith(start))


# What is shown


def test_the_preview_shows_everything_that_moves_and_moves_nothing(world, sign_in, extension):
    world.committee.meetings_per_year = 2
    world.committee.save()
    member = world.project.participations.get(institution=world.institutions["member"])
    member.agreement = Agreement.objects.create(
        institution=member.institution, kind="cooperation", reference="C-1", ends_on="2022-06-30"
    )
    member.save()
    PeriodFactory(project=world.project, kind="quarter", start="2020-01-01", end="2020-03-31")
    client = sign_in("coordinator")

    groups = dict(client.get(url_of(extension)).context["groups"])

    told = {title: [row.sentence for row in rows] for title, rows in groups.items()}
    short = member.institution.short_name
    assert told == {
        "End of the project": [
            "The project ends on September 30, 2022 instead of March 31, 2022. The "
            "original end, March 31, 2022, is kept."
        ],
        "Project years and other periods": [
            "Project year 3 ends on September 30, 2022 instead of March 31, 2022."
        ],
        "Targets": ["1 target of Project year 3 (1100.1): stay as they are"],
        "Actions of plans in execution": [
            "Action 3.1 · Former ends on September 30, 2022 instead of March 31, 2022."
        ],
        "Does not move by itself: check it": [
            "Quarter 1, the last of its kind, ends on March 31, 2020, before the "
            "project's present end: enter the missing periods, and those of the "
            "extension.",
            f"Cooperation agreement C-1 with {short} ends on June 30, 2022, before the new end.",
            "The committee meets at least 2 times a year: plan its meetings until "
            "September 30, 2022.",
        ],
    }
    assert fresh(extension).status == "approved"
    assert ends(world.project) == [(3, OLD)]


# What is applied is what was shown


def test_what_is_confirmed_moves_as_shown_and_the_original_end_stays(world, sign_in, extension):
    client = sign_in("coordinator")

    response = client.post(url_of(extension), confirmed(client, extension))

    assert response.url == extension.get_absolute_url()
    project = Project.objects.get(pk=world.project.pk)
    assert (project.original_end, project.current_end) == (OLD, NEW)
    assert ends(project) == [(3, NEW)]
    shift = Shift.objects.get()
    assert (shift.after, shift.amendment, shift.terms.ends_on) == ("2022-09-30", extension, NEW)
    amendment = fresh(extension)
    assert [(move["key"].split("-")[0], move["way"]) for move in amendment.moves] == [
        ("end", ""),
        ("period", "extend"),
        ("target", "keep"),
        ("window", "shift"),
    ]
    assert "31 mars 2022" in amendment.moves[1]["said"]["fr"]
    assert "ends on September 30, 2022" in client.get(response.url).content.decode()
    assert project.history.filter(current_end=NEW).count() == 1


def test_a_year_is_added_and_the_targets_go_with_it(world, sign_in, extension):
    client = sign_in("coordinator")
    year, target = key(extension, "period"), key(extension, "target")
    alone = confirmed(client, extension, **{f"way-{target}": "move"})

    refused = client.post(url_of(extension), alone)
    client.post(url_of(extension), alone | {f"way-{year}": "add"})

    assert list(refused.context["form"].errors) == [f"way-{target}"]
    assert ends(world.project) == [(3, OLD), (4, NEW)]
    point = DataPoint.objects.get(kind="target")
    kept = point.history.order_by("history_id").values_list("period__number", flat=True)
    assert (point.period.number, list(kept)) == (4, [3, 4])


def test_targets_to_be_set_anew_go_back_to_draft(world, sign_in, extension):
    client = sign_in("coordinator")
    target = key(extension, "target")

    client.post(url_of(extension), confirmed(client, extension, **{f"way-{target}": "anew"}))

    point = DataPoint.objects.get(kind="target")
    assert (point.status, point.status_changes.get().verb) == ("draft", "reopen")


def test_what_is_taken_off_needs_a_reason_and_stays(world, sign_in, extension):
    client = sign_in("coordinator")
    year, window = key(extension, "period"), key(extension, "window")
    typed = confirmed(client, extension, **{f"move-{year}": None, f"move-{window}": None})

    silent = client.post(url_of(extension), typed)
    why = {f"why-{year}": "Le bailleur veut une année 4.", f"why-{window}": "Terminée à temps."}
    client.post(url_of(extension), typed | why)

    assert set(silent.context["form"].errors) == {f"why-{year}", f"why-{window}"}
    assert ends(world.project) == [(3, OLD)]
    assert not Shift.objects.exists()
    kept = {move["key"]: move.get("why") for move in fresh(extension).moves}
    assert (kept[year], kept[window]) == tuple(why.values())


def test_what_changed_since_it_was_seen_is_shown_again(world, sign_in, extension):
    client = sign_in("coordinator")
    typed = confirmed(client, extension)
    Period.objects.create(
        project=world.project, kind="semester", number=1, start="2021-10-01", end=OLD
    )

    unseen = client.post(url_of(extension), {})
    stale = client.post(url_of(extension), typed)
    with override("en"), pytest.raises(Refusal, match="check again what moves"):
        put_into_effect(fresh(extension), by=None, seen=typed["seen"])

    assert [list(each.context["form"].errors) for each in (unseen, stale)] == [["seen"], ["seen"]]
    assert fresh(extension).status == "approved"


def test_a_failure_leaves_everything_as_it_was(world, extension):
    year = key(extension, "period")

    with pytest.raises(KeyError):
        put_into_effect(fresh(extension), by=None, chosen=ExtensionChoice({year: "nonsense"}))

    assert (fresh(extension).status, fresh(extension).project.current_end) == ("approved", OLD)


def test_pressed_twice_it_happens_once_and_the_second_is_told(world, sign_in, extension):
    client = sign_in("coordinator")
    typed, stale = confirmed(client, extension), fresh(extension)

    client.post(url_of(extension), typed)
    again = client.post(url_of(extension), typed, follow=True)
    with override("en"), pytest.raises(TransitionError, match="no longer possible"):
        put_into_effect(stale, by=None, seen=typed["seen"])

    assert "it takes effect once" in again.content.decode()
    assert Shift.objects.count() == 1
    assert Project.objects.get(pk=world.project.pk).history.filter(current_end=NEW).count() == 1


@pytest.mark.parametrize(
    ("present_end", "is_later"), [(NEW, False), (NEW - timedelta(days=1), True)]
)
def test_an_extension_ends_later_than_the_project_does_now(world, extension, present_end, is_later):
    Project.objects.filter(pk=world.project.pk).update(current_end=present_end)

    assert bool(preview_of(fresh(extension)).items) == is_later
    if is_later:
        put_into_effect(fresh(extension), by=None)
    else:
        with (
            override("en"),
            pytest.raises(Refusal, match="already ends on September 30, 2022"),
        ):
            put_into_effect(fresh(extension), by=None)
    assert fresh(extension).status == ("effective" if is_later else "approved")


@pytest.mark.parametrize("status", ["draft", "recommended", "submitted", "refused"])
def test_nothing_moves_before_the_donor_approved(world, sign_in, extension, status):
    Amendment.objects.update(status=status)
    client = sign_in("coordinator")

    assert client.get(url_of(extension)).status_code == 302
    client.post(url_of(extension), {"seen": preview_of(fresh(extension)).fingerprint})

    assert fresh(extension).project.current_end == OLD


def test_later_shifts_are_measured_from_the_end_that_the_amendment_set(world, extension):
    put_into_effect(fresh(extension), by=None)
    shift = Shift.objects.get()
    terms = shift.terms
    later = NEW - timedelta(days=5)
    Shift.objects.create(terms=terms, field="ends_on", before=NEW, after=later, reason="…")
    terms.ends_on = later

    assert validated_values(terms)["ends_on"] == NEW


def test_another_amendment_moves_nothing(world, sign_in):
    amendment = AmendmentFactory(
        project=world.project,
        kind="budget",
        status="approved",
        donor_decided_on="2020-10-01",
        end_before=None,
        end_after=None,
    )
    client = sign_in("coordinator")

    client.post(url_of(amendment), confirmed(client, amendment))

    assert (fresh(amendment).status, fresh(amendment).moves) == ("effective", [])
    assert ActionPlan.objects.count() == 1
