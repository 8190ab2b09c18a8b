"""The guide of a call for projects: what its public page says, to be read without a connection."""

from django.utils import timezone, translation
from django.utils.translation import gettext as _, ngettext

from accounts.links import absolute_url
from committees.models import Audience
from kernel.formats import day, money, number
from kernel.languages import working_in
from kernel.organisation import organisation
from partners.naming import read_by
from projects.calls.deadlines import deadline_text
from projects.models import CallForProposals
from projects.permissions.naming import NamesForAudience, readers_in
from reports.compose.blocks import (
    cell,
    field,
    heading,
    labelled,
    listing,
    paragraph,
    prose,
    table_of,
)
from reports.compose.reading import local_text
from reports.document_types import Block, FramedDocument
from reports.frozen import DOCUMENT

NO_TEXT = {"text": "", "lang": ""}


def call_guide(call: CallForProposals, language: str) -> FramedDocument:
    """Compose the guide in that language, for anybody: it names no project, as the page does not."""
    naming = NamesForAudience(call.project, readers_in(call.project, Audience.PUBLIC))
    with translation.override(language), read_by(naming), working_in(call.project):
        title = local_text(call, "title") or NO_TEXT
        return {
            "format": DOCUMENT.current,
            "kind": "call_guide",
            "language": language,
            "audience": Audience.PUBLIC,
            "heading": _("Guide to the call for projects"),
            "title": title["text"],
            "organisation": organisation().name,
            "project": {"code": call.code, "name": None, "title": None},
            "as_of": timezone.localdate().isoformat(),
            "paper": "a4",
            "illustrative": call.illustrative,
            "facts": labelled(_facts(call)),
            "layout": "",
            "blocks": [block for block in _blocks(call) if block],
        }


def _facts(call: CallForProposals) -> list[tuple[object, object]]:
    smallest = f"{money(call.smallest, call.currency)} – " if call.smallest else ""
    months = ngettext("%(count)s month at most", "%(count)s months at most", call.months)
    return [
        (_("Deadline"), call.date_note or deadline_text(call)),
        (_("Budget of the call"), money(call.budget, call.currency)),
        (_("A grant"), f"{smallest}{money(call.largest, call.currency)}"),
        (_("Grants expected"), number(call.grants_expected)),
        (_("Duration"), months % {"count": call.months}),
        (_("Questions"), call.contact_email),
        (_("Propose a project"), absolute_url(call.get_public_url())),
    ]


def _blocks(call: CallForProposals) -> list[Block | None]:
    files = local_text(call, "files_asked")
    blocks: list[Block | None] = [
        heading(_("Theme")),
        prose(local_text(call, "theme") or ""),
        heading(_("Who may apply")),
        prose(local_text(call, "eligibility") or ""),
        heading(_("Files to attach")) if files else None,
        prose(files) if files else None,
        *_criteria(call),
        heading(_("How it works")),
        listing(
            [
                _(
                    "Enter the name of your organisation and an e-mail address. No "
                    "account is needed."
                ),
                _("You receive a link to your proposal. Write it bit by bit, until the deadline."),
                _(
                    "Submit it. You receive a receipt with a number and can still change "
                    "it until the deadline."
                ),
            ]
        ),
    ]
    if questions := list(call.questions.all()):
        blocks.append(heading(_("Questions and answers")))
        for one in questions:
            blocks += [
                heading(local_text(one, "question") or "", 2),
                prose(local_text(one, "answer") or ""),
                paragraph(_("Answered on %(day)s") % {"day": day(one.answered_on)}, "small"),
            ]
    return blocks


def _criteria(call: CallForProposals) -> list[Block]:
    criteria = list(call.criteria.all())
    if not criteria:
        return []
    fields = [
        field(_("Criterion"), lambda one: cell(local_text(one, "title"))),
        field(_("Weight"), lambda one: number(one.weight), 15, num=True),
        field(_("Points"), lambda one: f"0–{one.max_points}", 15, num=True),
    ]
    return [heading(_("Criteria")), table_of(criteria, fields)]
