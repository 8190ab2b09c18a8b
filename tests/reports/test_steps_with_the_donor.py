"""What the pages say from the first report of a project to its acceptance: who may do what, and what comes
next."""

import pytest
from django.urls import reverse
from django.utils import translation

from ibcr_portal.home import home_for
from ibcr_portal.news.reading import news_lines
from ibcr_portal.reader import Reader
from projects.models import Representation
from reports.library import LibraryDocument
from reports.models import About, DocumentKind, Report
from reports.reading import donor_has_files
from reports.views.reading import own_files
from reports.views.steps import DONE
from tests.factories import ReportFactory, SectionFactory
from tests.obligations import write_all
from tests.reports.shelves import ready_file, standing_report

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def signed(world, signed_plainly):
    return signed_plainly


@pytest.fixture
def submitted(world):
    return standing_report(world, status="submitted")


@pytest.fixture
def see(client, world):
    def see(role, url):
        client.force_login(world.people[role])
        return client.get(url)

    return see


def said(answer):
    return " ".join(answer.content.decode().split())


def only_reads(world, *roles):
    people = [world.people[role] for role in roles]
    Representation.objects.filter(contact__user__in=people).update(right="reads")


@pytest.mark.parametrize("are_there", [True, False])
def test_who_only_reads_for_the_donor_is_told_who_accepts(world, submitted, see, are_there):
    if are_there:
        ready_file(submitted.snapshot)
    only_reads(world, "donor")
    people = Representation.objects.filter(contact__user=world.people["embassy"])
    people.update(right="accepts")

    shown = said(see("donor", submitted.get_absolute_url()))

    embassy = world.institutions["embassy"].short_name
    assert donor_has_files(submitted) == are_there
    assert f"It can be accepted for the donor by: {embassy}." in shown
    assert "You can accept it as soon as" not in shown


def test_who_only_reads_for_the_donor_is_told_that_nobody_may_accept(world, submitted, see):
    only_reads(world, "donor", "embassy")

    shown = said(see("donor", submitted.get_absolute_url()))

    assert "Nobody may accept it for the donor yet: tell the coordination" in shown


@pytest.mark.parametrize(("role", "is_told"), [("donor", True), ("coordinator", False)])
def test_only_who_accepts_is_told_to_wait_for_the_files(submitted, see, role, is_told):
    shown = said(see(role, submitted.get_absolute_url()))

    assert ("You can accept it as soon as its files are there." in shown) == is_told


def test_the_coordination_begins_the_first_report_where_the_reports_are(world, see):
    page = reverse("projects:reports", args=[world.project.code])
    begin = reverse("reports:create", args=[world.project.code])

    shown, of_donor = said(see("coordinator", page)), said(see("donor", page))

    assert "No report of this project has been started yet." in shown
    assert begin in shown
    assert "No report of this project has reached you yet." in of_donor
    assert begin not in of_donor


def test_the_acceptance_is_news_and_the_next_step_is_to_publish(world, submitted, see):
    submitted.take("accept", by=world.people["donor"], accepted_on=submitted.end)

    with translation.override("en"):
        news = f"The donor accepted: {submitted}"
        titles = {
            role: {line.title for line in news_lines(Reader(world.people[role]), 9)}
            for role in ("coordinator", "embassy", "donor", "member")
        }

    assert {role for role in titles if news in titles[role]} == {"coordinator", "embassy"}
    page = said(see("coordinator", submitted.get_absolute_url()))
    assert "The next step is to publish it" in page
    assert "The next step is" not in said(see("donor", submitted.get_absolute_url()))


@pytest.mark.parametrize(("was_presented", "at_head"), [(True, True), (False, False)])
def test_the_outcome_is_asked_at_the_head_only_of_what_was_presented(
    world, signed, see, was_presented, at_head
):
    for verb in ("present", "submit") if was_presented else ("submit",):
        signed.take(verb, by=world.people["coordinator"])

    page = see("coordinator", signed.get_absolute_url())

    outcome = reverse("reports:outcome", args=[signed.pk])
    assert bool(page.context["outcome_step"]) == at_head
    assert (outcome in [step.url for step in page.context["further"]]) != at_head
    assert said(page).count(f'href="{outcome}"') == 1
    head = said(page).partition('<div class="actions">')[2].partition("</div>")[0]
    assert head.count("btn-primary") == 1
    assert reverse("reports:step", args=[signed.pk, "comment"]) in said(page)
    assert reverse("reports:revise", args=[signed.pk]) in said(page)


def test_after_a_step_the_page_says_what_was_done(client, world, see):
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    see("coordinator", report.get_absolute_url())

    done = client.post(reverse("reports:step", args=[report.pk, "review"]), follow=True)

    assert "The report was sent for internal review." in said(done)
    assert {*DONE} == {*Report.STEPS}


def test_what_lacks_names_its_languages_from_the_start_and_stops_nothing(world, see):
    world.project.languages = ["es", "fr"]
    world.project.save()
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    before = see("coordinator", report.get_absolute_url())
    kind = next(row for row in report.preset.rows if row.is_required)
    SectionFactory(report=report, kind=kind.kind, language="es", text="Sí.")
    with translation.override("en"):
        name = kind.name

    after = see("coordinator", report.get_absolute_url())

    assert f"“{name}” is not written yet. It is needed in: Spanish and French." in said(before)
    assert f"“{name}” is not written in: French." in said(after)
    assert len(after.context["gaps"]) == len(before.context["gaps"])
    assert "None of this stops the report." in said(before)


def test_an_annex_that_needs_no_text_is_not_called_empty(world, see):
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])

    outline = see("coordinator", report.get_absolute_url()).context["outline"]

    with translation.override("en"):
        states = {row.kind: outline._state(row, {})[1] for row in outline.kinds}
    assert states["annex_logic"] == states["annex_framework"] == "The portal fills it"
    assert states["annex_stories"] == states["lessons"] == "Empty"


def test_the_task_of_who_accepts_says_what_to_do(world, submitted):
    write_all()

    with translation.override("en"):
        waiting = [line.title for line in home_for(world.people["donor"]).waiting]
        assert f"Accept or comment: {submitted}" in waiting


def test_the_coordination_finds_the_files_under_the_text_that_it_reads(world, signed, see):
    file = ready_file(signed.snapshot, audience="donor")
    documents = [file]

    shown = own_files(documents, {"audience": "coordination"})
    own = own_files([file, ready_file(signed.snapshot, "es")], {"audience": "donor"})

    assert shown == documents
    assert len(own) == 2
    assert own_files([], {"audience": "coordination"}) == []


def test_a_document_of_a_meeting_is_named_by_its_kind(world):
    with translation.override("en"):
        minutes = LibraryDocument(About(world.meeting, DocumentKind.MINUTES), [])
        plan = LibraryDocument(About(world.plan, DocumentKind.PLAN), [])

        assert minutes.name == f"Minutes – {world.meeting}"
        assert plan.name == str(world.plan)
