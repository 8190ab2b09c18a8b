"""What a version of a plan says otherwise than the one before, by action and field."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given, strategies as st

from committees.models import ActionPlan
from committees.permissions.amounts import EACH_AMOUNT, NO_AMOUNT
from committees.plans.services.comparison import (
    FIELDS,
    LINKED,
    SEVERAL,
    DifferenceKind,
    PlanComparisonLine,
    apply,
    compare,
    compare_versions,
    contents_of,
    previous_of,
)
from committees.plans.services.lifecycle import create_plan
from committees.plans.services.review import issue_link
from tests.factories import (
    ActionPlanFactory,
    ActionTermsFactory,
    InstitutionFactory,
    ResultFactory,
)
from tests.world import World

# Comparing


def values_of(field):
    """Few of each, so that two versions often say the same."""
    if field in LINKED:
        return st.none() | st.integers(1, 3)
    if field in SEVERAL:
        return st.frozensets(st.integers(1, 4), max_size=3)
    if field in {"starts_on", "ends_on"}:
        return st.dates(date(2020, 1, 1), date(2020, 1, 4))
    if field == "budget":
        return st.none() | st.sampled_from([Decimal("0"), Decimal("10.50")])
    return st.sampled_from(["", "Atelier", "Atelier à Tegucigalpa\nsuite", "=1+1"])


CONTENTS = st.fixed_dictionaries({field: values_of(field) for field in FIELDS})
VERSIONS = st.dictionaries(st.integers(1, 6), CONTENTS, max_size=5)


@given(VERSIONS, VERSIONS)
def test_the_differences_make_the_next_version_of_the_one_before(before, after):
    assert apply(before, compare(before, after)) == after


@given(VERSIONS)
def test_a_version_does_not_differ_from_itself(version):
    assert compare(version, version) == []


@given(VERSIONS, VERSIONS)
def test_what_differs_is_told_once_and_what_is_the_same_is_not(before, after):
    differences = compare(before, after)

    assert len({one.action for one in differences}) == len(differences)
    for one in differences:
        assert all(change.old != change.new for change in one.changes)
        assert before.get(one.action) != after.get(one.action)


@given(VERSIONS, VERSIONS)
def test_the_differences_fit_no_other_version(before, after):
    differences = compare(before, after)
    others = [one for one in differences if one.kind != DifferenceKind.REMOVED]

    if others:
        with pytest.raises(ValueError, match="action"):
            apply(after, others)


# Versions of a plan


@pytest.fixture
def versions(db):
    """A validated first version with three actions, and the second that was begun from it."""
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="validated", validated_by=world.decision
    )
    for budget in (None, Decimal("1200")):
        ActionTermsFactory(
            plan=world.plan,
            result=world.result,
            responsible=world.institutions["partner"],
            title_fr="Former",
            title_es="Formar",
            budget=budget,
        )
    world.second = create_plan(world.year, by=world.people["coordinator"])
    return world


def terms_of(plan):
    return list(plan.terms.with_related().order_by("action__pk"))


def changed(world, **options):
    return compare_versions(world.second, amounts=EACH_AMOUNT, **options)


def test_the_first_version_has_none_before_it(versions):
    assert previous_of(versions.plan) is None
    assert compare_versions(versions.plan, amounts=EACH_AMOUNT) is None


def test_a_version_that_was_just_begun_says_the_same(versions):
    assert changed(versions).since == versions.plan
    assert changed(versions).entries == []


def test_the_third_version_is_compared_with_the_second_and_not_with_the_first(versions):
    in_second = terms_of(versions.second)[1]
    in_second.title_fr = "Former en ligne"
    in_second.save()
    ActionPlan.objects.filter(pk=versions.second.pk).update(
        status="validated", validated_by=versions.decision
    )
    third = create_plan(versions.year, by=versions.people["coordinator"])
    in_third = terms_of(third)[2]
    in_third.title_fr = "Équiper"
    in_third.save()

    changes = compare_versions(third, amounts=EACH_AMOUNT)

    told = {
        entry.action: [(line.old, line.new) for line in entry.lines] for entry in changes.entries
    }
    assert (third.version, previous_of(third), changes.since) == (
        3,
        versions.second,
        versions.second,
    )
    assert told == {in_third.action_id: [("Former", "Équiper")]}


def test_every_field_that_was_changed_is_told_with_both_values(versions):
    terms = terms_of(versions.second)[1]
    other = ResultFactory(project=versions.project, code="1200", statement_fr="Autre")
    supporting = InstitutionFactory()
    before, reference = str(terms.responsible), terms.action.reference
    terms.title_fr = "Former en ligne"
    terms.starts_on, terms.ends_on = date(2019, 7, 1), date(2019, 10, 31)
    terms.responsible, terms.result = versions.institutions["member"], other
    terms.budget = Decimal("900.5")
    terms.save()
    terms.supporting.set([supporting])
    terms.indicators.set([versions.indicator])

    with translation.override("en"):
        entry = changed(versions).by_action[terms.action_id]

        assert (entry.reference, entry.kind, entry.is_moved) == (
            reference,
            DifferenceKind.CHANGED,
            True,
        )
        assert entry.lines == [
            PlanComparisonLine("title", "title", "Former", "Former en ligne", "fr", "fr"),
            PlanComparisonLine("result", "result", "1100 · Énoncé 1100", "1200 · Autre"),
            PlanComparisonLine("starts_on", "start", "June 1, 2019", "July 1, 2019"),
            PlanComparisonLine("ends_on", "end", "September 30, 2019", "October 31, 2019"),
            PlanComparisonLine("responsible", "responsible", before, str(terms.responsible)),
            PlanComparisonLine("supporting", "with support of", "–", str(supporting)),
            PlanComparisonLine("indicators", "indicators", "–", "1100.1 · Indicateur 1100.1"),
            PlanComparisonLine("budget", "budget", "–", "900.50\u00a0CAD"),
        ]


def test_a_text_is_told_in_the_language_of_the_reader_or_in_the_one_that_changed(versions):
    terms = terms_of(versions.second)[1]
    terms.title_es = "Formar en línea"
    terms.save()

    with translation.override("es"):
        in_spanish = changed(versions).by_action[terms.action_id].lines
    with translation.override("fr"):
        in_french = changed(versions).by_action[terms.action_id].lines

    assert in_spanish[0].old == "Formar"
    assert in_spanish[0].new == "Formar en línea"
    assert in_spanish[0].field == "title"
    assert [(line.field, line.old, line.new, line.new_language) for line in in_french] == [
        ("title_es", "Formar", "Formar en línea", "es")
    ]


def test_new_and_removed_actions_are_told(versions):
    gone, *_rest = terms_of(versions.second)
    gone.delete()
    new = ActionTermsFactory(plan=versions.second, responsible=versions.institutions["member"])

    changes = changed(versions)

    kinds = {entry.action: entry.kind for entry in changes.entries}
    assert kinds == {gone.action_id: DifferenceKind.REMOVED, new.action_id: DifferenceKind.ADDED}
    assert [entry.action for entry in changes.removed] == [gone.action_id]


def test_the_differences_of_stored_versions_make_the_next_one(versions):
    first, second, third = terms_of(versions.second)
    first.delete()
    second.ends_on += timedelta(days=30)
    second.save()
    third.supporting.add(versions.institutions["member"])
    ActionTermsFactory(plan=versions.second, responsible=versions.institutions["member"])
    before = contents_of(versions.plan.terms.with_related())
    after = contents_of(versions.second.terms.with_related())

    assert apply(before, compare(before, after)) == after


def test_the_budget_is_told_to_those_who_may_see_it(versions):
    terms = terms_of(versions.second)[2]
    terms.budget = Decimal("2000")
    terms.save()

    assert [line.field for line in changed(versions).entries[0].lines] == ["budget"]
    assert compare_versions(versions.second, amounts=NO_AMOUNT).entries == []


def test_comparing_asks_the_same_for_any_number_of_actions(versions, django_assert_max_num_queries):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _number in numbers:
            terms = ActionTermsFactory(
                plan=versions.second, responsible=InstitutionFactory(), result=ResultFactory()
            )
            terms.supporting.add(InstitutionFactory())
            terms.indicators.add(versions.indicator)
        second = ActionPlan.objects.with_related().get(pk=versions.second.pk)

        # The version before; its actions and four lists of them; those of this one, and four lists.
        with django_assert_max_num_queries(13) as statements:
            assert len(compare_versions(second, amounts=EACH_AMOUNT).entries) == numbers.stop
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# On the pages


def in_review(world):
    until = timezone.localdate() + timedelta(days=6)
    plans = ActionPlan.objects.filter(pk=world.second.pk)
    plans.update(status="in_review", review_until=until)
    terms = terms_of(world.second)[1]
    terms.ends_on = date(2019, 12, 15)
    terms.save()
    return terms


def test_the_plan_marks_what_changed_since_the_version_before(versions, client):
    terms = in_review(versions)
    client.force_login(versions.people["partner"])

    board = client.get(versions.second.get_absolute_url()).context["board"]
    page = client.get(reverse("committees:plan-changes", args=[versions.second.pk]))

    marked = [row.terms.pk for group in board.groups for row in group.rows if row.change]
    assert marked == [terms.pk]
    assert [entry.action for entry in page.context["changes"].entries] == [terms.action_id]
    assert "<del" in page.content.decode()


@pytest.mark.parametrize(
    ("role", "fields"),
    [
        ("coordinator", ["ends_on", "budget"]),
        ("donor", ["ends_on", "budget"]),
        ("member", ["ends_on"]),
        ("partner", ["ends_on", "budget"]),  # of its own action
    ],
)
def test_what_an_action_costs_is_no_difference_for_other_institutions(
    versions, client, role, fields
):
    terms = in_review(versions)
    terms.budget = Decimal("987654")
    terms.save()
    ActionPlan.objects.filter(pk=versions.second.pk).update(status="presented")
    client.force_login(versions.people[role])

    page = client.get(reverse("committees:plan-changes", args=[versions.second.pk]))

    (entry,) = page.context["changes"].entries
    assert [line.field for line in entry.lines] == fields
    assert ("987" in page.content.decode()) is ("budget" in fields)


def test_who_comes_by_a_link_reads_the_differences_too(versions, client):
    terms = in_review(versions)
    _link, url = issue_link(versions.second, versions.people["partner"], by=None)

    response = client.get(url)

    assert [entry.action for entry in response.context["changes"].entries] == [terms.action_id]
    assert 'id="changes"' in response.content.decode()


def test_the_first_version_has_no_page_of_changes(versions, client):
    client.force_login(versions.people["coordinator"])

    assert (
        client.get(reverse("committees:plan-changes", args=[versions.plan.pk])).status_code == 404
    )


def test_a_draft_tells_nobody_outside_the_team_what_changed(versions, client):
    url = reverse("committees:plan-changes", args=[versions.second.pk])

    for role, answer in (("partner", 404), ("donor", 404), ("outsider", 404), ("reader", 200)):
        client.force_login(versions.people[role])
        assert client.get(url).status_code == answer, role


def test_versions_of_other_years_are_no_versions_before(db):
    plan = ActionPlanFactory()
    other = ActionPlanFactory(version=2)

    assert previous_of(plan) is None
    assert previous_of(other) is None
