"""The list of reports, a report's page, its documents, downloads, and the public check."""

import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from pytest_django.asserts import assertContains

from accounts.models import AccessEvent, Pseudonym
from kernel.formats import join_list
from kernel.jobs import Job
from projects.models import Period
from reports.forms.reports import NewReportForm
from reports.models import About, Rendition, Report
from reports.services.requesting import record_download, request_rendition
from reports.services.steps import publish_report, sign_off, submit_report
from reports.services.writing import save_section, start_new_version
from tests.factories import PeriodFactory, ReportFactory, SectionFactory
from tests.reports.shelves import finish_files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def signed(signed_plainly):
    return signed_plainly


def ready(report, *, audience="donor", language="fr", **fields) -> Rendition:
    """A document as a worker would leave it, without the worker."""
    rendition = request_rendition(About(report), language=language, audience=audience, by=None)
    name = default_storage.save("reports/renditions/x.pdf", ContentFile(b"%PDF-1.7 content"))
    rows = Rendition.objects.filter(pk=rendition.pk)
    rows.update(state=Job.State.READY, file=name, pages=9, size=16, **fields)
    rendition.refresh_from_db()
    return rendition


def download(client, rendition):
    return client.get(reverse("reports:download", args=[rendition.pk]))


# The list


def test_the_list_asks_as_often_for_many_as_for_one(client, world, django_assert_max_num_queries):
    client.force_login(world.people["coordinator"])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            period = PeriodFactory(project=world.project, number=number + 5)
            report = ReportFactory(period=period, written_by=world.people["coordinator"])
            request_rendition(About(report), language="fr", audience="donor", by=None)
        client.get(reverse("reports:list"))

        with django_assert_max_num_queries(20) as statements:
            response = client.get(reverse("reports:list"))
        counts.append(len(statements))

        assert len(response.context["page"].object_list) == min(numbers.stop, 25)

    few, many = counts
    assert many <= few


def test_each_file_of_the_list_has_a_name_of_its_own(client, world, submitted):
    for audience in ("donor", "committee"):
        for language in ("en", "fr"):
            ready(submitted, audience=audience, language=language)
    client.force_login(world.people["coordinator"])

    page = client.get(reverse("reports:list")).content.decode()

    names = re.findall(r'/download/">([^<]+)<span', page)
    assert len(set(names)) == 4
    assert [name.split(" · ")[0] for name in names] == ["French", "English"] * 2


def test_the_list_leads_those_who_begin_reports_to_a_new_one(client, world, submitted):
    url = reverse("reports:create", args=[world.project.code])

    leads = {}
    for role in ("coordinator", "administrator", "monitoring", "donor"):
        client.force_login(world.people[role])
        leads[role] = url in client.get(reverse("reports:list")).content.decode()

    assert leads == {
        "coordinator": True,
        "administrator": True,
        "monitoring": False,
        "donor": False,
    }


def test_an_empty_list_leads_to_a_first_report_and_one_without_hits_does_not(client, world):
    client.force_login(world.people["coordinator"])
    first = client.get(reverse("reports:list"))
    narrowed = client.get(reverse("reports:list"), {"status": "published"})

    assertContains(first, reverse("reports:create", args=[world.project.code]))
    assert first.context["empty"].title == "No report yet"
    assert narrowed.context["empty"].title == "No report matches"


def test_the_list_shows_what_one_may_see(client, world, submitted):
    foreign = ReportFactory(period__project=world.neighbour)
    seen = {}

    for role in ("coordinator", "donor", "partner", "outsider"):
        client.force_login(world.people[role])
        response = client.get(reverse("reports:list"))
        seen[role] = list(response.context["page"])

    assert seen == {
        "coordinator": [submitted],
        "donor": [submitted],
        "partner": [],
        "outsider": [foreign],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "submitted"}, 1),
        ({"status": "draft"}, 0),
        ({"project": "HN-1"}, 1),
        ({"project": "HN-2"}, 1),  # not hers: no filter
        ({"status": "nonsense"}, 1),
    ],
)
def test_the_list_is_filtered(client, world, submitted, query, found):
    client.force_login(world.people["coordinator"])

    response = client.get(reverse("reports:list"), query)

    assert len(response.context["page"].object_list) == found


# A report's page


def test_the_page_asks_as_often_for_many_as_for_few(
    client, world, signed, django_assert_max_num_queries
):
    client.force_login(world.people["coordinator"])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            Rendition.objects.create(
                snapshot=signed.snapshot, language="fr", audience="donor", renderer=str(number)
            )
        client.get(signed.get_absolute_url())

        # one for the remarks, one for the templates
        with django_assert_max_num_queries(20) as statements:
            response = client.get(signed.get_absolute_url())
        counts.append(len(statements))

        assert len(response.context["documents"]) == 1  # the newest

    few, many = counts
    assert many <= few


def test_the_way_shows_what_was_left_out_as_left_out(client, world, submitted):
    client.force_login(world.people["coordinator"])

    steps = client.get(submitted.get_absolute_url()).context["steps"]

    assert [step["state"] for step in steps] == ["done", "done", "done", "now", "next", "next"]


@pytest.mark.parametrize(
    ("role", "buttons"),
    [
        ("coordinator", {"comment", "accept", "publish"}),
        ("monitoring", set()),
        ("donor", {"comment", "accept"}),
        ("member", set()),
    ],
)
def test_one_has_the_buttons_that_one_may_press(client, world, submitted, role, buttons):
    finish_files(submitted)
    client.force_login(world.people[role])

    verbs = client.get(submitted.get_absolute_url()).context["verbs"]

    assert {verb for verb, _label, _is_strong in verbs} == buttons


@pytest.mark.parametrize(("role", "strong"), [("coordinator", ["sign_off"]), ("administrator", [])])
def test_to_go_back_is_never_the_strong_button(client, world, role, strong):
    report = ReportFactory(period=world.year, status=Report.Status.IN_REVIEW)
    client.force_login(world.people[role])

    verbs = client.get(report.get_absolute_url()).context["verbs"]

    assert [verb for verb, _label, is_strong in verbs if is_strong] == strong
    assert "return" in [verb for verb, _label, _is_strong in verbs]


def test_a_refused_signature_is_told_once(client, world):
    report = ReportFactory(period=world.year, status=Report.Status.IN_REVIEW)
    SectionFactory(report=report, updated_by=world.people["monitoring"])
    client.force_login(world.people["monitoring"])
    url = reverse("reports:step", args=[report.pk, "sign_off"])

    asked = client.get(url)
    refused = client.post(url, {"on": "", "why": ""})

    assert asked.context["signs_own"]
    assert refused.context["form"].non_field_errors()
    assert not refused.context["signs_own"]


def test_a_report_is_begun_of_a_project_year_alone(world):
    PeriodFactory(project=world.project, number=1, kind=Period.Kind.QUARTER)
    years = world.project.periods.filter(kind=Period.Kind.PROJECT_YEAR)

    form = NewReportForm(project=world.project)

    assert list(form.fields["period"].queryset) == list(years)


def test_the_team_reads_the_history_and_the_coordination_the_names(client, world, submitted):
    names = {}
    for role in ("coordinator", "reader", "donor"):
        client.force_login(world.people[role])
        history = client.get(submitted.get_absolute_url()).context["history"]
        names[role] = {str(entry["who"]) for entry in history}

    assert str(world.people["monitoring"]) in names["coordinator"]
    assert names["reader"] == {""}
    assert names["donor"] == set()


def test_the_page_is_asked_again_while_a_document_is_on_its_way(client, world, signed):
    client.force_login(world.people["coordinator"])
    before = client.get(signed.get_absolute_url()).content.decode()
    rendition = request_rendition(About(signed), language="fr", audience="donor", by=None)
    Rendition.objects.update(state="working", stage="layout", progress=12)
    during = client.get(signed.get_absolute_url()).content.decode()
    Rendition.objects.filter(pk=rendition.pk).update(state="failed", failure="too_long")
    after = client.get(signed.get_absolute_url()).content.decode()

    assert ["every 3s" in page for page in (before, during, after)] == [False, True, False]
    assert "page 12" in during


def test_of_drafts_the_newest_is_shown(client, world, report):
    request_rendition(About(report), language="fr", audience="donor", by=None)
    save_section(report, "summary", "fr", "Neuf.", seen_version=1, by=world.people["coordinator"])
    newest = request_rendition(About(report), language="fr", audience="donor", by=None)
    client.force_login(world.people["coordinator"])

    assert client.get(report.get_absolute_url()).context["documents"] == [newest]


def test_a_signed_document_that_is_ready_is_kept_before_a_later_request(client, world, signed):
    kept = ready(signed)
    Rendition.objects.create(
        snapshot=signed.snapshot, language="fr", audience="donor", renderer="a later one"
    )
    client.force_login(world.people["coordinator"])

    assert client.get(signed.get_absolute_url()).context["documents"] == [kept]


# A document


@pytest.mark.parametrize(
    ("state", "fields", "polls"),
    [
        ("queued", {}, True),
        ("working", {"stage": "layout", "progress": 12}, True),
        ("ready", {"file": "x", "pages": 9, "size": 16}, False),
        ("failed", {"failure": "too_long"}, False),
        ("cancelled", {}, False),
    ],
)
def test_the_box_polls_until_it_is_over(client, world, signed, state, fields, polls):
    rendition = request_rendition(About(signed), language="fr", audience="donor", by=None)
    Rendition.objects.update(state=state, **fields)
    client.force_login(world.people["coordinator"])
    url = reverse("reports:rendition-status", args=[rendition.pk])

    page = client.get(url).content.decode()

    assert (f'hx-get="{url}"' in page) == polls
    assert "<html" not in page
    assert ("page 12" in page) == (state == "working")


def test_a_failure_says_why_and_offers_to_try_again(client, world, signed):
    rendition = request_rendition(About(signed), language="fr", audience="donor", by=None)
    Rendition.objects.update(state="failed", failure="too_long")
    rendition.refresh_from_db()
    client.force_login(world.people["coordinator"])

    page = client.get(rendition.get_absolute_url()).content.decode()
    client.post(reverse("reports:rendition-retry", args=[rendition.pk]))

    rendition.refresh_from_db()
    with translation.override("en"):
        assert str(Job.Failure.TOO_LONG.label) in page
    assert rendition.state == "queued"


def test_cancelling_twice_is_told(client, world, signed):
    rendition = request_rendition(About(signed), language="fr", audience="donor", by=None)
    client.force_login(world.people["coordinator"])
    url = reverse("reports:rendition-cancel", args=[rendition.pk])

    client.post(url)
    second = client.post(url, follow=True)

    rendition.refresh_from_db()
    assert rendition.state == "cancelled"
    assert [message.level_tag for message in second.context["messages"]] == ["error"]


# Downloads


def test_the_donor_downloads_and_it_is_logged(client, world, submitted):
    rendition = ready(submitted)
    client.force_login(world.people["donor"])

    response = download(client, rendition)

    event = AccessEvent.objects.get(kind=AccessEvent.Kind.DOWNLOAD)
    assert response.getvalue() == b"%PDF-1.7 content"
    assert response["Content-Type"] == "application/pdf"
    assert event.thing == submitted
    assert Pseudonym.objects.get(key=event.key).user == world.people["donor"]


@pytest.mark.parametrize(
    ("role", "audience", "name"),
    [
        ("donor", "donor", "HN-1 Report 1 2019-2020 v1 Donor fr.pdf"),
        ("coordinator", "partners", "HN-1 Report 1 2019-2020 v1 Partners fr.pdf"),
        ("partner", "partners", "Report 1 fr.pdf"),
    ],
)
def test_a_file_is_named_for_its_project_to_team_and_donor_alone(
    client, world, published, role, audience, name
):
    rendition = ready(published, audience=audience)
    client.force_login(world.people[role])

    response = download(client, rendition)
    response.getvalue()

    assert response["Content-Disposition"].startswith(f'attachment; filename="{name}"; ')


def test_asking_for_the_head_alone_is_no_download(client, world, submitted):
    client.force_login(world.people["donor"])

    response = client.head(reverse("reports:download", args=[ready(submitted).pk]))
    for close in response._resource_closers:  # as a web server does
        close()

    assert not AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD).exists()


@pytest.mark.parametrize(
    ("role", "audiences"),
    [
        ("coordinator", {"donor", "committee", "partners", "coordination"}),
        ("monitoring", {"donor", "committee", "partners"}),
        ("auditor", {"donor", "committee", "partners", "coordination"}),
        ("member", {"committee", "partners"}),  # its institution is a partner as well
        ("partner", {"partners"}),
        ("donor", {"donor"}),
        ("embassy", {"donor"}),
        ("outsider", set()),
    ],
)
def test_one_gets_the_documents_that_are_for_one(client, world, published, role, audiences):
    renditions = [
        ready(published, audience=one) for one in ("donor", "committee", "partners", "coordination")
    ]
    client.force_login(world.people[role])

    got = set()
    for rendition in renditions:
        response = download(client, rendition)
        if response.status_code == 200:
            response.getvalue()
            got.add(rendition.audience)

    assert got == audiences


@pytest.mark.parametrize("role", ["member", "partner", "donor", "embassy"])
def test_nobody_outside_gets_a_draft(client, world, report, role):
    rendition = ready(report)
    Report.objects.filter(pk=report.pk).update(
        status="published",
        published_on="2020-10-01",
        snapshot=rendition.snapshot,
        signed_off_by=world.people["monitoring"],
        signed_off_on="2020-09-30",
    )
    client.force_login(world.people[role])

    assert download(client, rendition).status_code == 404


def test_a_document_that_is_not_ready_is_not_there(client, world, submitted):
    waiting = submitted.snapshot.renditions.first()
    client.force_login(world.people["coordinator"])

    assert download(client, waiting).status_code == 404


def test_a_file_that_is_missing_is_told_and_not_logged(client, world, submitted):
    rendition = ready(submitted)
    default_storage.delete(rendition.file.name)
    client.force_login(world.people["donor"])

    assert download(client, rendition).status_code == 404
    assert not AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD).exists()


def test_the_coordinator_sees_who_downloaded(client, world, submitted):
    record_download(ready(submitted), by=world.people["donor"])
    client.force_login(world.people["coordinator"])

    downloads = client.get(submitted.get_absolute_url()).context["downloads"]

    assert [one["who"] for one in downloads] == [str(world.people["donor"])]


def test_the_donor_does_not_see_who_downloaded(client, world, submitted):
    client.force_login(world.people["donor"])

    assert "downloads" not in client.get(submitted.get_absolute_url()).context


# The public check


def check(client, code):
    return client.get(reverse("reports:verify-code", args=[code]))


def told(response) -> dict[str, str]:
    return {fact["label"]: fact["value"] for fact in response.context["found"].facts}


def test_a_published_document_is_genuine(client, world, published):
    ready(published)
    ready(published, language="es")

    response = check(client, published.snapshot.code)
    page = response.content.decode()

    assert response.status_code == 200
    assert str(published.project) in page
    assert told(response)[gettext("Languages")] == join_list(
        [gettext("French"), gettext("Spanish")]
    )


def test_the_code_of_a_draft_is_unknown(client, report):
    rendition = request_rendition(About(report), language="fr", audience="donor", by=None)

    assert check(client, rendition.snapshot.code).status_code == 404


@pytest.mark.parametrize("code", ["0000-0000-0000", "ZZZZ-ZZZZ-ZZZZ", "x", "%", "‮‮", "a" * 500])
def test_any_other_code_is_unknown(client, published, code):
    assert check(client, code).status_code == 404


def test_a_code_is_understood_as_people_type_it(client, published):
    typed = published.snapshot.code.lower().replace("-", " ")

    response = client.get(reverse("reports:verify"), {"code": f" {typed} "})

    assert response.url == reverse("reports:verify-code", args=[published.snapshot.code])


def test_a_code_of_the_wrong_length_is_told_in_words(client):
    response = client.get(reverse("reports:verify"), {"code": "7F3A"})

    assert response.context["form"].errors


def test_the_check_says_which_version_is_newer(client, world, published):
    revised = start_new_version(published, by=world.people["coordinator"])
    unpublished = told(check(client, published.snapshot.code))
    SectionFactory(report=revised, kind="lessons", text="Neuf.")
    revised.take("review", by=None)
    sign_off(revised, by=world.people["monitoring"])
    submit_report(revised, by=world.people["coordinator"])
    publish_report(revised, by=world.people["coordinator"])

    published_later = told(check(client, published.snapshot.code))

    assert published_later.keys() - unpublished.keys() == {gettext("Superseded by")}
    assert "2" in published_later[gettext("Superseded by")]
    assert revised.snapshot.code != published.snapshot.code


def test_the_check_costs_little(client, published, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        check(client, published.snapshot.code)
