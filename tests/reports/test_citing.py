"""What a section cites: from its codes to the things, through renumbering and deletion, and what
each audience is told of it."""

import json
import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import translation

from committees.models import Audience
from kernel.text import MAX_LENGTH, render_markdown, validate_markdown
from projects.models import Indicator, Result
from reports.compose import compose
from reports.compose.citing import cited_in, texts_of_sections
from reports.compose.reading import ReportReading
from reports.models import Citation
from reports.pdf import html_of
from reports.services.steps import sign_off
from reports.services.writing import (
    save_section,
    start_new_version,
    unknown_code_warning,
    with_current_codes,
)
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    ActivityFactory,
    AgendaItemFactory,
    AmendmentFactory,
    IndicatorFactory,
    MeetingFactory,
    ResolutionFactory,
    ResultFactory,
    RiskFactory,
)
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(client, world):
    client.force_login(world.people["coordinator"])
    return world.people["coordinator"]


def save(report, text, *, by, kind="context", language="fr"):
    section = report.sections.filter(kind=kind, language=language).first()
    return save_section(
        report, kind, language, text, seen_version=section.version if section else 0, by=by
    )


def cited_by(section):
    return [(one.token, one.thing) for one in section.citations.with_things()]


def narrative(report, *, language="fr", audience="donor", kind="context"):
    document = compose(report, language=language, audience=audience, as_of=SIGNED_ON)
    texts = {one["kind"]: one["narrative"] for one in document["chapters"]}
    return (texts.get(kind) or {"text": ""})["text"]


# Saving


def test_each_kind_of_thing_can_be_cited(world, report, coordinator):
    plan, risk = world.plan, RiskFactory(project=world.project, number=4)
    coded = ActivityFactory(project=world.project, title_fr="Codée", code="1111.1")
    plain = ActivityFactory(project=world.project, title_fr="Sans code")
    amendment = AmendmentFactory(project=world.project, number=7, status="submitted")
    text = (
        f"[[R 1100]] [[I 1100.1]] [[T 1111.1]] [[T #{plain.pk}]] [[A {world.action.reference}]] "
        f"[[P {plan.period.number}.{plan.version}]] [[M 7]] [[K 4]] "
        "[[D 2020-01|la décision]] [[S 1]] [[D 2020-01]]"
    )

    section = save(report, text, by=coordinator)

    assert [thing for _token, thing in cited_by(section)] == [
        world.result,
        world.indicator,
        coded,
        plain,
        world.action,
        plan,
        amendment,
        risk,
        world.decision,
        world.meeting,
    ]
    assert section.codes_leading_nowhere == []


def test_a_citation_is_of_one_thing(world, report):
    section = report.sections.first()

    with pytest.raises(IntegrityError), transaction.atomic():
        Citation.objects.create(section=section, token="R 1", position=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        section.citations.create(token="R 1", result=world.result, indicator=world.indicator)
    section.citations.create(token="R 1", result=world.result)
    with pytest.raises(IntegrityError), transaction.atomic():
        section.citations.create(token="R 1", result=world.result)


def test_what_leads_to_nothing_is_told_and_the_text_is_kept(client, world, report, coordinator):
    text = "[[I 9.9]] [[X 1]] [[K 99999999999999]] [[R 1100]]"

    response = client.post(
        reverse("reports:section", args=[report.pk, "context", "fr"]),
        {"text": text, "seen_version": 1},
        follow=True,
    )

    page, section = response.content.decode(), report.sections.get(kind="context", language="fr")
    assert section.text == text
    assert section.codes_leading_nowhere == ["[[I 9.9]]", "[[K 99999999999999]]", "[[X 1]]"]
    with translation.override("en"):
        for code in section.codes_leading_nowhere:
            assert unknown_code_warning(code) in page


def test_what_is_not_of_the_project_is_not_cited(world, report, coordinator):
    ResultFactory(project=world.neighbour, code="9000")

    section = save(report, "[[R 9000]]", by=coordinator)

    assert cited_by(section) == []


def test_who_saves_cites_only_what_they_may_read_and_keeps_what_stands(world, report, coordinator):
    item = AgendaItemFactory(meeting=world.meeting, audience=Audience.VOTING)
    reserved = ResolutionFactory(agenda_item=item, number="2020-07")
    monitoring = world.people["monitoring"]

    guessed = save(report, "[[D 2020-07]]", by=monitoring, kind="lessons")
    known = save(report, "[[D 2020-07]]", by=coordinator)
    again = save(report, "Aussi [[D 2020-07]].", by=monitoring)

    assert cited_by(guessed) == []
    assert cited_by(known) == cited_by(again) == [("D 2020-07", reserved)]


def test_a_code_that_two_indicators_share_is_told_until_it_says_which(world, report, coordinator):
    other = IndicatorFactory(
        result=ResultFactory(project=world.project, code="1200"), code="1100.1"
    )

    vague = save(report, "[[I 1100.1]]", by=coordinator)
    lost = vague.codes_leading_nowhere
    clear = save(report, "[[I 1200/1100.1]]", by=coordinator)

    assert lost == ["[[I 1100.1]]"]
    assert cited_by(clear) == [("I 1200/1100.1", other)]


# Other codes


def test_a_renumbered_thing_is_still_cited_and_called_by_its_new_code(world, report, coordinator):
    section = save(report, "Voir [[I 1100.1]].", by=coordinator)
    Indicator.objects.filter(pk=world.indicator.pk).update(code="1100.8")

    told = narrative(report)
    section.refresh_from_db()

    assert section.text == "Voir [[I 1100.1]]."
    assert told == "Voir [&#91;Indicateur 1100.8&#93;](#indicator-1100-1100.8)."
    assert with_current_codes(section) == "Voir [[I 1100.8]]."
    # A page that was open meanwhile sends the old code.
    assert cited_by(save(report, section.text, by=coordinator)) == [("I 1100.1", world.indicator)]


def test_two_that_change_their_codes_are_not_taken_for_one_another(
    client, world, report, coordinator
):
    other = ResultFactory(project=world.project, code="1200")
    section = save(report, "[[R 1100|un]] [[R 1200|deux]]", by=coordinator)
    for pk, code in ((other.pk, "x"), (world.result.pk, "1200"), (other.pk, "1100")):
        Result.objects.filter(pk=pk).update(code=code)

    url = reverse("reports:section", args=[report.pk, "context", "fr"])
    shown = client.get(url).context["form"]["text"].value()
    client.post(url, {"text": shown, "seen_version": 2})

    assert shown == "[[R 1200|un]] [[R 1100|deux]]"
    assert cited_by(section) == [("R 1200", world.result), ("R 1100", other)]


def test_an_indicator_that_comes_to_share_its_code_is_named_with_its_result(
    world, report, coordinator
):
    section = save(report, "[[I 1100.1]]", by=coordinator)
    IndicatorFactory(result=ResultFactory(project=world.project, code="1200"), code="1100.1")

    assert with_current_codes(section) == "[[I 1100/1100.1]]"


def test_a_new_version_cites_what_the_last_one_did(world, report, coordinator):
    save(report, "[[I 1100.1]] [[R 1100]]", by=coordinator)
    report.take("review", by=coordinator)
    sign_off(report, by=world.people["monitoring"], on=SIGNED_ON)
    Result.objects.filter(pk=world.result.pk).update(code="2100")

    revised = start_new_version(report, by=coordinator)

    section = revised.sections.get(kind="context", language="fr")
    assert section.text == "[[I 1100.1]] [[R 2100]]"
    assert cited_by(section) == [("I 1100.1", world.indicator), ("R 2100", world.result)]


def test_a_new_version_asks_as_often_for_any_number_of_texts(
    world, report, coordinator, django_assert_max_num_queries
):
    counts = []
    for kinds in (["context"], ["progress", "lessons"]):
        for kind in kinds:
            save(report, "[[I 1100.1]] [[R 1100]]", by=coordinator, kind=kind)
        report.take("review", by=coordinator)
        sign_off(report, by=world.people["monitoring"], on=SIGNED_ON)

        with django_assert_max_num_queries(14) as statements:
            report = start_new_version(report, by=coordinator)
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_a_thing_that_is_cited_can_be_deleted_and_its_code_leads_nowhere(
    world, report, coordinator
):
    doomed = ResultFactory(project=world.project, code="1900")
    section = save(report, "Un fait [[R 1900]].", by=coordinator)

    doomed.delete()

    assert section.codes_leading_nowhere == ["[[R 1900]]"]
    assert narrative(report) == "Un fait."


# In the document


def test_a_citation_speaks_the_language_of_its_sentence_and_leads_into_the_document(
    world, report, coordinator
):
    save(report, "Voir [[D 2020-01]] et [[R 1100|le *résultat*]].", by=coordinator)
    save(report, "See [[D 2020-01]].", by=coordinator, language="en")

    assert narrative(report) == (
        "Voir [&#91;Décision 2020-01&#93;](#resolution-2020-01) et "
        "[le &#42;résultat&#42;](#result-1100)."
    )
    assert narrative(report, language="es") == narrative(report)
    assert narrative(report, language="en") == (
        "See [&#91;Decision 2020-01&#93;](#resolution-2020-01)."
    )
    assert render_markdown(narrative(report)) == (
        '<p>Voir <a href="#resolution-2020-01" rel="noopener nofollow">[Décision 2020-01]</a> et '
        '<a href="#result-1100" rel="noopener nofollow">le *résultat*</a>.</p>\n'
    )


def test_a_citation_of_what_does_not_stand_in_the_document_is_a_name(world, report, coordinator):
    ActionTermsFactory(
        plan=ActionPlanFactory(period=world.year, version=2, status="in_review"),
        action=ActionFactory(project=world.project, reference="9.9"),
    )
    save(report, "Voir [[A 9.9]] et [x](#result-9999).", by=coordinator)

    assert narrative(report, audience="coordination") == "Voir &#91;Action 9.9&#93; et x."


def test_codes_of_any_kind_make_safe_anchors(world, report, coordinator):
    Result.objects.filter(pk=world.result.pk).update(code='1 "é)(<b>')

    save(report, '[[R 1 "é)(<b>]]', by=coordinator)

    told = narrative(report)
    assert told == ('[&#91;Résultat 1 "é)(&#60;b&#62;&#93;](#result-1%20%22%C3%A9%29%28%3Cb%3E)')
    assert render_markdown(told).count("<a href=") == 1
    assert "<b" not in render_markdown(told)


def test_the_way_back_tells_the_chapters(world, report, coordinator):
    save(report, "[[D 2020-01]] [[R 1100]] [[D 2020-01|la même]]", by=coordinator)
    save(report, "[[D 2020-01]]", by=coordinator, kind="governance")
    document = compose(report, language="fr", audience="donor", as_of=SIGNED_ON)
    numbers = {one["kind"]: one["number"] for one in document["chapters"]}

    assert cited_in(document) == {
        "resolution-2020-01": [numbers["context"], numbers["governance"]],
        "result-1100": [numbers["context"]],
    }


def test_a_text_full_of_codes_is_rendered_without_its_links(world, report, coordinator):
    text = ("Un alinéa [[R 1100]] [[I 1100.1]].\n\n" * 600)[:MAX_LENGTH]
    save(report, text, by=coordinator)

    told = narrative(report)

    validate_markdown(told)
    assert "](#" not in told
    assert len(told) <= MAX_LENGTH


SECRET = "SECRET"


@pytest.fixture
def secrets(world, report, coordinator):
    """A chapter that cites one of each thing that is not for everybody, in words that tell it."""
    item = AgendaItemFactory(meeting=world.meeting, audience=Audience.VOTING)
    ResolutionFactory(agenda_item=item, number="RESERVED")
    ResolutionFactory(agenda_item=world.item, number="LATER", resolved_on=date(2021, 1, 5))
    ResolutionFactory(agenda_item=world.item, number="REJECTED", status="rejected")
    RiskFactory(project=world.project, number=71, is_shared=False)
    RiskFactory(project=world.project, number=72, is_shared=True)
    AmendmentFactory(project=world.project, number=73, status="submitted")
    MeetingFactory(committee=world.committee, number=74, status="convened")
    draft = ActionPlanFactory(period=world.year, version=75)
    ActionTermsFactory(plan=draft, action=ActionFactory(project=world.project, reference="7.6"))
    codes = {
        "reserved": "[[D RESERVED|SECRET reserved]]",
        "later": "[[D LATER|SECRET later]]",
        "rejected": "[[D REJECTED|SECRET rejected]]",
        "unshared": "[[K 71|SECRET unshared]]",
        "shared": "[[K 72|SECRET shared]]",
        "amendment": "[[M 73|SECRET amendment]]",
        "meeting": "[[S 74|SECRET meeting]]",
        "plan": f"[[P {draft.period.number}.75|SECRET plan]]",
        "action": "[[A 7.6|SECRET action]]",
        "nothing": "[[D 2020-99|SECRET nothing]]",
    }
    text = "Tout. " + " et ".join(f"(voir {code})" for code in codes.values()) + " Fin."
    section = save(report, text, by=coordinator, kind="lessons")
    assert section.codes_leading_nowhere == ["[[D 2020-99|SECRET nothing]]"]
    return codes


@pytest.mark.parametrize(
    ("audience", "told"),
    [
        ("donor", {"unshared", "shared", "amendment"}),
        ("committee", {"rejected", "shared", "amendment"}),
        ("partners", set()),
        (
            "coordination",
            {
                *("reserved", "later", "rejected", "unshared", "shared"),
                *("amendment", "meeting", "plan", "action"),
            },
        ),
    ],
)
def test_what_an_audience_may_not_read_is_nowhere_in_its_document(report, secrets, audience, told):
    for language in ("fr", "es", "en"):
        document = compose(report, language=language, audience=audience, as_of=SIGNED_ON)
        data = json.dumps(document["chapters"], ensure_ascii=False)

        assert {name for name in secrets if f"SECRET {name}" in data} == told
        assert not re.search(r"\[\[[A-Z] ", data)  # no code of any kind is left
        assert "RESERVED" not in data or audience == "coordination"


def test_a_chapter_of_secrets_alone_is_no_chapter(world, report, coordinator, secrets):
    save(report, "([[D RESERVED]])\n\n- [[D RESERVED]]", by=coordinator, kind="lessons")
    document = compose(report, language="fr", audience="donor", as_of=SIGNED_ON)

    assert "lessons" not in [one["kind"] for one in document["chapters"]]


def test_a_document_asks_as_often_for_any_number_of_citations(
    world, report, coordinator, django_assert_max_num_queries
):
    def told():
        reading = ReportReading.of(report, language="fr", audience="donor", as_of=SIGNED_ON)
        return texts_of_sections(reading)["lessons"]["text"]

    text = ""
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            action = ActionFactory(project=world.project, reference=f"5.{number + 1}")
            ActionTermsFactory(plan=world.plan, action=action)
            text += f" [[A {action.reference}]]"
        save(report, text, by=coordinator, kind="lessons")

        told()  # the kind of content is asked for once in a process
        with django_assert_max_num_queries(7) as statements:
            assert told().count("](#action-5.") == numbers.stop
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_a_chapter_leads_to_the_pages_of_what_it_cites(world, report, coordinator):
    text = "See [[I 1100.1]], [[D 2020-01]] and again [[I 1100.1]]."
    save(report, text, by=coordinator, kind="lessons")
    fresh = type(report).objects.get(pk=report.pk)
    document = compose(fresh, language="en", audience="donor", as_of=SIGNED_ON)
    (chapter,) = [one for one in document["chapters"] if one["cites"]]

    assert chapter["cites"] == [
        {"label": "Indicator 1100.1", "path": world.indicator.get_absolute_url()},
        {"label": "Decision 2020-01", "path": world.decision.get_absolute_url()},
    ]
    address = f"https://portal.example.org{world.indicator.get_absolute_url()}"
    with override_settings(SITE_URL="https://portal.example.org"):
        assert f'<a href="{address}">' in html_of(document, code="", is_draft=True)


def test_what_is_cited_is_valid_markdown(world, report, coordinator):
    with pytest.raises(ValidationError):
        validate_markdown("[" * 700)
    validate_markdown("[[R 1100]] " * 1_800)
