"""The agenda of a meeting as it usually is: offered where a committee has no template yet."""

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from committees.models import AgendaItem
from kernel.languages import working_languages
from kernel.text import StrOrPromise

Purpose = AgendaItem.Purpose


@dataclass(frozen=True)
class UsualItem:
    title: StrOrPromise
    purpose: str
    minutes: int
    is_recurring: bool = False
    # Only of the meeting that constitutes the committee.
    is_founding: bool = False

    @property
    def titles(self) -> dict[str, str]:
        """Return its title in each language in which the project works."""
        written = {}
        for language in working_languages():
            with translation.override(language):
                written[language] = str(self.title)
        return written


# How many of the usual items come before all else.
OPENING_ITEMS = 2

USUAL = (
    UsualItem(_("Opening and check of the quorum"), Purpose.INFORM, 10, is_recurring=True),
    UsualItem(_("Adoption of the agenda"), Purpose.DECIDE, 5, is_recurring=True),
    UsualItem(
        _("Constitution of the committee and adoption of its terms of reference"),
        Purpose.DECIDE,
        20,
        is_founding=True,
    ),
    UsualItem(_("Progress of the project"), Purpose.INFORM, 20),
    UsualItem(_("Action plan"), Purpose.DECIDE, 30),
    UsualItem(_("Decisions and recommendations"), Purpose.DECIDE, 20),
    UsualItem(_("Other business"), Purpose.DISCUSS, 10, is_recurring=True),
    UsualItem(_("Date of the next meeting and closing"), Purpose.DECIDE, 5, is_recurring=True),
)


def opening_titles() -> set[str]:
    """Return the titles of the items that come before all else, in each language of the project."""
    return {title for item in USUAL[:OPENING_ITEMS] for title in item.titles.values()}
