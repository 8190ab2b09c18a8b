"""The page of a report that says the most important at a glance."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from projects.models import Evidence
from reports.compose import compose
from reports.frozen.from_4 import EMPTY
from reports.glance import bar_of_share
from reports.models import GlanceChoice, Snapshot
from reports.pdf import html_of
from reports.plain_text import text_of
from reports.services.steps import sign_off
from reports.services.writing import copy_glance
from tests.factories import (
    ActivityFactory,
    DataPointFactory,
    IndicatorFactory,
    ReportFactory,
)
from tests.reports.conftest import SIGNED_ON
from tests.reports.test_pictures import photo_of, picture_of

pytestmark = pytest.mark.django_db


def glance_of(report, *, audience="donor", language="en"):
    fresh = type(report).objects.get(pk=report.pk)
    with translation.override(language):
        return compose(fresh, language=language, audience=audience, as_of=SIGNED_ON)["glance"]


def measured(world, code, *, target=10, actual=8):
    indicator = IndicatorFactory(result=world.result, code=code, name_en=f"Measure {code}")
    for kind, value in (("target", target), ("actual", actual)):
        if value is not None:
            DataPointFactory(indicator=indicator, period=world.year, kind=kind, numerator=value)
    return indicator


def codes(report):
    return [figure["code"] for figure in glance_of(report)["figures"]]


def test_figures_are_those_with_a_target_and_at_most_six(world, report):
    for number in range(8):
        measured(world, f"9{number}", target=None if number == 0 else 10)

    found = glance_of(report)["figures"]

    assert len(found) == 6
    assert "90" not in [figure["code"] for figure in found]
    last = found[-1]
    assert {key: last[key] for key in ("actual", "target", "share", "rating", "tone")} == {
        "actual": "8",
        "target": "10",
        "share": 80,
        "rating": "Close to the target",
        "tone": "warn",
    }


def test_the_author_chooses_other_figures(world, report):
    for number in range(8):
        measured(world, f"9{number}")
    choice = GlanceChoice.objects.create(report=report, chosen_by=report.written_by)
    choice.indicators.set([measured(world, "77"), measured(world, "78")])

    assert codes(report) == ["77", "78"]


def test_activities_of_the_period_are_counted_by_department(world, report):
    for name, when in (("Cortés", 2019), ("Cortés", 2019), ("Yoro", 2019), ("Colón", 2017)):
        ActivityFactory(
            project=world.project,
            department=name,
            actual_start=date(when, 7, 1),
            actual_end=date(when, 7, 2),
        )

    (figure,) = glance_of(report)["maps"]

    assert (figure["data"]["names"], figure["data"]["values"]) == (["Cortés", "Yoro"], [2, 1])
    assert figure["data"]["left_out"] == "1 other activity has no department."


@pytest.mark.parametrize(("share", "width"), [(0, 0), (64, 64), (117, 100)])
def test_a_bar_is_filled_to_the_share_and_never_beyond_its_end(share, width):
    assert bar_of_share(share, "ok") == (
        '<svg class="track" aria-hidden="true">'
        f'<rect width="{width}%" height="100%" fill="#17703f"/></svg>'
    )


def test_decisions_lead_to_their_place(world, report):
    (line,) = glance_of(report)["decisions"]

    assert line[0] == {"text": "Decision 2020-01", "lang": "", "to": "resolution-2020-01"}


def test_who_may_not_see_money_and_risks_has_a_page_without(world, report):
    page = glance_of(report, audience="partners")

    assert (page["money"], page["risks"]) == ([], [])


def test_a_quotation_needs_consent(report):
    choice = GlanceChoice(report=report, chosen_by=report.written_by, quotation_en="I can help.")

    with pytest.raises(Exception, match="glance_quotes_with_consent"):
        choice.save()


def test_a_quotation_with_consent_is_printed_with_who_says_so(report):
    GlanceChoice.objects.create(
        report=report,
        chosen_by=report.written_by,
        quotation_en="I can help now.",
        source_en="Trainer",
        consent="written",
        consent_on=SIGNED_ON,
    )
    with translation.override("en"):
        document = compose(report, language="en", audience="donor", as_of=SIGNED_ON)

    assert document["glance"]["quotation"] == {
        "text": "I can help now.",
        "lang": "",
        "source": {"text": "Trainer", "lang": ""},
    }
    html, text = html_of(document, code="", is_draft=True), text_of(document)
    assert "I can help now." in html
    assert "I can help now." in text
    assert "At a glance" in text


@pytest.fixture
def photos(world, report):
    activity = ActivityFactory(
        project=world.project, actual_start=report.start, actual_end=report.start
    )
    return [
        photo_of(
            activity,
            content=picture_of(size=(40 + number, 30)),
            title=f"Photo {consent}",
            language="en",
            consent=consent,
        )
        for number, consent in enumerate(("spoken", "written", "nobody"))
    ]


def shown(report):
    with translation.override("en"):
        document = compose(report, language="en", audience="donor", as_of=SIGNED_ON)
    annex = [
        block["text"]
        for chapter in document["chapters"]
        for block in chapter["blocks"]
        if block["type"] == "picture"
    ]
    return [each["text"] for each in document["glance"]["photos"]], sorted(annex)


def test_the_photograph_with_the_firmest_consent_is_shown_and_not_again(report, photos):
    assert shown(report) == (["Photo written"], ["Photo nobody", "Photo spoken"])


def test_the_author_chooses_the_photograph_or_none(report, photos):
    choice = GlanceChoice.objects.create(
        report=report, chosen_by=report.written_by, photo=photos[0]
    )
    assert shown(report)[0] == ["Photo spoken"]

    GlanceChoice.objects.filter(pk=choice.pk).update(without_photo=True)
    assert shown(report)[0] == []


def test_a_photograph_without_consent_is_not_shown_though_it_was_chosen(report, photos):
    GlanceChoice.objects.create(report=report, chosen_by=report.written_by, photo=photos[0])
    Evidence.objects.filter(pk=photos[0].pk).update(
        consent_until=timezone.localdate() - timedelta(days=1)
    )

    assert shown(report)[0] == ["Photo written"]


def test_a_new_version_begins_with_the_choice(world, report):
    indicator = measured(world, "77")
    choice = GlanceChoice.objects.create(
        report=report, chosen_by=report.written_by, without_photo=True
    )
    choice.indicators.set([indicator])
    later = ReportFactory(period=report.period, preset=report.preset, version=2)

    copy_glance(report, later)

    copied = GlanceChoice.objects.get(report=later)
    assert (copied.without_photo, list(copied.indicators.all())) == (True, [indicator])
    assert GlanceChoice.objects.get(report=report).pk == choice.pk


def test_the_page_saves_the_choice_and_asks_for_consent(client, world, report):
    client.force_login(world.people["coordinator"])
    url = reverse("reports:glance", args=[report.pk])
    indicator = measured(world, "77")

    refused = client.post(url, {"quotation_fr": "Je peux aider.", "indicators": [indicator.pk]})
    assert refused.status_code == 200
    assert not GlanceChoice.objects.exists()

    page = client.get(url)
    sent = {
        "indicators": [indicator.pk],
        "quotation_fr": "Je peux aider.",
        "consent": "written",
        "consent_on": "2020-02-01",
        "seen": page.context["form"]["seen"].value()
        if "seen" in page.context["form"].fields
        else "",
    }
    assert client.post(url, sent).status_code == 302
    choice = GlanceChoice.objects.get(report=report)
    assert (choice.quotation_fr, choice.consent) == ("Je peux aider.", "written")
    assert list(choice.indicators.all()) == [indicator]


def test_a_project_without_anything_has_no_page(world):
    report = ReportFactory(period__project=world.neighbour, written_by=world.people["outsider"])

    assert not any(glance_of(report, audience="partners").values())


# On the page


@pytest.fixture
def page(client, world, report):
    def page(role="coordinator"):
        client.force_login(world.people[role])
        answer = client.get(reverse("reports:read", args=[report.pk]))
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    return page


def test_a_report_of_before_this_page_has_no_empty_card(page, world, report):
    report.take("review", by=world.people["coordinator"])
    sign_off(report, by=world.people["monitoring"], on=SIGNED_ON)
    assert 'id="glance"' in page()

    data = Snapshot.objects.get(pk=report.snapshot_id).data
    for of_audience in data.values():
        for document in of_audience.values():
            document["glance"] = dict(EMPTY)
    Snapshot.objects.filter(pk=report.snapshot_id).update(data=data)

    assert 'id="glance"' not in page()


def test_a_figure_without_a_target_stands_alone_on_the_page(page, world):
    measured(world, "91", target=None)

    assert re.findall(r"<dd>8( <small[^>]*>[^<]*</small>)?</dd>", page()) == [""]


def test_the_photograph_is_shown_on_the_page_and_not_one_that_was_withdrawn(
    client, page, report, photos
):
    url = reverse("reports:picture", args=[report.pk, photos[1].pk])
    card = page().partition('id="glance"')[2].partition("</section>")[0]
    assert card.count("<img") == 1
    assert f'src="{url}"' in card
    assert client.get(url)["Content-Type"] == "image/jpeg"

    Evidence.objects.filter(pk=photos[1].pk).update(consent="none", audience="team")
    assert f'src="{url}"' not in page()
    assert client.get(url).status_code == 404


def test_a_signed_report_shows_its_photograph(client, page, world, report, photos):
    report.take("review", by=world.people["coordinator"])
    sign_off(report, by=world.people["monitoring"], on=SIGNED_ON)

    url = reverse("reports:picture", args=[report.pk, photos[1].pk])
    assert f'src="{url}"' in page()
    assert client.get(url)["Content-Type"] == "image/jpeg"


def test_a_photograph_of_a_draft_is_answered_without_composing_the_report(
    client, page, world, report, photos, django_assert_max_num_queries
):
    page()
    url = reverse("reports:picture", args=[report.pk, photos[1].pk])
    with django_assert_max_num_queries(25):
        assert client.get(url).status_code == 200

    elsewhere = photo_of(ActivityFactory(project=world.neighbour), consent="nobody")
    assert client.get(reverse("reports:picture", args=[report.pk, elsewhere.pk])).status_code == 404
    client.force_login(world.people["donor"])
    assert client.get(url).status_code == 404
