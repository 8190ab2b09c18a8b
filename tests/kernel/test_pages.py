"""Pages are written with one set of tools: what they refuse is said in words, where it belongs."""

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from partners.models import Institution
from tests.factories import ContactFactory, InstitutionFactory, UserFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.sqlite,
    pytest.mark.urls("tests.kernel.pages_urls"),
]


@pytest.fixture
def person(client):
    person = UserFactory(full_name="")
    client.force_login(person)
    return person


def messages_of(response):
    return [(one.level_tag, str(one)) for one in get_messages(response.wsgi_request)]


def test_a_page_has_a_user_who_is_signed_in(client):
    assert client.get("/try/name/").status_code == 302


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("barred", "Only the coordination of the project can do this. Ask your coordinator."),
        ("closed", "The project is closed."),
    ],
)
def test_what_is_not_permitted_is_refused_in_words(client, person, query, sentence):
    response = client.get(f"/try/name/?{query}")

    assert response.status_code == 403
    assert sentence in response.content.decode()


def test_a_page_that_is_read_has_an_unbound_form(client, person):
    form = client.get("/try/name/").context["form"]

    assert not form.is_bound


def test_an_empty_form_counts_as_sent_and_so_do_its_files(client, person):
    upload = SimpleUploadedFile("a.txt", b"text")

    empty = client.post("/try/name/", {})
    filled = client.post("/try/name/", {"name": "Refused", "upload": upload})

    assert messages_of(empty) == [("success", "Before: ''.")]
    assert filled.context["form"].cleaned_data["upload"].name == "a.txt"


def test_what_an_action_returns_is_at_hand_even_if_it_is_empty(client, person):
    first = client.post("/try/name/", {"name": "Rosa"})
    second = client.post("/try/name/", {"name": "Marta"})

    assert messages_of(first) == [("success", "Before: ''.")]
    assert messages_of(second)[-1] == ("success", "Before: 'Rosa'.")
    assert first.url == f"/try/named/{person.pk}/"


@pytest.mark.parametrize(
    ("refused", "errors"),
    [
        ("Refused", {"__all__": ["Choose another name."]}),
        ("Field", {"name": ["Too short.", "Too plain."]}),
        ("Elsewhere", {"__all__": ["Unknown."], "name": ["Wrong."]}),
        ("Plain", {"__all__": ["One.", "Two."]}),
    ],
)
def test_a_refusal_is_said_at_the_form(client, person, refused, errors):
    response = client.post("/try/name/", {"name": refused})

    assert response.status_code == 200
    assert response.context["form"].errors == errors
    assert messages_of(response) == []
    assert User.objects.get(pk=person.pk).full_name == ""


def test_an_action_may_add_errors_to_the_form_by_itself(client, person):
    response = client.post("/try/name/", {"name": "Own"})

    assert response.context["form"].errors == {"name": ["Taken."]}


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        ("Refused", "Choose another name."),
        ("Field", "Too short. Too plain."),
        ("Plain", "One. Two."),
    ],
)
def test_a_refusal_of_a_button_is_a_message(client, person, refused, sentence):
    response = client.post("/try/press/", {"name": refused})

    assert messages_of(response) == [("error", sentence)]
    assert response.url == "/try/name/"


def test_a_button_says_what_was_done(client, person):
    response = client.post("/try/press/", {"name": "Rosa"})

    assert messages_of(response) == [("success", "Before: ''.")]


def test_a_form_page_shows_the_way_to_it_and_the_way_back(client, person):
    institution = InstitutionFactory()

    page = client.get("/try/name/")

    assert page.context["crumbs"] == [
        (institution.short_name, institution.get_absolute_url()),
        ("People", "/people/"),
    ]
    html = page.content.decode()
    assert (
        f'<li><a href="{institution.get_absolute_url()}">{institution.short_name}</a></li>' in html
    )
    assert '<a class="btn" href="/people/">Cancel</a>' in html
    assert '<button class="btn btn-primary">Rename</button>' in html
    assert 'enctype="multipart/form-data"' in html


def test_a_page_with_a_form_takes_no_other_method(client, person):
    assert client.delete("/try/name/").status_code == 405


def test_saving_is_all_or_nothing(client, person):
    UserFactory(full_name="")

    with pytest.raises(RuntimeError):
        client.post("/try/rename-all/", {"fail": ""})

    assert User.objects.filter(full_name="").count() == 2
    assert client.post("/try/rename-all/").content == b"2"
    assert not User.objects.filter(full_name="").exists()


def test_reading_opens_no_transaction_and_locks_nothing(client, person):
    with CaptureQueriesContext(connection) as reading:
        client.get("/try/rename-all/")
    with CaptureQueriesContext(connection) as saving:
        client.post("/try/rename-all/")

    assert not [sql for sql in statements(reading) if "SAVEPOINT" in sql or "FOR UPDATE" in sql]
    assert [sql for sql in statements(saving) if "SAVEPOINT" in sql]
    # SQLite locks its one file as a whole.
    locks = [sql for sql in statements(saving) if sql.endswith('FOR UPDATE OF "accounts_user"')]
    assert bool(locks) is connection.features.has_select_for_update


def statements(queries):
    return [query["sql"] for query in queries]


def test_deleting_asks_first(client, person):
    institution = InstitutionFactory()

    page = client.get(f"/try/delete/{institution.pk}/")

    assert page.context["title"] == f"Delete “{institution}”?"
    assert '<button class="btn btn-danger">Delete</button>' in page.content.decode()
    assert Institution.objects.filter(pk=institution.pk).exists()


def test_what_was_deleted_is_named(client, person):
    institution = InstitutionFactory()
    name = str(institution)

    response = client.post(f"/try/delete/{institution.pk}/")

    assert messages_of(response) == [("success", f"Deleted: institution, {name}.")]
    assert response.url == "/health/?done"
    assert not Institution.objects.filter(pk=institution.pk).exists()


def test_what_is_in_use_stays_and_the_reason_is_said(client, person):
    contact = ContactFactory()

    response = client.post(f"/try/delete/{contact.institution_id}/")

    assert messages_of(response) == [
        (
            "error",
            f"“{contact.institution}” is in use and cannot be deleted. "
            "First remove what refers to it: Contacts.",
        )
    ]
    assert response.url == "/health/?back"
    assert Institution.objects.filter(pk=contact.institution_id).exists()


@pytest.mark.parametrize(("query", "first"), [("", 0), ("2", 25), ("99", 50), ("x", 0)])
def test_a_long_list_is_shown_in_pages(client, person, query, first):
    page = client.get(f"/try/numbers/?page={query}").context["page"]

    assert page.object_list[0] == first
