"""Two people save the same page at once, and one person presses twice: on every page that can be
opened, on connections of their own.

The pages are those of `tests/forms.csv`. What is typed comes from the page: each field as it is, and
what is required and empty is filled in.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from lxml import html

from accounts.models import FormDraft
from kernel.models import SentForm
from kernel.sent_forms import ENTRY_KEY
from kernel.stamps import STAMP, Stamped
from tests.conftest import forms_of
from tests.kernel.made_files import PDF
from tests.test_access import READS, Scene, address_for, addresses
from tests.test_forms import table

pytestmark = [
    pytest.mark.deep(part="hostile"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked there"),
]

READERS = ("administrator", "coordinator", "finance", "partner", "member", "donor", "link")
# Sent twice it leads to two links, and an answer that is kept would hold the token of the first.
WITHOUT_KEY = {"due-link-open"}
# What only the database has: a session, the row of the form itself.
ASIDE = ("django_session", "kernel_sentform")


class Opened:
    """A page with a form, as somebody opened it: its address, and what its form holds."""

    def __init__(self, client, url, answer):
        self.client, self.url = client, url
        self.page = html.fromstring(answer.content)
        self.forms = forms_of(answer)
        self.element = next(
            (one for one in self.page.forms if is_own(one, url) and one.method == "POST"), None
        )

    @property
    def holds(self) -> dict[str, list[str]]:
        """What a browser would send of it."""
        found: dict[str, list[str]] = {}
        for name, value in self.element.form_values() if self.element is not None else []:
            # The parser keeps the line end after which browsers begin a text.
            found.setdefault(name, []).append((value or "").removeprefix("\n"))
        return found

    @property
    def texts(self) -> list[str]:
        """The names of its text fields: the longest texts first, which take any words."""
        areas = [one.name for one in self.element.iter("textarea")]
        inputs = [one.name for one in self.element.iter("input") if one.get("type") == "text"]
        return [name for name in (*areas, *inputs) if name]

    def filled(self) -> dict[str, object]:
        """With what is required and empty, as far as the kind of a field says what it takes."""
        sent: dict[str, object] = dict(self.holds)
        for form in self.forms:
            for name, field in form.fields.items():
                key = form.add_prefix(name)
                if name != STAMP and not any(sent.get(key, [])):
                    value = example(name, field)
                    if value is not None:
                        sent[key] = value
        return sent


def is_own(element, url) -> bool:
    return (element.action or url).split("?")[0] == url


def example(name: str, field: forms.Field) -> object:
    if isinstance(field, forms.FileField):
        return SimpleUploadedFile("page.pdf", PDF) if field.required else None
    if not field.required and not name.endswith("_fr") and name not in ("text", "upload"):
        return None
    if isinstance(field, forms.BooleanField):
        return "on"
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        return next((str(key) for key, _label in flat(field.choices) if str(key)), None)
    if isinstance(field, forms.EmailField):
        return "personne99@example.org"
    if isinstance(field, forms.DateField):
        return date(2020, 6, 1).isoformat()
    if isinstance(field, (forms.IntegerField, forms.DecimalField)):
        return "7"
    if isinstance(field, forms.TimeField):
        return "10:00"
    return "Texte 7"


def flat(choices):
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield key, label


@pytest.fixture
def scene():
    """With what each page is called with, before the first press changes anything."""
    scene = Scene()
    scene.called_with = {name: scene.arguments(name, taken) for name, taken in addresses()}
    return scene


def opened(scene, name) -> Opened | None:
    """The page for the first reader who may open it."""
    arguments = scene.called_with[name]
    for role in READERS:
        url = address_for(name, arguments, role)
        answer = scene.clients[role].get(url)
        if answer.status_code == 200 and b"<form" in answer.content:
            page = Opened(scene.clients[role], url, answer)
            if page.element is not None:
                return page
    return None


def again(page: Opened) -> Opened:
    """The same page, opened by somebody else with the same rights."""
    client = Client()
    client.cookies = page.client.cookies.copy()
    return Opened(client, page.url, client.get(page.url))


def at_once(*posts):
    """Sends forms at the same moment; gives the answers, and what each of them wrote."""
    barrier = Barrier(len(posts))

    def send(post):
        written: list[str] = []

        def note(execute, sql, params, many, context):
            if sql.split(maxsplit=1)[0] not in READS and not any(one in sql for one in ASIDE):
                written.append(sql)
            return execute(sql, params, many, context)

        page, sent = post
        barrier.wait()
        try:
            with connection.execute_wrapper(note):
                return page.client.post(page.url, sent), written
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(posts)) as pool:
        return list(pool.map(send, posts))


def names(*kinds):
    return [name for name, row in table().items() if row["kind"] in kinds]


def test_every_page_carries_what_its_kind_promises(scene):
    """An edit page has a stamp, each page an entry key."""
    kinds = table()
    wrong = {}
    for name in kinds:
        page = opened(scene, name)
        if page is None:
            continue
        stamped = any(key == STAMP or key.endswith(f"-{STAMP}") for key in page.holds)
        over_rows = any(isinstance(form, Stamped) and STAMP in form.fields for form in page.forms)
        if ENTRY_KEY not in page.holds and name not in WITHOUT_KEY:
            wrong[name] = "no entry key"
        elif kinds[name]["kind"] == "edit" and over_rows and not stamped:
            wrong[name] = "no stamp"
        elif kinds[name]["kind"] in ("create", "step", "delete") and (stamped or over_rows):
            wrong[name] = "it edits"
    assert wrong == {}


def changed_twice(page, other):
    """Both type into the same field: the first that takes words."""
    for field in page.texts:
        posts = [
            (one, one.filled() | {field: f"{one.holds[field][0]} {word}".strip()})
            for one, word in ((page, "Alpha"), (other, "Beta"))
            if field in one.holds
        ]
        if len(posts) < 2:
            continue
        answers = at_once(*posts)
        if sorted(answer.status_code for answer, _written in answers) == [200, 302]:
            return field, posts, answers
        page, other = again(page), again(page)
    return None


def test_of_25_pairs_who_save_at_once_the_second_sees_what_changed_and_keeps_their_text(scene):
    done, wrong = [], {}
    for name in names("edit"):
        page = opened(scene, name)
        if page is None or not page.texts:
            continue
        pair = changed_twice(page, again(page))
        if pair is None:
            continue
        field, posts, answers = pair
        lost = next(
            place for place, (answer, _w) in enumerate(answers) if answer.status_code == 200
        )
        shown = html.fromstring(answers[lost][0].content).text_content()
        values = Opened(page.client, page.url, answers[lost][0]).holds
        mine, theirs = (posts[place][1][field] for place in (lost, 1 - lost))
        FormDraft.objects.all().delete()  # pages by link show what was refused as a draft
        if theirs not in shown or values[field] != [mine]:
            wrong[name] = "it does not show both"
        elif again(page).element is not None and theirs not in again(page).holds.get(field, [""]):
            wrong[name] = "it was overwritten"
        done.append(name)
    assert wrong == {}
    assert len(done) >= 25, done


def test_25_forms_that_are_sent_twice_make_one_and_lead_to_it(scene):
    done, wrong = [], {}
    for name in names("create"):
        page = opened(scene, name)
        if page is None:
            continue
        before = SentForm.objects.count()
        answers = at_once((page, page.filled()), (again_sent(page), page.filled()))
        if [answer.status_code for answer, _written in answers] != [302, 302]:
            continue
        if len({answer.url for answer, _written in answers}) != 1:
            wrong[name] = "they lead to different pages"
        elif SentForm.objects.count() != before + 1:
            wrong[name] = "it was saved twice"
        elif all(written for _answer, written in answers):
            wrong[name] = "both wrote something"
        done.append(name)
    assert wrong == {}
    assert len(done) >= 25, done


def again_sent(page: Opened) -> Opened:
    """The same page in the same browser, whose second press has a connection of its own."""
    other = object.__new__(Opened)
    other.__dict__ |= page.__dict__
    other.client = Client()
    other.client.cookies = page.client.cookies.copy()
    return other
