"""Nobody reads what is not theirs: a secret in every text that people type, and every document and
file of a project searched for each of them, for each audience.

Which text is for whom stands in `tests.reports.leaks.told`.
"""

import pytest
from django.db import transaction
from django.test import override_settings

from reports.frozen import DOCUMENT
from tests.frozen.fixtures import check_shape, fixtures
from tests.reports.leaks.planting import Place, models_of_the_portal, name_of, texts_of
from tests.reports.leaks.search import Search
from tests.reports.leaks.told import NO_WORDS, READERS, TOLD, fields_of, has_words, readers_of

pytestmark = pytest.mark.django_db

AUDIENCES = [name for name in READERS if name != "member"]


@pytest.fixture(scope="module")
def search(django_db_setup, django_db_blocker, tmp_path_factory):
    """Once for all tests: nothing of it stays in the database."""
    folder = tmp_path_factory.mktemp("leaks")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder), transaction.atomic():
        yield Search()
        transaction.set_rollback(True)


def typed() -> set[tuple[str, str]]:
    return {
        (model._meta.label, name_of(field))
        for model in models_of_the_portal()
        for field in texts_of(model)
        if has_words(model, name_of(field))
    }


def test_each_text_is_said_to_be_for_somebody_or_nobody():
    """A new field is classified in `told.py`; what is there no more is taken out."""
    table = {(model, field) for model, told in TOLD.items() for field in fields_of(told)}

    assert typed() - table == set()
    assert table - typed() == set()


def test_what_nobody_types_is_there():
    columns = {
        (model._meta.label, name_of(field))
        for model in models_of_the_portal()
        for field in texts_of(model)
    }

    listed = {(model, name) for model, names in NO_WORDS.items() for name in names}
    assert listed - columns == set()


@pytest.mark.deep(part="leaks")
def test_each_text_had_its_secret(search):
    planted = {(one.model, one.field) for one in search.garden.places if one.case != "neighbour"}

    assert typed() - planted == set()


@pytest.mark.deep(part="leaks")
@pytest.mark.parametrize("audience", AUDIENCES)
def test_nobody_finds_what_is_not_theirs(search, audience):
    found = {place for place, readers in search.readers.items() if audience in readers}

    assert {str(one) for one in found if READERS[audience] not in readers_of(one)} == set()


@pytest.mark.deep(part="leaks")
@pytest.mark.parametrize("audience", AUDIENCES)
def test_everybody_finds_what_is_theirs(search, audience):
    """Otherwise the test above could pass because nothing is told, or nothing is found."""
    found = {place for place, readers in search.readers.items() if audience in readers}
    places = {*search.garden.places, *search.numbers}

    theirs = {one for one in places if READERS[audience] in readers_of(one)}
    assert {str(one) for one in theirs - found} == set()


@pytest.mark.deep(part="leaks")
def test_nothing_of_another_project_is_told(search):
    assert [str(one) for one in search.readers if one.case == "neighbour"] == []


@pytest.mark.deep(part="leaks")
def test_each_file_holds_what_its_readers_may_know(search):
    leaks = {
        (name, reader, str(place))
        for (name, reader), places in search.files.items()
        for place in places
        if not set(READERS[reader]) & set(readers_of(place))
    }

    assert leaks == set()


@pytest.mark.deep(part="leaks")
@pytest.mark.parametrize(
    ("name", "reader", "at_least"),
    [
        ("report.pdf", "donor", 80),
        ("report.pdf", "partners", 50),
        ("annual_report.docx", "donor", 80),
        ("minutes.docx", "partners", 20),
        ("data.xlsx", "partners", 15),
        ("donor.zip/reports", "donor", 80),
        ("donor.zip/data", "donor", 25),
        ("member.zip/reports", "member", 50),
    ],
)
def test_files_are_searched_indeed(search, name, reader, at_least):
    assert len(search.files[name, reader]) >= at_least


@pytest.mark.deep(part="leaks")
def test_a_name_that_may_harm_is_replaced_and_not_only_left_out(search):
    """In minutes that were sealed long ago and in what somebody wrote."""
    name = Place("partners.InstitutionName", "at risk", "acronym")

    assert search.readers[name] == {"coordination"}


@pytest.mark.deep(part="leaks")
def test_documents_have_the_shape_of_their_format(search, request):
    """Here, since nowhere else is every document composed of a project that has everything. What the
    demonstration has beside that is in its fixture."""
    write = request.config.getoption("write_frozen")
    for document in fixtures("document", DOCUMENT.current):
        search.shape.add_content(document)

    check_shape("document", search.shape.described, write=write)
