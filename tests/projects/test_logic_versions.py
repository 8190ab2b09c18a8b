"""What was approved of the logic model is kept as it read, and a change names its reason."""

from copy import deepcopy

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import override
from hypothesis import given, strategies as st

from projects.framework.outline import Aspect, ResultDifferenceKind, compare
from projects.models import LogicModelVersion, Result
from tests.factories import AmendmentFactory, LogicModelVersionFactory

NOW = {"approved_on": "2020-05-04", "approver": "donor", "reference": "Lettre"}


def address(world, page, *args):
    return reverse(f"projects:{page}", args=[world.project.code, *args])


# Approving


@pytest.mark.django_db
def test_the_first_version_needs_no_reason_and_each_later_one_does(client, world, coordinator):
    url = address(world, "logic-approve")
    first = client.post(url, NOW)
    Result.objects.update(statement_fr="Autrement")

    without = client.post(url, NOW)
    client.post(url, NOW | {"reason_fr": "Le bilan de la première année."})

    assert first.url == address(world, "logic-version", 1)
    assert set(without.context["form"].errors) == {"reason_en"}
    assert list(world.project.logic_versions.values_list("number", "reason_fr")) == [
        (2, "Le bilan de la première année."),
        (1, ""),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"approved_on": "2999-01-01"}, "approved_on"),
        ({"approved_on": "2019-01-01"}, "approved_on"),  # before the version it follows
        ({"approver": ""}, "approver"),
        ({"amendment": "foreign"}, "amendment"),
        ({}, "__all__"),  # nothing has changed since
    ],
)
def test_what_cannot_be_is_told(client, world, coordinator, data, field):
    LogicModelVersionFactory(project=world.project)
    if "amendment" in data:
        data = {"amendment": AmendmentFactory(project=world.neighbour).pk}

    response = client.post(address(world, "logic-approve"), NOW | {"reason_fr": "x"} | data)

    assert set(response.context["form"].errors) == {field}


@pytest.fixture
def two_versions(world):
    """Version 1 of July 15, 2019, version 2 of January 10, 2020, and the tree changed since."""
    LogicModelVersionFactory(project=world.project)
    Result.objects.filter(pk=world.result.pk).update(statement_fr="Deuxième énoncé")
    LogicModelVersionFactory(project=world.project, number=2, approved_on="2020-01-10")
    Result.objects.filter(pk=world.result.pk).update(statement_fr="Troisième énoncé")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("approved_on", "refused"), [("2020-01-09", {"approved_on"}), ("2020-01-10", set())]
)
def test_a_third_version_is_not_approved_before_the_second(
    client, world, coordinator, two_versions, approved_on, refused
):
    data = NOW | {"reason_fr": "x", "approved_on": approved_on}

    response = client.post(address(world, "logic-approve"), data)

    assert (set(response.context["form"].errors) if response.context else set()) == refused
    numbers = world.project.logic_versions.values_list("number", flat=True)
    assert list(numbers) == ([2, 1] if refused else [3, 2, 1])


@pytest.mark.django_db
def test_the_third_version_is_compared_with_the_second(client, world, coordinator, two_versions):
    unapproved = client.get(address(world, "logic-changes")).context
    client.post(address(world, "logic-approve"), NOW | {"reason_fr": "x"})
    approved = client.get(address(world, "logic-version-changes", 3)).context
    since_first = client.get(address(world, "logic-version-changes", 3), {"since": 1}).context

    told = [
        (page["before"].number, [(one.old, one.new) for one in page["differences"][0].changes])
        for page in (unapproved, approved, since_first)
    ]
    assert told == [
        (2, [("Deuxième énoncé", "Troisième énoncé")]),
        (2, [("Deuxième énoncé", "Troisième énoncé")]),
        (1, [("Énoncé 1100", "Troisième énoncé")]),
    ]
    assert [one.number for one in approved["earlier"]] == [2, 1]


@pytest.mark.django_db
def test_what_the_committee_validated_the_donor_approves_as_another_fact(
    client, world, coordinator
):
    version = LogicModelVersionFactory(project=world.project, approver="committee")
    url = address(world, "logic-approve")
    too_soon = client.post(url, {"donor_approved_on": "2999-01-01"})

    client.post(url, {"donor_approved_on": "2019-09-02", "donor_reference": "Lettre"})

    assert set(too_soon.context["form"].errors) == {"donor_approved_on"}
    version.refresh_from_db()
    assert (version.number, str(version.approved_on)) == (1, "2019-07-15")
    assert (str(version.donor_approved_on), version.donor_reference) == ("2019-09-02", "Lettre")
    assert "approver" in client.get(url).context["form"].fields  # what comes next is a change


@pytest.mark.django_db
def test_a_version_reads_as_it_was_approved(client, world, coordinator):
    LogicModelVersionFactory(project=world.project)
    world.result.statement_fr = "Autrement"
    world.result.save()

    kept = client.get(address(world, "logic-version", 1)).content.decode()
    now = client.get(address(world, "logic-model")).content.decode()

    assert "Énoncé 1100" in kept
    assert "Autrement" not in kept
    assert "Changed since the approved version" in now


@pytest.mark.django_db
def test_the_database_keeps_what_was_approved(world):
    version = LogicModelVersionFactory(project=world.project)
    kept = LogicModelVersion.objects.filter(pk=version.pk)

    for change in (
        lambda: kept.update(content={}),
        lambda: kept.update(approved_on="2020-01-01"),
        kept.delete,
        lambda: LogicModelVersionFactory(project=world.project, number=2, reason_fr=""),
        lambda: LogicModelVersionFactory(project=world.project),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert kept.update(reason_es="Más tarde") == 1


@pytest.mark.django_db
def test_an_amendment_is_named_to_those_who_see_it(client, world, sign_in):
    amendment = AmendmentFactory(project=world.project)
    LogicModelVersionFactory(project=world.project, amendment=amendment)
    url = address(world, "logic-version", 1)
    sign_in("member")
    assert amendment.get_absolute_url() in client.get(url).content.decode()

    sign_in("partner")

    assert amendment.get_absolute_url() not in client.get(url).content.decode()


# Comparing


def row(pk, code, level="output", parent=None, fr="Un", indicators=()):
    return {
        "id": pk,
        "code": code,
        "level": level,
        "parent": parent,
        "statement": {"fr": fr, "es": "", "en": ""},
        "illustrative": False,
        "indicators": [
            {"id": key, "code": f"i{key}", "name": {"fr": name, "es": "", "en": ""}}
            for key, name in indicators
        ],
    }


def content(*rows):
    named = [
        {"key": key, "singular": dict.fromkeys(("fr", "es", "en"), key)}
        for key in ("ultimate", "intermediate", "immediate", "output")
    ]
    return {"preset": {"key": "gac", "name": {}, "levels": named}, "results": list(rows)}


TOP, OTHER = row(1, "1100", "intermediate"), row(2, "1200", "intermediate")


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (row(3, "A", parent=1), row(3, "A", parent=1, fr="Deux"), ("statement", "Un", "Deux")),
        (row(3, "A", parent=1), row(3, "A", parent=2), ("parent", "1100", "1200")),
        (row(3, "A", parent=1), row(3, "B", parent=1), ("code", "A", "B")),
        (
            row(3, "A", "output", 1),
            row(3, "A", "immediate", 1),
            ("level", "output", "immediate"),
        ),
        (
            row(3, "A", parent=1),
            row(3, "A", parent=1, indicators=[(9, "I")]),
            ("indicator", "", "I"),
        ),
        (
            row(3, "A", parent=1, indicators=[(9, "I")]),
            row(3, "A", parent=1),
            ("indicator", "I", ""),
        ),
    ],
)
def test_a_difference_says_in_what(old, new, changes):
    with override("en"):
        (found,) = compare(content(TOP, OTHER, old), content(OTHER, TOP, new))

    (change,) = found.changes
    assert (found.kind, found.pk) == (ResultDifferenceKind.CHANGED, 3)
    assert (str(change.aspect), change.old, change.new) == changes


ROWS = st.lists(
    st.builds(
        row,
        st.integers(1, 8),
        st.sampled_from(["1100", "1200", "1300"]),
        st.sampled_from(["intermediate", "output"]),
        st.sampled_from([None, 1, 2]),
        st.sampled_from(["Un", "Deux"]),
        st.lists(st.tuples(st.integers(1, 3), st.sampled_from("ab")), unique_by=lambda one: one[0]),
    ),
    unique_by=lambda one: one["id"],
)


@given(ROWS, ROWS)
def test_each_result_that_differs_is_told_once_and_no_other(before, after):
    old, new = content(*before), content(*after)
    told = {each.pk: each for each in compare(old, new)}

    known, present = ({each["id"]: each for each in rows} for rows in (before, after))
    assert compare(old, deepcopy(old)) == []
    assert {
        pk for pk, each in told.items() if each.kind == ResultDifferenceKind.ADDED
    } == present.keys() - known
    assert {
        pk for pk, each in told.items() if each.kind == ResultDifferenceKind.REMOVED
    } == known.keys() - present
    for pk in known.keys() & present:
        was, is_now = (sorted_indicators(rows[pk]) for rows in (known, present))
        assert (pk in told) == (was != is_now)


def sorted_indicators(result):
    return result | {"indicators": sorted(result["indicators"], key=lambda each: each["id"])}


def test_a_rewording_is_told_in_each_language():
    old, new = row(1, "1100"), row(1, "1100")
    new["statement"] = {"fr": "Un", "es": "Uno", "en": ""}

    with override("fr"):
        (found,) = compare(content(old), content(new))

    assert [(c.aspect, c.language, c.language_name) for c in found.changes] == [
        (Aspect.STATEMENT, "es", "espagnol")
    ]
