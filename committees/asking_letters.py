"""The message that asks an institution for something by link, at any time."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.letters import Button, Detail, Details, Letter
from kernel.formats import day
from kernel.text import StrOrPromise
from partners.models import Institution
from projects.models import Project


def asked_letter(
    *,
    request: StrOrPromise,
    what: object,
    institution: Institution,
    project: Project,
    due_on: date | None,
    url: str,
) -> Letter:
    return Letter(
        subject=str(request).rstrip("."),
        body=[
            str(request),
            str(what),
            Details(
                [
                    Detail(_("Institution"), institution),
                    Detail(_("Project"), project),
                    Detail(_("Until"), day(due_on) if due_on else ""),
                ]
            ),
            _("This page opens without signing in."),
        ],
        button=Button(_("Open the page"), url),
        after=[
            _(
                "Opening the page changes nothing; only what you confirm there counts, in the name "
                "of your institution. The link is only for you. Please do not pass it on."
            )
        ],
    )
