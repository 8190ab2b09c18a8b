"""Who finds what, and what nobody learns from what is found."""

import itertools
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.models import Audience, Minutes
from ibcr_portal.kinds import SOURCES
from ibcr_portal.models import SearchChange, SearchEntry
from ibcr_portal.search.rights import SEEN, Finder
from ibcr_portal.search.showing import results, search
from ibcr_portal.search.tables import FoundEntry
from ibcr_portal.search.writing import write_changed
from projects.models import Project
from projects.permissions.representations import contacts_with_a_place
from reports.models import Section, SectionKind
from tests.factories import (
    AgendaItemFactory,
    AssignmentFactory,
    CategoryFactory,
    CommitteeFactory,
    ContactFactory,
    DataPointFactory,
    IndicatorFactory,
    InstitutionFactory,
    MeetingFactory,
    ParticipationFactory,
    PeriodFactory,
    RemarkFactory,
    ReportFactory,
    RepresentationFactory,
    ResolutionFactory,
    ResultFactory,
    RiskFactory,
    SeatFactory,
    SeatTermFactory,
    SectionFactory,
    UserFactory,
    say,
)
from tests.ibcr_portal.searched import found
from tests.reports.shelves import standing_report
from tests.world import ROLES, World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def world():
    return World()


def seen_by(person):
    """Every entry of the index that the person may find."""
    columns = ("pk", "kind", "thing", "part", "project", "day", "state")
    entries = [FoundEntry(*row) for row in SearchEntry.objects.values_list(*columns)]
    keys = Finder(person).visible(entries)
    return [entry for entry in entries if entry.key in keys]


# For whom


def test_every_kind_says_who_finds_it_and_what_it_shows():
    assert set(SEEN) == set(SOURCES)


def test_people_are_found_by_those_who_coordinate_a_project_in_which_they_have_a_place(world):
    today = timezone.localdate()
    committees = (world.committee, CommitteeFactory(project=world.neighbour))
    for committee, is_open, days in itertools.product(committees, (True, False), (-9, 9)):
        institution = ParticipationFactory(project=committee.project).institution
        since = today + timedelta(days)
        ended = {} if is_open else {"ended_at": timezone.now()}
        RepresentationFactory(
            participation=institution.participations.get(),
            contact=ContactFactory(institution=institution, represents=False),
            since=since,
            **ended,
        )
        person = ContactFactory(represents=False, ended_on=None if is_open else today)
        seat = SeatFactory(committee=committee, institution=person.institution)
        SeatTermFactory(seat=seat, contact=person, since=since)
    ended = AssignmentFactory(project=world.project, ends_on=today - timedelta(1)).user
    write_changed(SOURCES, 1_000)

    for person in (*world.people.values(), ended):
        found = {entry.thing for entry in seen_by(person) if entry.kind == "person"}
        coordinated = Project.objects.coordinated_by(person)
        assert found == set(contacts_with_a_place(coordinated).values_list("pk", flat=True))
        assert bool(found) == bool(coordinated)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_finds_what_they_may_not_open(world, client, role):
    RemarkFactory(plan=world.plan)
    RiskFactory(project=world.project, is_shared=False)
    RiskFactory(project=world.neighbour, is_shared=True)
    AgendaItemFactory(meeting=world.meeting, audience=Audience.COORDINATION)
    write_changed(SOURCES, 1_000)
    person = world.people[role]
    client.force_login(person)

    for entry in seen_by(person):
        source = SOURCES[entry.kind]
        url = source.url(*source.rows([entry.thing])).partition("#")[0]
        answer = client.get(url)
        assert answer.status_code == 200, f"{role} finds {entry} and gets {answer.status_code}"


def test_people_with_the_same_roles_find_each_their_own(world):
    """Coordinators of two projects, and those who measure something for two institutions."""
    mine, theirs = world.institutions["partner"], InstitutionFactory()
    ParticipationFactory(project=world.neighbour, institution=theirs)
    partner = ContactFactory(institution=theirs, user=UserFactory()).user
    there = IndicatorFactory(result=ResultFactory(project=world.neighbour), responsible=theirs)
    here = IndicatorFactory(result=world.result, responsible=mine)
    for indicator in (here, there):
        year = PeriodFactory(project=indicator.result.project, number=2)
        DataPointFactory(indicator=indicator, period=year, comment="Jaguar")
        RiskFactory(project=indicator.result.project, definition_es="Jaguar", is_shared=False)
    people = (world.people["coordinator"], world.people["outsider"])
    others = (world.people["partner"], partner)
    write_changed(SOURCES, 1_000)

    for pair, number in ((people, 2), (others, 1)):
        for _time in range(2):
            for person, indicator in zip(pair, (here, there), strict=True):
                hits = search(person, "jaguar").hits
                assert {hit.entry.project for hit in hits} == {indicator.result.project_id}
                assert len(hits) == number


def test_a_reserved_item_is_found_by_its_audience_alone(world):
    AgendaItemFactory(
        meeting=world.meeting, audience=Audience.COORDINATION, title_es="Chinchilla secreta"
    )

    assert found(world.people["coordinator"], "chinchilla")
    assert not found(world.people["member"], "chinchilla")


def test_a_reserved_item_of_settled_minutes_is_found_by_its_audience_alone(world):
    texts = [
        {"title": {"text": "Abierto", "lang": ""}, "notes": {"text": "Guacamaya", "lang": ""}},
        {"title": {"text": "Reservado", "lang": ""}, "notes": {"text": "Zarigüeya", "lang": ""}},
    ]
    meeting = MeetingFactory(committee=world.committee)
    AgendaItemFactory(meeting=meeting, position=1)
    AgendaItemFactory(meeting=meeting, position=2, audience=Audience.COORDINATION)
    minutes = Minutes(meeting=meeting, status=Minutes.Status.ADOPTED, language="es")
    minutes.adopted_how, minutes.adopted_on = Minutes.Adoption.SILENCE, meeting.day
    minutes.content = {"es": {"items": texts, "format": 2, "institutions": []}}
    minutes.save()

    for word, readers in (
        ("guacamaya", {"coordinator", "member", "donor"}),
        ("zarigüeya", {"coordinator"}),
    ):
        finders = {
            role
            for role in ("coordinator", "member", "donor", "outsider")
            if ("minutes", minutes.pk) in found(world.people[role], word)
        }
        assert finders == readers, word


def test_numbers_say_nothing_of_what_is_not_found(world, client):
    RiskFactory.create_batch(3, project=world.project, definition_es="Jaguar", is_shared=False)
    shared = RiskFactory(project=world.project, definition_es="Jaguar", is_shared=True)
    write_changed(SOURCES, 1_000)
    client.force_login(world.people["member"])

    answer = client.get(reverse("search"), {"q": "jaguar"})

    assert answer.context["number"] == 1
    assert [each.url for each in answer.context["sections"][0].results] == [
        shared.get_absolute_url()
    ]


def test_the_name_of_a_guarded_institution_in_a_text_is_no_way_to_find_it(world, client):
    hidden = InstitutionFactory(name__name_fr="Colectiva Tzolkin", named_to=[])
    ParticipationFactory(project=world.project, institution=hidden)
    item = AgendaItemFactory(meeting=world.meeting)
    decision = ResolutionFactory(agenda_item=item, text_es="La Colectiva Tzolkin recibe el fondo.")

    assert ("resolution", decision.pk) in found(world.people["coordinator"], "tzolkin")
    assert not found(world.people["donor"], "tzolkin")
    assert ("resolution", decision.pk) in found(world.people["donor"], "fondo")


def test_a_name_that_is_spelt_almost_so_is_found_by_those_who_may_know_it(world):
    hidden = InstitutionFactory(name__name_fr="Colectiva Tzolkin", named_to=[])
    ParticipationFactory(project=world.project, institution=hidden)
    elsewhere = InstitutionFactory(name__name_fr="Colectiva Tzolkan")
    ParticipationFactory(project=world.neighbour, institution=elsewhere)

    assert found(world.people["coordinator"], "tzolkim") == [("institution", hidden.pk)]
    assert found(world.people["outsider"], "tzolkim") == [("institution", elsewhere.pk)]
    assert found(world.people["donor"], "tzolkim") == []


# What must not be found out


def test_a_name_that_is_guarded_later_is_no_way_to_find_what_was_written_before(world):
    institution = InstitutionFactory(name__name_fr="Colectiva Tzolkin")
    ParticipationFactory(project=world.project, institution=institution)
    item = AgendaItemFactory(meeting=world.meeting)
    decision = ResolutionFactory(agenda_item=item, text_es="La colectiva Tzolkin recibe el fondo.")
    assert ("resolution", decision.pk) in found(world.people["donor"], "tzolkin")

    say(institution)

    assert not search(world.people["donor"], "tzolkin").hits
    assert not found(world.people["donor"], "tzolkin")
    assert ("resolution", decision.pk) in found(world.people["coordinator"], "tzolkin")
    assert ("resolution", decision.pk) in found(world.people["donor"], "fondo")


def test_what_is_said_of_a_value_is_for_the_team_and_who_measures_it(world):
    world.indicator.responsible = world.institutions["partner"]
    world.indicator.save()
    value = DataPointFactory(
        indicator=world.indicator,
        period=world.year,
        status="approved",
        comment="Dos niñas del refugio Xibalbá",
    )

    finders = {
        role for role in ROLES if ("value", value.pk) in found(world.people[role], "xibalba")
    }

    assert finders >= {"coordinator", "partner"}
    assert not finders & {"donor", "embassy", "member", "panel", "outsider"}


def test_what_is_said_of_a_value_leads_to_it_and_that_of_a_breakdown_to_nothing(world, client):
    coordinator, said = world.people["coordinator"], {"indicator": world.indicator}
    total = DataPointFactory(**said, period=world.year, source="Xibalbá" + " y otros" * 30)
    DataPointFactory(**said, period=world.year, category=CategoryFactory(), comment="Xibalbá")
    client.force_login(coordinator)

    assert found(coordinator, "xibalba") == [("value", total.pk)]
    assert "Xibalbá" in client.get(SOURCES["value"].url(total)).content.decode()


@pytest.mark.parametrize("status", ["proposed", "declined"])
def test_of_what_is_not_on_the_agenda_the_title_is_found(world, status):
    coordinator = world.people["coordinator"]
    item = AgendaItemFactory(
        meeting=world.meeting,
        status=status,
        proposed_seat=world.seat,
        title_es="Tzolkin",
        briefing_es="Xibalbá",
        notes="Chinchilla",
    )

    assert found(coordinator, "tzolkin") == [("item", item.pk)]
    assert not found(coordinator, "xibalba")
    assert not found(coordinator, "chinchilla")

    item.status = "accepted"
    item.save()

    assert found(coordinator, "xibalba") == [("item", item.pk)]


def test_a_section_is_found_without_what_it_cites(world):
    report = standing_report(world)
    kind = report.preset.sections.first().kind
    section = Section.objects.create(
        report=report,
        kind=kind,
        language="es",
        text="Los talleres siguieron [[D 2020-77|la decisión reservada]].",
        updated_by=world.people["coordinator"],
    )

    assert [each[0] for each in found(world.people["coordinator"], "talleres")] == ["section"]
    one = search(world.people["coordinator"], "talleres")
    (result,) = results(one.hits, one.question)
    assert result.snippet.text == "Los talleres siguieron."
    assert not found(world.people["coordinator"], "reservada")
    assert section.pk in SearchEntry.objects.filter(kind="section").values_list("part", flat=True)


def test_a_section_of_nothing_but_what_it_cites_leads_to_its_report(world):
    report = standing_report(world)
    kind = report.preset.sections.first().kind
    SectionFactory(report=report, kind=kind, language="es", text="[[D 2020-77]]")
    write_changed(SOURCES, 1_000)

    found = search(world.people["coordinator"], str(SectionKind(kind).label))
    shown = results([hit for hit in found.hits if hit.entry.kind == "section"], found.question)

    assert [result.url for result in shown] == [report.get_absolute_url()]


@pytest.mark.parametrize("is_annex", [False, True])
@pytest.mark.parametrize("language", ["es", "fr"])
def test_a_section_leads_to_the_page_that_shows_what_was_found(world, client, is_annex, language):
    report = ReportFactory(project=world.project, period=world.year)
    kind = next(each for each in report.preset.kinds if each.is_annex == is_annex)
    words = {"es": "Quetzal de la montaña K-2", "fr": "Papillon de la forêt K-7"}
    for each, text in words.items():
        SectionFactory(report=report, kind=kind, language=each, text=text)
    reader = world.people["reader"]
    client.force_login(reader)
    write_changed(SOURCES, 1_000)

    name, *_rest, code = words[language].split()
    for asked in (name, code):
        found = search(reader, asked)
        (result,) = results(found.hits or found.called_so, found.question)

        page, _hash, anchor = result.url.partition("#")
        shown = client.get(page).content.decode()
        assert words[language] in shown
        assert result.snippet.text == words[language]
        assert f'id="{anchor}"' in shown


def test_one_thing_that_cannot_be_read_stops_no_search(world):
    meeting = MeetingFactory(committee=world.committee)
    minutes = Minutes.objects.create(
        meeting=meeting, language="es", content={"es": {"format": 999}}
    )
    risk = RiskFactory(project=world.project, definition_es="Jaguar")

    assert found(world.people["coordinator"], "jaguar") == [("risk", risk.pk)]
    assert not SearchChange.objects.exists()
    assert not SearchEntry.objects.filter(kind="minutes", thing=minutes.pk).exists()
