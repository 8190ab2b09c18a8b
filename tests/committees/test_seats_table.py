"""The seats of a committee as one table, what a new committee asks for, and what comes before it is
constituted."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from committees.models import Committee, Meeting, Seat, SeatTerm
from kernel.names import plain
from partners.models import Contact
from tests.factories import (
    ContactFactory,
    MeetingFactory,
    ParticipationFactory,
    ProjectFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture
def draft(world):
    """A committee without seats, of a project with the institutions of the world."""
    project = ProjectFactory(code="NEW-1")
    project.assignments.create(user=world.people["coordinator"], role="coordinator")
    for institution in (world.institutions["member"], world.institutions["partner"]):
        ParticipationFactory(project=project, institution=institution)
    return Committee.objects.create(project=project, name_fr="Comité")


def address(committee):
    return reverse("committees:composition", args=[committee.pk])


def shown(client, committee):
    """What a browser sends back from the page if nothing is changed."""
    table = client.get(address(committee)).context["table"]
    data = {"rows": str(table.new)}
    for row in table.rows:
        for field in row:
            value = field.value()
            if value not in (None, False):
                data[field.html_name] = "on" if value is True else str(value)
    return table, data


def people_of(committee):
    terms = SeatTerm.objects.filter(seat__committee=committee, until=None)
    return {
        (term.seat.institution, term.seat.is_voting, term.capacity, term.contact.full_name)
        for term in terms
    }


def test_a_new_committee_asks_for_five_things_that_are_proposed(coordinator, draft):
    draft.delete()
    url = reverse("committees:create", args=["NEW-1"])
    form = coordinator.get(url).context["form"]
    data = {field.html_name: field.value() for field in form if field.value() is not None}

    response = coordinator.post(url, data)

    committee = Committee.objects.get(project__code="NEW-1")
    asked = {field.name.removesuffix(field.name[-3:]) if field.name[:5] == "name_" else field.name
             for field in form}  # fmt: skip
    assert asked == {"name", "meetings_per_year", "notice_days", "quorum_rule", "decision_rule"}
    assert response.url == address(committee)
    assert (committee.notice_days, committee.quorum_rule) == (15, "majority")
    assert committee.name


def test_the_institutions_of_the_project_are_seated_by_one_press(coordinator, world, draft):
    _table, data = shown(coordinator, draft)
    data |= {"new-0-holder": "Directora general", "new-0-holder_email": "directora@example.org"}
    data |= {"new-1-alternate": "Suplente", "new-1-is_voting": ""}

    response = coordinator.post(address(draft), data)

    member, partner = world.institutions["member"], world.institutions["partner"]
    assert response.url == draft.get_absolute_url()
    assert people_of(draft) == {
        (member, True, "holder", "Directora general"),
        (partner, False, "alternate", "Suplente"),
    }
    assert draft.seats.count() == 2


@pytest.mark.parametrize("is_first", [False, True])
def test_somebody_new_reads_what_the_committee_reads_or_else_the_projects_first_language(
    coordinator, world, draft, is_first
):
    draft.project.languages = ["es", "fr", "en"] if is_first else ["fr", "es", "en"]
    draft.project.save()
    if not is_first:
        seat = SeatFactory(committee=draft, institution=world.institutions["member"])
        alternate = ContactFactory(institution=seat.institution, language="es")
        SeatTermFactory(seat=seat, contact=alternate, capacity="alternate")
    table, data = shown(coordinator, draft)
    data[table.rows[0]["holder"].html_name] = "Directora general"

    coordinator.post(address(draft), data)

    assert Contact.objects.get(full_name="Directora general").language == "es"


def test_a_row_that_was_left_alone_changes_nothing(coordinator, world):
    _table, data = shown(coordinator, world.committee)
    before = list(SeatTerm.objects.values()), list(Seat.objects.values())

    coordinator.post(address(world.committee), data)

    assert (list(SeatTerm.objects.values()), list(Seat.objects.values())) == before


def test_another_name_replaces_the_holder_and_a_known_one_is_found(coordinator, world):
    known = ContactFactory(institution=world.institutions["member"], full_name="Ana Conocida")
    SeatTermFactory(seat=world.seat, contact=known, until=date(2019, 1, 1), since=date(2018, 1, 1))
    table, data = shown(coordinator, world.committee)
    data[table.rows[0]["holder"].html_name] = "ana conocida"

    coordinator.post(address(world.committee), data)

    today = world.project.today
    holders = world.seat.terms.filter(capacity="holder", since__gt=date(2018, 1, 1))
    assert [(term.contact.pk, term.since, term.until) for term in holders.order_by("since")] == [
        (world.people["member"].contacts.get().pk, date(2019, 6, 1), today - timedelta(days=1)),
        (known.pk, today, None),
    ]


def test_a_name_mistyped_today_is_corrected(coordinator, world, draft):
    _table, data = shown(coordinator, draft)
    coordinator.post(address(draft), data | {"new-0-holder": "Direktora"})
    table, data = shown(coordinator, draft)
    data[table.rows[0]["holder"].html_name] = "Directora"

    coordinator.post(address(draft), answered(coordinator.post(address(draft), data), data))

    assert not Contact.objects.filter(full_name="Direktora").exists()
    assert "Directora" in {person for *_facts, person in people_of(draft)}


@pytest.mark.parametrize(
    ("facts", "typed"),
    [
        ({"phone": "+32 2 555 01"}, "Ana Conocido"),
        ({}, "Somebody Else"),
    ],
)
def test_a_person_of_the_directory_does_not_become_another(coordinator, world, draft, facts, typed):
    known = ContactFactory(
        institution=world.institutions["member"], full_name="Ana Conocida", email="", **facts
    )
    seat = SeatFactory(committee=draft, institution=known.institution)
    SeatTermFactory(seat=seat, contact=known, since=draft.project.today)
    table, data = shown(coordinator, draft)
    data[table.rows[0]["holder"].html_name] = typed

    asked = coordinator.post(address(draft), data)
    coordinator.post(address(draft), answered(asked, data, answer="other"))

    known.refresh_from_db()
    assert known.full_name == "Ana Conocida"
    assert [term.contact.full_name for term in seat.terms.all()] == [typed]


def test_a_seat_that_goes_to_another_institution_does_not_take_its_people_along(coordinator, world):
    table, data = shown(coordinator, world.committee)
    data[table.rows[0]["institution"].html_name] = str(world.institutions["partner"].pk)

    response = coordinator.post(address(world.committee), data)

    assert "belongs to another institution" in str(response.context["table"].rows[0].errors)
    assert Seat.objects.get(pk=world.seat.pk).institution == world.institutions["member"]


def test_a_refusal_is_at_its_row_and_nothing_is_lost_or_half_written(coordinator, world, draft):
    _table, data = shown(coordinator, draft)
    data |= {"new-0-holder": "Directora", "new-1-institution": "", "new-1-holder": "Delegado"}

    response = coordinator.post(address(draft), data)

    rows = response.context["table"].rows
    text = response.content.decode()
    assert "Choose the institution to which the seat belongs" in text
    assert (set(rows[1].errors), set(rows[0].errors)) == ({"institution"}, set())
    assert 'value="Directora"' in text
    assert 'value="Delegado"' in text
    assert not draft.seats.exists()


def test_what_only_the_database_refuses_is_at_its_row_too(coordinator, world):
    SeatTerm.objects.update(since=timezone.localdate())  # with an account: nobody was mistyped
    table, data = shown(coordinator, world.committee)
    data[table.rows[0]["holder"].html_name] = "Nueva Persona"
    partner = world.institutions["partner"]
    data |= {"new-0-institution": str(partner.pk), "new-0-holder": "Delegado"}

    asked = coordinator.post(address(world.committee), data)
    response = coordinator.post(address(world.committee), answered(asked, data, answer="other"))

    assert "The present term began" in str(response.context["table"].rows[0].errors)
    assert world.committee.seats.count() == 1
    assert not Contact.objects.filter(full_name="Delegado").exists()


def test_two_who_edit_a_row_at_once_do_not_overwrite_each_other(coordinator, world):
    table, data = shown(coordinator, world.committee)
    Seat.objects.update(is_voting=False)
    data[table.rows[0]["holder"].html_name] = "Nueva Persona"

    response = coordinator.post(address(world.committee), data)

    assert "Changed in the meantime" in response.content.decode()
    assert not Contact.objects.filter(full_name="Nueva Persona").exists()


def test_more_empty_rows_keep_what_was_typed(coordinator, draft):
    table, data = shown(coordinator, draft)

    response = coordinator.post(address(draft), data | {"new-0-holder": "Directora", "more": "1"})

    assert len(response.context["table"].rows) > len(table.rows)
    assert 'value="Directora"' in response.content.decode()
    assert not draft.seats.exists()


def test_who_is_invited_gets_a_letter_and_needs_an_address(
    coordinator, draft, django_capture_on_commit_callbacks
):
    _table, data = shown(coordinator, draft)
    data |= {"new-0-holder": "Directora", "new-0-invites": "on", "new-0-holder_email": ""}
    refused = coordinator.post(address(draft), data)
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(address(draft), data | {"new-0-holder_email": "d@example.org"})

    assert "Type the e-mail address of Directora" in refused.content.decode()
    assert [message.to for message in mail.outbox] == [["d@example.org"]]


def test_no_account_is_offered_to_a_minor(coordinator, world):
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    minor = ContactFactory(institution=seat.institution, is_minor=True)
    SeatTermFactory(seat=seat, contact=minor)

    table, _data = shown(coordinator, world.committee)

    row = next(row for row in table.rows if row.seat == seat)
    assert "invites" not in row.fields


def test_a_seat_added_by_mistake_is_removed_from_its_row(coordinator, draft):
    _table, data = shown(coordinator, draft)
    coordinator.post(address(draft), data | {"new-0-holder": "", "new-1-institution": ""})
    remove = reverse("committees:seat-remove", args=[draft.seats.get().pk])

    text = coordinator.get(address(draft)).content.decode()
    coordinator.post(remove)

    assert f'formaction="{remove}"' in text
    assert not draft.seats.exists()


def test_constituting_is_offered_once_there_is_a_vote_and_says_what_is_missing(coordinator, draft):
    step = reverse("committees:committee-step", args=[draft.pk, "constitute"])
    empty = coordinator.get(draft.get_absolute_url()).content.decode()
    _table, data = shown(coordinator, draft)
    coordinator.post(address(draft), data | {"new-0-holder": "", "new-1-holder": ""})

    page = coordinator.get(draft.get_absolute_url()).content.decode()
    asked = coordinator.get(step).content.decode()

    assert (step in empty, address(draft) in empty) == (False, True)
    assert step in page
    assert "Without a principal member" in asked
    assert "No seat is the chair yet" in asked


def test_the_queries_do_not_grow_with_the_seats(coordinator, world, django_assert_max_num_queries):
    Seat.objects.all().delete()
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _each in numbers:
            seat = Seat.objects.create(
                committee=world.committee, institution=world.institutions["member"]
            )
            SeatTermFactory(seat=seat)

        with django_assert_max_num_queries(25) as statements:
            assert coordinator.get(address(world.committee)).status_code == 200
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_the_table_leads_back_to_where_an_address_was_missing(coordinator, draft):
    for back, leads_to in (
        ("/meetings/1/steps/convene/", "/meetings/1/steps/convene/"),
        ("https://example.org/", draft.get_absolute_url()),
    ):
        _table, data = shown(coordinator, draft)
        assert coordinator.post(f"{address(draft)}?back={back}", data).url == leads_to


def test_an_address_with_which_somebody_signs_in_is_changed_on_its_own_page(coordinator, world):
    page = coordinator.get(address(world.committee)).content.decode()
    term = SeatTerm.objects.filter(contact__user__isnull=False).first()

    url = reverse("partners:contact-edit", args=[term.contact.institution_id, term.contact_id])
    assert f'href="{url}"' in page


def test_institutions_are_offered_by_their_names(coordinator, world):
    row = coordinator.get(address(world.committee)).context["table"].rows[0]

    names = [plain(label) for key, label in row.fields["institution"].choices if key]
    assert names == sorted(names)
    assert len(names) > 2


# The name of a person who is there


@pytest.fixture
def seated(world):
    """Somebody without an account who has held a seat for long, with an address."""
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    contact = ContactFactory(
        institution=seat.institution, full_name="Gloria Pineda", email="gloria@example.org"
    )
    return SeatTermFactory(seat=seat, contact=contact, since=date(2020, 2, 1))


def typed(client, term, **changes):
    """What is sent after something was typed into the row of the seat."""
    table, data = shown(client, term.seat.committee)
    row = next(row for row in table.rows if row.seat == term.seat)
    return data | {row.add_prefix(name): value for name, value in changes.items()}


def answered(response, data, *, answer="same"):
    """What is sent once the questions of the page were answered."""
    questions = [one for row in response.context["table"].rows for one in row.questions.values()]
    assert questions
    return data | {one.field: getattr(one, answer) for one in questions}


def test_a_corrected_name_stays_the_same_person(coordinator, seated):
    url = address(seated.seat.committee)
    data = typed(coordinator, seated, holder="Gloria Pineda Reyes")

    asked = coordinator.post(url, data)
    before = list(Contact.objects.filter(pk=seated.contact_id).values())
    done = coordinator.post(url, answered(asked, data))

    text = asked.content.decode()
    assert "Gloria Pineda is now Gloria Pineda Reyes: the same person, or another?" in text
    assert before[0]["full_name"] == "Gloria Pineda"  # the question saves nothing
    assert done.status_code == 302
    seated.refresh_from_db()
    assert (seated.until, seated.contact.full_name) == (None, "Gloria Pineda Reyes")
    assert seated.contact.email == "gloria@example.org"
    assert seated.seat.terms.count() == 1


@pytest.mark.parametrize(
    ("has_signed_in", "is_greeted_as"), [(False, "Pineda Reyes"), (True, "own")]
)
def test_messages_greet_by_the_corrected_name_until_the_person_signs_in(
    coordinator, seated, has_signed_in, is_greeted_as
):
    account = UserFactory(
        full_name="Their own", last_login=timezone.now() if has_signed_in else None
    )
    Contact.objects.filter(pk=seated.contact_id).update(user=account)
    url = address(seated.seat.committee)
    data = typed(coordinator, seated, holder="Gloria Pineda Reyes")

    coordinator.post(url, answered(coordinator.post(url, data), data))

    account.refresh_from_db()
    assert account.full_name.endswith(is_greeted_as)


def test_another_person_of_a_like_name_replaces_the_one_before(coordinator, seated):
    url = address(seated.seat.committee)
    data = typed(coordinator, seated, holder="Gloria Pinela", holder_email="pinela@example.org")

    asked = coordinator.post(url, data)
    coordinator.post(url, answered(asked, data, answer="other"))

    yesterday = seated.seat.committee.project.today - timedelta(days=1)
    terms = seated.seat.terms.order_by("since")
    assert [(term.contact.full_name, term.until) for term in terms] == [
        ("Gloria Pineda", yesterday),
        ("Gloria Pinela", None),
    ]


def test_nothing_is_proposed_and_nothing_saved_until_somebody_answers(coordinator, seated):
    url = address(seated.seat.committee)
    data = typed(coordinator, seated, holder="Rosa Mejía", holder_email="")

    asked = coordinator.post(url, data)
    again = coordinator.post(url, data)

    for page in (asked, again):
        assert "Nothing is saved yet" in page.content.decode()
        assert not re.search(r'type="radio"[^>]* checked', page.content.decode())
    seated.contact.refresh_from_db()
    assert seated.contact.full_name == "Gloria Pineda"
    coordinator.post(url, answered(asked, data))
    seated.refresh_from_db()
    assert seated.contact.full_name == "Rosa Mejía"


def test_an_answer_is_good_for_the_name_that_it_was_given_for(coordinator, seated):
    url = address(seated.seat.committee)
    data = typed(coordinator, seated, holder="Gloria Pineda Reyes")
    data = answered(coordinator.post(url, data), data)
    other = data | typed(coordinator, seated, holder="Rosa Mejía", holder_email="")

    asked = coordinator.post(url, other)

    assert "Rosa Mejía: the same person, or another?" in asked.content.decode()
    seated.contact.refresh_from_db()
    assert seated.contact.full_name == "Gloria Pineda"


def test_an_unlike_name_with_an_address_of_its_own_replaces_without_a_question(coordinator, seated):
    data = typed(coordinator, seated, holder="Rosa Mejía", holder_email="rosa@example.org")

    response = coordinator.post(address(seated.seat.committee), data)

    assert response.status_code == 302
    assert seated.seat.terms.get(until=None).contact.full_name == "Rosa Mejía"


def test_a_convened_meeting_names_the_corrected_person(coordinator, seated):
    meeting = MeetingFactory(committee=seated.seat.committee, status=Meeting.Status.CONVENED)
    meeting.invitations.create(contact=seated.contact, seat=seated.seat, capacity="holder")
    url = address(seated.seat.committee)
    data = typed(coordinator, seated, holder="Gloria Pineda Reyes")
    coordinator.post(url, answered(coordinator.post(url, data), data))

    page = coordinator.get(reverse("committees:meeting-invitations", args=[meeting.pk]))

    assert page.content.decode().count("Gloria Pineda Reyes") >= 1
    assert meeting.invitations.count() == 1
