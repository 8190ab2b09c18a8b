"""Who reads a page: the signed-in person, in the project that the address is about. From that follow
the names that they may know, and the languages of its texts and forms."""

from collections.abc import Callable
from typing import cast

from django.db.models import Model
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from committees.models import (
    Action,
    ActionPlan,
    AgendaItem,
    Attendance,
    Committee,
    Document,
    InterestDeclaration,
    Meeting,
    Minutes,
    Resolution,
    Seat,
    SeatTerm,
    Subject,
    TemplateItem,
    WrittenConsultation,
)
from kernel.languages import working_in
from kernel.typed_texts import typed_texts_are_saved
from partners.naming import read_by
from projects.models import Amendment, Project
from projects.permissions.naming import NamesForPerson
from projects.permissions.roles import place_of
from reports.models import Archive, Rendition, Report, SharedLink

Handler = Callable[[HttpRequest], HttpResponse]

COMMITTEE = "committee__project"
WITH_CODE = frozenset({"code", "projects", "committees", "plans", "reports"})
# By the first part of the address, what its key is of, and the way from there to the project.
PLACES: dict[str, tuple[type[Model], str | Coalesce]] = {
    "actions": (Action, "project"),
    "amendments": (Amendment, "project"),
    "archives": (Archive, "project"),
    "attendance": (Attendance, f"meeting__{COMMITTEE}"),
    "committee-documents": (Document, COMMITTEE),
    "committees": (Committee, "project"),
    "documents": (Rendition, "snapshot__project"),
    "interests": (InterestDeclaration, f"meeting__{COMMITTEE}"),
    "items": (AgendaItem, f"meeting__{COMMITTEE}"),
    "meetings": (Meeting, COMMITTEE),
    "minutes": (Minutes, f"meeting__{COMMITTEE}"),
    "plans": (ActionPlan, "project"),
    "published": (SharedLink, "rendition__snapshot__project"),
    "reports": (Report, "project"),
    "resolutions": (Resolution, COMMITTEE),
    "seats": (Seat, COMMITTEE),
    # Of an item or of a resolution.
    "subjects": (
        Subject,
        Coalesce(f"agenda_item__meeting__{COMMITTEE}", f"resolution__{COMMITTEE}"),
    ),
    "template-items": (TemplateItem, COMMITTEE),
    "terms": (SeatTerm, f"seat__{COMMITTEE}"),
    "written": (WrittenConsultation, COMMITTEE),
}


class PlaceMiddleware:
    """Whoever asks for a page reads only the names of institutions that they may know, and reads and
    writes in the working languages of the project.

    The project is looked for only once it matters: a name is printed that somebody may not know, a
    text is there in several languages but not in the reader's, or a form asks for one.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        place = cast("Project | None", SimpleLazyObject(lambda: project_of(request)))
        with (
            read_by(NamesForPerson(request.user, place)),
            working_in(place),
            typed_texts_are_saved(request.method == "POST"),
        ):
            return self.get_response(request)


def is_about_project(match: ResolverMatch) -> bool:
    """Tell whether an address says of which project it is, by its code or by a thing of it."""
    first, _slash, rest = match.route.partition("/")
    if "code" in match.kwargs:
        return first in WITH_CODE
    return first in PLACES and rest.startswith("<int:pk>")


def project_of(request: HttpRequest) -> Project | None:
    """Return the project that the address of the page is about, or None if it is about several. It is
    looked for once in a request."""
    if noted := place_of(cast(User, request.user)):
        return noted
    if "_project_of_address" not in vars(request):
        vars(request)["_project_of_address"] = _project_of_address(request)
    found: Project | None = vars(request)["_project_of_address"]
    return found


def _project_of_address(request: HttpRequest) -> Project | None:
    if (match := request.resolver_match) is None:
        return None
    first = match.route.partition("/")[0]
    if "code" in match.kwargs:
        code = match.kwargs["code"] if first in WITH_CODE else ""
        return Project.objects.filter(code=code).first()
    if not is_about_project(match):
        return None
    model, way = PLACES[first]
    key = model._default_manager.filter(pk=match.kwargs["pk"]).values_list(way)
    return Project.objects.filter(pk__in=key).first()
