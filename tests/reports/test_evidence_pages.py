"""Evidence on the pages: what can be cited, the preview, what a report cites, and the way back."""

import pytest
from django.urls import reverse

from committees.models import Audience
from reports.evidence import anchor_of
from reports.models import Citation
from reports.on_page import place_of_citation
from reports.services.writing import save_section
from tests.factories import (
    ActivityFactory,
    AgendaItemFactory,
    AmendmentFactory,
    IndicatorFactory,
    ResolutionFactory,
    ResultFactory,
    RiskFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client, world):
    def sign_in(role):
        client.force_login(world.people[role])
        return client

    return sign_in


@pytest.fixture
def reserved(world):
    item = AgendaItemFactory(meeting=world.meeting, audience=Audience.VOTING)
    return ResolutionFactory(agenda_item=item, number="2020-07", text_fr="Le renvoi.")


def address(report, kind="summary", name="section"):
    return reverse(f"reports:{name}", args=[report.pk, kind, "fr"])


def save(report, text, *, by, kind="lessons"):
    return save_section(report, kind, "fr", text, seen_version=0, by=by)


def codes(page):
    return {row["code"] for group in page.context["evidence"] for row in group.rows}


# The panel beside the text


def test_the_panel_offers_what_a_chapter_mostly_cites_first(world, report, sign_in):
    page = sign_in("coordinator").get(address(report, "governance"))

    groups = [(group.title, group.is_open) for group in page.context["evidence"]]
    assert groups[:2] == [("Resolutions", True), ("Meetings", True)]
    assert not any(is_open for _title, is_open in groups[2:])
    assert "[[D 2020-01]]" in page.content.decode()


def test_the_panel_offers_only_what_its_reader_may_cite(world, report, reserved, sign_in):
    assert "[[D 2020-07]]" in codes(sign_in("coordinator").get(address(report)))
    page = sign_in("monitoring").get(address(report))

    assert "[[D 2020-01]]" in codes(page)
    assert "2020-07" not in page.content.decode()
    assert "Le renvoi" not in page.content.decode()


def test_each_code_of_the_panel_leads_to_its_thing(world, report, sign_in):
    IndicatorFactory(result=ResultFactory(project=world.project, code="1200"), code="1100.1")
    ResultFactory(project=world.project, code="a|b")
    RiskFactory(project=world.project)

    offered = codes(sign_in("coordinator").get(address(report)))
    section = save(report, " ".join(sorted(offered)), by=world.people["coordinator"])

    assert section.codes_leading_nowhere == []
    assert section.citations.count() == len(offered)
    assert {"[[I 1100/1100.1]]", "[[I 1200/1100.1]]"} <= offered


def test_the_panel_asks_as_often_for_any_number_of_things(
    world, report, sign_in, django_assert_max_num_queries
):
    client = sign_in("coordinator")
    counts = []
    for numbers in (range(1), range(1, 30)):
        for each in numbers:
            result = ResultFactory(project=world.project)
            IndicatorFactory(result=result)
            ActivityFactory(project=world.project, title_fr=f"Activité {each}")
            RiskFactory(project=world.project)
            AmendmentFactory(project=world.project, number=each + 100)
            ResolutionFactory(agenda_item=world.item)
        client.get(address(report))

        with django_assert_max_num_queries(30) as statements:
            client.get(address(report))
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# The preview


def test_the_preview_links_what_its_reader_may_read(world, report, reserved, sign_in):
    text = "[[D 2020-01]] [[I 9.9]] [[D 2020-07|le *renvoi*]] [[R 1100|le résultat]]"
    address_of = address(report, name="section-preview")

    page = sign_in("coordinator").post(address_of, {"text": text}).content.decode()
    other = sign_in("monitoring").post(address_of, {"text": text}).content.decode()

    for thing in (world.decision, reserved, world.result):
        assert f'{thing.get_absolute_url()}"' in page
    assert "[Décision 2020-01]</a>" in page
    assert "le *renvoi*</a>" in page
    assert "[[I 9.9]]" in page
    assert reserved.get_absolute_url() not in other
    assert "[[D 2020-07|le *renvoi*]]" in other
    assert Citation.objects.count() == 0


def test_the_preview_of_a_section_is_for_those_who_write_it(client, world, report, sign_in):
    url = address(report, name="section-preview")

    answers = {
        role: sign_in(role).post(url, {"text": "x"}).status_code
        for role in ("coordinator", "finance", "reader", "donor", "member", "outsider")
    }
    client.logout()

    assert answers == {
        "coordinator": 200,
        "finance": 200,
        "reader": 403,
        "donor": 404,
        "member": 404,
        "outsider": 404,
    }
    assert client.post(url).url.startswith("/accounts/login/")
    assert sign_in("coordinator").get(url).status_code == 405
    assert sign_in("coordinator").post(url, {"text": "[" * 20_000}).status_code == 200


# What a report cites


def test_the_report_tells_what_each_section_cites_as_far_as_its_reader_may_see(
    world, report, reserved, sign_in
):
    save(report, "[[D 2020-07]] [[R 1100]] [[R 1100|x]]", by=world.people["coordinator"])

    rows = sign_in("coordinator").get(report.get_absolute_url()).context["evidence"]
    page = sign_in("monitoring").get(report.get_absolute_url())

    result = {"url": world.result.get_absolute_url(), "label": "Result 1100"}
    decision = {"url": reserved.get_absolute_url(), "label": "Decision 2020-07"}
    assert rows == [{"section": "Lessons learned", "links": [decision, result]}]
    assert page.context["evidence"] == [{"section": "Lessons learned", "links": [result]}]
    assert "2020-07" not in page.content.decode()


# The way back


def test_each_thing_tells_which_reports_cite_it(world, report, sign_in):
    activity = ActivityFactory(project=world.project, title_fr="Activité")
    amendment = AmendmentFactory(project=world.project, number=9)
    risk = RiskFactory(project=world.project, number=4)
    things = [
        *(world.result, world.indicator, activity, world.action, world.plan),
        *(amendment, risk, world.decision, world.meeting),
    ]
    text = (
        f"[[R 1100]] [[I 1100.1]] [[T #{activity.pk}]] [[A {world.action.reference}]] "
        f"[[P {world.year.number}.{world.plan.version}]] [[M 9]] [[K 4]] [[D 2020-01]] [[S 1]]"
    )
    save(report, text, by=world.people["coordinator"])

    client = sign_in("coordinator")
    for thing in things:
        page = client.get(thing.get_absolute_url())
        place = place_of_citation(report, "lessons", anchor_of(thing))
        places = [{"label": "Lessons learned", "url": place}]
        assert page.context["cited"] == [{"report": report, "places": places}], thing
        assert f'href="{place}"' in page.content.decode(), thing


def test_who_does_not_see_the_report_is_not_told_that_it_cites(world, report, sign_in):
    save(report, "[[R 1100]] [[D 2020-01]]", by=world.people["coordinator"])

    for role in ("donor", "member", "partner"):
        for thing in (world.result, world.decision):
            page = sign_in(role).get(thing.get_absolute_url())
            assert page.context["cited"] == [], (role, thing)
            assert report.get_absolute_url() not in page.content.decode()


def test_the_way_back_asks_as_often_for_any_number_of_sections(
    world, report, sign_in, django_assert_max_num_queries
):
    sections = [
        (kind, language)
        for kind in (
            "summary",
            "context",
            "progress",
            "activities",
            "cross_cutting",
            "changes",
            "governance",
            "plan",
            "lessons",
            "next_year",
        )
        for language in ("fr", "es", "en")
    ]
    client = sign_in("coordinator")
    counts = []
    for further in (sections[:1], sections[1:]):
        for kind, language in further:
            section, _created = report.sections.get_or_create(
                kind=kind, language=language, defaults={"updated_by": report.written_by}
            )
            section.citations.create(token="D 2020-01", resolution=world.decision)
        client.get(world.decision.get_absolute_url())

        # One for letters about it.
        with django_assert_max_num_queries(30) as statements:
            page = client.get(world.decision.get_absolute_url())
        counts.append(len(statements))

        assert len(page.context["cited"]) == 1

    few, many = counts
    assert many <= few
