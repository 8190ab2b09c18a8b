"""The list of what a donor's checklist would miss: each line when there is a reason, and not else."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from committees.models import Audience
from reports.compose import gaps
from reports.services.writing import save_section, start_new_version
from tests.factories import (
    ActivityFactory,
    AgendaItemFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    ExpenditureFactory,
    LogicModelVersionFactory,
    RecommendationFactory,
    ResultFactory,
    RiskFactory,
    RiskRatingFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db


def told(report, *words):
    """The lines with these words: (sentence, address)."""
    with translation.override("en"):
        found = [(gap["sentence"], gap["url"]) for gap in gaps(report)]
    return [line for line in found if all(word in line[0] for word in words)]


def address(report, kind, language="fr"):
    return reverse("reports:section", args=[report.pk, kind, language])


def test_outcomes_without_evidence_are_told_until_they_cite_some(world, report):
    assert told(report, "evidence") == []
    SectionFactory(report=report, kind="progress", text="Tout va bien.")

    before = told(report, "evidence")
    by = world.people["coordinator"]
    save_section(report, "progress", "fr", "Tout [[I 1100.1]].", seen_version=1, by=by)

    assert before == [("“Progress by outcome” cites no evidence.", address(report, "progress"))]
    assert told(report, "evidence") == []


def test_codes_that_lead_to_nothing_are_told_with_their_section(world, report):
    by, doomed = world.people["coordinator"], ResultFactory(project=world.project, code="1900")
    save_section(report, "lessons", "es", "[[R 1900]] [[Q 1]]", seen_version=0, by=by)
    doomed.delete()

    assert told(report, "leads to nothing") == [
        (
            f"“{code}” in “Lessons learned · Spanish” leads to nothing: the documents leave it out.",
            address(report, "lessons", "es"),
        )
        for code in ("[[R 1900]]", "[[Q 1]]")
    ]


def test_a_section_older_than_its_french_text_is_told(world, report):
    SectionFactory(report=report, kind="context", language="es", text="El contexto cambió.")
    sections = report.sections.filter(kind="context")
    now = timezone.now()
    sections.update(updated_at=now)
    assert told(report, "changed in French") == []

    sections.filter(language="en").update(updated_at=now - timedelta(days=1))

    assert told(report, "changed in French") == [
        (
            "“Context” was changed in French since it was written in: English.",
            address(report, "context", "en"),
        )
    ]


def test_a_new_version_is_no_newer_than_its_translations(world, signed):
    revised = start_new_version(signed, by=world.people["coordinator"])

    assert told(revised, "changed in French") == told(signed, "changed in French") == []


def test_an_activity_without_its_days_is_told(world, report):
    def activity(**facts):
        return ActivityFactory(project=world.project, planned_end=world.year.end, **facts)

    untold = activity(title_fr="Muette")
    activity(title_fr="Reportée", status="postponed")
    activity(title_fr="Faite", actual_end=world.year.end)
    ActivityFactory(
        project=world.project, title_fr="Après", planned_end=world.year.end + timedelta(days=1)
    )

    assert told(report, "no day shows") == [
        (
            "“Muette” was planned for this period, but no day shows that it took place.",
            untold.get_absolute_url(),
        )
    ]


def test_risks_that_nobody_rated_in_the_period_are_counted(world, report):
    known = world.year.start
    rated = RiskFactory(project=world.project, identified_on=known)
    RiskRatingFactory(risk=rated, rated_on=world.year.end)
    assert told(report, "not rated") == []

    earlier = RiskFactory(project=world.project, identified_on=known)
    RiskRatingFactory(risk=earlier, rated_on=known - timedelta(days=1))
    RiskFactory(project=world.project, identified_on=known, status="closed")
    RiskFactory(project=world.project, identified_on=world.year.end + timedelta(days=1))

    assert told(report, "not rated") == [
        ("1 risk was not rated in this period.", reverse("projects:risks", args=["HN-1"]))
    ]


def test_recommendations_overdue_without_an_answer_are_told_but_reserved_ones(world, report):
    past = timezone.localdate() - timedelta(days=5)
    reserved = AgendaItemFactory(meeting=world.meeting, audience=Audience.VOTING)
    waiting = RecommendationFactory(agenda_item=world.item, number="2020-R7", due_on=past)
    RecommendationFactory(agenda_item=world.item, number="2020-R8", due_on=past, status="accepted")
    RecommendationFactory(agenda_item=reserved, number="2020-R9", due_on=past)

    assert told(report, "overdue") == [
        ("Recommendation 2020-R7 is overdue and has no answer.", waiting.get_absolute_url())
    ]


def test_spending_far_from_its_budget_is_told_until_somebody_says_why(world, report):
    category = BudgetCategoryFactory(project=world.project, code="P", name_fr="Personnel")
    BudgetLineFactory(category=category, period=world.year)
    ExpenditureFactory(category=category, amount=500, spent_on=world.year.start)

    before = told(report, "deviates")
    category.comments.create(period=world.year, text="Moins de voyages.", language="fr")

    assert [url for _sentence, url in before] == [
        reverse("projects:budget", args=["HN-1"]) + f"?period={world.year.pk}"
    ]
    assert "Personnel" in before[0][0]
    assert told(report, "deviates") == []


def test_a_logic_model_that_nobody_approved_is_told(world, report):
    before = told(report, "logic model")

    LogicModelVersionFactory(project=world.project)

    assert before == [
        (
            "No version of the logic model has been approved.",
            reverse("projects:logic-model", args=["HN-1"]),
        )
    ]
    assert told(report, "logic model") == []


def test_the_list_asks_as_often_for_any_number_of_lines(
    world, report, django_assert_max_num_queries
):
    past = timezone.localdate() - timedelta(days=5)
    counts = []
    for version, numbers in enumerate((range(1), range(1, 30))):
        for each in numbers:
            RiskFactory(project=world.project, identified_on=world.year.start)
            ActivityFactory(
                project=world.project, title_fr=f"Muette {each}", planned_end=world.year.end
            )
            RecommendationFactory(agenda_item=world.item, number=f"R{each}", due_on=past)
        save_section(
            report,
            "lessons",
            "fr",
            " ".join(f"[[R {5000 + each}]]" for each in range(numbers.stop)),
            seen_version=version,
            by=world.people["coordinator"],
        )
        report.project.today  # noqa: B018 (read once)

        with django_assert_max_num_queries(20) as statements:
            found = gaps(report)
        counts.append(len(statements))

        assert len([gap for gap in found if "5" in gap["sentence"]]) >= 1
        assert len(found) > 3 * numbers.stop

    few, many = counts
    assert many <= few
