"""To whom an institution may be named: the rule, for each kind of reader."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone, translation

from accounts.models import User
from accounts.reading import written_for
from committees.plans.services.reading import in_order
from ibcr_portal.naming import PLACES
from kernel.refusal import Refusal
from partners.models import Institution
from partners.naming import read_by
from projects.forms import InstitutionChoice, by_name
from projects.models import NamingChoice, NeutralNumber, Representation
from projects.permissions.institutions import visible_institutions, without_names
from projects.permissions.naming import (
    NamesForAudience,
    NamesForPerson,
    NamingRules,
    person_as_readers,
    readers_in,
)
from tests.factories import (
    ActivityFactory,
    AssignmentFactory,
    ContactFactory,
    InstitutionFactory,
    ParticipationFactory,
    UserFactory,
    say,
)
from tests.world import World

pytestmark = pytest.mark.django_db

ALWAYS = {"administrator", "coordinator", "auditor"}
TEAM = {"monitoring", "finance", "reader"}
AUDIENCES = ("coordination", "voting", "committee", "partners", "donor", "public")


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def hidden(world):
    institution = InstitutionFactory(kind="civil_society")
    ParticipationFactory(project=world.project, institution=institution)
    return institution


def who_reads(world, institution):
    """The roles in the project to which the institution is named."""
    people = {role: User.objects.get(pk=person.pk) for role, person in world.people.items()}
    people["visitor"] = AnonymousUser()
    institution.refresh_from_db()
    return {
        role
        for role, person in people.items()
        if not NamesForPerson(person, world.project).is_hidden(institution)
    }


def which_documents(world, institution):
    return {
        audience
        for audience in AUDIENCES
        if not NamesForAudience(world.project, readers_in(world.project, audience)).is_hidden(
            institution
        )
    }


@pytest.mark.parametrize(
    ("named_to", "facts", "roles", "documents"),
    [
        ((), {}, set(), set()),
        (("committee",), {}, {"member", *TEAM}, {"committee", "voting"}),
        (("partners",), {}, {"partner", "member", *TEAM}, {"partners"}),
        (("donor",), {}, {"donor", "embassy", *TEAM}, {"donor"}),
        # The member holds the seat of an institution of the State, and so reads for it.
        (("committee", "donor"), {"excludes_state": True}, {"donor", "embassy", *TEAM}, {"donor"}),
        (
            ("committee", "partners", "donor", "public"),
            {},
            {"everybody"},
            {"committee", "voting", "partners", "donor", "public"},
        ),
    ],
)
def test_each_reader_is_asked_for(world, hidden, named_to, facts, roles, documents):
    say(hidden, *named_to, **facts)

    expected = ALWAYS | roles
    if roles == {"everybody"}:
        expected = {*world.people, "visitor"}
    assert who_reads(world, hidden) == expected
    assert which_documents(world, hidden) == {"coordination", *documents}


def test_one_institution_can_be_excluded(world, hidden):
    say(hidden, "partners", "donor", excluded=[world.institutions["partner"]])

    assert who_reads(world, hidden) == ALWAYS | TEAM | {"donor", "embassy", "member"}
    assert which_documents(world, hidden) == {"coordination", "donor"}


def test_an_institution_always_reads_its_own_name(world):
    own = world.institutions["partner"]
    say(own)

    assert who_reads(world, own) == ALWAYS | {"partner"}
    letter = readers_in(world.project, "committee", [own.pk])
    assert not NamesForAudience(world.project, letter).is_hidden(own)


def test_a_project_may_name_to_fewer_than_everywhere_and_never_to_more(world, hidden):
    ParticipationFactory(project=world.neighbour, institution=hidden)
    say(hidden, "donor")
    say(hidden, "donor", "committee", project=world.project)

    rules, donor = NamingRules(), readers_in(world.project, "donor")
    assert rules.may_be_named(hidden.pk, world.project.pk, donor)
    committee = readers_in(world.project, "committee")
    assert not rules.may_be_named(hidden.pk, world.project.pk, committee)

    say(hidden, project=world.project)

    assert not NamingRules().may_be_named(hidden.pk, world.project.pk, donor)
    assert NamingRules().may_be_named(hidden.pk, world.neighbour.pk, donor)


def test_the_name_of_whoever_said_nothing_costs_no_query(world, django_assert_num_queries):
    institution = Institution.objects.with_names().get(pk=world.institutions["partner"].pk)

    with (
        read_by(NamesForPerson(world.people["member"], world.project)),
        django_assert_num_queries(0),
    ):
        assert institution.short_name


def test_names_of_many_are_read_at_once(world, django_assert_max_num_queries):
    """By a member, whose roles and seat were read before."""
    hidden = [InstitutionFactory(kind="civil_society") for _number in range(8)]
    for one in hidden:
        ParticipationFactory(project=world.project, institution=one)
        say(one)
    member = world.people["member"]
    person_as_readers(member, world.project)

    # The choices, those whom they exclude, and the numbers.
    with read_by(NamesForPerson(member, world.project)), django_assert_max_num_queries(4):
        shown = {one.short_name for one in hidden}

    numbers = NeutralNumber.objects.filter(project=world.project).values_list("number", flat=True)
    assert shown == {f"Civil-society organisation {number}" for number in numbers}


def test_hidden_names_are_read_once_for_each_language(world, hidden, django_assert_num_queries):
    say(hidden)
    names = NamesForPerson(world.people["member"], world.project)
    french = "Organisation de la société civile"

    with read_by(names):
        text = hidden.names.get().name_fr
        assert "Civil-society" in without_names(text)
        with django_assert_num_queries(0):
            assert "Civil-society" in without_names(text)
        with translation.override("fr"):
            assert french in without_names(text)


def test_what_a_page_of_all_projects_read_is_not_read_again(
    world, hidden, django_assert_max_num_queries
):
    say(hidden)
    member = world.people["member"]
    with read_by(NamesForPerson(member)):
        with django_assert_max_num_queries(15) as first:
            assert hidden not in list(visible_institutions(member))
        # The guarded ones, and those that are seen.
        with django_assert_max_num_queries(4) as again:
            assert hidden not in list(visible_institutions(member))
    assert len(again) < len(first)


def test_the_number_stays_and_is_another_in_another_project(world, hidden):
    say(hidden)
    number = world.project.neutral_numbers.get().number
    place = ParticipationFactory(project=world.neighbour, institution=hidden, role="beneficiary")
    say(hidden, "donor")
    place.delete()
    say(hidden)

    assert world.project.neutral_numbers.get().number == number
    assert world.neighbour.neutral_numbers.get().institution == hidden


def test_somebody_in_two_projects_reads_by_their_role_in_the_one_of_the_page(world, hidden):
    """Coordinator there, and a partner here."""
    ParticipationFactory(project=world.neighbour, institution=hidden)
    say(hidden)
    person = world.people["partner"]
    AssignmentFactory(project=world.neighbour, user=person, role="coordinator")
    hidden.refresh_from_db()

    assert NamesForPerson(person, world.project).is_hidden(hidden)
    assert not NamesForPerson(person, world.neighbour).is_hidden(hidden)
    assert not NamesForPerson(person).is_hidden(hidden)  # a page of both: they know it


# Who says so


def test_the_coordination_records_a_choice_in_its_own_project_and_narrows_it(world, hidden):
    by = world.people["coordinator"]
    with pytest.raises(Refusal, match="decides for all its projects"):
        say(hidden, "committee", "donor", by=by)
    say(hidden, "committee", "donor", project=world.project, by=by)
    with pytest.raises(Refusal, match="Choose a project"):
        say(hidden, project=world.neighbour, by=by)
    say(hidden, "donor", project=world.project, by=by)
    with pytest.raises(Refusal, match="to more people than it allowed"):
        say(hidden, "donor", "committee", project=world.project, by=by)

    assert which_documents(world, hidden) == {"coordination", "donor"}


def test_what_a_coordinator_recorded_for_all_projects_in_earlier_releases_still_counts(
    world, hidden
):
    choice = say(hidden, "donor")
    NamingChoice.objects.update(recorded_by=world.people["coordinator"], is_own=False)

    assert which_documents(world, hidden) == {"coordination", "donor"}
    with pytest.raises(Refusal, match="to more people than it allowed"):
        say(hidden, "committee", project=world.project, by=world.people["coordinator"])
    assert choice.project is None


def test_the_number_is_drawn_only_where_the_institution_hides(world, hidden):
    ParticipationFactory(project=world.neighbour, institution=hidden)

    say(hidden, project=world.project, by=world.people["coordinator"])

    assert world.project.neutral_numbers.count() == 1
    assert world.neighbour.neutral_numbers.count() == 0


def test_only_the_institution_and_administrators_name_it_to_more(world, hidden):
    own = world.institutions["partner"]
    say(own)
    confirm(own, world.people["partner"])
    say(own, "donor", by=world.people["partner"], channel="portal")
    assert which_documents(world, own) == {"coordination", "donor"}

    administrator = world.people["administrator"]
    with pytest.raises(Exception, match="written consent"):
        say(own, "donor", "committee", by=administrator)
    say(own, "donor", "committee", by=administrator, reason="Lettre du 3 mars")
    assert which_documents(world, own) == {"coordination", "donor", "committee", "voting"}


def confirm(institution, person):
    rows = Representation.objects.filter(participation__institution=institution)
    rows.filter(contact__user=person).update(confirmed_at=timezone.now())


def test_the_coordination_does_not_name_it_to_more_through_a_representative(world, hidden):
    """Neither themselves, even if somebody confirms them, nor anybody whom they entered."""
    say(hidden)
    by, other = world.people["coordinator"], world.people["outsider"]
    for person in (by, other):
        ContactFactory(institution=hidden, user=person)
    hidden.participations.get().representations.update(granted_by=by)
    for person in (by, other):
        with pytest.raises(Refusal):
            say(hidden, "donor", by=person)

    confirm(hidden, by)
    with pytest.raises(Refusal):
        say(hidden, "donor", by=by)
    confirm(hidden, other)
    say(hidden, "donor", by=other, channel="portal")
    assert which_documents(world, hidden) == {"coordination", "donor"}


def test_nobody_else_records_anything(world, hidden):
    ContactFactory(institution=hidden, user=world.people["reader"], represents=False)
    for role in ("partner", "member", "donor", "monitoring", "reader", "outsider"):
        with pytest.raises(Refusal):
            say(hidden, project=world.project, by=world.people[role])


def test_an_exclusion_that_the_writer_does_not_see_stays(world, hidden):
    """The administrator excluded an institution of another project."""
    coordinator, unseen = world.people["coordinator"], world.foreign_institution
    say(hidden, "partners", "donor", excluded=[unseen])
    say(hidden, "partners", "donor", excluded=[unseen], project=world.project)

    choice = say(hidden, "donor", project=world.project, by=coordinator)
    assert set(choice.excluded.all()) == {unseen}

    own = world.institutions["partner"]
    say(own, "donor", excluded=[unseen])
    confirm(own, world.people["partner"])
    choice = say(own, "donor", "partners", by=world.people["partner"])
    assert set(choice.excluded.all()) == {unseen}
    with pytest.raises(ValidationError, match="cannot see here"):
        say(own, "committee", "partners", "donor", "public", by=world.people["partner"])


def test_an_exclusion_everywhere_does_not_stop_a_narrower_choice_of_a_project(world, hidden):
    say(hidden, "partners", "donor", excluded=[world.foreign_institution])

    by = world.people["coordinator"]
    choice = say(hidden, "donor", project=world.project, by=by)
    assert not choice.excluded.exists()


# Pages


def test_whoever_speaks_for_the_institution_says_so_today_on_the_portal(client, world):
    confirm(world.institutions["partner"], world.people["partner"])
    client.force_login(world.people["partner"])

    url = reverse("partners:naming-record", args=[world.institutions["partner"].pk])
    form = client.get(url).context["form"]

    assert (form["said_on"].value(), form["channel"].value()) == (timezone.localdate(), "portal")


def test_the_long_list_of_institutions_opens_where_one_is_chosen(client, world, hidden):
    client.force_login(world.people["coordinator"])
    url = reverse("partners:naming-record", args=[hidden.pk])

    folded = client.get(url).content.decode()
    refused = client.post(url, {"excluded": [world.institutions["donor"].pk]}).content.decode()

    assert '<details class="more">' in folded
    assert '<details class="more" open>' in refused
    assert "Also people of the donor and of the State who hold a seat." in folded


def test_the_coordination_records_it_on_the_page_of_the_institution(client, world, hidden):
    client.force_login(world.people["coordinator"])
    page = client.get(hidden.get_absolute_url()).content.decode()
    assert "It has not made a choice so far" in page
    url = reverse("partners:naming-record", args=[hidden.pk])
    said = {"said_on": "2020-03-03", "channel": "letter", "reason": "Lettre du 3 mars"}
    said["project"] = world.project.pk

    response = client.post(url, said | {"to_donor": "on"})

    assert response.url == f"{hidden.get_absolute_url()}#naming"
    page = client.get(hidden.get_absolute_url()).content.decode()
    assert "the coordination and the donor" in page
    wider = {"to_donor": "on", "to_committee": "on"}
    refused = client.post(url, said | wider).content.decode()
    assert "to more people than it allowed" in refused
    client.post(url, said)
    assert hidden.naming_choices.count() == 2
    hidden.refresh_from_db()
    assert who_reads(world, hidden) == ALWAYS


@pytest.mark.parametrize(
    ("typed", "is_replaced"),
    [
        ("LE  COLLECTIF DE L’ETOILE Nandu", True),
        ("le collectif de l'étoile\nÑandú", True),
        ("cafe\u0301 ÑANDÚ", True),
        ("CAFÉÑANDÚ", False),
        ("ñandú", False),  # only its capitals distinguish an acronym from a word
    ],
)
def test_a_name_is_replaced_however_it_was_typed(world, hidden, typed, is_replaced):
    names = {"name_fr": "Le Collectif de l'Étoile Ñandú", "acronym": "ÑANDÚ"}
    hidden.names.update(**names)
    say(hidden)
    number = world.project.neutral_numbers.get().number

    with read_by(NamesForPerson(world.people["member"], world.project)):
        shown = without_names([f"Dice {typed}."])[0]

    assert (f"Civil-society organisation {number}." in shown) == is_replaced
    assert (shown == f"Dice {typed}.") == (not is_replaced)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Le Collectif de l’Étoile **Ñandú**", "**{}**"),
        ("**Le Collectif de l’Étoile** Ñandú", "**{}**"),
        ("_Le Collectif de l’Étoile Ñandú_", "_{}_"),
        ("Le Collectif de *l’Étoile* Ñandú", "{}"),
        ("Le Collectif de l’Étoile [Ñandú](https://a.b)", "[{}](https://a.b)"),
    ],
)
def test_a_name_is_replaced_whatever_is_emphasised_in_it(world, hidden, typed, shown):
    hidden.names.update(name_fr="Le Collectif de l'Étoile Ñandú", acronym="")
    say(hidden)
    number = world.project.neutral_numbers.get().number

    with read_by(NamesForPerson(world.people["member"], world.project)):
        read = without_names(f"Dice {typed}.")

    assert read == f"Dice {shown.format(f'Civil-society organisation {number}')}."


def test_a_spelling_that_was_corrected_is_replaced_too(world, hidden):
    name = hidden.names.get()
    name.name_fr = "Colectivo Misteado"
    name.save()
    name.name_fr = "Colectivo Mixteado"
    name.save()
    say(hidden)

    with read_by(NamesForPerson(world.people["member"], world.project)):
        assert "Misteado" not in without_names("Dice Colectivo Misteado.")


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("coordinator", "named"),
        ("donor", "named"),
        ("partner", "neutral"),
        ("monitoring", "named"),
    ],
)
def test_pages_and_tables_say_the_name_or_the_number(client, world, hidden, role, page):
    say(hidden, "donor")
    name, number = hidden.names.get(), world.project.neutral_numbers.get().number
    neutral = f"Civil-society organisation {number}"
    world.indicator.responsible = hidden
    world.indicator.save()
    activity = ActivityFactory(project=world.project, result=world.result)
    activity.partners.add(hidden)
    client.force_login(world.people[role])

    for address in (
        reverse("projects:participations", args=[world.project.code]),
        reverse("projects:detail", args=[world.project.code]),
        reverse("projects:framework", args=[world.project.code]),
        reverse("projects:activities-export", args=[world.project.code, "csv"]),
    ):
        content = client.get(address).content.decode()
        is_there = name.name_fr in content or name.acronym in content
        assert (is_there, neutral in content) == (page == "named", page == "neutral"), address
    found = client.get(hidden.get_absolute_url()).status_code
    assert found == (200 if page == "named" else 404)
    register = client.get(reverse("partners:list"), {"q": name.name_fr}).content.decode()
    assert (hidden.get_absolute_url() in register) == (page == "named")


def test_a_message_names_it_only_to_those_who_may_know(world, hidden):
    say(hidden, "donor")
    hidden.refresh_from_db()
    for role, is_named in (("donor", True), ("partner", False)):
        with written_for(world.people[role]):
            assert (hidden.short_name == hidden.names.get().acronym) == is_named


def test_what_is_of_no_known_project_is_written_as_if_it_were_of_any(world, hidden):
    """To a guest, who has no role anywhere."""
    guest = UserFactory()
    say(hidden, "committee", "partners", "donor", "public")
    hidden.refresh_from_db()
    with written_for(guest):
        assert hidden.is_named

    say(hidden, project=world.project)
    with written_for(guest):
        assert not hidden.is_named


@pytest.mark.parametrize("about", ["meeting", "project"])
def test_a_guest_reads_by_the_project_that_a_message_is_about(world, hidden, about):
    """Not by the one in which they have a role."""
    guest = world.people["outsider"]
    ParticipationFactory(project=world.neighbour, institution=hidden)
    say(hidden, "committee", "partners", "donor", "public")
    say(hidden, project=world.project)
    hidden.refresh_from_db()

    with written_for(guest, getattr(world, about)):
        assert hidden.short_name.startswith("Civil-society organisation ")
    with written_for(guest, world.neighbour):
        assert hidden.is_named


def addresses(resolver=None, before=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        whole = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, whole)
        else:
            yield whole


def test_every_address_of_one_thing_is_of_a_project(world):
    """Otherwise a page would not know in which project its names are read."""
    found = {
        part
        for pattern in addresses()
        if "<int:pk>" in pattern
        for part in [pattern.split("/")[0]]
        if pattern.startswith(f"{part}/<int:pk>/")
    }

    assert found - PLACES.keys() == {"partners"}


# Its place in a list


@pytest.fixture
def three(world):
    """Institutions of one kind: the first by name and by entry hides, and is called by a number."""
    found = [InstitutionFactory(kind="civil_society") for _ in range(3)]
    for institution, name in zip(found, ("Aaa", "Bbb", "Zzz"), strict=True):
        institution.names.update(name_fr=name, name_es="", name_en="", acronym="")
        ParticipationFactory(project=world.project, institution=institution)
    say(found[0])
    for institution in found:
        institution.refresh_from_db()
    return found


def numbered(world, institution):
    number = NeutralNumber.objects.get(institution=institution, project=world.project).number
    return f"Civil-society organisation {number}"


def names_in(text, *names):
    """These names in the order in which the text has them."""
    return sorted((name for name in names if name in text), key=text.index)


def test_a_list_by_name_is_in_the_order_of_what_its_reader_sees(world, three):
    institutions = Institution.objects.filter(pk__in=[one.pk for one in three])
    shown = numbered(world, three[0])

    def listed(role):
        with read_by(NamesForPerson(world.people[role], world.project)):
            return [name for _key, name in InstitutionChoice(by_name(institutions)).choices][1:]

    assert listed("monitoring") == ["Bbb", shown, "Zzz"]
    assert listed("coordinator") == ["Aaa", "Bbb", "Zzz"]


def test_lists_by_entry_have_hidden_ones_last(client, world, three):
    hidden, *others = three
    shown = numbered(world, hidden)
    activity = ActivityFactory(project=world.project)
    activity.partners.set(three)
    world.terms.supporting.set(three)
    # What is late is sorted by its day and by what the reader sees of its title.
    Institution.objects.update(safeguarding_signed_on=timezone.localdate())
    User.objects.update(language="en")
    pages = [
        f"/projects/{world.project.code}/partners/",
        activity.get_absolute_url(),
        f"/projects/{world.project.code}/",
    ]

    for role, order in {
        "reader": ["Bbb", "Zzz", shown],
        "coordinator": ["Aaa", "Bbb", "Zzz"],
    }.items():
        client.force_login(world.people[role])
        for page in pages:
            text = client.get(page).content.decode()
            text = text[text.index("<main") :]
            assert names_in(text, "Aaa", "Bbb", "Zzz", shown) == order, (role, page)
        with translation.override("en"), read_by(NamesForPerson(world.people[role], world.project)):
            assert [one.name for one in world.terms.supported_by] == order
            assert [one.name for one in in_order([*others, hidden])] == order
        del world.terms.supported_by


def test_whom_it_excludes_is_left_out_where_nobody_else_reads_the_name():
    choice = NamingChoice(excludes_state=True, institution=InstitutionFactory())
    choice.said_on, choice.channel = timezone.localdate(), "letter"
    choice.save()

    assert str(choice) == "only the coordination"
    choice.to_donor = True
    assert str(choice) == "the coordination and the donor; but not: institutions of the State"
