"""The open duties of an institution by link: a list of their titles, which may be passed on. Each opens
once a code was typed that goes to the address on file; then its own page opens by its own link.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.codes import check_code, hint_of, send_code
from accounts.links import absolute_url, link_page, record_use, token_of
from accounts.models import AccessLink, User
from committees.asking import Asking, asking_page
from committees.consultations.services import issue_link as link_to_procedure
from committees.meetings.services.convening import issue_link as link_to_invitation
from committees.models import (
    Action,
    ActionPlan,
    Audience,
    Ballot,
    Invitation,
    Meeting,
    Resolution,
    WrittenConsultation,
)
from committees.permissions.roles import seats_held
from committees.plans.services.progress import asking_for_progress
from committees.plans.services.review import issue_link as link_to_plan
from committees.resolutions.services import asking_for_answer
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import Due, ResponsibleParty, line_of
from ibcr_portal.obligations.writing import Chosen, Obligations
from ibcr_portal.reader import Reader
from kernel.formats import day
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, trail
from partners.reading import named_institutions
from projects.framework.services.requests import issue_link as link_to_values
from projects.models import Advance, Participation, Project, ValueRequest
from projects.money.services.advances import (
    PAGE as ADVANCE_PAGE,
    PURPOSE as SETTLE,
    link_to_advance,
)
from projects.pages import reverse_in, visible_project
from projects.permissions.advances import may_keep_advances, visible_advances
from projects.permissions.roles import may_edit, speaks_for

# --- Asked ---
#
# What a person of an institution is asked themselves: invitations to meetings, and written
# procedures for its seats. No obligation is stored for them; the list of open duties by link names
# them, too.

NOBODY_NAMED = ResponsibleParty("")


@dataclass(frozen=True)
class AskedInvitation:
    """An invitation that the person has not answered."""

    invitation: Invitation
    project: Project

    @property
    def due(self) -> Due:
        meeting = self.invitation.meeting
        return Due(
            project=self.project,
            kind=ObligationKind.MEETING,
            key=f"invitation-{self.invitation.pk}",
            title=_("Answer the invitation: %(meeting)s") % {"meeting": meeting},
            url=reverse("committees:meeting", args=[meeting.pk]),
            on=meeting.day,
            owner=NOBODY_NAMED,
            today=self.project.today,
        )

    def link_for(self, person: User, lasts: timedelta) -> str:
        token = link_to_invitation(self.invitation, person, by=person, lasts=lasts)
        return absolute_url(reverse("committees:invitation-link", args=[token]))


@dataclass(frozen=True)
class AskedProcedure:
    """A written procedure that a seat of the institution has not answered. Its subject is not named
    before the code: others may hold the link."""

    consultation: WrittenConsultation
    project: Project

    @property
    def due(self) -> Due:
        return Due(
            project=self.project,
            kind=ObligationKind.RESOLUTION,
            key=f"procedure-{self.consultation.pk}",
            title=_("Answer: written procedure of %(day)s")
            % {"day": day(self.consultation.opened_on)},
            url=reverse("committees:consultation", args=[self.consultation.pk]),
            on=self.consultation.answers_until,
            owner=NOBODY_NAMED,
            today=self.project.today,
        )

    def link_for(self, person: User, lasts: timedelta) -> str:
        return link_to_procedure(self.consultation, person, by=person, lasts=lasts)


Asked = AskedInvitation | AskedProcedure


def asked_of(person: User, participation: Participation) -> Iterator[Asked]:
    """Yields what a person is asked for an institution in a project and has not answered."""
    project = participation.project
    for invitation in _invitations(person, participation):
        yield AskedInvitation(invitation, project)
    for consultation in _unanswered(person, participation):
        yield AskedProcedure(consultation, project)


def _unanswered(person: User, participation: Participation) -> Iterator[WrittenConsultation]:
    seats = {
        term.seat_id: term.seat.committee_id
        for term in seats_held(person, participation.project)
        if term.seat.is_voting and term.seat.institution_id == participation.institution_id
    }
    found = list(_procedures(participation.project_id)) if seats else []
    if not found:
        return
    ballots = Ballot.objects.filter(seat__in=seats, consultation__in=found).order_by()
    answered = set(ballots.values_list("consultation", "seat"))
    for one in found:
        own = [seat for seat, committee in seats.items() if committee == one.committee_id]
        if any((one.pk, seat) not in answered for seat in own):
            yield one


def _invitations(person: User, participation: Participation) -> QuerySet[Invitation]:
    rows = (
        Invitation.objects.of_person(person)
        .unanswered()
        .filter(
            contact__institution=participation.institution_id,
            meeting__committee__project=participation.project_id,
            meeting__status__in=[Meeting.Status.CONVENED, Meeting.Status.FROZEN],
            meeting__starts_at__gt=timezone.now(),
        )
    )
    return rows.select_related("meeting__committee").order_by("meeting__starts_at", "pk")


def _procedures(project: int) -> QuerySet[WrittenConsultation]:
    found = WrittenConsultation.objects.open().filter(committee__project=project)
    return found.order_by("answers_until", "pk")


# --- By link ---

PURPOSE = "open_duties"
PAGE = "due-link"
# A link that a code opened: the list leads there again with another code.
OPENED_LASTS = timedelta(days=1)


class CodeForm(forms.Form):
    code = forms.RegexField(
        r"^[\d\s.-]{6,20}$",
        label=gettext_lazy("Code"),
        error_messages={"invalid": gettext_lazy("Type the six digits of the message.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class OpenDuty(NamedTuple):
    """One duty with its title; `open` issues the link to its own page, if it has one."""

    due: Due
    open: Callable[[User], str | None] | None


def open_duties(person: User, participation: Participation) -> list[OpenDuty]:
    """Return what the institution has to do in the project, and what its person is asked, by day.
    What comes from a reserved item is left out: others may hold the link, and the list shows before
    any code is asked for."""
    obligations = Obligations(Reader(person, [participation.project]))
    rows = [
        row
        for row in obligations.rows(Chosen(is_mine=True, events=False))
        if row.institution_id == participation.institution_id
        and row.audience in {"", Audience.COMMITTEE}
    ]
    things = {row.key: row.thing for row in rows}
    duties = [
        OpenDuty(due, opener_of(due.key, things[due.key]))
        for due in obligations.shown(rows, with_owners=False)
    ]
    duties += [
        OpenDuty(asked.due, partial(asked.link_for, lasts=OPENED_LASTS))
        for asked in asked_of(person, participation)
    ]
    return sorted(duties, key=lambda duty: duty.due.place)


def opener_of(key: str, thing: int) -> Callable[[User], str | None] | None:
    """Return what issues the link to the page of a duty, by the first word of its key."""
    word, _dash, rest = key.partition("-")
    if word == "review":
        return lambda person: _to_plan(person, thing)
    if word == "values" and thing:
        return lambda person: _to_values(person, thing)
    if word == "advance":
        return lambda person: link_to_advance(person, thing, lasts=OPENED_LASTS)
    if word == "action":
        return lambda person: _to_asked(
            asking_for_progress(get_object_or_404(Action, pk=rest)), person
        )
    if word == "resolution":
        return lambda person: _to_asked(
            asking_for_answer(get_object_or_404(Resolution.objects.for_page(), pk=thing)), person
        )
    return None


def _to_plan(person: User, thing: int) -> str:
    plan = get_object_or_404(ActionPlan, pk=thing)
    _link, url = link_to_plan(plan, person, by=person, lasts=OPENED_LASTS)
    return url


def _to_values(person: User, thing: int) -> str:
    request = get_object_or_404(ValueRequest, pk=thing)
    return link_to_values(request, person, by=person, lasts=OPENED_LASTS)


def _to_asked(asking: Asking | None, person: User) -> str | None:
    """Return the link; None for what is reserved, which opens after signing in alone."""
    return asking.link_for(person, by=person, lasts=OPENED_LASTS) if asking else None


def _participation(pk: int) -> QuerySet[Participation]:
    return Participation.objects.filter(pk=pk).select_related("project").order_by()


def participation_of(link: AccessLink) -> Participation:
    """Return the participation while the person speaks for its institution."""
    participation = link.thing
    if not isinstance(participation, Participation):
        raise Http404
    if participation.institution_id not in speaks_for(link.user, participation.project):
        raise Http404
    key = participation.institution_id
    participation.institution = named_institutions([key])[key]
    return participation


@require_safe
@link_page(PURPOSE, read={Participation: _participation})
def due_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    """List the titles. Opening the page changes nothing and opens none of them."""
    participation = participation_of(link)
    token = token_of(request)
    rows = [
        {
            **line_of(duty.due, with_project=False),
            "meta": str(duty.due.kind.label),
            "open_url": reverse("due-link-open", args=[token, duty.due.key]) if duty.open else "",
        }
        for duty in open_duties(link.user, participation)
    ]
    context = {"participation": participation, "project": participation.project, "rows": rows}
    return render(request, "ibcr_portal/due_link.html", context)


@READ_OR_SAVE
@link_page(PURPOSE, read={Participation: _participation})
def due_link_open(request: HttpRequest, link: AccessLink, duty: str) -> HttpResponse:
    """Ask for the code that goes to the address on file, then lead to the page of the duty."""
    participation = participation_of(link)
    request.draft = None  # type: ignore[attr-defined]  # a code is no text to be kept
    duties = open_duties(link.user, participation)
    found = next((one for one in duties if one.due.key == duty and one.open), None)
    if found is None or found.open is None:  # it was done meanwhile
        return redirect(PAGE, token_of(request))
    opens = found.open
    here = reverse("due-link-open", args=[token_of(request), duty])
    asks = request.method == "POST" and "send" in request.POST
    form = CodeForm(request.POST if request.method == "POST" and not asks else None)
    if asks and act(request, lambda: send_code(request, link, duty)):
        return redirect(f"{here}?sent=1")
    if form.is_valid() and act(
        form, lambda: check_code(request, link, duty, form.cleaned_data["code"])
    ):
        record_use(link, answer="code")
        return redirect(opens(link.user) or found.due.url)
    return form_page(
        request,
        form,
        title=found.due.title,
        back=reverse(PAGE, args=[token_of(request)]),
        submit=_("Open"),
        template="ibcr_portal/due_link_open.html",
        participation=participation,
        project=participation.project,
        hint=hint_of(link.user.email or ""),
        sent=request.GET.get("sent") == "1",
    )


@READ_OR_SAVE
@never_cache
def due_ask(request: Request, code: str, pk: int) -> HttpResponse:
    """Send an institution the link to the list of its open duties."""
    project = visible_project(request.user, code)
    ask(may_edit(request.user, project))
    found = project.participations.select_related("institution")
    participation = get_object_or_404(found.prefetch_related("institution__names"), pk=pk)
    participation.project = project
    asking = Asking(
        thing=participation,
        project=project,
        institution=participation.institution,
        purpose=PURPOSE,
        page=PAGE,
        request=gettext_lazy("This page lists what your institution still has to do."),
        what=lambda: _("Open duties"),
        has_codes=True,
    )
    back = reverse_in(project, "participations")
    crumbs = trail(project, (_("Partners"), back))
    return asking_page(request, asking, back, title=_("Link to the open duties"), crumbs=crumbs)


@READ_OR_SAVE
@never_cache
def advance_ask(request: Request, code: str, pk: int) -> HttpResponse:
    """Send an institution the link by which it settles an advance."""
    project = visible_project(request.user, code)
    found = visible_advances(request.user, project).with_related()
    advance: Advance = get_object_or_404(found, pk=pk)
    ask(may_keep_advances(request.user, project), _("Only coordination and finance can do this."))
    advance.project = project
    asking = Asking(
        thing=advance,
        project=project,
        institution=advance.institution,
        purpose=SETTLE,
        page=ADVANCE_PAGE,
        request=gettext_lazy("Please send the vouchers of what you spent of this advance."),
        what=lambda: _("Settle the advance"),
        due_on=advance.settle_by,
    )
    crumbs = trail(project, (_("Advances"), reverse_in(project, "advances")), advance)
    title = _("Link to settle the advance")
    return asking_page(request, asking, advance, title=title, crumbs=crumbs)
