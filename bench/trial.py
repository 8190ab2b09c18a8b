"""What people do in a trial, and whether all that was accepted is there afterwards, once."""

import hashlib
import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import Error, close_old_connections, connection

from accounts.models import User
from accounts.services import send_invitation
from bench.cluster import Cluster
from bench.visitor import PASSWORD, Visitor, WebAnswer
from kernel.jobs import Job
from kernel.storage import StorageUnavailable
from reports.kinds import kind_of
from reports.models import About, Rendition, RenditionRequest
from tests.factories import UserFactory
from tests.reports.papers import Papers

Wanted = tuple[About, str, str]  # a document for an audience in a language
PATIENCE = 240  # seconds, after which something has not recovered


@dataclass
class Ground:
    """Two meetings, a plan, people, and the documents that the coordinator may ask for."""

    cluster: Cluster
    coordinator: str = ""
    papers: Papers = field(init=False)
    wanted: "itertools.cycle[Wanted]" = field(init=False)

    def __post_init__(self) -> None:
        self.papers = Papers()
        self.papers.seal()
        person = self.papers.coordinator
        User.objects.update(language="en")
        person.set_password(PASSWORD)
        person.save()
        self.coordinator = person.email or ""
        documents = [
            (about, str(audience), language)
            for about in self.papers.abouts()
            if about.addressee is None and about.base is None
            for audience in kind_of(about).audiences
            for language, _name in settings.LANGUAGES
        ]
        random.Random(1).shuffle(documents)
        self.wanted = itertools.cycle(documents)

    def visitor(self) -> Visitor:
        return Visitor((self.cluster.network.hub, self.cluster.proxy.port))

    def signed_in(self) -> Visitor:
        """Sign in through the proxy; the hosts have only just started."""
        until = time.monotonic() + PATIENCE
        while True:
            visitor = self.visitor()
            answer = visitor.sign_in(self.coordinator)
            if answer.status == 302:
                return visitor
            if time.monotonic() > until:
                raise SystemExit(f"Nobody can sign in: {answer.sentence}")
            time.sleep(1)

    def ask(self, visitor: Visitor) -> WebAnswer:
        """Ask for the next document, as the page of its thing does."""
        about, audience, language = next(self.wanted)
        path = f"/documents/new/{about.kind}/{about.thing.pk}/"
        return visitor.post(path, audience=audience, languages=[language])

    def forget(self) -> None:
        """Forget all documents that the portal made of its own, so that they are made again."""
        Rendition.objects.filter(snapshot__is_final=False).delete()


def made(factory: Any, **fields: Any) -> Any:
    """Make a row with a factory of the tests, which have no types."""
    return factory(**fields)


def invited(number: int) -> list[User]:
    """Return new people, to whom the portal has a message to send."""
    people = [
        made(UserFactory, email=f"guest-{time.time_ns()}-{n}@example.org") for n in range(number)
    ]
    for person in people:
        send_invitation(person)
    return people


def unfinished() -> int:
    return Rendition.objects.in_hand().count()


@dataclass
class Tally:
    """Of all documents that are in the database."""

    documents: int
    ready: int
    failed: dict[str, int]
    twice: int

    @property
    def is_whole(self) -> bool:
        return self.ready == self.documents and not self.twice


class Ledger:
    """Remembers each document that was ready once, and counts those that changed afterwards."""

    def __init__(self) -> None:
        self.published: dict[int, str] = {}
        self.twice = 0

    def look(self) -> None:
        ready = Rendition.objects.ready().values_list("pk", "file", "sha256")
        for pk, name, sha256 in ready:
            now = f"{name} {sha256}"
            self.twice += self.published.setdefault(pk, now) != now

    def outcome(self) -> Tally:
        self.look()
        failed: dict[str, int] = {}
        rows = list(Rendition.objects.all())
        for row in rows:
            if row.state != Job.State.READY:
                reason = f"{row.state} {row.failure}".strip()
                failed[reason] = failed.get(reason, 0) + 1
        ready = sum(is_whole(row) for row in rows)
        return Tally(len(rows), ready, failed, self.twice)


def is_whole(row: Rendition) -> bool:
    """Return whether the document is ready, and its file is what was made."""
    if row.state != Job.State.READY or not row.file.name:
        return False
    try:
        with default_storage.open(row.file.name) as file:
            content = file.read()
    except (FileNotFoundError, StorageUnavailable):
        return False
    return hashlib.sha256(content).hexdigest() == row.sha256 and content.startswith(b"%PDF")


@dataclass
class Probe:
    """Something that people do all the time: whether it went well, and what they read if not."""

    name: str
    do: Callable[[], WebAnswer]
    expected: tuple[int, ...] = (200,)


@dataclass
class Watcher(threading.Thread):
    """Does each probe again and again, and writes down when which answer came."""

    probes: list[Probe]
    pause: float = 0.5

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.answers: list[tuple[float, str, bool, WebAnswer]] = []
        self.is_over = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.is_over.is_set():
            for probe in self.probes:
                answer = probe.do()
                is_good = answer.status in probe.expected
                self.answers.append((time.monotonic(), probe.name, is_good, answer))
            self.is_over.wait(self.pause)

    def all_good_since(self, moment: float) -> float | None:
        """Return when the last of the probes went well for good after that moment; None if one has
        not yet."""
        found = []
        for probe in self.probes:
            mine = [(at, good) for at, name, good, _a in self.answers if name == probe.name]
            after = [at for at, good in mine if good and at >= moment]
            if not after or not mine[-1][1]:
                return None
            bad = [at for at, good in mine if not good and at >= moment]
            found.append(min(at for at in after if not bad or at > bad[-1]))
        return max(found)

    def seen(self) -> str:
        """Return what people saw that did not go well, each sentence with where they read it."""
        words: dict[str, list[str]] = {}
        for _at, name, good, answer in self.answers:
            if not good and name not in words.setdefault(answer.sentence, []):
                words[answer.sentence].append(name)
        seen = "; ".join(f"{', '.join(names)}: {sentence}" for sentence, names in words.items())
        return seen or "nothing"

    def stop(self) -> None:
        self.is_over.set()
        self.join(timeout=90)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return False
    return True


def patiently(action: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Run what asks the database, which may have been killed since it was asked last."""
    until = time.monotonic() + seconds
    while True:
        close_old_connections()
        try:
            return action()
        except Error:
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


def requests_told_once() -> bool:
    told = RenditionRequest.objects.filter(told_at=None, rendition__state=Job.State.READY)
    return not told.exists()
