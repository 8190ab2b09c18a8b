"""The page of personal data: its registers of requests, incidents, consents, holds and erasures, with
the forms of each, and the search for a person.
"""

from functools import partial
from typing import Any, ClassVar, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.exports import handed_out
from accounts.mail import send_to_person
from accounts.models import AccessEvent, Hold, User
from ibcr_portal.letters import person_request_answered_letter, person_request_letter
from ibcr_portal.models import Consent, Erasure, PersonRequest, PrivacyIncident
from ibcr_portal.persons.forms import (
    ConsentForm,
    FindPersonForm,
    HoldForm,
    IncidentForm,
    OwnRequestForm,
    PersonRequestForm,
)
from ibcr_portal.persons.matching import plain
from ibcr_portal.persons.own_data import events_of, file_of, known_rows, shown_rows
from ibcr_portal.persons.places import Tie
from ibcr_portal.persons.searching import DataSubject
from ibcr_portal.persons.views import READ_OR_SEARCH, administrators_only
from kernel.cells import Cell, Chip, dotted
from kernel.formats import day
from kernel.pages import (
    READ_OR_SAVE,
    Crumb,
    Crumbs,
    Request,
    form_page,
    page_of,
    posted,
    saved,
    trail,
)
from kernel.records import RecordPages
from kernel.text import StrOrPromise
from partners.models import Contact

MOST_FOUND = 30

# The register is a proof. What was made with the consent is elsewhere, and is not found from here.
AFTER_WITHDRAWAL: dict[str, StrOrPromise] = {
    Consent.Purpose.NAME: gettext_lazy(
        "The register alone changes nothing. Untick “may be named in documents” in the "
        "person’s entry, at their institution, or protect the person."
    ),
    Consent.Purpose.PICTURE: gettext_lazy(
        "The register alone changes nothing. Open the activity with the photograph and say there "
        "that the consent is missing: documents that show it are replaced."
    ),
    Consent.Purpose.QUOTATION: gettext_lazy(
        "The register alone changes nothing. Withdraw the quotation under “Reports and "
        "data” of the project, “Superseded documents”, and correct the texts that can "
        "still be edited."
    ),
    Consent.Purpose.MESSAGES: gettext_lazy(
        "The register alone changes nothing. Make sure that nobody writes to the person any more."
    ),
    Consent.Purpose.OTHER: gettext_lazy(
        "The register alone changes nothing. Make sure that this use ends."
    ),
}


class Line(NamedTuple):
    """A row of a register, with what is said at its right."""

    cell: Cell
    when: str = ""
    lift_url: str = ""


class Register(RecordPages[Any]):
    """A register: how the page of personal data lists it, and its forms."""

    namespace, names = "persons:", "index"
    title = gettext_lazy("Personal data")
    list_name: ClassVar[str]  # of its part of the page
    related = "user"
    can_be_removed = False
    nothing: StrOrPromise = ""
    saved_sentence = gettext_lazy("Saved in the register.")

    def find_place(self) -> None:
        administrators_only(self.request)

    def may_edit(self) -> bool:
        return True

    def rows(self) -> models.QuerySet[Any]:
        return self.model._default_manager.all()

    def new_record(self) -> Any:
        return self.model(recorded_by=self.request.user)

    def form_of(self, record: Any, title: StrOrPromise, crumbs: Crumbs) -> HttpResponse:
        return super().form_of(record, title or str(record), crumbs)

    def save(self, form: Any) -> bool:
        form.save()
        return True

    def form_context(self, record: Any) -> dict[str, Any]:
        about = getattr(record, "user_id", None)
        return {
            "template": "ibcr_portal/persons/register_form.html",
            "person_url": reverse("persons:person", args=[f"u{about}"]) if about else "",
        }

    @staticmethod
    def line(row: Any) -> Line:
        raise NotImplementedError

    @classmethod
    def shown(cls, request: Request) -> dict[str, Any]:
        """Return its part of the page of personal data."""
        rows = cls.model._default_manager.select_related(cls.related)
        page = page_of(request, rows, key=cls.list_name)
        return {
            "name": cls.list_name,
            "heading": cls.heading,
            "nothing": cls.nothing,
            "add_url": reverse(f"persons:{cls.name}-create") if cls.form_class else "",
            "page": page,
            "lines": [cls.line(row) for row in page],
        }

    @classmethod
    def urls(cls, base: str = "") -> list[URLPattern]:
        """Return the addresses of its forms: all registers have one page."""
        saves: Any = READ_OR_SAVE  # whose type knows functions alone
        create, edit = (saves(cls.as_view(role=role)) for role in ("create", "edit"))
        return [
            path(f"{base}new/", create, name=f"{cls.name}-create"),
            path(f"{base}<int:pk>/", edit, name=cls.name),
        ]


class RequestPages(Register):
    model, name, list_name = PersonRequest, "request", "requests"
    heading, form_class = gettext_lazy("Requests"), PersonRequestForm
    new_title = gettext_lazy("Somebody asks about their data")
    nothing = gettext_lazy("Nobody has asked yet. Requests by letter or telephone are added here.")

    @staticmethod
    def line(row: PersonRequest) -> Line:
        asks = Truncator(row.text).chars(120)
        chips = [Chip(_("late"), "bad")] if row.is_late else []
        until = _("answer by %(day)s") % {"day": day(row.due_on)}
        cell = Cell(row, row.get_absolute_url(), chips=chips, notes=[asks])
        return Line(cell, until if row.is_open else row.get_outcome_display())

    def form(self, record: PersonRequest) -> Any:
        self.was_open = bool(record.pk) and record.is_open
        return super().form(record)

    def save(self, form: Any) -> bool:
        super().save(form)
        if self.was_open and not form.instance.is_open:
            notify_person(form.instance)
        return True


def notify_person(answered: PersonRequest) -> None:
    """Lead to the answer, by a page that also serves those who only use links. It is not in the
    message itself, which others may read."""
    if answered.user:
        letter = partial(person_request_answered_letter, answered)
        send_to_person(answered.user, letter, about=None)


class IncidentPages(Register):
    model, name, list_name, related = PrivacyIncident, "incident", "incidents", "recorded_by"
    heading, form_class = gettext_lazy("Privacy incidents"), IncidentForm
    new_title = gettext_lazy("Record a privacy incident")
    edit_title = gettext_lazy("Privacy incident")
    nothing = gettext_lazy("None. Record each one here, including those without a serious risk.")

    @staticmethod
    def line(row: PrivacyIncident) -> Line:
        chips = [Chip(row.waits_for, "warn")] if row.waits_for else []
        notes = dotted(day(row.noticed_on), row.get_risk_display())
        what = Truncator(row.what).chars(80)
        cell = Cell(what, row.get_absolute_url(), chips=chips, notes=notes)
        return Line(cell, _("kept until %(day)s") % {"day": day(row.kept_until)})


class ConsentPages(Register):
    model, name, list_name = Consent, "consent", "consents"
    heading, form_class = gettext_lazy("Consents"), ConsentForm
    new_title = gettext_lazy("Record a consent")
    nothing = gettext_lazy("None yet. Consents to photographs are kept with the photograph.")

    @staticmethod
    def line(row: Consent) -> Line:
        cell = Cell(row, row.get_absolute_url(), notes=[Truncator(row.details).chars(120)])
        since = _("since %(day)s") % {"day": day(row.given_on)}
        return Line(cell, since if row.is_valid else _("ended or withdrawn"))

    def save(self, form: Any) -> bool:
        super().save(form)
        if "withdrawn_on" in form.changed_data and form.instance.withdrawn_on:
            messages.warning(self.request, AFTER_WITHDRAWAL[form.instance.purpose])
        return True


class HoldPages(Register):
    model, name, list_name, related = Hold, "hold", "holds", "placed_by"
    heading, form_class = pgettext_lazy("on deletion", "Holds"), HoldForm
    new_title = gettext_lazy("Place a hold")
    nothing = gettext_lazy("None. A hold stops deletion and forgetting of what it covers.")

    @staticmethod
    def line(row: Hold) -> Line:
        until = _("until %(day)s") % {"day": day(row.until)} if row.until else ""
        notes = [row.reason, *dotted(f"{row.placed_by}, {day(row.placed_at)}", until)]
        if row.is_open:
            return Line(
                Cell(row, notes=notes), lift_url=reverse("persons:hold-lift", args=[row.pk])
            )
        return Line(Cell(row, notes=notes), _("lifted or ended"))

    def new_record(self) -> Hold:
        return Hold(placed_by=self.request.user)

    def save(self, form: Any) -> bool:
        super().save(form)
        AccessEvent.record(
            AccessEvent.Kind.ACCOUNT,
            user=self.request.user,
            thing=form.instance,
            change="hold placed",
        )
        return True


class ErasurePages(Register):
    model, name, list_name, related = Erasure, "erasure", "erasures", "done_by"
    heading = gettext_lazy("People who were forgotten")

    @staticmethod
    def line(row: Erasure) -> Line:
        return Line(Cell(row, reverse("persons:erasure", args=[row.pk])), day(row.done_at))


REGISTERS = (RequestPages, IncidentPages, ConsentPages, HoldPages, ErasurePages)


@require_http_methods(READ_OR_SEARCH)
def index(request: Request) -> HttpResponse:
    administrators_only(request)
    form = FindPersonForm(posted(request))
    registers = [register.shown(request) for register in REGISTERS]
    title = _("Personal data")
    context = {
        "title": title,
        "crumbs": [Crumb(title)],
        "form": form,
        "found": people_named(form),
        "registers": registers,
    }
    return render(request, "ibcr_portal/persons/index.html", context)


def people_named(form: FindPersonForm) -> list[DataSubject]:
    if not form.is_valid() or not (words := form.cleaned_data["q"].strip()):
        return []
    users = [each for each in User.objects.all() if is_called(each, words)]
    contacts = [each for each in Contact.objects.filter(user=None) if is_called(each, words)]
    found = [*map(DataSubject.of_user, users), *map(DataSubject.of_contact, contacts)]
    return found[:MOST_FOUND]


def is_called(row: User | Contact, words: str) -> bool:
    """Without regard to case and accents, as texts are searched."""
    return plain(words) in plain(f"{row.full_name} {row.email or ''}")


# --- What the portal knows about me, and what I ask for ---


@login_not_required
@require_safe
def own_data_link(request: HttpRequest) -> HttpResponse:
    """Lead somebody who uses links only to their data: a code goes to their address first."""
    own = reverse("persons:own")
    if request.user.is_authenticated:
        return redirect(own)
    return redirect(f"{reverse('account_request_login_code')}?{urlencode({'next': own})}")


@require_safe
def own_data(request: Request) -> HttpResponse:
    person = DataSubject.of_own(User.objects.get(pk=request.user.pk))
    shown = [shown_rows(person, known) for known in known_rows(person)]
    title = _("What the portal knows about me")
    context = {
        "title": title,
        "crumbs": [*trail((_("My account"), reverse("accounts:profile"))), Crumb(title)],
        "person": person,
        "about": [each for each in shown if each.known.tie is Tie.ABOUT],
        "written": [each for each in shown if each.known.tie is Tie.WORDS],
        "done": [each for each in shown if each.known.tie is Tie.DONE],
        "events": events_of(person).count(),
        "requests": PersonRequest.objects.filter(user=request.user),
    }
    return render(request, "ibcr_portal/persons/own.html", context)


@require_safe
def own_data_file(request: Request) -> HttpResponse:
    person = User.objects.get(pk=request.user.pk)
    content = file_of(DataSubject.of_own(person))
    return handed_out(request, content, _("my-data"), "json", thing=person, what="own data")


@READ_OR_SAVE
def own_request(request: Request) -> HttpResponse:
    """Ask for a correction, a removal or an answer: administrators see it, with its due day."""
    person = User.objects.get(pk=request.user.pk)
    form = OwnRequestForm(
        posted(request),
        initial={"kind": request.GET.get("kind", PersonRequest.Kind.CORRECT)},
        instance=PersonRequest(user=person, recorded_by=person),
    )
    if form.is_valid():
        kept = form.save()
        notify_administrators(kept)
        return saved(
            request, _("Your request was sent. You will receive an answer within 30 days."), OWN
        )
    return form_page(
        request,
        form,
        title=_("Ask about your data"),
        submit=_("Send"),
        back=reverse(OWN),
        crumbs=trail((_("What the portal knows about me"), reverse(OWN))),
        keep=True,
    )


OWN = "persons:own"


def notify_administrators(kept: PersonRequest) -> None:
    for administrator in User.objects.filter(is_staff=True, is_active=True):
        send_to_person(
            administrator,
            partial(person_request_letter, kept),
            about=None,
        )
