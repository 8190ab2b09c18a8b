"""A report is read on the page: its text, what it cites, what was said of it, and what is new."""

import re

import brotli
import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from projects.models import Evidence
from reports.document_types import ReportDocument
from reports.models import Rendition, Report, Snapshot
from reports.on_page import cites
from reports.services.remarks import RemarkEntry, add_report_remark
from reports.services.steps import sign_off, submit_report
from reports.services.writing import save_section, start_new_version
from tests.factories import ActivityFactory, RiskFactory
from tests.reports.conftest import SIGNED_ON
from tests.reports.shelves import ready_file
from tests.reports.test_pictures import photo_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cited(world, report):
    """A submitted report whose text cites an indicator and a decision."""
    coordinator = world.people["coordinator"]
    text = "Voir [[I 1100.1]] et [[D 2020-01|la décision]].\n\nEncore [[I 1100.1]]."
    save_section(report, "lessons", "fr", text, seen_version=0, by=coordinator)
    report.take("review", by=coordinator)
    sign_off(report, by=world.people["monitoring"], on=SIGNED_ON)
    submit_report(report, by=coordinator)
    return report


@pytest.fixture
def read(client, world):
    def read(report, role="donor", language="fr", part="", status=200):
        User.objects.filter(pk=world.people[role].pk).update(language=language)
        client.force_login(User.objects.get(pk=world.people[role].pk))
        url = reverse("reports:read", args=[report.pk])
        if part:
            url = reverse("reports:read-part", args=[report.pk, part])
        with translation.override(language):
            answer = client.get(url)
        assert answer.status_code == status
        return answer

    return read


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


# The text


def test_the_donor_reads_the_whole_text_with_its_figures(read, cited, world):
    page = words(read(cited))

    document: ReportDocument = cited.snapshot.document("donor", "fr")
    body = [one for one in document["chapters"] if not one["is_annex"]]
    for chapter in document["chapters"]:
        assert chapter["title"] in page  # in the contents
    assert [f'id="{one["kind"]}"' in page for one in body] == [True] * len(body)
    assert "Le contexte a changé." in page
    assert "134" in page
    assert "<svg" in page


def test_the_photograph_at_a_glance_is_on_the_page_as_long_as_people_consent(
    client, read, world, report
):
    activity = ActivityFactory(
        project=world.project, actual_start=report.start, actual_end=report.start
    )
    photo = photo_of(activity)
    report.take("review", by=world.people["coordinator"])
    sign_off(report, by=world.people["monitoring"], on=SIGNED_ON)
    submit_report(report, by=world.people["coordinator"])
    address = reverse("reports:picture", args=[report.pk, photo.pk])

    assert words(read(report)).count(f'<img src="{address}"') == 1
    assert client.get(address).headers["Content-Type"] == "image/jpeg"

    Evidence.objects.filter(pk=photo.pk).update(consent="none", audience="team")

    page = words(read(report))
    assert address not in page
    assert "Cette photographie a été retirée." in page
    assert client.get(address).status_code == 404


def test_each_annex_has_a_page_and_the_body_leads_there(read, cited):
    page = words(read(cited))
    annex = reverse("reports:read-part", args=[cited.pk, "annex_framework"])

    assert f'href="{annex}#annex_framework"' in page
    assert 'id="annex_framework"' not in page
    assert 'id="annex_framework"' in words(read(cited, part="annex_framework"))


def test_a_table_without_a_caption_is_called_by_the_heading_above_it(read, cited):
    page = words(read(cited, part="annex_framework"))

    called = re.findall(r'class="table-wrap"[^>]* aria-label="([^"]*)"', page)
    assert called == ["Résultat intermédiaire 1100"]


@pytest.mark.parametrize("part", ["annex_photos", "summary"])
def test_there_is_no_page_of_what_is_no_annex(read, cited, part):
    read(cited, part=part, status=404)


def test_a_citation_is_a_link_to_the_record_and_a_place_for_the_way_back(read, cited, world):
    page = words(read(cited))

    indicator = world.indicator.get_absolute_url()
    place = cites("lessons", "indicator-1100-1100.1")
    assert page.count(f'id="{place}"') == 1
    assert re.search(f'<a id="{place}" href="{indicator}">[^<]*1100.1', page)
    assert f'href="{world.decision.get_absolute_url()}">la décision</a>' in page


def test_what_a_reader_may_not_open_is_no_link(read, cited, world):
    """The donor has no seat, so meetings do not open for them."""
    assert re.findall(r'href="/meetings/[0-9][^"]*"', words(read(cited))) == []


def test_readers_read_in_their_language(read, cited):
    assert "The context changed." in words(read(cited, language="en"))
    spanish = words(read(cited, language="es"))

    # Written in French and English alone: the project works in French first.
    assert '<p class="tongue" lang="fr">' in spanish
    assert '<div class="prose" lang="fr">' in spanish


def test_a_language_that_was_not_frozen_falls_back_with_a_mark(read, cited):
    snapshot = cited.snapshot
    data = {a: {"fr": d["fr"]} for a, d in snapshot.data.items()}
    Snapshot.objects.filter(pk=snapshot.pk).update(data=data)

    page = words(read(cited, language="en"))

    assert '<article class="body" lang="fr">' in page
    assert '<p class="tongue" lang="fr">' in page
    assert "Le contexte a changé." in page


def test_each_audience_reads_its_own_text(read, cited, world):
    RiskFactory(project=world.project)
    donor, member = read(cited).context, read(cited, "member").context

    assert donor["document"]["audience"] == "donor"
    assert member["document"]["audience"] == "committee"
    read(cited, "outsider", status=404)
    read(cited, "partner", status=404)


def test_a_draft_is_read_by_its_writers_alone(read, report):
    assert "Le contexte a changé." in words(read(report, "coordinator"))
    read(report, status=404)


# Commenting


def test_each_chapter_and_heading_can_be_commented(client, read, cited, world):
    page = words(read(cited))
    url = reverse("reports:remark-create", args=[cited.pk])
    here = f"{url}?section=progress&amp;place=result-1100&amp;from=read&amp;part="
    assert f'href="{here}"' in page

    form = client.get(here.replace("&amp;", "&"))
    assert form.context["form"].initial["section"] == "progress#result-1100"
    sent = {"section": "progress#result-1100", "text": "Pourquoi ?", "language": "fr"}
    answer = client.post(here.replace("&amp;", "&"), sent)

    remark = cited.remarks.get()
    assert (remark.section, remark.place) == ("progress", "result-1100")
    assert remark.place_title
    assert answer.url == f"{reverse('reports:read', args=[cited.pk])}#remark-{remark.pk}"
    assert "Pourquoi ?" in words(read(cited))
    assert remark.place_title in words(read(cited, "coordinator"))


def test_a_place_that_the_text_does_not_have_is_ignored(client, read, cited):
    read(cited)
    url = reverse("reports:remark-create", args=[cited.pk])

    form = client.get(f"{url}?section=progress&place=result-9999&from=read").context["form"]

    assert form.initial["section"] == "progress"


def test_members_read_without_commenting(read, cited):
    assert "remarks/new" not in words(read(cited, "member"))


# What is new


def remark_of(world, report, text="Pourquoi ?"):
    entry = RemarkEntry(by=world.people["donor"])
    return add_report_remark(
        report, "donor", language="fr", entry=entry, text=text, section="lessons"
    )


def test_the_page_says_what_is_new_since_the_last_visit(read, cited, world):
    remark = remark_of(world, cited)
    people = User.objects.filter(pk=world.people["donor"].pk)
    people.update(news_read_until=timezone.now())
    assert read(cited).context["news"] == []
    remark.take(
        "answer",
        by=world.people["coordinator"],
        answer="Parce que.",
        answered_at=timezone.now(),
        answered_by=world.people["coordinator"],
    )
    ready_file(cited.snapshot, "es")

    news = read(cited).context["news"]

    assert [one["url"] for one in news] == ["#files", f"#remark-{remark.pk}"]


def test_what_changed_since_the_last_version_is_marked(read, cited, world):
    coordinator = world.people["coordinator"]
    newer = start_new_version(cited, by=coordinator)
    save_section(newer, "context", "fr", "Tout a changé.", seen_version=1, by=coordinator)
    newer.take("review", by=coordinator)
    sign_off(newer, by=world.people["monitoring"], on=SIGNED_ON)
    submit_report(newer, by=coordinator)

    answer = read(newer)

    assert "context" in answer.context["changed"]
    assert "lessons" not in answer.context["changed"]
    assert answer.context["document"]["since"]["version"] == 1
    assert reverse("reports:differences", args=[newer.pk]) in words(answer)
    assert reverse("reports:read", args=[newer.pk]) in words(read(cited))  # there is a newer one


# Accepting


def accept_of(report) -> str:
    return reverse("reports:step", args=[report.pk, "accept"])


def test_the_donor_accepts_once_the_files_are_there(client, read, cited, world):
    assert accept_of(cited) not in words(read(cited))
    refused = client.post(accept_of(cited), {"why": ""})
    cited.refresh_from_db()
    assert (refused.status_code, cited.status) == (200, Report.Status.SUBMITTED)
    detail = client.get(cited.get_absolute_url()).content.decode()
    assert accept_of(cited) not in detail

    files = Rendition.objects.filter(snapshot=cited.snapshot, audience="donor")
    first, *others = files
    files.filter(pk=first.pk).update(
        state="ready", file="reports/1.pdf", pages=9, size=9, finished_at=timezone.now()
    )
    assert accept_of(cited) not in words(read(cited))  # the others are still being made
    files.filter(pk__in=[one.pk for one in others]).delete()
    assert accept_of(cited) in words(read(cited))
    client.post(accept_of(cited), {"why": ""})

    cited.refresh_from_db()
    assert cited.status == Report.Status.ACCEPTED


def test_the_coordination_records_an_acceptance_on_paper_at_any_time(read, cited):
    assert accept_of(cited) in words(read(cited, "coordinator"))


# Its cost


def test_the_number_of_statements_does_not_grow(
    client, read, cited, world, django_assert_max_num_queries
):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            remark_of(world, cited, f"Remarque {number}")
        read(cited)
        with django_assert_max_num_queries(30) as statements:
            client.get(reverse("reports:read", args=[cited.pk]))
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_the_page_is_light(read, cited):
    """A list of 300 things may take 20 kB; this is a report of twenty pages."""
    assert len(brotli.compress(read(cited).content)) < 20_000
