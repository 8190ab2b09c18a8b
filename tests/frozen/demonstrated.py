"""Frozen content of each format, of the demonstration: what fixtures and descriptions are made of."""

from collections.abc import Iterator

from accounts.models import User
from committees.minutes.services.text import names_of
from committees.models import ActionPlan, Attendance, Meeting, MinutesVersion
from kernel.frozen import Content
from kernel.text import LANGUAGES
from partners.models import Contact
from projects.models import Amendment, LogicModelVersion
from reports.compose import compose as compose_report
from reports.kinds import KINDS, compose
from reports.models import KINDS_OF, About, DocumentKind, Report
from tests.frozen.trimming import trimmed, without_names

PROJECT, WITH_MONEY = "HN-TRATA", "EXEMPLE-01"
MOST = {"minutes_text": 6, "minutes_name": 3, "logic_model": 1, "quorum_kept": 2, "announced": 2}


def contents() -> dict[str, list[Content]]:
    """All but documents, whole and as they are stored."""
    return {
        "minutes_text": [
            version.content[language]
            for version in MinutesVersion.objects.all()
            for language in LANGUAGES
        ],
        "minutes_name": [row for one in Meeting.objects.held() for row in names_of(one)],
        "logic_model": [version.content for version in LogicModelVersion.objects.all()],
        "quorum_kept": [one.quorum_kept for one in Meeting.objects.exclude(quorum_kept=None)],
        "announced": [one.announced for one in Meeting.objects.exclude(announced=None)],
        "amendment_move": [row for one in Amendment.objects.all() for row in one.moves],
    }


def fixtures_of(name: str, found: list[Content]) -> list[Content]:
    """A few of them, short and without names of persons."""
    names = [contact.full_name for contact in Contact.objects.all()]
    names += [person.full_name for person in User.objects.all()]
    names += Attendance.objects.values_list("guest_name", flat=True)
    few = found[: MOST.get(name, len(found))]
    return without_names(trimmed(few), [name for name in names if name])


def documents() -> list[Content]:
    """A signed report, one with money, and a paper of each kind, in the three languages in turn."""
    report = Report.objects.exclude(snapshot=None).get(period__project__code=PROJECT, version=1)
    other = Report.objects.get(period__project__code=WITH_MONEY)
    money = compose_report(other, language="es", audience="donor", as_of=other.period.end)
    partners = report.snapshot.data["partners"]["en"]
    found = [report.snapshot.data["donor"]["fr"]]
    for document in (money, partners):  # the annexes of one are enough
        chapters = [one for one in document["chapters"] if not one["is_annex"]]
        found.append(document | {"chapters": chapters})
    for place, about in enumerate(_papers(report)):
        kind = KINDS[about.kind]
        language, audience = [*LANGUAGES][place % 3], str(kind.audiences[0])
        found.append(compose(about, language=language, audience=audience, as_of=kind.as_of(about)))
    return found


def in_each_language() -> list[Content]:
    """The signed report and a paper of each kind, each in every language."""
    report = Report.objects.exclude(snapshot=None).get(period__project__code=PROJECT, version=1)
    papers = [
        compose(about, language=language, audience=str(kind.audiences[-1]), as_of=kind.as_of(about))
        for about in _papers(report)
        for kind in [KINDS[about.kind]]
        for language in LANGUAGES
    ]
    return [*report.snapshot.data["donor"].values(), *papers]


def _papers(report: Report) -> Iterator[About]:
    committee = report.project.committee
    meeting = Meeting.objects.get(committee=committee, number=2)
    things = {
        "meeting": [meeting],
        "attendance": meeting.attendances.all(),
        "seat": committee.seats.order_by("pk"),
        "committee": [committee],
        "plan": ActionPlan.objects.filter(project=report.project).order_by(
            "-period__start", "-version"
        ),
    }
    for name, rows in things.items():
        for kind in map(DocumentKind, KINDS_OF[name]):
            found = (_about(row, kind) for row in rows if KINDS[kind].applies(About(row, kind)))
            yield from [about for about in found if about][:1]


def _about(row, kind: DocumentKind) -> About | None:
    """With the first addressee or earlier version, where it takes one."""
    about = About(row, kind)
    if addressees := KINDS[kind].addressees:
        return About(row, kind, addressee=addressees(about).first())
    if bases := KINDS[kind].bases:
        base = bases(about).first()
        return base and About(row, kind, base=base)
    return about
