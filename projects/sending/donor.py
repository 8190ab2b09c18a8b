"""What is presented to the donor: the people who represent it get a message that leads to the page, with
a sign-in by code where they have no password yet. Nobody gets one whom nobody has confirmed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.forms import BaseForm
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.letters import Button, Letter, MakeLetter
from accounts.links import absolute_url
from accounts.mail import MailText, send_to_person
from accounts.models import User
from kernel.formats import join_list
from kernel.lifecycle import Lifecycle, StatusChange
from kernel.pages import Request
from partners.services import let_in
from projects.models import NamedTo, Participation, Project, Representation
from projects.models.representation import RepresentationQuerySet
from projects.permissions.representations import may_change_right
from projects.sending.forms import DeliveredForm, asks_how
from projects.sending.page import sending_context
from projects.sending.recipients import (
    NoticeReceipt,
    Recipient,
    led_by,
    own_line,
    representatives,
    words_before_sending,
)
from projects.sending.sent import SentMessage, sent_messages

# Nobody is notified of a step that was taken longer ago and entered only now.
NEWS_LASTS = timedelta(days=90)
# Makes the message, once the language is that of its reader, for somebody who may answer or may not.
MakeForDonor = Callable[[bool], Letter]


def donor_recipients(project: Project, *, by: User | None) -> list[Recipient]:
    """Return who represents the donor today, or the embassy that speaks for it, each person once, but
    for the one who takes the step. Those whom nobody has confirmed get nothing, and it says who has to
    confirm them."""
    rows = _donor_people(project)
    if by:
        rows = rows.exclude(contact__user=by)
    return representatives(rows)


def nobody_of_donor(found: Sequence[Recipient]) -> str:
    if not found:
        return _(
            "Nobody represents the donor in this project, so no message is sent. Enter who does, or "
            "say below how the donor gets it."
        )
    return _(
        "No message reaches anybody who represents the donor. Enter an address, or say below how the "
        "donor gets it."
    )


def donor_context(
    request: Request,
    about: Any,
    found: Sequence[Recipient],
    make: MakeForDonor,
    *,
    form: BaseForm,
) -> dict[str, Any]:
    """Return what `components/sending_page.html` shows of a message to the donor."""
    project: Project = about.project

    def preview(one: Recipient, lines: Mapping[str, str]) -> MailText:
        return words_before_sending(
            one,
            _letter_to(one, make, lines),
            about=about,
            project=project,
            by=request.user,
            audience=NamedTo.DONOR,
        )

    sending = sending_context(
        request,
        found,
        preview,
        asks=_("They read it after signing in. Whoever has no password is sent a code for it."),
        capacity=_("Right"),
        nobody=nobody_of_donor(found) if asks_how(form) else "",
        enter_url="" if found else _where_to_enter(project),
    )
    waits_for_answer = isinstance(form, DeliveredForm)
    return sending | (_right_to_accept(project, request.user) if waits_for_answer else {})


def _right_to_accept(project: Project, user: User) -> dict[str, Any]:
    """Return where somebody gets the right to accept, and whether this person may give it; nothing if
    somebody has it, or nobody represents the donor at all."""
    found = list(_donor_people(project).with_related().order_by("pk"))
    if not found or Representation.objects.accepting(project).exists():
        return {}
    only, gives = found[0], may_change_right(user, found[0])
    url = only.get_absolute_url()
    if len(found) > 1:
        url = f"{only.participation.institution.get_absolute_url()}#people"
    elif gives and not only.is_pending:
        url = reverse("projects:representation-edit", args=[project.code, only.pk])
    return {"accept_url": url, "gives_right": gives}


def _donor_people(project: Project) -> RepresentationQuerySet:
    return Representation.objects.open().filter(
        participation__project=project,
        participation__role__in=Participation.DONOR_ROLES,
        since__lte=timezone.localdate(),
    )


def _where_to_enter(project: Project) -> str:
    places = project.participations.filter(role__in=Participation.DONOR_ROLES)
    place = places.order_by("role", "pk").first()
    if place is None:
        return reverse("projects:participations", args=[project.code])
    return reverse("projects:representation-create", args=[project.code, place.pk])


def is_old_news(on: date | None) -> bool:
    return on is not None and timezone.localdate() - on > NEWS_LASTS


def write_to_donor(
    about: Any,
    make: MakeForDonor,
    *,
    by: User | None,
    on: date | None = None,
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Write to the donor's people of the last step of this thing, unless it happened long ago: to all
    but the one who took it. Who has no account yet gets one, as whoever is confirmed does. `on` is the
    day on which it happened."""
    found = donor_recipients(about.project, by=by)
    if is_old_news(on):
        return _receipt_of_old_news(found)
    occasion = occasion_of(about, about.status_changes.last())
    let_in([one.contact for one in found if one.address], by=by)
    receipt = NoticeReceipt()
    if waiting := [str(one.place) for one in found if one.withheld]:
        sentence = _("Not sent, waits for confirmation: %(people)s.")
        receipt += NoticeReceipt(notes=[sentence % {"people": join_list(waiting)}])
    for one in found:
        if one.withheld:
            continue
        person = one.contact.user
        if person and by and person.pk == by.pk:
            continue
        if person is None or not one.address:
            receipt += NoticeReceipt(without_access=[str(one.place)])
            continue
        letter = _letter_to(one, make, lines or {})
        send_to_person(person, letter, by=by, about=about, key=f"{occasion}:{person.pk}")
        receipt += NoticeReceipt(people=1)
    return receipt


def _receipt_of_old_news(found: Sequence[Recipient]) -> NoticeReceipt:
    if not any(one.address for one in found):
        return NoticeReceipt()
    sentence = _("No message was sent, because this happened more than %(number)s days ago.")
    return NoticeReceipt(notes=[sentence % {"number": NEWS_LASTS.days}])


def _letter_to(one: Recipient, make: MakeForDonor, lines: Mapping[str, str]) -> MakeLetter:
    person = one.reader
    letter = led_by(own_line(lines, person.language), partial(make, one.is_asked))
    knows_a_password = person.pk and person.has_usable_password()
    return letter if knows_a_password else partial(by_code, letter)


def by_code(make: MakeLetter) -> Letter:
    """Let the button of the letter lead to a sign-in by code, and on to its page."""
    letter = make()
    assert letter.button is not None
    page = letter.button.url.removeprefix(settings.SITE_URL)
    sign_in = absolute_url(reverse("account_request_login_code"))
    button = Button(letter.button.label, f"{sign_in}?{urlencode({'next': page})}")
    how = _(
        "You need no password: type your e-mail address on the page that opens, then the code that "
        "arrives a moment later."
    )
    return replace(letter, button=button, after=[how, *letter.after])


# --- Afterwards ---


def occasion_of(thing: Lifecycle, step: StatusChange | None) -> str:
    """Return by what the outbox knows the messages of a step to the donor."""
    return f"to_donor:{thing._meta.label_lower}:{thing.pk}:{step.pk if step else 0}"


def sent_to_donor(
    thing: Lifecycle, changes: Sequence[StatusChange], verbs: Sequence[str]
) -> list[SentMessage]:
    """Return who was sent the message of the last of these steps, and what they did since. `changes`:
    all steps of the thing, the first one first."""
    steps = [change for change in changes if change.verb in verbs]
    if not steps:
        return []
    answers = {change.by_id: change.happened_on for change in changes if change.pk > steps[-1].pk}
    return sent_messages(occasion_of(thing, steps[-1]), answers)
