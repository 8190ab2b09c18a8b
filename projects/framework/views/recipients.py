"""Shows before requests for values are sent who gets them, and how each person will read theirs."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.utils.translation import gettext as _

from accounts.links import readable_url
from accounts.mail import MailText
from kernel.formats import join_list
from kernel.pages import Request
from partners.models import Institution
from partners.naming import by_shown_name
from projects.forms import by_name
from projects.framework.forms.framework import ValueRequestForm
from projects.framework.letters import values_letter
from projects.framework.services.requests import (
    institutions_with_values_due,
    request_recipients,
)
from projects.framework.values_due import ValueDue, values_due
from projects.models import Indicator, Period, Project, ValueRequest
from projects.pages import reverse_in
from projects.sending.page import nobody_reached, reach_of, sending_context, typed, typed_day
from projects.sending.recipients import Recipient, words_before_sending


def ask_form(
    request: Request, project: Project
) -> tuple[ValueRequestForm, list[Institution], list[Recipient] | None]:
    """Return the form, whom it asks as it stands, and who gets a message; None if nobody is left."""
    kinds = set(Indicator.objects.filter(result__project=project).values_list("due_per", flat=True))
    begun = project.periods.filter(start__lte=project.today, kind__in=kinds).order_by("-end")
    institutions = Institution.objects.filter(
        indicators__result__project=project, indicators__due_per__in=kinds - {""}
    ).distinct()
    proposed = period_to_ask(project)
    # The first one is chosen while nobody has chosen another.
    periods = sorted(begun, key=lambda period: period != proposed)
    offered = by_shown_name(by_name(institutions))
    asked = institutions_asked(request, project, periods, offered)
    found = request_recipients(project, asked) if asked else None
    form = ValueRequestForm(
        **typed(request), project=project, periods=periods, institutions=offered, found=found
    )
    return form, asked, found


def period_to_ask(project: Project) -> Period | None:
    """Return the oldest period that has ended, lacks values, and whose institutions were not all
    asked."""
    asked = set(project.value_requests.values_list("institution", "period"))
    due = values_due([project], project.today)
    lacking = [one.period for one in due if _owes(one, asked)]
    return min(lacking, key=lambda period: period.end, default=None)


def _owes(one: ValueDue, asked: set[tuple[int, int]]) -> bool:
    return one.institution is not None and (one.institution.pk, one.period.pk) not in asked


def institutions_asked(
    request: Request, project: Project, periods: list[Period], offered: list[Institution]
) -> list[Institution]:
    """Return the institutions that get a request for the period chosen, but for those that have one."""
    chosen = request.POST.get("period", "")
    period = next((one for one in periods if str(one.pk) == chosen), next(iter(periods), None))
    if period is None:
        return []
    period.project = project
    ticked = request.POST.getlist("institutions")
    asked = [one for one in offered if str(one.pk) in ticked]
    known = set(ValueRequest.objects.filter(period=period).values_list("institution", flat=True))
    asked = asked or institutions_with_values_due(project, period)
    return [one for one in asked if one.pk not in known]


def new_request_context(
    request: Request,
    form: ValueRequestForm,
    institutions: list[Institution],
    found: list[Recipient] | None,
) -> dict[str, Any]:
    if found is None:
        return {
            "recipients": [],
            "reach": _(
                "All institutions that owe values for this period have their request already."
            ),
        }
    project, chosen = form.project, request.POST.get("period", "")
    period = form.periods.get(chosen) or next(iter(form.periods.values()))
    until = typed_day(request, "due_on") or form.usual_day(period)

    def draft(one: Recipient) -> ValueRequest:
        return ValueRequest(
            project=project,
            period=period,
            institution=one.contact.institution,
            due_on=until,
            note=request.POST.get("note", ""),
        )

    return request_context(request, found, draft, institutions, project=project, form=form)


def without_people(
    institutions: Iterable[Institution], found: Iterable[Recipient]
) -> list[Institution]:
    """Return the institutions of which no message reaches anybody."""
    reached = {one.contact.institution_id for one in found if one.address}
    return [each for each in institutions if each.pk not in reached]


def request_context(
    request: Request,
    found: list[Recipient],
    asked: Callable[[Recipient], ValueRequest],
    institutions: list[Institution],
    *,
    project: Project,
    form: BaseForm,
) -> dict[str, Any]:
    """Return what `components/sending_page.html` shows of the message with a request."""

    def preview(one: Recipient, lines: Mapping[str, str]) -> MailText:
        letter = partial(values_letter, asked(one), readable_url("projects:request-link", "…"))
        return words_before_sending(one, letter, about=project, project=project, by=request.user)

    reached = sum(bool(one.address) for one in found)
    silent = without_people(institutions, found)
    return sending_context(
        request,
        found,
        preview,
        reach=f"{reach_of(found, reached)} {unreached_words(silent) if reached else ''}".strip(),
        asks=_("They answer through a link in it and need no account."),
        nobody=nobody_reached(form),
        enter_url=reverse_in(project, "participations"),
    )


def unreached_words(institutions: list[Institution]) -> str:
    if not institutions:
        return ""
    names = join_list([institution.short_name for institution in institutions])
    sentence = _(
        "Nobody at these institutions has an e-mail address: %(names)s. Ask them yourself, and enter "
        "the values for them."
    )
    return sentence % {"names": names}


def warn_of_unreached(request: Request, institutions: list[Institution]) -> None:
    if institutions:
        messages.warning(request, unreached_words(institutions))
