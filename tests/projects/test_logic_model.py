"""The tree of results: edited on its page, numbered as the donor does, never blocked by remarks."""

from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils.translation import override

from projects.framework.logic_checks import findings
from projects.framework.services.workbooks import outline_of
from projects.models import Result
from tests.factories import (
    ActivityFactory,
    AssignmentFactory,
    IndicatorFactory,
    LogicModelVersionFactory,
    ProjectFactory,
    ResultFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def project(user):
    return AssignmentFactory(user=user).project


@pytest.fixture
def tree(project):
    """By code: an ultimate outcome, two intermediate ones, an immediate one, two outputs."""
    parents = {"1000": "", "1100": "1000", "1200": "1000", "1110": "1100", "1111": "1110"}
    parents["1112"] = "1110"
    levels = ["ultimate", "intermediate", "immediate", "output"]
    tree = {}
    for code, above in parents.items():
        level = levels[4 - code.count("0") - 1]
        tree[code] = ResultFactory(project=project, code=code, level=level, parent=tree.get(above))
    return tree


def address(project, page, *args):
    return reverse(f"projects:{page}", args=[project.code, *args])


def page(client, project):
    return client.get(address(project, "logic-model"))


def codes(client, project):
    """The codes of the tree as it is shown, from the top down."""

    def walk(rows):
        for row in rows:
            yield row.branch.code
            yield from walk(row.children)

    return list(walk(page(client, project).context["rows"]))


# Moving


def test_a_result_moves_among_its_siblings_and_keeps_its_code(client, project, tree):
    client.post(address(project, "logic-shift"), {"down": tree["1100"].pk})
    assert codes(client, project) == ["1000", "1200", "1100", "1110", "1111", "1112"]

    client.post(address(project, "logic-shift"), {"up": tree["1112"].pk})
    client.post(address(project, "logic-shift"), {"up": tree["1112"].pk})  # it is the first now

    assert codes(client, project) == ["1000", "1200", "1100", "1110", "1112", "1111"]


def test_a_result_moves_below_another_with_all_that_belongs_to_it(client, project, tree):
    url = address(project, "result-move", tree["1110"].pk)
    offered = [pk for pk, _label in client.get(url).context["form"].fields["parent"].choices]

    client.post(url, {"parent": tree["1200"].pk})

    assert offered == [tree["1100"].pk, tree["1200"].pk]
    assert codes(client, project) == ["1000", "1100", "1200", "1110", "1111", "1112"]


@pytest.mark.parametrize(
    ("moved", "below", "sentence"),
    [
        ("1100", "1111", "“1111” is below this result: choose one that is not."),
        ("1100", "1100", "“1100” is below this result: choose one that is not."),
        ("1111", "1100", "Output belongs to: Immediate outcome."),
        ("1111", "", "Say which result this one belongs to."),
    ],
)
def test_a_circle_and_a_wrong_level_are_refused(client, project, tree, moved, below, sentence):
    data = {"parent": tree[below].pk if below else ""}

    response = client.post(address(project, "result-move", tree[moved].pk), data)

    with override("en"):
        assert response.context["form"].errors == {"parent": [sentence]}


def test_of_two_who_move_one_is_told(client, project, tree):
    url = address(project, "result-move", tree["1110"].pk)
    seen = client.get(url).context["form"]["seen"].value()
    Result.objects.filter(pk=tree["1110"].pk).update(parent=tree["1200"])

    response = client.post(url, {"parent": tree["1100"].pk, "seen": seen})

    assert "Somebody has changed this" in response.content.decode()


# Numbering


def test_a_new_result_is_offered_its_level_its_code_and_how_to_word_it(client, project, tree):
    url = f"{address(project, 'result-create')}?parent={tree['1110'].pk}"

    form = client.get(url).context["form"]

    assert (form.initial["level"], form.initial["code"]) == ("output", "1113")
    assert "one statement" in form.fields["statement_en"].help_text


def test_renumbering_shows_first_what_it_does(client, project, tree):
    IndicatorFactory(result=tree["1200"], code="1200.1")
    client.post(address(project, "logic-shift"), {"up": tree["1200"].pk})
    url = address(project, "logic-renumber")
    shown = client.get(url).context
    told = {(each.old, each.new) for each in shown["changes"]}

    client.post(url, {"seen": shown["seen"]})

    swapped = {("1200", "1100"), ("1200.1", "1100.1"), ("1100", "1200"), ("1110", "1210")}
    assert told == swapped | {("1111", "1211"), ("1112", "1212")}
    assert codes(client, project) == ["1000", "1100", "1200", "1210", "1211", "1212"]
    assert tree["1200"].indicators.get().code == "1100.1"
    assert tree["1200"].history.first().code == "1100"


def test_the_codes_of_activities_follow_and_may_change_places(client, project, tree):
    one, two, other = (
        ActivityFactory(project=project, result=result, code=code)
        for result, code in (
            (tree["1111"], "1111.1"),
            (tree["1112"], "1112.1"),
            (tree["1111"], "A-7"),
        )
    )
    client.post(address(project, "logic-shift"), {"up": tree["1112"].pk})
    url = address(project, "logic-renumber")

    client.post(url, {"seen": client.get(url).context["seen"]})

    for activity in (one, two, other):
        activity.refresh_from_db()
    assert (one.code, two.code, other.code) == ("1112.1", "1111.1", "A-7")


def test_a_new_activity_begins_with_its_result_and_the_next_code(client, project, tree):
    ActivityFactory(project=project, result=tree["1111"], code="1111.1")

    form = client.get(address(project, "activity-create"), {"result": tree["1111"].pk}).context

    assert form["form"].initial["result"] == tree["1111"].pk
    assert form["form"].initial["code"] == "1111.2"


def test_a_preview_that_is_no_longer_true_is_shown_again(client, project, tree):
    client.post(address(project, "logic-shift"), {"up": tree["1200"].pk})
    url = address(project, "logic-renumber")
    seen = client.get(url).context["seen"]
    ResultFactory(project=project, code="x", level="output", parent=tree["1110"])

    response = client.post(url, {"seen": seen})

    assert "Somebody has changed the tree in the meantime." in response.content.decode()
    assert ("x", "1213") in {(each.old, each.new) for each in response.context["changes"]}
    assert Result.objects.get(pk=tree["1200"].pk).code == "1200"


def test_a_level_with_more_results_than_codes_is_numbered_by_hand(client, project, tree):
    for number in range(9):
        ResultFactory(project=project, code=f"x{number}", level="output", parent=tree["1110"])

    response = client.get(address(project, "logic-renumber"))

    assert "no more codes for “Outputs” below 1110" in response.content.decode()


# Another donor


def test_a_project_of_another_donor_has_its_levels(client, project, tree):
    project.preset = "eu"
    project.save()
    for level in ("output", "immediate"):
        project.results.filter(level=level).delete()

    content = page(client, project).content.decode()
    form = client.get(f"{address(project, 'result-create')}?parent={tree['1100'].pk}").context[
        "form"
    ]

    assert "1100 · Specific objective (outcome)" in content
    assert "Intermediate outcome" not in content
    assert [key for key, _name in form.fields["level"].choices] == [
        "ultimate",
        "intermediate",
        "output",
    ]
    assert (form.initial["level"], form.initial["code"]) == ("output", "OP1100.1")


def test_another_donor_has_to_hold_the_results_that_there_are(client, project, tree):
    project.preset = "eu"

    with pytest.raises(Exception, match="1110, 1111, 1112") as refused:
        project.full_clean()

    assert set(refused.value.message_dict) == {"preset"}


# The picture and the remarks


def test_the_picture_is_for_eyes_and_for_a_reader_aloud(client, project, tree):
    with override("es"):
        (picture,) = page(client, project).context["pictures"]

    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img"
    assert [one.tag.rpartition("}")[2] for one in root][:2] == ["title", "desc"]


def remarks(project):
    with override("en"):
        activities = project.activities.select_related("result")
        found = findings(project, outline_of(project), activities)
    return {each.text: [place.label for place in each.places] for each in found}


def test_a_checklist_says_what_is_missing_and_what_is_too_much(project, tree):
    for code in ("1000", "1100", "1200", "1110"):
        IndicatorFactory.create_batch(2, result=tree[code])
    IndicatorFactory.create_batch(3, result=tree["1112"])
    Result.objects.update(statement_es="Uno", statement_en="One")
    Result.objects.filter(pk=tree["1111"].pk).update(
        statement_fr="Des ateliers ; des trousses", statement_es=""
    )
    ActivityFactory(project=project, title_fr="Mission", result=tree["1100"])
    ActivityFactory(project=project, title_fr="Atelier", result=tree["1111"])
    ResultFactory(project=project, code="1300", statement_es="x", statement_en="x")

    assert remarks(project) == {
        "Immediate outcomes: 1 to 3 expected below each.": ["1200 (0)", "1300 (0)"],
        "Does not belong to any element of the level “Ultimate outcome” yet.": ["1300"],
        "Intermediate outcomes: 2 to 3 indicators expected for each.": ["1300 (0)"],
        "Outputs: 1 to 2 indicators expected for each.": ["1111 (0)", "1112 (3)"],
        "Activities not linked to anything of the level “Output”.": ["Mission"],
        "Not available in Spanish yet.": ["1111"],
    }


def test_a_remark_leads_to_where_it_is_mended(project, tree):
    with override("en"):
        found = findings(project, outline_of(project), [])

    text = "Immediate outcomes: 1 to 3 expected below each."
    below = next(each for each in found if each.text == text)
    assert below.places[0].url.endswith(f"/results/new/?parent={tree['1200'].pk}")


def test_remarks_are_for_those_who_work_for_the_project(client, world, sign_in):
    url = address(world.project, "logic-model")
    sign_in("reader")
    page = client.get(url)
    assert page.context["findings"]
    assert b"/edit/" not in page.content, "nothing leads to what a reader may not do"

    sign_in("partner")

    assert client.get(url).context["findings"] is None
    assert b"checklist" not in client.get(url).content


def test_the_page_asks_as_often_whatever_its_size(client, user, django_assert_max_num_queries):
    project = AssignmentFactory(user=user, project=ProjectFactory()).project
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            result = ResultFactory(project=project)
            IndicatorFactory(result=result)
            ActivityFactory(project=project, result=result)
            LogicModelVersionFactory(project=project, number=number + 1)

        # session, user, project, results, indicators, activities, versions, the latest one, roles (2),
        # seat, three counts
        with django_assert_max_num_queries(20) as statements:
            response = page(client, project)
        counts.append(len(statements))

        assert len(response.context["rows"]) == numbers.stop

    few, many = counts
    assert many <= few
