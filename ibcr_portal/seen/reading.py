"""What the committee, the State, the donor and the public read of an institution in a project."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.models import Audience
from kernel.files import PICTURES
from kernel.text import LANGUAGES
from partners.models import Institution
from partners.naming import designation, read_by
from projects.models import Evidence, NamedTo, Participation, Project
from projects.permissions.institutions import may_widen_naming, names_ever, without_names
from projects.permissions.naming import (
    NamesForAudience,
    NamingRules,
    Readers,
    person_as_readers,
    readers_in,
)
from projects.permissions.roles import speaks_for
from reports.models import Rendition, SharedLink
from reports.services.naming import renditions_that_name, texts_that_name

EXCERPTS = 2
PICTURES_SHOWN = 20


@dataclass(frozen=True)
class SeenFile:
    name: str
    texts: list[str]


@dataclass
class SeenByReaders:
    """How one group of readers sees the institution."""

    label: "str | Promise"
    name: str
    is_named: bool
    files: list[SeenFile] = field(default_factory=list)


@dataclass(frozen=True)
class SeenIn:
    project: Project
    readers: list[SeenByReaders]
    # Photographs that everybody who sees the project sees, and that may be published.
    pictures: list[str]


def may_hide_everywhere(person: User, institution: Institution) -> bool:
    """Somebody whom only the coordination entered decides for its projects alone."""
    return may_widen_naming(person, institution) and not person.is_staff


def projects_of(person: User, institution: Institution) -> list[Project]:
    """Return the projects of the institution, or those in which the person speaks for it, if nobody
    but the coordination confirmed that they do."""
    places = Participation.objects.filter(institution=institution).values("project")
    projects = list(Project.objects.filter(pk__in=places).order_by("code"))
    if may_hide_everywhere(person, institution):
        return projects
    return [one for one in projects if institution.pk in speaks_for(person, one)]


def seen_in(project: Project, institution: Institution, person: User, language: str) -> SeenIn:
    """Of others, the person reads the names that they may know there, whoever else does."""
    rules = NamingRules()
    names = _names(institution, project, rules)
    found = renditions_that_name(names, project=project).ready().current()
    files = list(found.filter(snapshot__is_final=True, is_draft=False).order_by("-pk"))
    readers = []
    for label, audiences, groups in _groups(project):
        shown = _shown(institution, project, groups, rules)
        seen = replace(shown, label=label)
        mine = [one for one in files if one.audience in audiences]
        if Audience.PUBLIC in audiences:
            mine = _listed(mine)
        seen.files = [_seen_file(one, names) for one in _in_one_language(mine, language)]
        readers.append(seen)
    return _as_read_by(
        person, SeenIn(project, readers, _pictures(project, institution)), institution
    )


def _as_read_by(person: User, seen: SeenIn, institution: Institution) -> SeenIn:
    """Return it without the names of others that the person may not know in the project. Their own is
    as its readers see it."""
    readers = person_as_readers(person, seen.project)
    own = replace(readers, own=readers.own | {institution.pk})
    with read_by(NamesForAudience(seen.project, own)):
        for group in seen.readers:
            group.files = [
                SeenFile(without_names(one.name), without_names(one.texts)) for one in group.files
            ]
        return replace(seen, pictures=without_names(seen.pictures))


def _groups(project: Project) -> list[tuple["str | Promise", set[str], list[Readers]]]:
    """Return whom it is about, for which audiences their documents are, and as whom they read: they
    know a name if any of these does."""
    member = Readers(audiences=frozenset({NamedTo.COMMITTEE, NamedTo.PUBLIC}))
    everything = frozenset({NamedTo.COMMITTEE, NamedTo.PARTNERS, NamedTo.PUBLIC})
    state = Readers(audiences=everything, belong_to=lambda: {0: Institution.Kind.STATE})
    giving = readers_in(project, "donor").belong_to()
    donor = Readers(audiences=frozenset({NamedTo.DONOR, NamedTo.PUBLIC}))
    donors = [replace(donor, belong_to=partial(dict, [one])) for one in giving.items()]
    committee: set[str] = {Audience.COMMITTEE, Audience.VOTING}
    return [
        (_("The committee"), committee, [member]),
        (_("Institutions of the State"), committee | {Audience.PARTNERS}, [state]),
        (_("The donor"), {Audience.DONOR}, donors or [donor]),
        (_("The public"), {Audience.PUBLIC}, [Readers()]),
    ]


def _shown(
    institution: Institution, project: Project, groups: Iterable[Readers], rules: NamingRules
) -> SeenByReaders:
    shown = [NamesForAudience(project, readers, rules) for readers in groups]
    widest = next((one for one in shown if not one.is_hidden(institution)), shown[0])
    with read_by(widest):
        return SeenByReaders("", institution.name, institution.is_named)


def _names(institution: Institution, project: Project, rules: NamingRules) -> set[str]:
    """Return its names, and what it is called instead in the project."""
    words = {word for _key, *spelt in names_ever([institution.pk]) for word in spelt}
    if number := rules.number_of(institution.pk, project.pk):
        words |= {designation(institution.kind, number, language) for language in LANGUAGES}
    return {word for word in words if len(word) > 1}


def _listed(files: list[Rendition]) -> list[Rendition]:
    links = SharedLink.objects.valid().filter(rendition__in=files, is_listed=True)
    keys = set(links.values_list("rendition", flat=True))
    return [one for one in files if one.pk in keys]


def _in_one_language(files: list[Rendition], language: str) -> list[Rendition]:
    """Return each document once: in the language of the reader, if there is a file in it."""
    found: dict[int, Rendition] = {}
    for one in files:
        if one.snapshot_id not in found or one.language == language:
            found[one.snapshot_id] = one
    return list(found.values())


def _seen_file(file: Rendition, names: set[str]) -> SeenFile:
    document = file.snapshot.data[file.audience][file.language]
    return SeenFile(str(file), texts_that_name(document, names)[:EXCERPTS])


def _pictures(project: Project, institution: Institution) -> list[str]:
    rows = Evidence.objects.shared().filter(activity__project=project, kind__in=PICTURES)
    own = rows.filter(given_by=institution) | rows.filter(activity__partners=institution)
    return [str(one) for one in own.distinct().order_by("-pk")[:PICTURES_SHOWN]]
