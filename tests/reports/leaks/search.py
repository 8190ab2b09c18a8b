"""Plants the secrets, has every document made, and tells who found which."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from projects.models import Project
from reports.models import About, Archive, Rendition, SealCertificate, SharedLink
from reports.pdf import html_of
from reports.plain_text import text_of
from reports.services.archiving import request_archive, write_archive
from reports.services.data_book import data_book
from reports.services.producing import produce
from reports.services.requesting import request_rendition
from reports.services.steps import publish_report, sign_off, submit_report
from reports.word import docx_of
from tests.frozen.shapes import Shape
from tests.reports.conftest import SIGNED_ON
from tests.reports.leaks.afterwards import afterwards
from tests.reports.leaks.documents import (
    documents_of,
    words_of_archive,
    words_of_data,
    words_of_file,
)
from tests.reports.leaks.given import NUMBERS, SAID_OR_NOT
from tests.reports.leaks.planting import (
    Garden,
    Place,
    filled,
    models_of_the_portal,
    name_of,
    texts_of,
)
from tests.reports.leaks.rich import Rich, keys_of
from tests.reports.leaks.told import PLANTED_WITH_THE_ROW, has_words
from tests.world import World

# Who takes away the data and the archive, and of which audience each of them is.
TAKE_AWAY = {
    "donor": "donor",
    "embassy": "donor",
    "partner": "partners",
    "member": None,  # of the committee, and of a partner: both are theirs
    "coordinator": "coordination",
}
# One of each audience as a PDF, which takes longest.
PRINTED = (("donor", "fr"), ("partners", "es"), ("committee", "en"))
LEASE = timedelta(seconds=600)


class Search:
    """`readers`: by place, whoever found its secret in anything that is theirs. `files`: by the
    name of a file and its readers, what was found in it. `shape`: of all documents."""

    def __init__(self) -> None:
        self.garden = Garden()
        self.numbers = [Place("number", "", name) for name in NUMBERS]
        self.readers: dict[Place, set[str]] = defaultdict(set)
        self.files: dict[tuple[str, str], set[Place]] = defaultdict(set)
        self.shape = Shape()
        first = {model: keys_of(model) for model in models_of_the_portal()}
        neighbour = Rich(World(), first)
        for number, project in enumerate((neighbour.project, neighbour.world.neighbour), 8):
            Project.objects.filter(pk=project.pk).update(code=f"HN-{number}")
        second = {model: keys_of(model) for model in models_of_the_portal()}
        self.rich = Rich(World(), second)
        self._plant(first, second)
        afterwards(self.rich, self.garden)
        self._sign_off()
        self._read_documents()
        self._read_files()

    def _plant(self, first: dict[type, set[Any]], second: dict[type, set[Any]]) -> None:
        for model in models_of_the_portal():
            label = model._meta.label
            fields = {one for one in map(name_of, texts_of(model)) if has_words(model, one)}
            if label in PLANTED_WITH_THE_ROW:
                continue
            for row in model._base_manager.all() if fields else ():
                is_foreign = row.pk in second[model] - first[model]
                case = "neighbour" if is_foreign else self.rich.case_of(row)
                empty = {name for name in SAID_OR_NOT.get(label, ()) if not getattr(row, name)}
                self.garden.plant(row, case, fields - empty)

    def _sign_off(self) -> None:
        people, report = self.rich.world.people, self.rich.told[0]
        report.refresh_from_db()
        report.take("review", by=people["coordinator"])
        sign_off(report, by=people["monitoring"], on=SIGNED_ON)
        submit_report(report, by=people["coordinator"])
        publish_report(report, by=people["coordinator"])

    # Read

    def _found(self, audience: str | None, words: str) -> set[Place]:
        places = self.garden.found_in(words)
        numbers = re.sub(r"(?<=\d)[\s\u00a0\u202f.,](?=\d)", "", words)
        places |= {
            Place("number", "", name) for name, number in NUMBERS.items() if str(number) in numbers
        }
        for place in places if audience else ():
            self.readers[place].add(audience)
        return places

    def _read_documents(self) -> None:
        """As data, as HTML and as text; of each kind and audience one as a Word file."""
        seen = set()
        for audience, about, document in documents_of(self.rich):
            self.shape.add_content(document)
            self._found(audience, words_of_data(document))
            self._found(audience, html_of(document, code="7F3A-91C2-D04E", is_draft=False))
            self._found(audience, text_of(document))
            if (about.kind, audience) not in seen:
                seen.add((about.kind, audience))
                word = docx_of(document, is_draft=False)
                self._keep(f"{about.kind}.docx", audience, words_of_file("x.docx", word))

    def _keep(self, name: str, audience: str | None, words: str) -> None:
        self.files[name, audience or "member"] |= self._found(audience, words)

    def _read_files(self) -> None:
        for name, content, audience in (*self._printed(), *self._taken_away()):
            if name.endswith(".zip"):
                for inner, words in words_of_archive(content):
                    self._keep(f"{name}/{inner.partition('/')[0]}", audience, words)
            else:
                self._keep(name, audience, words_of_file(name, content))

    def _printed(self) -> Iterator[tuple[str, bytes, str]]:
        report, people = self.rich.told[0], self.rich.world.people
        # With one, documents would wait for its key.
        SealCertificate.objects.all().delete()
        for audience, language in PRINTED:
            made = request_rendition(About(report), language=language, audience=audience, by=None)
            produce(Rendition.objects.claim(made.pk, lease=LEASE))
            made.refresh_from_db()
            yield "report.pdf", content_of(made), audience
        label = self.garden.seed(SharedLink, "", "label")
        filled(SharedLink, {Rendition: made, User: people["coordinator"]}, label=label)

    def _taken_away(self) -> Iterator[tuple[str, bytes, str]]:
        for role, audience in TAKE_AWAY.items():
            person = self.rich.world.people[role]
            yield (
                "data.xlsx",
                data_book(person, self.rich.project, at=timezone.now()),
                audience,
            )
            yield f"{role}.zip", self._archive(person), audience

    def _archive(self, person: User) -> bytes:
        archive = request_archive(self.rich.project, by=person, language="en")
        write_archive(type(archive).objects.claim(archive.pk, lease=LEASE))
        archive.refresh_from_db()
        return content_of(archive)


def content_of(job: Rendition | Archive) -> bytes:
    assert job.is_ready, job.failure
    with job.file.open() as file:
        return file.read()
