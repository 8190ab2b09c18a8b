"""The second of two people who edit the same thing sees what changed, and keeps their text."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection

from kernel.stamps import _comparable
from partners.models import Institution
from tests.factories import InstitutionFactory, UserFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.sqlite,
    pytest.mark.urls("tests.kernel.pages_urls"),
]

MEANWHILE = (
    "Somebody has changed this since you opened the page. Your entries are kept: compare them "
    "with what is marked, then save again."
)
NO_STAMP = (
    "This page does not say what was there when it was opened, so nothing was saved. Your entries "
    "are kept: compare them with what is marked, then save again."
)
TAKEN = "Changed in the meantime: this is what is there now."


def kept(now):
    return (
        f"Changed in the meantime. Now: “{now}”. Your entry is kept; saving replaces what is there."
    )


@pytest.fixture
def institution():
    return InstitutionFactory(country="HN", kind="civil_society", illustrative=False)


@pytest.fixture
def editor(client, institution):
    """The page as somebody opened it: sends what they typed with its stamp."""
    client.force_login(UserFactory())
    url = f"/try/edit/{institution.pk}/"
    opened = client.get(url).context["form"]

    class Editor:
        stamp = opened["seen"].value()

        def send(self, **typed):
            sent = {"country": "HN", "kind": "civil_society", "seen": self.stamp} | typed
            return type(client).__base__.post(client, url, sent)

    return Editor()


def stored():
    row = Institution.objects.get()
    return row.country, row.kind, row.illustrative


def change(**values):
    Institution.objects.update(**values)


def test_who_is_alone_saves_at_once(editor):
    assert editor.send(country="CA").status_code == 302
    assert stored() == ("CA", "civil_society", False)


def test_what_two_people_changed_keeps_the_text_and_shows_what_is_there(editor):
    change(country="GT")

    form = editor.send(country="CA").context["form"]

    assert form.errors == {"__all__": [MEANWHILE], "country": [kept("Guatemala")]}
    assert form["country"].value() == "CA"
    assert stored() == ("GT", "civil_society", False)


def test_saving_again_is_a_decision(editor):
    change(country="GT")
    editor.stamp = editor.send(country="CA").context["form"]["seen"].value()

    assert editor.send(country="CA").status_code == 302
    assert stored() == ("CA", "civil_society", False)


def test_a_third_change_is_shown_again(editor):
    change(country="GT")
    editor.stamp = editor.send(country="CA").context["form"]["seen"].value()
    change(country="SV")

    assert editor.send(country="CA").context["form"].errors["country"] == [kept("El Salvador")]


def test_what_only_the_other_changed_is_shown_and_not_undone(editor):
    change(country="GT", illustrative=True)

    form = editor.send(kind="state").context["form"]

    assert form.errors == {"__all__": [MEANWHILE], "country": [TAKEN], "illustrative": [TAKEN]}
    assert (form["country"].value(), form["illustrative"].value()) == ("GT", True)
    assert form["kind"].value() == "state"
    sent = {name: form[name].value() for name in ("country", "kind", "illustrative", "seen")}
    assert editor.send(**sent).status_code == 302
    assert stored() == ("GT", "state", True)


def test_what_both_changed_alike_is_nothing_to_ask_about(editor):
    change(country="GT")

    assert editor.send(country="GT", kind="state").status_code == 302
    assert stored() == ("GT", "state", False)


def test_what_the_form_does_not_edit_is_nothing_to_ask_about(editor):
    change(is_guarded=True)

    assert editor.send(country="CA").status_code == 302
    assert Institution.objects.get().is_guarded


@pytest.mark.parametrize("stamp", ["", "nonsense", "country:0", ": : :", "seen:1 " * 50])
def test_a_page_without_its_stamp_saves_nothing_and_keeps_the_text(editor, stamp):
    editor.stamp = stamp

    form = editor.send(country="CA").context["form"]

    assert form.errors["__all__"] == [MEANWHILE if stamp else NO_STAMP]
    assert form.errors["country"] == [kept("Honduras")]
    assert form["country"].value() == "CA"
    assert stored() == ("HN", "civil_society", False)


def test_a_page_without_its_stamp_that_changes_nothing_is_not_asked(editor):
    editor.stamp = ""

    assert editor.send().status_code == 302


@pytest.mark.parametrize(
    ("stored", "understood"),
    [
        (Decimal("5.00"), Decimal(5)),
        (None, ""),
        (False, None),
        ("a\nb ", "a\r\nb"),
        (datetime(2026, 1, 1, 6, tzinfo=UTC), datetime(2026, 1, 1, 6, tzinfo=UTC)),
        (date(2026, 1, 1), date(2026, 1, 1)),
        ([2, 1], (1, 2)),
    ],
)
def test_a_value_is_compared_as_it_is_stored(stored, understood):
    assert _comparable(stored) == _comparable(understood)


@pytest.mark.parametrize(
    ("stored", "other"), [(Decimal("5.01"), Decimal(5)), (True, False), ("a", "b"), ([1], [1, 2])]
)
def test_other_values_differ(stored, other):
    assert _comparable(stored) != _comparable(other)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked there")
def test_the_row_is_locked_before_it_is_compared(editor, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as queries:
        editor.send(country="CA")

    locking = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    assert len(locking) == 1
