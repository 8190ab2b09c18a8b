"""Pages to ask institutions for values, and the page on which an institution enters them."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.kept import offer_to_person
from accounts.mail import mail_stays
from accounts.models import User
from kernel.channel import Channel
from kernel.formats import join_list
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    form_page,
    page_of,
    saved,
    trail,
)
from kernel.undo import FIELD, UNDONE
from projects.framework.forms.framework import MoreTimeForm, ValueRequestForm
from projects.framework.forms.values import ReceivedForm, ValuesForm
from projects.framework.services.requests import (
    SentRequests,
    answer_request,
    ask_for_values,
    indicators_asked,
    institutions_with_values_due,
    issue_link,
    people_of,
    period_before,
    request_recipients,
    request_short_text,
    send_request,
    take_back_requests,
    values_of,
)
from projects.framework.services.values import remarks_on
from projects.framework.values_due import values_due
from projects.framework.views.recipients import (
    ask_form,
    new_request_context,
    request_context,
    warn_of_unreached,
)
from projects.models import DataPoint, Project, ValueRequest
from projects.pages import project_page, reverse_in, visible_project
from projects.permissions.roles import works_for
from projects.permissions.values import (
    may_answer_request,
    may_ask_for_values,
    may_edit_values,
    may_see_requests,
    visible_requests,
)
from projects.sending.page import say_sent, typed, typed_day
from projects.sending.recipients import NoticeReceipt
from projects.sending.sent import sent_messages

# --- Asking ---


@require_safe
def request_list(request: Request, code: str) -> HttpResponse:
    user, project = request.user, visible_project(request.user, code)
    if not may_see_requests(user, project):
        raise Http404
    page = page_of(request, visible_requests(user, project).with_related())
    for asked in page.object_list:
        asked.project = project
    context = {
        "title": _("Requests for values"),
        "crumbs": framework_crumbs(project),
        "page": page,
        "due": values_due([project], project.today) if works_for(user, project) else [],
        "today": project.today,
        "may_ask": may_ask_for_values(user, project),
    }
    return project_page(request, "projects/requests.html", project, context)


def framework_crumbs(project: Project, *more: tuple[str, str]) -> Crumbs:
    return trail(project, (_("Framework"), reverse_in(project, "framework")), *more)


@READ_OR_SAVE
def request_create(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    ask(may_ask_for_values(request.user, project))
    back = reverse_in(project, "requests")
    if FIELD in request.POST:
        if act(request, lambda: take_back_requests(project, by=request.user)):
            messages.success(request, UNDONE)
        return redirect(back)
    form, institutions, found = ask_form(request, project)
    if form.is_valid():
        _show_result(request, _send_requests(form, by=request.user))
        return redirect(back)
    return form_page(
        request,
        form,
        template="components/sending_page.html",
        **new_request_context(request, form, institutions, found),
        title=_("Ask for values"),
        intro=_(
            "Each institution receives a page showing what it owes for the period, which "
            "opens without signing in."
        ),
        submit=_("Send the requests"),
        crumbs=framework_crumbs(project, (_("Requests"), back)),
    )


def _send_requests(form: ValueRequestForm, *, by: User) -> SentRequests:
    fields = form.cleaned_data
    period = fields["period"]
    period.project = form.project
    return ask_for_values(
        period,
        fields["institutions"] or institutions_with_values_due(form.project, period),
        until=fields["due_on"],
        note=form.with_delivery(fields["note"]),
        by=by,
    )


def _show_result(request: Request, sent: SentRequests) -> None:
    if not sent.requests:
        messages.warning(
            request,
            _(
                "No request was sent: all institutions that owe values for this period "
                "already have their request."
            ),
        )
        return
    count = len(sent.requests)
    sentence = ngettext(
        "%(count)s institution was asked.", "%(count)s institutions were asked.", count
    )
    undo = request.path if settings.MAIL_WAITS_FOR_UNDO else ""
    say_sent(request, sentence % {"count": count}, NoticeReceipt(sent.people), undo)
    warn_of_unreached(request, sent.unreached)


@READ_OR_SAVE
def request_edit(request: Request, code: str, pk: int) -> HttpResponse:
    """Change the last day or the note, and send the message again if wanted."""
    asked = _request(request.user, visible_project(request.user, code), pk)
    ask(may_ask_for_values(request.user, asked.project))
    found = request_recipients(asked.project, [asked.institution])
    form = MoreTimeForm(**typed(request), instance=asked, found=found)
    page = asked.get_absolute_url()
    if form.is_valid() and form.save_or_explain():
        sent = SentRequests()
        if form.cleaned_data["tell"]:
            send_request(asked, sent, by=request.user)
        warn_of_unreached(request, sent.unreached)
        return saved(request, _("The request was saved."), page)
    asked.due_on = typed_day(request, "due_on") or asked.due_on
    asked.note = request.POST.get("note", asked.note)
    return form_page(
        request,
        form,
        title=_("More time"),
        intro=str(asked),
        crumbs=_crumbs(asked),
        template="components/sending_page.html",
        **request_context(
            request,
            found,
            lambda _one: asked,
            [asked.institution],
            project=asked.project,
            form=form,
        ),
    )


@never_cache
@require_safe
def request_people(request: Request, code: str, pk: int) -> HttpResponse:
    return _people_page(request, _with_people(request.user, code, pk))


@never_cache
@require_POST
def request_link_create(request: Request, code: str, pk: int, user_pk: int) -> HttpResponse:
    """Make a link and show it in the response itself: a redirect would have to store it."""
    asked = _with_people(request.user, code, pk)
    people = {person.pk: person for person in people_of(asked)}
    person = get_object_or_404(User.objects.filter(pk__in=people), pk=user_pk)
    url = issue_link(asked, person, by=request.user)
    text = request_short_text(asked, person, url)
    return _people_page(request, asked, {"person": person, "url": url, "text": text})


def _with_people(user: User, code: str, pk: int) -> ValueRequest:
    asked = _request(user, visible_project(user, code), pk)
    ask(may_ask_for_values(user, asked.project))
    return asked


def _people_page(
    request: Request, asked: ValueRequest, fresh: dict[str, Any] | None = None
) -> HttpResponse:
    context = {
        "project": asked.project,
        "asked": asked,
        "crumbs": _crumbs(asked),
        "people": people_of(asked),
        "fresh": fresh,
    }
    return render(request, "projects/request_people.html", context)


def _request(user: User, project: Project, pk: int) -> ValueRequest:
    asked = get_object_or_404(visible_requests(user, project).with_related(), pk=pk)
    asked.project = asked.period.project = project
    return asked


def _crumbs(asked: ValueRequest) -> Crumbs:
    requests = (_("Requests"), reverse_in(asked.project, "requests"))
    return framework_crumbs(asked.project, requests, (str(asked), asked.get_absolute_url()))


# --- Answering ---


@dataclass
class RequestSheet:
    """The values that an institution is asked for: a form for each indicator, approved ones
    apart."""

    asked: ValueRequest
    forms: list[ValuesForm]
    approved: list[ValuesForm]

    @property
    def all_forms(self) -> list[ValuesForm]:
        return self.forms

    @property
    def submitted(self) -> int:
        """Return how many values were submitted or approved."""
        kept = [form.kept for form in (*self.forms, *self.approved) if form.kept]
        return sum(1 for point in kept if point.status != DataPoint.Status.DRAFT)

    @property
    def count(self) -> int:
        return len(self.forms) + len(self.approved)

    @property
    def is_valid(self) -> bool:
        """Whether all forms are valid. Every form is checked, so that each shows its own errors."""
        return not [form for form in self.forms if not form.is_valid()]


def sheet_of(asked: ValueRequest, request: HttpRequest, *, reads_post: bool) -> RequestSheet:
    """Build the forms with the present values and those of the period before, in eight queries."""
    if reads_post:  # of two who answer it at once, the second compares with what the first saved
        ValueRequest.objects.select_for_update().get(pk=asked.pk)
    indicators = indicators_asked(asked)
    before = period_before(asked.period)
    values = values_of(indicators, [asked.period, before])
    data = (request.POST, request.FILES) if reads_post else (None, None)
    forms = [
        ValuesForm(
            *data,
            indicator=indicator,
            rows=values.get((indicator.pk, asked.period_id), []),
            before=values.get((indicator.pk, before.pk), []) if before else [],
            prefix=f"i{indicator.pk}",
        )
        for indicator in indicators
    ]
    done = [form for form in forms if form.kept and form.kept.status == "approved"]
    remarks = remarks_on([form.kept.pk for form in forms if form.kept])
    for form in forms:
        form.returned_with = remarks.get(form.kept.pk, "") if form.kept else ""
    return RequestSheet(asked, [f for f in forms if f not in done], done)


@READ_OR_SAVE
def value_request(request: Request, code: str, pk: int) -> HttpResponse:
    """Enter the values of a request: its institution does, or the coordination on its behalf."""
    asked = _request(request.user, visible_project(request.user, code), pk)
    may_answer = may_answer_request(request.user, asked)
    posted = request.method == "POST"
    if posted:
        ask(may_answer, _("The day has passed. Ask the coordination for more time."))
    sheet = sheet_of(asked, request, reads_post=posted)
    may_ask = may_ask_for_values(request.user, asked.project)
    enters_for_it = may_edit_values(request.user, asked.project)
    received = ReceivedForm(request.POST if posted else None) if enters_for_it else None
    if posted and (
        sentence := answered(request, sheet, received, by=request.user, channel=Channel.PORTAL)
    ):
        return saved(request, sentence, asked)
    context = {
        "project": asked.project,
        "asked": asked,
        "sheet": sheet,
        "received": received,
        "may_answer": may_answer,
        "may_ask": may_ask,
        "sent": sent_messages(asked.occasion) if may_ask else [],
        "mail_stays": mail_stays(may_ask),
        "crumbs": _crumbs(asked)[:-1],
        # Who enters for institutions reads those of all.
        "offer": None if enters_for_it else offer_to_person(request),
    }
    return render(request, "projects/request.html", context)


def answered(
    request: HttpRequest,
    sheet: RequestSheet,
    received: ReceivedForm | None,
    *,
    by: User,
    channel: str,
) -> str:
    """Keep the entered values if all are valid; return the sentence that confirms it, or ""."""
    valid = sheet.is_valid
    if received is not None:
        valid = received.is_valid() and valid
    if not valid:
        return ""
    institution = sheet.asked.institution
    origin = {"given_by": institution, "channel": channel}
    origin |= received.origin(institution) if received else {}
    submit = request.POST.get("do") == "submit"
    # An empty form is left out, unless it empties a value that was kept before. Keeping a draft takes
    # no submitted value back that nobody changed.
    forms = [
        form
        for form in sheet.forms
        if (form.has_content or form.kept)
        and (submit or form.has_changed() or not form.is_submitted)
    ]
    entries = [(form.indicator, form.entry(by=by, **origin)) for form in forms]
    if kept := act(request, lambda: answer_request(sheet.asked, entries, submit=submit)):
        if submit:
            _warn_of_unchanged(request, sheet)
        return confirmation(kept.result + len(sheet.approved), sheet.count, submit=submit)
    return ""


def _warn_of_unchanged(request: HttpRequest, sheet: RequestSheet) -> None:
    """Say which returned values came back as they were: it may be right, or an oversight."""
    codes = [
        form.indicator.code for form in sheet.forms if form.returned_with and not form.has_changed()
    ]
    if codes:
        messages.warning(
            request,
            _(
                "Returned for correction, and submitted unchanged: %(indicators)s. If "
                "something has to be corrected, change it here and submit again."
            )
            % {"indicators": join_list(codes)},
        )


def confirmation(submitted: int, count: int, *, submit: bool) -> str:
    if not submit:
        return _("Kept as a draft. Submit it when it is complete.")
    sentence = ngettext(
        "Submitted: %(part)s of %(whole)s indicator. Thank you.",
        "Submitted: %(part)s of %(whole)s indicators. Thank you.",
        count,
    )
    return sentence % {"part": submitted, "whole": count}
