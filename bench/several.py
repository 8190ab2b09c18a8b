"""Three hosts that share database, broker and storage: what one does, the others know."""

import hashlib
import time
from collections import Counter

from accounts.models import OutgoingMail
from bench.cluster import Cluster, Host, wait_for
from bench.trial import Ground, Ledger, invited, unfinished
from bench.visitor import PASSWORD, Visitor
from reports.models import Rendition

EVERYTHING = ("web", "worker", "mailer")


def hosts_rows(
    cluster: Cluster, ground: Ground, *, is_whole: bool
) -> tuple[list[dict[str, object]], Visitor]:
    """Start the hosts, and say what was tried on them; little unless it is the whole trial. Two of them
    have a scheduler."""
    first, second, third = cluster.hosts
    for host in cluster.hosts:
        host.start("web", "mailer")
    second.start("worker")
    first.wait(["web"])
    second.wait()
    third.wait(["web"])
    visitor = ground.signed_in()
    rows = [one_asks_another_makes(ground, visitor, cluster.hosts)]
    first.start("worker", "beat")
    third.start("worker")
    second.start("beat")
    first.wait()
    third.wait()
    if not is_whole:
        return rows, visitor
    rows.append(sign_in_limit(ground, cluster.hosts))
    rows.append(two_beats(cluster, ground, visitor))
    return rows, visitor


def at(host: Host, visitor: Visitor) -> Visitor:
    """The same browser, on this host and not through the proxy."""
    return Straight((host.cable.address, host.port), visitor.cookies)


class Straight(Visitor):
    def send(self, method, path, body=None, more=None):  # type: ignore[no-untyped-def]
        told = {"X-Forwarded-Proto": "https"}
        return super().send(method, path, body, {**(more or {}), **told})


def one_asks_another_makes(
    ground: Ground, visitor: Visitor, hosts: list[Host]
) -> dict[str, object]:
    """One process is asked for a document, the worker of the second makes it, the third sends it."""
    first, _second, third = hosts
    known = set(Rendition.objects.values_list("pk", flat=True))
    asked = ground.ask(at(first, visitor))
    wait_for(lambda: Rendition.objects.exclude(pk__in=known).exists(), "the request")
    row = Rendition.objects.exclude(pk__in=known).earliest("pk")
    wait_for(lambda: Rendition.objects.ready().filter(pk=row.pk).exists(), "the document")
    row.refresh_from_db()
    sent = at(third, visitor).get(f"/documents/{row.pk}/download/")
    is_right = hashlib.sha256(sent.content).hexdigest() == row.sha256
    local = [host.name for host in hosts if (host.folder / "media").exists()]
    return {
        "what": "Asked on the first host, made by the worker of the second, downloaded from the third; "
        "signed in once, through the proxy",
        "outcome": f"request {asked.status}, download {sent.status}, "
        f"{'the right bytes' if is_right else 'OTHER BYTES'}; hosts with files of their own: {len(local)}",
        "sound": asked.status == 302 and sent.status == 200 and is_right and not local,
    }


def sign_in_limit(ground: Ground, hosts: list[Host]) -> dict[str, object]:
    """Five wrong passwords in five minutes, wherever they are typed."""
    answers = []
    email = ground.papers.people["member"].email
    for number in range(8):
        stranger = at(hosts[number % 3], Visitor(("", 0)))
        stranger.get("/accounts/login/")
        wrong = stranger.post("/accounts/login/", login=email, password=f"{PASSWORD} {number}")
        answers.append(
            "refused" if "too many" in wrong.text.lower() or wrong.status == 429 else "wrong"
        )
    counts = Counter(answers)
    return {
        "what": "Eight wrong passwords for one account, in turn on three hosts (five are allowed)",
        "outcome": f"{counts['wrong']} were tried, {counts['refused']} refused unread",
        "sound": counts["wrong"] == 5 and counts["refused"] == 3,
    }


def two_beats(cluster: Cluster, ground: Ground, visitor: Visitor) -> dict[str, object]:
    """Both schedulers start everything; nothing is made or sent twice."""
    ledger = Ledger()
    for _ in range(12):
        ground.ask(visitor)
    invited(10)
    began = time.monotonic()
    while time.monotonic() < began + 45 or unfinished():
        ledger.look()
        time.sleep(0.5)
    outcome = ledger.outcome()
    sent = OutgoingMail.objects.exclude(sent_at=None).count()
    ids = Counter(
        line
        for message in cluster.mail.messages
        for line in message.splitlines()
        if line.startswith("Message-ID")
    )
    doubled = sum(count > 1 for count in ids.values())
    return {
        "what": "Two schedulers for 45 s, twelve documents asked for and ten people invited, besides what "
        "the portal makes by itself",
        "outcome": f"{outcome.ready} of {outcome.documents} documents ready, {outcome.twice} made twice; "
        f"{sent} messages sent, {len(cluster.mail.messages)} arrived, {doubled} twice",
        "sound": outcome.is_whole and not doubled and sent == len(cluster.mail.messages) >= 10,
    }
