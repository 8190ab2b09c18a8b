"""The demonstration loads twice, and its documents keep to what was known on their day."""

import io
import re
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone, translation

from accounts.models import OutgoingMail, User
from committees.models import (
    ActionPlan,
    AgendaItem,
    Attendance,
    Invitation,
    Meeting,
    Minutes,
    Position,
    ProgressNote,
    ProposedChange,
    Reply,
    Resolution,
    WrittenConsultation,
)
from ibcr_portal.demo.pictures import SCENES, illustration
from ibcr_portal.demo.reports import write_further_reports
from ibcr_portal.demo.texts import read
from ibcr_portal.demo.whole import is_wanted
from ibcr_portal.models import DemonstrationThing, PersonRequest
from ibcr_portal.starting.removing import plan_removal, remove_demonstration
from kernel.formats import day_short
from kernel.lifecycle import StatusChange
from kernel.models import Organisation
from partners.models import Contact, Institution, InstitutionName
from projects.models import Contribution, DataPoint, Period, Project, Result
from reports.models import Report
from reports.pdf import html_of
from reports.services.writing import sections_lacking
from tests.demonstration import load_demonstration
from tests.factories import AssignmentFactory, ParticipationFactory, ProjectFactory, UserFactory
from tests.frozen.demonstrated import contents, documents, fixtures_of, in_each_language
from tests.frozen.fixtures import CHANGED_DOCUMENTS, beyond, check_shape, keep_fixture
from tests.frozen.shapes import shape_of
from tests.ibcr_portal.portfolio_questions import answers
from tests.ibcr_portal.test_mail_examples import check_every_letter
from tests.reports.strays import language_of, strays_of

pytestmark = pytest.mark.django_db

NUMBER_WORDS = {
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "vingt": 20,
    "veinte": 20,
    "twenty": 20,
}


@pytest.fixture(scope="module")
def demonstration(django_db_setup, django_db_blocker):
    """Loaded once for all tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), override_settings(EMBEDDED=True), transaction.atomic():
        load_demonstration()
        yield
        transaction.set_rollback(True)


def counts():
    models = (
        *(User, Contact, Project, Meeting, AgendaItem, Resolution, ActionPlan, Report, Minutes),
        *(Invitation, Position, ProposedChange, Reply, ProgressNote, WrittenConsultation),
        OutgoingMail,
    )
    return {model.__name__: model.objects.count() for model in models}


def test_it_loads_twice_and_keeps_what_people_changed(demonstration):
    before = counts()
    Project.objects.filter(code="HN-TRATA").update(donor_number="changed by a person")

    call_command("load_demo", stdout=io.StringIO())

    assert counts() == before
    assert Project.objects.get(code="HN-TRATA").donor_number == "changed by a person"


def test_a_fresh_reader_answers_eight_questions_from_the_portfolio(demonstration):
    example = "Example project – Child protection"
    with translation.override("en"):
        day = day_short(timezone.localdate() + timedelta(days=9))

    assert answers() == {
        "latest with its report": ("Example project – Safe schools", "106 days late"),
        "Canadian money spent": ["1,421,560.50 CAD", "74%"],
        "most late things": (example, "2"),
        "projects in US dollars, and left of them": ("1", "270,000 USD"),
        "indicators on track": "18 of 23",
        "smallest share spent": (
            "Example project – Reception centres",
            "Spent: 30 % 88,600 CAD",
        ),
        "people trained": ("4 of 4", "598"),
        "next date": (example, f"{day} Reports to the donor"),
    }


def test_it_is_wanted_until_it_is_loaded_whole_and_never_among_the_data_of_others(demonstration):
    assert not is_wanted()
    with transaction.atomic():
        Project.objects.filter(code="HN-TRATA").update(code="INTERRUPTED")
        assert is_wanted()
        transaction.set_rollback(True)


def test_it_is_refused_where_a_known_password_would_be_a_door(settings):
    settings.EMBEDDED = False
    before = User.objects.count()

    with pytest.raises(CommandError, match="password that everyone knows"):
        call_command("load_demo")

    assert User.objects.count() == before


def test_honduras_is_history_as_the_article_tells_it(demonstration):
    meeting = Meeting.objects.get(committee__project__code="HN-TRATA", number=2)
    decision = meeting.resolutions.get(number="2020-02")
    plan = ActionPlan.objects.get(project__code="HN-TRATA", period__number=2, version=2)
    project = meeting.committee.project

    assert (meeting.day, meeting.mode, meeting.headcount) == (date(2020, 9, 3), "online", 20)
    assert (decision.seats_present, decision.seats_required, decision.seats_total) == (9, 6, 11)
    assert plan.validated_by == decision
    assert (project.original_end, project.current_end) == (date(2022, 3, 31), date(2022, 8, 31))


def agenda_of(code, number):
    """Of each item its purpose, and the numbers of what was resolved on it."""
    meeting = Meeting.objects.get(committee__project__code=code, number=number)
    return [
        (item.title_en, item.purpose, [row.number for row in item.resolutions.order_by("pk")])
        for item in meeting.items.on_agenda()
    ]


def test_both_real_meetings_have_their_agenda_and_what_they_resolved(demonstration):
    assert agenda_of("HN-TRATA", 1) == [
        ("Terms of reference of the committee", "decide", ["2019-01"]),
        ("Roles and responsibilities of the committee", "discuss", []),
        ("Expected results of the project", "inform", []),
        ("Action plan of year 1", "decide", ["2019-02"]),
    ]
    assert agenda_of("HN-TRATA", 2) == [
        ("Opening and adoption of the agenda", "inform", []),
        ("Adoption of the minutes of the first meeting", "decide", ["2020-01"]),
        ("First results observed – year 1", "inform", []),
        ("Health situation and how activities go on", "discuss", ["2020-R1"]),
        ("Action plan of year 2 and extension of the project", "decide", ["2020-02"]),
        ("Call for projects from civil society", "discuss", []),
        ("Closing", "inform", []),
    ]


def test_four_of_five_outputs_of_honduras_are_measured_in_each_period(demonstration):
    outputs = Result.objects.filter(project__code="HN-TRATA", level=Result.Level.OUTPUT)
    values = DataPoint.objects.totals().filter(kind="actual", status="approved", illustrative=True)
    measured = {
        period.number: {*values.filter(period=period).values_list("indicator__result", flat=True)}
        for period in Period.objects.filter(project__code="HN-TRATA", kind="project_year")
    }

    assert {*measured} == {1, 2, 3}
    for number, results in measured.items():
        shown = [output.code for output in outputs if output.pk in results]
        assert len(shown) >= 0.8 * outputs.count(), number


def test_drawings_stand_in_for_photographs_and_say_so(demonstration):
    report = Report.objects.get(project__code="HN-TRATA", period__number=1)
    document = report.snapshot.document("donor", "en")
    in_annex = (
        block
        for chapter in document["chapters"]
        for block in chapter["blocks"]
        if block["type"] == "picture"
    )
    shown = [*document["glance"]["photos"], *in_annex]

    assert [block["text"].rstrip("*\u00a0") for block in shown] == [
        "La sala del taller, dibujada",
        "Las tarjetas de los grupos, dibujadas",
        "El pacto Corazón Azul, dibujado",
        "Un centro comunitario, dibujado",
    ]
    assert all(block["text"].endswith("*") for block in shown)
    assert len({*SCENES}) == len({illustration(name) for name in SCENES})
    assert all(illustration(name) == illustration(name) for name in SCENES)


def test_what_the_source_does_not_tell_is_marked(demonstration):
    resolutions = Resolution.objects.filter(committee__project__code="HN-TRATA")
    plans = ActionPlan.objects.filter(project__code="HN-TRATA")
    meetings = Meeting.objects.filter(committee__project__code="HN-TRATA")

    told = resolutions.filter(illustrative=False)
    assert [resolution.number for resolution in told] == ["2020-02"]
    assert set(plans.values_list("illustrative", flat=True)) == {True}
    assert all("llustrati" in meeting.illustrative_note_en for meeting in meetings)
    assert "Illustrative text" in meetings[0].committee.terms_text_en


def test_the_first_meeting_constituted_the_committee_by_adopting_its_terms(demonstration):
    committee = Project.objects.get(code="HN-TRATA").committee
    step = committee.status_changes.get()

    assert committee.terms_adopted_by.number == "2019-01"
    assert (step.verb, step.happened_on) == ("constitute", date(2019, 8, 23))


def test_minutes_are_sealed_adopted_in_writing_and_waiting(demonstration):
    lives = {
        (minutes.meeting.committee.project.code, minutes.meeting.number): (
            minutes.status,
            minutes.adopted_how,
            minutes.adopted_by and minutes.adopted_by.number,
            minutes.adopted_on,
        )
        for minutes in Minutes.objects.all()
    }

    assert lives == {
        ("HN-TRATA", 1): ("sealed", "meeting", "2020-01", date(2020, 9, 3)),
        ("HN-TRATA", 2): ("adopted", "written", "2020-03", date(2020, 10, 20)),
        ("EXEMPLE-01", 1): ("final_draft", "", None, None),
    }
    sealed = Minutes.objects.get(status=Minutes.Status.SEALED)
    assert (sealed.is_whole, sealed.sealed_on) == (True, date(2020, 9, 7))
    assert sealed.remarks.get().reply


def test_the_plan_of_year_two_was_followed_in_notes(demonstration):
    notes = ProgressNote.objects.filter(action__project__code="HN-TRATA").order_by("noted_on")
    plans = ActionPlan.objects.filter(project__code="HN-TRATA").order_by("period", "version")

    assert [(note.action.reference, note.share_done) for note in notes] == [
        ("2.1", 50),
        ("2.2", 40),
        ("2.3", 30),
        ("2.1", 100),
        ("2.1", 100),
        ("2.2", 100),
        ("2.3", 80),
    ]
    assert notes[0].action.status == "verified"
    assert [plan.status for plan in plans] == ["closed", "draft", "closed"]


def test_the_meeting_to_come_was_convened_answered_and_filled_by_rule(demonstration):
    meeting = Meeting.objects.upcoming().get(committee__project__code="EXEMPLE-01")
    answers = meeting.invitations.exclude(answer="").order_by("seat__position")
    proposal = meeting.items.get(status=AgendaItem.Status.PROPOSED)

    assert meeting.day == timezone.localdate() + timedelta(days=14)
    assert (meeting.status, meeting.notice_given) == ("convened", 14)
    assert [(answer.answer, answer.channel) for answer in answers] == [
        ("accepted", "portal"),
        ("alternate", "telephone"),
        ("accepted", "portal"),
    ]
    assert meeting.invitations.unanswered().exists()
    assert {item.source for item in meeting.items.on_agenda()} == {
        *("", "minutes", "recommendations", "overdue")
    }
    assert meeting.documents.get().kind == "docx"
    assert proposal.proposed_seat.institution.kind == "state"


def test_the_plan_in_review_has_a_thread_two_proposals_and_all_kinds_of_positions(demonstration):
    plan = ActionPlan.objects.in_review().get()
    thread = plan.remarks.get().replies.all()
    proposals = plan.proposals.all()

    assert [reply.institution is None for reply in thread] == [True, False]
    assert {(proposal.field, proposal.is_open) for proposal in proposals} == {("starts_on", True)}
    assert len(proposals) == 2
    assert {position.stance for position in plan.positions.latest_each()} == {
        *("with_remarks", "endorses", "consulting", "asks")
    }
    assert WrittenConsultation.objects.open().get().ballots.count() == 2


def test_it_writes_to_nobody_of_what_is_past(demonstration):
    """Messages are those of the meeting to come: each is kept with an invitation to it."""
    coming = Meeting.objects.upcoming().get()
    invited = coming.invitations.exclude(mail=None).values_list("contact__user", flat=True)

    assert OutgoingMail.objects.exists()
    assert set(OutgoingMail.objects.values_list("person", flat=True)) <= set(invited)
    keys = OutgoingMail.objects.values_list("key", flat=True)
    assert {key.split(":")[0] for key in keys} == {"meeting", "answer"}


def test_the_attendance_list_is_as_long_as_the_headcount_says(demonstration):
    for meeting in Meeting.objects.exclude(headcount=None):
        there = meeting.attendances.filter(presence__in=Attendance.THERE)
        assert there.count() == meeting.headcount, meeting


def test_the_example_has_something_to_come_in_review_to_sign_and_late(demonstration):
    example = {"project__code": "EXEMPLE-01"}

    assert Meeting.objects.upcoming().filter(committee__project__code="EXEMPLE-01").exists()
    assert ActionPlan.objects.in_review().filter(**example).exists()
    assert Report.objects.filter(status=Report.Status.IN_REVIEW, **example).exists()
    assert Resolution.objects.overdue().filter(committee__project__code="EXEMPLE-01").exists()


def texts(value):
    """Every text in the frozen data, whatever its place."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def days_in(text):
    """ISO days and the long days of the three languages, as dates."""
    months = {
        name: number
        for number, names in enumerate(
            [
                ("janvier", "enero", "january"),
                ("février", "febrero", "february"),
                ("mars", "marzo", "march"),
                ("avril", "abril", "april"),
                ("mai", "mayo", "may"),
                ("juin", "junio", "june"),
                ("juillet", "julio", "july"),
                ("août", "agosto", "august"),
                ("septembre", "septiembre", "september"),
                ("octobre", "octubre", "october"),
                ("novembre", "noviembre", "november"),
                ("décembre", "diciembre", "december"),
            ],
            start=1,
        )
        for name in names
    }
    names = "|".join(months)
    low = text.lower()
    for day, month, year in re.findall(
        rf"(\d{{1,2}})(?:er)?(?: de)? ({names})(?: de)? (\d{{4}})", low
    ):
        yield date(int(year), months[month], int(day))
    for month, day, year in re.findall(rf"({names}) (\d{{1,2}}), (\d{{4}})", low):
        yield date(int(year), months[month], int(day))


def signed_reports():
    return Report.objects.exclude(snapshot=None).select_related("snapshot", "project", "period")


def test_a_document_cites_nothing_that_happened_after_its_day(demonstration):
    """What is planned may lie ahead: dates of plans, periods and ends of projects."""
    for report in signed_reports():
        ahead = {report.project.original_end, report.project.current_end}
        ahead |= {
            day for period in report.project.periods.all() for day in (period.start, period.end)
        }
        ahead |= {
            day
            for plan in report.project.plans.all()
            for terms in plan.terms.all()
            for day in (terms.starts_on, terms.ends_on)
        }
        ahead |= set(report.project.amendments.values_list("end_after", flat=True))
        payments = Contribution.objects.filter(participation__project=report.project)
        ahead |= set(payments.values_list("expected_on", flat=True))
        due = Resolution.objects.filter(committee__project=report.project)
        ahead |= set(due.values_list("due_on", flat=True))

        cited = {day for text in texts(report.snapshot.data) for day in days_in(text)}
        assert cited, "the test reads no dates"
        assert {day for day in cited if day > report.signed_off_on} <= ahead


def test_what_came_after_the_signature_is_not_in_the_document(demonstration):
    """The donor approved the extension in October 2020; the report was signed in September."""
    report = Report.objects.get(project__code="HN-TRATA")

    everything = " ".join(texts(report.snapshot.data))

    assert "30 octobre 2020" not in everything
    assert "October 30, 2020" not in everything


@pytest.mark.parametrize("name", ["honduras", "example"])
def test_counts_in_the_prose_are_those_of_the_tables(name):
    """`vingt personnes` in a meeting's note is its headcount."""
    for meeting in read(name)["meeting"]:
        note = " ".join(meeting.get("note", {}).values()).lower()
        told = [
            NUMBER_WORDS[word]
            for word in re.findall(r"(\w+) (?:personnes|personas|people)", note)
            if word in NUMBER_WORDS
        ]
        assert set(told) <= {meeting.get("headcount")}


def test_everybody_in_it_is_visibly_a_role(demonstration):
    people = [*User.objects.values_list("full_name", flat=True)]
    people += Contact.objects.values_list("full_name", flat=True)
    people += Attendance.objects.exclude(guest_name="").values_list("guest_name", flat=True)

    assert [name for name in people if not re.search(r"\b\d\d\b", name)] == []


def test_what_is_frozen_has_the_shape_of_its_format(demonstration, request):
    """The shape of all documents is described by `tests.reports.test_leaks`, which composes more."""
    write, papers = request.config.getoption("write_frozen"), documents()
    keep_fixture("document", fixtures_of("document", papers), write=write)
    for name, found in contents().items():
        keep_fixture(name, fixtures_of(name, found), write=write)
        check_shape(name, shape_of(*found), write=write)

    assert write or beyond("document", papers) == [], CHANGED_DOCUMENTS


def test_each_text_of_a_document_is_in_the_language_that_it_is_marked_with(demonstration):
    """Either translated, or marked; proper names have no language."""
    names = {*InstitutionName.objects.values_list("name_fr", flat=True)}
    names |= {*InstitutionName.objects.values_list("name_es", flat=True)}
    documents = in_each_language()

    assert len(documents) > 40
    assert language_of("Les ateliers prévus se tiendront dans la salle.") == "fr"
    assert {
        (document["kind"], *stray)
        for document in documents
        for stray in strays_of(html_of(document, code="", is_draft=True), names - {""})
    } == set()


def test_the_reports_of_the_samples_have_all_that_their_forms_require(demonstration):
    project = Project.objects.get(code="HN-TRATA")
    languages = {"gac-final": "en", "eu-interim": "fr", "harmonised-8-3": "es"}
    with transaction.atomic():
        reports = write_further_reports(project)
        documents = {
            key: report.snapshot.document("donor", languages[key])
            for key, report in reports.items()
        }
        lacking = {key: sections_lacking(report) for key, report in reports.items()}
        transaction.set_rollback(True)

    assert {*reports} == {*languages}
    assert lacking == {key: [] for key in languages}
    assert all(report.illustrative for report in reports.values())
    kinds = {
        key: {chapter["kind"] for chapter in document["chapters"]}
        for key, document in documents.items()
    }
    assert "finances" in kinds["gac-final"]
    assert "reached" in kinds["harmonised-8-3"]
    for key, document in documents.items():
        told = [chapter["narrative"] for chapter in document["chapters"] if chapter["narrative"]]
        assert [text for text in told if text["lang"] not in ("", languages[key])] == []


def test_every_kind_of_message_reads_well_in_each_language(demonstration):
    check_every_letter()


# Its removal; the rest is in test_demonstration_removal.py


@pytest.fixture
def administrator():
    return UserFactory(full_name="Administration 09", is_staff=True)


@pytest.fixture
def own(demonstration):
    """A project of one's own with an institution and a person of the demonstration."""
    project = ProjectFactory(code="REAL")
    institution = Institution.objects.filter(seats__isnull=False, contacts__user=None).first()
    ParticipationFactory(project=project, institution=institution)
    AssignmentFactory(
        project=project, user=User.objects.get(email="suivi@example.org"), role="monitoring"
    )
    return project


def test_it_goes_as_a_whole_and_what_real_projects_use_stays(own, administrator):
    Organisation.objects.update(is_demonstration=True)
    used = own.participations.get().institution
    stays = plan_removal().stays
    assert [kept.label for kept in stays] == [str(used), str(own.assignments.get().user)]

    remove_demonstration()

    connection.check_constraints()
    assert list(Project.objects.all()) == [own]
    assert list(Institution.objects.all()) == [used]
    assert used.names.exists()
    assert not Contact.objects.exists()
    assert set(User.objects.values_list("email", flat=True)) == {
        administrator.email,
        "suivi@example.org",
    }
    kept = own.assignments.get().user
    assert not kept.has_usable_password()
    assert not DemonstrationThing.objects.exists()
    assert not PersonRequest.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert not Organisation.objects.exists()
    assert not Project.history.exclude(id=own.pk).exists()
    assert all(change.thing for change in StatusChange.objects.all())
