"""Returns submitted values for correction, and tells the institutions that gave them."""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.models import User
from projects.framework.letters import values_returned_letter
from projects.framework.services.requests import SentRequests, people_of, send_request
from projects.framework.services.values import take_step
from projects.models import DataPoint, ValueRequest
from projects.sending.recipients import NoticeReceipt


@transaction.atomic
def return_value(point: DataPoint, *, by: User, why: str) -> NoticeReceipt:
    """Return one submitted value. Raises TransitionError with a sentence."""
    take_step(point, "return", by=by, why=why)
    return tell_of_return([point], by=by, why=why)


def tell_of_return(points: Iterable[DataPoint], *, by: User, why: str) -> NoticeReceipt:
    """Write to the institutions that gave these values, once for each period, with the reason.

    What the team entered for nobody is the team's own to correct.
    """
    given = defaultdict(list)
    for point in points:
        if point.given_by and point.period:
            given[point.given_by, point.period].append(point)
    receipt = NoticeReceipt()
    for (institution, period), returned in given.items():
        project = returned[0].indicator.result.project
        facts = {"project": project, "institution": institution, "period": period}
        asked = ValueRequest.objects.filter(**facts).first()
        receipt += _tell(asked or ValueRequest(**facts), returned, by=by, why=why)
    return receipt


def _tell(asked: ValueRequest, points: list[DataPoint], *, by: User, why: str) -> NoticeReceipt:
    """Lead to the page of the request, which waits for an answer again, or to a value that nobody had
    asked for."""
    letter = partial(values_returned_letter, points=points, why=why)
    if not asked.pk:
        url = absolute_url(points[0].get_absolute_url())
        mails = [
            send_to_person(person, partial(letter, asked, url), by=by, about=asked.project)
            for person in people_of(asked)
        ]
        reached = sum(bool(mail) for mail in mails)
        return NoticeReceipt(reached, [] if reached else [asked.institution.short_name])
    asked.answered_at = None
    asked.save(update_fields=["answered_at"])
    sent = SentRequests()
    send_request(asked, sent, by=by, make=letter)
    notes = []
    if not asked.is_open:
        sentence = _("The day of this request has passed: give more time for it, too: %(request)s.")
        notes.append(sentence % {"request": asked})
    return NoticeReceipt(sent.people, [one.short_name for one in sent.unreached], notes)
