"""The page of the search: filters, what is left out, saved searches, limits, and bad input."""

from datetime import date
from time import perf_counter

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from ibcr_portal.kinds import SOURCES
from ibcr_portal.models import SavedSearch, SearchEntry
from ibcr_portal.search import finding, tables, views
from ibcr_portal.search.question import LONGEST
from ibcr_portal.search.writing import write_changed
from kernel.logs import mask_tokens
from kernel.refusal import Refusal
from projects.models import Risk
from tests.factories import (
    ActionFactory,
    ActionTermsFactory,
    AssignmentFactory,
    DocumentFactory,
    ProjectFactory,
    RiskFactory,
)
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
URL = reverse("search")


@pytest.fixture
def world():
    return World()


@pytest.fixture
def coordinator(world, client):
    client.force_login(world.people["coordinator"])
    return world.people["coordinator"]


def jaguars(world, number, **fields):
    risks = [
        RiskFactory(project=world.project, definition_es=f"Jaguar {n}", **fields)
        for n in range(number)
    ]
    write_changed(SOURCES, 1_000)
    return risks


def test_a_paper_is_shown_that_was_found_by_its_title(world, client, coordinator):
    paper = DocumentFactory(meeting=world.meeting, title="Nota del quetzal", language="es")
    write_changed(SOURCES, 1_000)

    answer = client.get(URL, {"q": "quetzal"})

    (result,) = answer.context["sections"][0].results
    assert result.title.html == "Nota del <mark>quetzal</mark>"
    assert result.url == paper.get_absolute_url()


def test_a_title_of_another_language_is_shown_where_it_alone_has_the_words(
    world, client, coordinator
):
    type(coordinator).objects.filter(pk=coordinator.pk).update(language="es")
    type(world.call).objects.filter(pk=world.call.pk).update(
        title_es="Convocatoria en evaluación",
        title_en="A call about the quetzal <i>",
        theme_es="Proyectos de información.",
    )
    write_changed(SOURCES, 1_000)

    (section,) = client.get(URL, {"q": "quetzal"}).context["sections"]
    (result,) = section.results

    assert result.title.html == "Convocatoria en evaluación"
    assert result.snippet.html == "A call about the <mark>quetzal</mark> &lt;i&gt;"
    assert result.snippet.language == "en"


# Filters


def test_the_states_of_a_kind_are_offered_once_it_is_chosen(world, client, coordinator):
    done, begun = (ActionFactory(project=world.project, status=each) for each in ("done", "to_do"))
    for action in (done, begun):
        ActionTermsFactory(
            plan=world.plan, action=action, result=world.result, title_es="Jaguar en el taller"
        )
    write_changed(SOURCES, 1_000)

    every = client.get(URL, {"q": "jaguar"})
    actions = client.get(URL, {"q": "jaguar", "kind": "action"})
    finished = client.get(URL, {"q": "jaguar", "kind": "action", "state": "done"})

    assert "state" not in every.context["form"].fields
    assert [key for key, _label in actions.context["form"].fields["state"].choices] == [
        "",
        "to_do",
        "done",
    ]
    assert [each.url for each in finished.context["shown"]] == [done.get_absolute_url()]


def test_a_state_that_changes_is_found_by_the_new_one(world, client, coordinator):
    action = ActionFactory(project=world.project, status="to_do")
    ActionTermsFactory(plan=world.plan, action=action, result=world.result, title_es="Jaguar")
    write_changed(SOURCES, 1_000)
    type(action).objects.filter(pk=action.pk).update(status="done")

    answer = client.get(URL, {"q": "jaguar", "kind": "action", "state": "done"})

    assert [each.url for each in answer.context["shown"]] == [action.get_absolute_url()]


@pytest.mark.parametrize(
    "nonsense", ["kind=x", "state=x", "year=0", "project=x&kind=risk", "project=%00", "page=9"]
)
def test_filters_of_nonsense_are_no_error(world, client, coordinator, nonsense):
    jaguars(world, 1)

    assert client.get(f"{URL}?q=jaguar&{nonsense}").status_code == 200


@pytest.mark.parametrize(
    "empty", ["kind=action", "year=2031", "project={code}", "kind=risk&state=closed"]
)
def test_what_was_chosen_stays_chosen_though_nothing_of_it_is_found(
    world, client, coordinator, empty
):
    other = AssignmentFactory(user=coordinator).project
    jaguars(world, 1)
    write_changed(SOURCES, 1_000)

    answer = client.get(f"{URL}?q=jaguar&{empty.format(code=other.code)}")

    assert answer.context["number"] == 0
    assert not answer.context["form"].errors
    assert 'href="?q=jaguar&amp;all=1"' in answer.text
    assert client.get(f"{URL}?q=jaguar&all=1").context["number"] == 1
    assert "all=1" not in client.get(f"{URL}?q=quetzal").text


def test_what_was_left_out_can_be_chosen(world, client, coordinator, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 2)
    monkeypatch.setattr(finding, "MANY", 2)
    monkeypatch.setattr(finding, "ENOUGH", 1)
    other = AssignmentFactory(user=coordinator).project
    hidden = ProjectFactory(starts_on=date(2010, 1, 1))
    oldest = RiskFactory(project=other, definition_es="Jaguar", identified_on=date(2019, 6, 1))
    jaguars(world, 3, identified_on=date(2021, 6, 1))
    jaguars(world, 1, identified_on=date(9998, 6, 1))  # a slip of the keyboard fills no list

    form = client.get(URL, {"q": "jaguar", "kind": "risk"}).context["form"]
    of_year = client.get(URL, {"q": "jaguar", "year": "2019"})
    of_project = client.get(URL, {"q": "jaguar", "project": other.code})
    of_hidden = client.get(URL, {"q": "jaguar", "project": hidden.code})

    def offered(name):
        return [value for value, _label in form.fields[name].choices]

    since = [str(year) for year in range(timezone.localdate().year, 2018, -1)]
    assert offered("year") == ["", "9998", *since]
    assert set(offered("project")) == {"", world.project.code, other.code}
    assert set(offered("state")) == {"", *Risk.Status.values}
    for answer in (of_year, of_project):
        [section] = answer.context["sections"]
        assert [each.url for each in section.results] == [oldest.get_absolute_url()]
    assert str(hidden) not in of_hidden.text


def test_the_newest_are_looked_at_where_the_reader_looks_in_few_projects(
    world, client, coordinator, monkeypatch
):
    monkeypatch.setattr(finding, "MOST", 2)
    monkeypatch.setattr(finding, "MANY", 2)
    monkeypatch.setattr(finding, "ENOUGH", 1)
    monkeypatch.setattr(finding, "READ_WHOLE", 1)
    AssignmentFactory(user=coordinator)
    risks = [
        *jaguars(world, 1, identified_on=date(2019, 6, 1)),
        *jaguars(world, 1, identified_on=date(2020, 6, 1)),
        *jaguars(world, 1, identified_on=date(2021, 6, 1)),
    ]
    of_two, of_one = [
        client.get(URL, {"q": "jaguar", **more}).context["sections"][0]
        for more in ({}, {"project": world.project.code, "year": ""})
    ]

    assert of_two.number == of_one.number == 2
    newest = [risk.get_absolute_url() for risk in risks[:0:-1]]
    assert [each.url for each in of_one.results] == newest
    assert [each.url for each in of_two.results] != newest


def test_what_has_no_day_is_found_by_one_of_many_words(world, client, coordinator, monkeypatch):
    monkeypatch.setattr(finding, "MOST_OF_A_WORD", 3)
    type(world.project).objects.filter(pk=world.project.pk).update(short_title_es="Jaguar")
    write_changed(SOURCES, 1_000)
    jaguars(world, 3)

    answer = client.get(URL, {"q": "jaguar quetzalito"})

    assert "project" in {section.kind for section in answer.context["sections"]}


def test_filters_work_by_their_button_alone(world, client, coordinator):
    jaguars(world, 1)

    answer = client.get(URL, {"q": "jaguar", "kind": "risk", "project": "", "year": ""})

    assert '<form class="filters" method="get"' in answer.text
    assert '<option value="risk" selected>' in answer.text


# What is left out


def test_the_page_says_when_it_left_something_out(world, client, coordinator, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 3)
    monkeypatch.setattr(finding, "MANY", 3)
    monkeypatch.setattr(finding, "ENOUGH", 1)
    jaguars(world, 5)
    client.cookies["django_language"] = "en"

    answer = client.get(URL, {"q": "jaguar"}, headers={"accept-language": "en"})

    [section] = answer.context["sections"]
    assert (section.number, section.is_cut, answer.context["is_cut"]) == (3, True, True)


def test_in_another_language_kinds_are_told_apart_only_where_there_is_very_much(
    world, client, coordinator, monkeypatch
):
    monkeypatch.setattr(finding, "MOST", 3)
    monkeypatch.setattr(finding, "MANY", 6)
    monkeypatch.setattr(finding, "ENOUGH", 1)
    jaguars(world, 5)
    client.cookies["django_language"] = "en"

    def number(text):
        answer = client.get(URL, {"q": text}, headers={"accept-language": "en"})
        return {section.kind: section.number for section in answer.context["sections"]}

    assert number("jaguar") == {"risk": 5}
    jaguars(world, 5)
    world.committee.mandate_es = "Jaguar"
    world.committee.save()

    assert number("jaguar") == {"risk": 6, "committee": 1}


def test_of_many_kinds_fewer_results_are_shown(world, client, coordinator, monkeypatch):
    jaguars(world, 6)
    answer = client.get(URL, {"q": "jaguar"})
    monkeypatch.setattr(views, "FEW_KINDS", 0)
    in_many = client.get(URL, {"q": "jaguar"})

    shown = [len(each.context["sections"][0].results) for each in (answer, in_many)]
    assert shown == [views.IN_A_SECTION, views.OF_MANY]


def test_of_a_chosen_kind_much_more_is_listed(world, client, coordinator, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 3)
    monkeypatch.setattr(finding, "ENOUGH", 1)
    jaguars(world, 5)

    answer = client.get(URL, {"q": "jaguar", "kind": "risk"})

    assert (answer.context["number"], answer.context["is_cut"]) == (5, False)


def test_a_kind_of_which_there_is_much_hides_no_other(world, client, coordinator, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 3)
    monkeypatch.setattr(finding, "ENOUGH", 1)
    jaguars(world, 8)
    world.committee.mandate_es = "Jaguar"
    world.committee.save()

    answer = client.get(URL, {"q": "jaguar"})

    assert {section.kind for section in answer.context["sections"]} == {"risk", "committee"}


def test_what_is_hidden_takes_no_place_among_what_is_shown(world, client, monkeypatch):
    """Otherwise a number would tell how much is hidden."""
    monkeypatch.setattr(finding, "MOST", 3)
    monkeypatch.setattr(finding, "ENOUGH", 1)
    jaguars(world, 6, is_shared=False)
    shared = jaguars(world, 2, is_shared=True)
    client.force_login(world.people["member"])

    answer = client.get(URL, {"q": "jaguar"})

    [section] = answer.context["sections"]
    assert (section.number, section.is_cut) == (2, False)
    assert {each.url for each in section.results} == {each.get_absolute_url() for each in shared}


def test_a_rare_word_is_found_beside_one_that_is_everywhere(
    world, client, coordinator, monkeypatch
):
    monkeypatch.setattr(finding, "MOST_OF_A_WORD", 3)
    jaguars(world, 8)
    rare = RiskFactory(project=world.project, definition_es="Quetzal")
    both = RiskFactory(project=world.project, definition_es="Quetzal, tucán y jaguar")

    answer = client.get(URL, {"q": "jaguar quetzal guacamaya"})

    [section] = answer.context["sections"]
    assert [each.url for each in section.results][:2] == [
        both.get_absolute_url(),
        rare.get_absolute_url(),
    ]


def test_a_server_without_a_translator_says_so(world, client, coordinator, monkeypatch):
    jaguars(world, 1)
    with_it = client.get(URL, {"q": "jaguar"})
    monkeypatch.setattr(views, "is_installed", lambda: False)

    without = client.get(URL, {"q": "jaguar"})

    assert not without.context["has_translator"]
    assert len(without.text) > len(with_it.text) or not with_it.context["has_translator"]


# Saved searches


def test_a_search_is_saved_once_for_its_owner_alone(world, client, coordinator):
    jaguars(world, 1)
    button = client.get(URL, {"q": "jaguar", "kind": "risk", "page": "1"}).context["kept"]

    for _twice in range(2):
        answer = client.post(reverse("search-save"), {"query": f"{button}&next=//evil.example"})

    assert button == "q=jaguar&kind=risk"
    assert answer.url == f"{URL}?{button}&all=1"
    [row] = SavedSearch.objects.all()
    assert (row.user, row.query) == (coordinator, button)
    assert row.get_absolute_url() in client.get(URL).text.replace("&amp;", "&")

    client.force_login(world.people["donor"])
    assert "q=jaguar" not in client.get(URL).text
    assert client.post(reverse("search-delete", args=[row.pk])).status_code == 404

    client.force_login(coordinator)
    client.post(reverse("search-delete", args=[row.pk]))
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("query", ["", "kind=risk", "q=", f"q={'x' * 600}"])
def test_what_is_no_search_is_not_saved(world, client, coordinator, query):
    answer = client.post(reverse("search-save"), {"query": query})

    assert (answer.status_code, SavedSearch.objects.count()) == (302, 0)


def test_a_person_keeps_so_many_searches_at_most(world, client, coordinator):
    SavedSearch.objects.bulk_create(
        SavedSearch(user=coordinator, query=f"q={n}") for n in range(SavedSearch.MOST)
    )

    answer = client.post(reverse("search-save"), {"query": "q=one+more"}, follow=True)

    assert SavedSearch.objects.count() == SavedSearch.MOST
    assert str(SavedSearch.MOST) in "".join(map(str, answer.context["messages"]))


@pytest.mark.parametrize(
    "line",
    [
        "GET /search/?q=Ixchel HTTP/1.1",
        "GET /search/quick/?q=Ixchel+Maya HTTP/1.1",
        '"https://portal.example.org/search/?kind=risk&q=Ixchel&page=2"',
    ],
)
def test_the_log_leaves_out_what_was_searched_for(line):
    assert "Ixchel" not in mask_tokens(line)
    assert "/search/" in mask_tokens(line)


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("GET /persons/?q=Ixchel+Maya HTTP/1.1", "GET /persons/?q=*** HTTP/1.1"),
        ("/partners/?kind=state&q=Ixchel&page=2", "/partners/?kind=state&q=***&page=2"),
        (
            "/accounts/login/?next=/search/%3Fq%3DIxchel%20Maya%26kind%3Drisk HTTP/1.1",
            "/accounts/login/?next=/search/%3Fq%3D***%26kind%3Drisk HTTP/1.1",
        ),
        (
            '"/accounts/login/?next=%2Fsearch%2F%3Fkind%3Drisk%26q%3dIxchel"',
            '"/accounts/login/?next=%2Fsearch%2F%3Fkind%3Drisk%26q%3d***"',
        ),
        ("/documents/3/?seq=7&faq=8 200", "/documents/3/?seq=7&faq=8 200"),
    ],
)
def test_so_it_does_on_every_page_and_on_the_way_through_the_sign_in(line, masked):
    assert mask_tokens(line) == masked


# Limits


def test_who_asks_more_often_than_people_type_is_refused_in_a_sentence(
    world, client, coordinator, settings
):
    settings.ACCOUNT_RATE_LIMITS = {"search": "2/m/user", "search_quick": "2/m/user"}

    pages = [client.get(URL, {"q": "jaguar"}) for _ in range(3)]
    parts = [client.get(reverse("search-quick"), {"q": "jag"}) for _ in range(3)]

    assert [page.status_code for page in pages] == [200, 200, 429]
    assert str(pages[2].context["refusal"]) in pages[2].text
    assert [part.status_code for part in parts] == [200, 200, 200]
    assert parts[2].context["refusal"] in parts[2].text

    client.force_login(world.people["donor"])  # nobody waits for others
    assert client.get(URL, {"q": "jaguar"}).status_code == 200


def test_gists_have_a_limit_as_well(world, client, coordinator, settings):
    settings.ACCOUNT_RATE_LIMITS = {"gist": "1/m/user"}

    texts = [
        client.post(reverse("gist"), {"text": "Los jueces.", "source": "es"}).text for _ in range(2)
    ]

    assert texts[0] != texts[1]
    assert texts[1].endswith(".")


def test_a_search_that_takes_too_long_says_so_on_the_page(world, client, coordinator, monkeypatch):
    jaguars(world, 1)
    monkeypatch.setattr(tables, "SECONDS", 0.001 if connection.vendor == "postgresql" else -1)
    monkeypatch.setattr(tables, "STEPS", 1)
    if connection.vendor == "postgresql":
        slow = " ORDER BY pg_sleep(0.1)::text"  # longer than that
        monkeypatch.setattr(tables.Scope, "order", slow)

    answer = client.get(URL, {"q": "jaguar"})
    monkeypatch.undo()

    assert (answer.status_code, bool(answer.context["refusal"])) == (200, True)
    assert client.get(URL, {"q": "jaguar"}).context["number"] == 1
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)


# Bad input

RIGHT_TO_LEFT = "\u202ejaguar\u202c \u2067\u200f"
BAD = [
    "'", '"', "'''", '"jaguar', "’jaguar‘", "``", "«jaguar»",
    "jaguar AND", "OR OR OR", "NOT jaguar", "jaguar NEAR/3 x", "NEAR(", "^jaguar", "jaguar~2",
    "a & b | !c", "a <-> b", "(((((", "))))", ":*", "jaguar:*", "jaguar:A", "{}", "[]", "\\",
    "*", "%", "_", "%%%%%%%%" * 20, "*" * 250, "a* " * 90, "?" * 200,
    "' OR 1=1 --", "'; DROP TABLE ibcr_portal_searchwords; --", "1; SELECT pg_sleep(9)",
    "$$ $1 %s %(x)s {0}", "words MATCH 'x'", "rank:bm25", "-- /* */ #",
    "\x00", "jaguar\x00quetzal", "\x00" * 200, "\x01\x02\x1b[31m", "\r\n\t",
    RIGHT_TO_LEFT, "\u200b\u200d\ufeff", "\ud7ff", "e\u0301" * 100, "\u0301" * 250,
    "de la los", "the of and", "le la les des", "y o u", "1", "a b c d",
    "ﷺ ½ ① ⅷ", "日本語 العربية עברית", "🐆🐆", "jaguar🐆", "İI ı ß ﬀ",
    "<script>alert(1)</script>", "&lt;b&gt;", "javascript:alert(1)", "../../etc/passwd",
    "2020-02-", "-2020", "1300..2", "HN-", "D/3/", "k_ m_kind_risk", "m_project_1", "x1_fjaguar",
]  # fmt: skip
TOO_LONG = [
    "x" * 10_000,
    "jaguar " * 1_500,
    "'" * 10_000,
    "*" * 10_000,
    "(" * 10_000,
    "a:* " * 2_500,
]


@pytest.mark.parametrize("typed", BAD)
def test_bad_input_is_words_or_a_sentence(world, client, coordinator, typed):
    answer = client.get(URL, {"q": typed, "all": "1"})
    part = client.get(reverse("search-quick"), {"q": typed})

    assert (answer.status_code, part.status_code) == (200, 200)
    assert (
        "number" in answer.context
        or answer.context.get("refusal")
        or not typed.strip("\x00 \r\n\t")
    )
    assert "<script>alert" not in answer.text + part.text


@pytest.mark.parametrize("typed", TOO_LONG)
def test_what_is_far_too_long_is_refused_at_once(world, client, coordinator, typed):
    started = perf_counter()
    answer = client.get(URL, {"q": typed})
    part = client.get(reverse("search-quick"), {"q": typed})

    assert (answer.status_code, part.status_code) == (200, 200)
    assert str(LONGEST) in str(answer.context["refusal"])
    assert perf_counter() - started < 5  # of a second or two on a busy machine


def test_what_looks_like_a_mark_narrows_nothing_down(world, client, coordinator):
    jaguars(world, 1)
    SearchEntry.objects.get(kind="risk")

    answer = client.get(URL, {"q": "m_kind_risk"})

    assert not answer.context["number"]


def test_a_mark_that_is_no_word_is_never_passed_on():
    with pytest.raises(AssertionError):
        tables.expression((("jaguar' | 'x",),))


def test_another_fault_of_the_database_is_no_refusal(world):
    with pytest.raises(Exception, match=r"no such|does not exist") as raised, tables.in_time():
        connection.cursor().execute("SELECT 1 FROM nowhere_at_all")

    assert not isinstance(raised.value, Refusal)
