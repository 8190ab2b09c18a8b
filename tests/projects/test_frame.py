"""Projects are created by administrators and edited by their coordinators."""

from contextlib import nullcontext
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from projects.models import Amendment, Participation, Period, Project
from tests.factories import (
    AmendmentFactory,
    BudgetLineFactory,
    DataPointFactory,
    ParticipationFactory,
    PeriodFactory,
)

pytestmark = pytest.mark.django_db

NEW = {
    "code": "GT-1",
    "short_title_fr": "Guatemala",
    "title_fr": "Guatemala, titre complet",
    "country": "GT",
    "status": "planned",
    "starts_on": "2027-04-01",
    "original_end": "2030-03-31",
    "currency": "cad",
}


def frame(project, **changes):
    """What the form of a project sends."""
    return {
        "short_title_fr": project.short_title_fr,
        "title_fr": project.title_fr,
        "country": "HN",
        "status": "active",
        "starts_on": project.starts_on.isoformat(),
        "currency": "CAD",
    } | changes


def errors_of(response):
    return response.context["form"].errors


def test_an_administrator_creates_a_project_whose_present_end_is_its_original_one(client, sign_in):
    sign_in("administrator")

    response = client.post(reverse("projects:create"), NEW)

    project = Project.objects.get(code="GT-1")
    assert response.url == project.get_absolute_url()
    assert project.current_end == project.original_end == date(2030, 3, 31)
    assert project.currency == "CAD"


def test_a_new_project_works_as_its_organisation_and_asks_for_one_title(
    client, sign_in, organisation
):
    organisation.languages = ["es"]
    sign_in("administrator")
    url = reverse("projects:create")

    assert client.get(url).context["form"]["languages"].value() == "es"
    client.post(url, NEW | {"short_title_fr": "", "title_fr": "", "short_title_es": "Trata"})

    project = Project.objects.get(code="GT-1")
    assert (project.languages, project.title_es, project.title_fr) == (["es"], "Trata", "")


def test_the_currency_of_a_new_project_is_that_of_the_newest(client, sign_in, world):
    Project.objects.filter(pk=Project.objects.latest("pk").pk).update(currency="HNL")
    sign_in("administrator")

    page = client.get(reverse("projects:create"))

    assert page.context["form"]["currency"].value() == "HNL"


@pytest.mark.parametrize("coordinates", [True, False])
def test_who_creates_a_project_may_coordinate_it(client, sign_in, coordinates):
    person = sign_in("administrator")

    client.post(reverse("projects:create"), NEW | ({"coordinates": "on"} if coordinates else {}))

    roles = list(Project.objects.get(code="GT-1").assignments.values_list("user", "role"))
    assert roles == ([(person.pk, "coordinator")] if coordinates else [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "HN-1"),  # is taken
        ("code", "new"),  # is a page
        ("code", "../etc"),
        ("code", "A" * 31),
        ("short_title_fr", "x" * 300),
        ("country", "XX"),
        ("starts_on", "yesterday"),
        ("starts_on", "2027-02-30"),
        ("original_end", ""),
        ("currency", "EURO"),
        ("currency", "DOL"),
        ("currency", "12$"),
        ("status", "nonsense"),
        ("title_fr", "a\x00b"),
    ],
)
def test_what_cannot_be_a_project_is_said_at_its_field(client, sign_in, field, value):
    sign_in("administrator")

    response = client.post(reverse("projects:create"), NEW | {field: value})

    assert set(errors_of(response)) == {field}
    assert Project.objects.count() == 2


@pytest.mark.parametrize("starts_on", ["2030-03-31", "2031-01-01"])
def test_an_end_that_does_not_come_after_the_start_is_refused_at_its_field(
    client, sign_in, starts_on
):
    sign_in("administrator")

    response = client.post(reverse("projects:create"), NEW | {"starts_on": starts_on})

    assert set(errors_of(response)) == {"original_end"}
    assert Project.objects.count() == 2


def test_a_project_without_a_title_in_any_language_is_refused_at_the_first_box(client, sign_in):
    sign_in("administrator")

    response = client.post(reverse("projects:create"), NEW | {"short_title_fr": " "})
    in_spanish = NEW | {"short_title_fr": "", "short_title_es": "Trata", "languages": "es,en"}
    client.post(reverse("projects:create"), in_spanish)

    assert list(errors_of(response)) == ["short_title_en"]
    project = Project.objects.get(short_title_es="Trata")
    assert (project.short_title_fr, project.languages) == ("", ["es", "en"])


def test_a_form_sent_twice_creates_one_project(client, sign_in):
    sign_in("administrator")

    client.post(reverse("projects:create"), NEW)
    second = client.post(reverse("projects:create"), NEW)

    assert "code" in errors_of(second)
    assert Project.objects.filter(code="GT-1").count() == 1


def test_the_ends_of_a_project_are_not_edited(client, world, coordinator):
    project = world.project
    Project.objects.filter(pk=project.pk).update(current_end=date(2022, 9, 30))
    data = frame(project, title_fr="Nouveau", original_end="2025-01-01", current_end="2025-01-01")

    client.post(reverse("projects:edit", args=[project.code]), data | {"code": "X"})

    project.refresh_from_db()
    assert (project.title_fr, project.code) == ("Nouveau", "HN-1")
    assert project.original_end == date(2022, 3, 31)
    assert project.current_end == date(2022, 9, 30)


def test_the_page_shows_the_original_end_beside_the_present_one(client, world, coordinator):
    page = world.project.get_absolute_url()
    assert "March 31, 2022" in client.get(page).content.decode()

    Project.objects.filter(pk=world.project.pk).update(current_end=date(2022, 9, 30))

    content = client.get(page).content.decode()
    assert "September 30, 2022" in content
    assert "<del>March 31, 2022</del>" in content


def test_of_two_who_edit_one_project_the_second_is_told(client, world, coordinator):
    url = reverse("projects:edit", args=[world.project.code])
    seen = client.get(url).context["form"]["seen"].value()
    client.post(url, frame(world.project, title_fr="Le premier", seen=seen))

    late = client.post(url, frame(world.project, title_fr="Le second", seen=seen))

    world.project.refresh_from_db()
    assert world.project.title_fr == "Le premier"
    assert late.context["form"].has_error("__all__", "changed_meanwhile")
    assert "Le second" in late.content.decode()

    seen = late.context["form"]["seen"].value()
    client.post(url, frame(world.project, title_fr="Les deux", seen=seen))
    world.project.refresh_from_db()
    assert world.project.title_fr == "Les deux"


def test_a_translation_older_than_its_french_text_is_marked_until_somebody_checks_it(
    client, world, coordinator
):
    url = reverse("projects:edit", args=[world.project.code])
    old = frame(world.project, title_fr="Ancien", title_es="Antiguo")
    client.post(url, old)
    assert "fits_title_es" not in client.get(url).context["form"].fields

    client.post(url, old | {"title_fr": "Nouveau"})
    page = client.get(url)
    assert "fits_title_es" in page.context["form"].fields
    assert '<details class="more translations" open>' in page.content.decode()

    client.post(url, old | {"title_fr": "Nouveau", "fits_title_es": "on"})
    assert "fits_title_es" not in client.get(url).context["form"].fields


def test_text_is_shown_as_it_was_typed(client, world, coordinator):
    script = "<script>alert(1)</script>"
    data = frame(world.project, short_title_fr=script, description_fr=script, source_note_fr=script)
    client.post(reverse("projects:edit", args=[world.project.code]), data)

    for url in (
        world.project.get_absolute_url(),
        reverse("projects:list"),
        reverse("partners:list"),
    ):
        content = client.get(url).content.decode()
        assert script not in content
        assert "&lt;script&gt;alert(1)" in content


# Periods


def period(**changes):
    return {
        "kind": "project_year",
        "number": 2,
        "start": "2020-04-01",
        "end": "2021-03-31",
    } | changes


def test_a_period_is_entered_and_the_next_number_is_offered(client, world, coordinator):
    url = reverse("projects:period-create", args=[world.project.code])
    assert client.get(url).context["form"]["number"].value() == 2

    client.post(url, period())

    assert world.project.periods.filter(number=2, start=date(2020, 4, 1)).exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 1},  # is taken
        {"start": "2020-01-01"},  # overlaps with the first year
        {"end": "2020-03-31"},  # before its start
        {"start": "2030-04-01", "end": "2031-03-31"},  # outside the project
        {"number": -1},
        {"number": 99999},
    ],
)
def test_a_period_that_cannot_be_is_refused(client, world, coordinator, changes):
    response = client.post(
        reverse("projects:period-create", args=[world.project.code]), period(**changes)
    )

    assert errors_of(response)
    assert Period.objects.count() == 1


def test_a_period_covers_its_first_and_its_last_day():
    period = Period(start=date(2019, 4, 1), end=date(2020, 3, 31))

    days = (date(2019, 3, 31), date(2019, 4, 1), date(2020, 3, 31), date(2020, 4, 1))
    assert [period.covers(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("kind", "start", "end", "sentence"),
    [
        ("project_year", "2020-03-31", "2021-03-31", "already covers"),  # the first year's last day
        ("project_year", "2020-04-01", "2021-03-31", None),
        ("project_year", "2018-04-01", "2019-04-01", "already covers"),
        (
            "fiscal_year",
            "2018-04-01",
            "2019-03-31",
            "is entirely outside",
        ),  # the day before the project
        ("fiscal_year", "2018-04-01", "2019-04-01", None),
        ("fiscal_year", "2022-03-31", "2023-03-31", None),  # its last day
        ("fiscal_year", "2022-04-01", "2023-03-31", "is entirely outside"),
    ],
)
def test_periods_touch_each_other_and_the_project_by_a_day(world, kind, start, end, sentence):
    start, end = date.fromisoformat(start), date.fromisoformat(end)
    period = Period(project=world.project, kind=kind, number=9, start=start, end=end)
    refusal = nullcontext() if sentence is None else pytest.raises(ValidationError, match=sentence)

    with override("en"), refusal:
        period.full_clean()


def test_a_period_in_use_is_not_deleted(client, world, coordinator):
    url = reverse("projects:period-delete", args=[world.project.code, world.year.pk])

    response = client.post(url, follow=True)

    assert Period.objects.filter(pk=world.year.pk).exists()
    assert "is in use and cannot be deleted" in response.content.decode()


def test_a_period_that_nothing_needs_is_deleted(client, world, coordinator):
    spare = PeriodFactory(project=world.project, number=9, kind="quarter")
    url = reverse("projects:period-delete", args=[world.project.code, spare.pk])
    assert client.get(url).status_code == 200
    assert Period.objects.filter(pk=spare.pk).exists()

    client.post(url)

    assert not Period.objects.filter(pk=spare.pk).exists()


# Institutions that take part


def test_an_institution_of_another_of_ones_projects_is_added(client, world, coordinator):
    known = ParticipationFactory(project=world.neighbour).institution
    world.neighbour.assignments.create(user=coordinator, role="coordinator")
    url = reverse("projects:participation-create", args=[world.project.code])

    client.post(url, {"institution": known.pk, "role": "beneficiary"})
    twice = client.post(url, {"institution": known.pk, "role": "beneficiary"})

    assert world.project.participations.get(institution=known).role == "beneficiary"
    assert errors_of(twice) == {
        "__all__": ["This institution already has this role in the project."]
    }


def test_an_institution_leaves_the_project(client, world, coordinator):
    participation = world.project.participations.get(institution=world.institutions["partner"])
    url = reverse("projects:participation-delete", args=[world.project.code, participation.pk])
    participation.representations.update(ended_at=timezone.now())

    client.post(url)

    assert not Participation.objects.filter(pk=participation.pk).exists()
    assert client.post(url).status_code == 404


# Amendments


def amendment(**changes):
    return {
        "number": 1,
        "kind": "extension",
        "title_fr": "Prolongation",
        "reason_fr": "La situation sanitaire.",
        "end_after": "2022-09-30",
    } | changes


def test_an_extension_starts_from_the_present_end(client, world, coordinator):
    url = reverse("projects:amendment-create", args=[world.project.code])

    client.post(url, amendment())
    twice = client.post(url, amendment())

    extension = Amendment.objects.get()
    assert (extension.end_before, extension.end_after) == (date(2022, 3, 31), date(2022, 9, 30))
    assert extension.status == "draft"
    assert errors_of(twice)
    world.project.refresh_from_db()
    assert world.project.current_end == date(2022, 3, 31)


@pytest.mark.parametrize(
    "changes",
    [
        {"end_after": "2022-03-31"},
        {"end_after": "2021-01-01"},
        {"end_after": ""},
        {"kind": "budget"},  # only an extension has an end
        {"reason_fr": ""},
    ],
)
def test_an_amendment_that_cannot_be_is_refused(client, world, coordinator, changes):
    response = client.post(
        reverse("projects:amendment-create", args=[world.project.code]), amendment(**changes)
    )

    assert errors_of(response)
    assert not Amendment.objects.exists()


def step(world, thing, verb):
    return reverse("projects:amendment-step", args=[world.project.code, thing.pk, verb])


def test_the_day_of_the_letter_by_which_the_donor_approves_is_kept(client, world, sign_in):
    extension = AmendmentFactory(project=world.project, status="submitted")
    sign_in("coordinator")
    assert client.get(step(world, extension, "approve")).status_code == 200

    client.post(step(world, extension, "approve"), {"on": "2020-10-15", "reference": "Lettre 7"})

    extension.refresh_from_db()
    assert (extension.status, extension.donor_decided_on) == ("approved", date(2020, 10, 15))
    assert extension.donor_reference == "Lettre 7"
    change = extension.status_changes.get()
    assert (change.by, change.happened_on) == (world.people["coordinator"], date(2020, 10, 15))
    assert extension.history.count() == 2


def test_recommendation_and_approval_are_two_dated_facts(client, world, coordinator):
    extension = AmendmentFactory(project=world.project)
    extension.take("recommend", by=coordinator, on=date(2020, 9, 3))
    client.post(step(world, extension, "approve"), {"on": "2020-10-15"})

    for url in (
        extension.get_absolute_url(),
        reverse("projects:amendments", args=[world.project.code]),
    ):
        content = client.get(url).content.decode().replace("\xa0", " ")
        assert "3, 2020" in content
        assert "15, 2020" in content


@pytest.mark.parametrize("on", ["", "2999-01-01", "tomorrow"])
def test_an_answer_needs_a_day_that_was(client, world, coordinator, on):
    extension = AmendmentFactory(project=world.project, status="submitted")

    response = client.post(step(world, extension, "approve"), {"on": on})

    assert "on" in errors_of(response)
    extension.refresh_from_db()
    assert extension.status == "submitted"


def test_of_two_answers_the_first_counts(client, world, coordinator):
    extension = AmendmentFactory(project=world.project, status="submitted")
    client.post(step(world, extension, "refuse"), {"on": "2020-10-01", "why": "…"})

    late = client.post(step(world, extension, "approve"), {"on": "2020-10-02"}, follow=True)

    extension.refresh_from_db()
    assert (extension.status, extension.donor_decided_on) == ("refused", date(2020, 10, 1))
    assert "is no longer possible" in late.content.decode()


def test_who_administers_the_portal_does_not_answer_for_the_donor(client, world, sign_in):
    extension = AmendmentFactory(project=world.project, status="submitted")
    sign_in("administrator")

    assert client.post(step(world, extension, "approve"), {"on": "2020-10-01"}).status_code == 403


@pytest.mark.parametrize("verb", ["recommend", "take_effect", "nonsense"])
def test_steps_of_the_committee_are_not_taken_here(client, world, coordinator, verb):
    extension = AmendmentFactory(
        project=world.project, status="approved", donor_decided_on="2020-10-01"
    )

    assert client.post(step(world, extension, verb)).status_code == 404


@pytest.mark.parametrize("page", ["amendment-edit", "amendment-delete"])
def test_only_a_draft_is_changed(client, world, coordinator, page):
    extension = AmendmentFactory(project=world.project, status="submitted", title_fr="Avant")
    url = reverse(f"projects:{page}", args=[world.project.code, extension.pk])

    response = client.post(url, amendment(title_fr="Après"), follow=True)

    extension.refresh_from_db()
    assert extension.title_fr == "Avant"
    assert "Only a draft can be changed" in response.content.decode()


def test_a_project_in_which_something_was_measured_cannot_lose_it_unseen(
    client, world, coordinator
):
    DataPointFactory(indicator=world.indicator, period=world.year)
    indicator = reverse("projects:indicator-delete", args=[world.project.code, world.indicator.pk])

    response = client.post(indicator, follow=True)

    assert "is in use" in response.content.decode()
    world.indicator.refresh_from_db()


def test_the_currency_stays_once_there_are_amounts_in_it(client, sign_in, world):
    project, url = world.project, reverse("projects:edit", args=["HN-1"])
    sign_in("administrator")

    client.post(url, frame(project, currency="hnl"))
    project.refresh_from_db()
    BudgetLineFactory(period=project.periods.first())
    refused = client.post(url, frame(project, currency="USD"))
    kept = client.post(url, frame(project, currency="HNL"))

    assert "Amounts of this project are in HNL" in str(errors_of(refused)["currency"])
    assert kept.status_code == 302
    project.refresh_from_db()
    assert project.currency == "HNL"


def test_indicators_are_added_from_their_result_and_from_the_framework(client, world, coordinator):
    result = world.indicator.result
    create = reverse("projects:indicator-create", args=[world.project.code])

    assert (
        f'href="{create}?result={result.pk}"'
        in client.get(result.get_absolute_url()).content.decode()
    )
    framework = reverse("projects:framework", args=[world.project.code])
    assert f'href="{create}"' in client.get(framework).content.decode()
    page = client.get(f"{create}?result={result.pk}")
    assert page.context["form"]["result"].value() == result.pk


def test_who_may_not_add_an_indicator_is_offered_none(client, world, sign_in):
    sign_in("partner")

    for page in (
        world.indicator.result.get_absolute_url(),
        f"{world.project.get_absolute_url()}framework/",
    ):
        assert "indicators/new/" not in client.get(page).content.decode()
