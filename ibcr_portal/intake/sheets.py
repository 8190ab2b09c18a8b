"""The sheets of the workbook in which a project brings its data, and their columns.

The columns of a row are called as the fields that they fill; those of texts have one for each
language, those of the first language first.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy
from django_countries import countries

from committees.models import Meeting, Resolution, Seat
from kernel.languages import LANGUAGES, working_languages, writing_order
from kernel.tables import plain
from kernel.text import StrOrPromise
from kernel.three_way import text_of
from kernel.workbooks import CellValue, WorkbookColumn
from partners.models import Contact, Institution
from projects.duties.services import periods_to_open
from projects.models import Indicator, Participation, Period, Project

MARKER = "ibcr-intake"
HELP = "help"
INSTITUTION = ("institutions", "name")
# What each row of a sheet has to say, beside texts, of which one language suffices.
NEEDED = {
    "institutions": ("kind",),
    "contacts": ("institution", "full_name"),
    "seats": ("institution",),
    "meetings": ("day",),
    "decisions": ("meeting",),
    "results": ("code",),
    "indicators": ("result", "code"),
    "budget": ("category", "period", "amount"),
}
NEEDED_TEXTS = {
    "institutions": ("name",),
    "decisions": ("text",),
    "results": ("statement",),
    "indicators": ("name",),
}
MAX_TARGETS = 12  # years with a column for their target

Columns = Callable[[Project], list[WorkbookColumn]]
Choices = Sequence[tuple[str, StrOrPromise]]


@dataclass(frozen=True)
class IntakeSheet:
    key: str
    name: StrOrPromise
    columns: Columns


def with_texts(
    columns: list[WorkbookColumn], name: str, label: str, *, at: int
) -> list[WorkbookColumn]:
    """Add a column for each language, of which any one suffices: the first in which people write
    among the columns, the others at their end."""
    first, *others = [
        WorkbookColumn(f"{name}_{code}", f"{label} ({LANGUAGES[code]})", width=44, is_optional=True)
        for code in writing_order()
    ]
    return [*columns[:at], first, *columns[at:], *others]


def choice(name: str, label: str, choices: Iterable[tuple[str, StrOrPromise]]) -> WorkbookColumn:
    labels = tuple(str(words) for value, words in choices if value)
    return WorkbookColumn(name, label, "choice", 24, labels, is_optional=True)


def yes_no(name: str, label: str) -> WorkbookColumn:
    return WorkbookColumn(name, label, "choice", 14, (_("Yes"), _("No")), is_optional=True)


def column(name: str, label: str, kind: str = "text", width: int = 20) -> WorkbookColumn:
    return WorkbookColumn(name, label, kind, width, is_optional=True)


def needed(name: str, label: str, kind: str = "text", width: int = 20) -> WorkbookColumn:
    return WorkbookColumn(name, label, kind, width)


def institution(name: str, label: str, *, is_needed: bool = False) -> WorkbookColumn:
    first = f"name_{writing_order()[0]}"
    place = (INSTITUTION[0], first)
    return WorkbookColumn(name, label, "choice", 32, choices_of=place, is_optional=not is_needed)


def institution_columns(_project: Project) -> list[WorkbookColumn]:
    columns = [
        column("acronym", _("Acronym"), width=14),
        choice("kind", _("Kind"), Institution.Kind.choices),
        choice("role", _("Role in the project"), Participation.Role.choices),
        choice("country", _("Country"), list(countries)),
        column("identifier", _("Organisation identifier")),
        column("safeguarding_signed_on", _("Safeguarding policy signed on"), "date", 16),
    ]
    return with_texts(columns, "name", _("Name"), at=0)


def contact_columns(_project: Project) -> list[WorkbookColumn]:
    return [
        institution("institution", _("Institution"), is_needed=True),
        needed("full_name", _("Full name"), width=30),
        column("title", _("Title or function"), width=30),
        column("email", _("E-mail address"), width=30),
        column("phone", _("Telephone")),
        choice("language", _("Language"), list(LANGUAGES.items())),
        choice("sex", _("Sex"), Contact.Sex.choices),
        yes_no("represents", _("Represents it in the project")),
    ]


def seat_columns(_project: Project) -> list[WorkbookColumn]:
    columns = [
        institution("institution", _("Institution"), is_needed=True),
        yes_no("is_voting", _("Voting")),
        choice("office", _("Office"), Seat.Office.choices),
        WorkbookColumn(
            *("holder", _("Principal member"), "choice", 30),
            choices_of=("contacts", "full_name"),
            is_optional=True,
        ),
        WorkbookColumn(
            *("alternate", _("Alternate"), "choice", 30),
            choices_of=("contacts", "full_name"),
            is_optional=True,
        ),
        column("since", _("Holds it since"), "date", 16),
    ]
    return with_texts(columns, "label", _("Group represented"), at=6)


def meeting_columns(_project: Project) -> list[WorkbookColumn]:
    return [
        column("number", _("Number"), "number", 12),
        needed("day", _("Date"), "date", 16),
        column("starts", _("Start"), width=12),
        column("ends", _("End"), width=12),
        choice("kind", _("Kind"), Meeting.Kind.choices),
        choice("mode", _("Mode"), Meeting.Mode.choices),
        column("place", _("Place"), width=30),
        column("headcount", _("Number of people present"), "number", 14),
        column("present", _("Institutions present, separated by ;"), width=40),
    ]


def decision_columns(_project: Project) -> list[WorkbookColumn]:
    columns = [
        needed("meeting", _("Number or date of the meeting"), width=18),
        choice("kind", _("Kind"), Resolution.Kind.choices),
        column("number", _("Its own number"), width=16),
        column("item", _("Agenda item"), width=36),
        choice("rule", _("Adopted"), Resolution.Rule.choices),
        column("votes_for", _("Votes for"), "number", 12),
        column("votes_against", _("Votes against"), "number", 12),
        column("abstentions", _("Abstentions"), "number", 12),
        institution("addressee", _("Responsible")),
        column("due_on", _("Due"), "date", 16),
        yes_no("is_done", _("Carried out")),
    ]
    return with_texts(columns, "text", _("Text"), at=3)


def result_columns(project: Project) -> list[WorkbookColumn]:
    levels = [(level.key, level.name) for level in project.donor_preset.results]
    columns = [
        needed("code", _("Code"), width=14),
        WorkbookColumn("level", _("Level"), "choice", 26, tuple(words for _key, words in levels)),
        column("parent", _("Belongs to (code)"), width=16),
    ]
    return with_texts(columns, "statement", _("Statement"), at=3)


def indicator_columns(project: Project) -> list[WorkbookColumn]:
    columns = [
        needed("result", _("Result (code)"), width=14),
        needed("code", _("Code"), width=14),
        choice("measure", _("Measure"), Indicator.Measure.choices),
        choice("cumulative", _("Cumulative rule"), Indicator.Cumulative.choices),
        yes_no("ascending", _("More is better")),
        yes_no("counts_persons", _("Counts persons")),
        institution("responsible", _("Responsible")),
        column("source", _("Data source"), width=30),
        column("method", _("Data collection method"), width=30),
        column("frequency", _("Frequency")),
        column("baseline", _("Baseline"), "number", 14),
        *(
            column(f"target_{year.number}", _("Target: %(period)s") % {"period": year}, "number")
            for year in years_with_targets(periods_of(project))
        ),
    ]
    return with_texts(columns, "name", _("Indicator"), at=2)


def budget_columns(project: Project) -> list[WorkbookColumn]:
    columns = [
        needed("category", _("Category (code)"), width=18),
        column("result", _("Result (code)"), width=14),
        WorkbookColumn("period", _("Period"), "choice", 26, tuple(map(str, periods_of(project)))),
        needed("amount", _("Amount in %(currency)s") % {"currency": project.currency}, "money"),
        column("note", _("Note"), width=40),
    ]
    return with_texts(columns, "name", _("Name of the category"), at=1)


# In the order in which rows refer to each other.
SHEETS = (
    IntakeSheet("institutions", gettext_lazy("Institutions"), institution_columns),
    IntakeSheet("contacts", gettext_lazy("Contacts"), contact_columns),
    IntakeSheet("seats", gettext_lazy("Seats"), seat_columns),
    IntakeSheet("meetings", gettext_lazy("Past meetings"), meeting_columns),
    IntakeSheet("decisions", gettext_lazy("Decisions"), decision_columns),
    IntakeSheet("results", gettext_lazy("Results"), result_columns),
    IntakeSheet("indicators", gettext_lazy("Indicators"), indicator_columns),
    IntakeSheet("budget", gettext_lazy("Budget"), budget_columns),
)


def periods_of(project: Project) -> list[Period]:
    """Return its periods, or else the years that an import opens, which nobody has saved."""
    return list(project.periods.all()) or periods_to_open(
        project, Period.Kind.PROJECT_YEAR, start=project.starts_on
    )


def years_with_targets(periods: list[Period]) -> list[Period]:
    """Return the years of the project, or else those of the donor."""
    for kind in (Period.Kind.PROJECT_YEAR, Period.Kind.FISCAL_YEAR):
        if years := [each for each in periods if each.kind == kind]:
            return sorted(years, key=lambda year: year.number)[:MAX_TARGETS]
    return []


def columns_by_sheet(project: Project) -> dict[str, list[WorkbookColumn]]:
    """Return the columns of each sheet with the labels and choices of the reader's language."""
    return {sheet.key: sheet.columns(project) for sheet in SHEETS}


def columns_to_fill(project: Project) -> dict[str, list[WorkbookColumn]]:
    """Return the columns of each sheet without those of languages in which nobody works here. What
    comes back may have them all the same."""
    others = LANGUAGES.keys() - set(working_languages())
    return {
        key: [each for each in columns if each.name.rpartition("_")[2] not in others]
        for key, columns in columns_by_sheet(project).items()
    }


def in_any_language(choices: Callable[[], Choices], cell: CellValue) -> str | None:
    """Return the value whose label, in any language, or whose key the cell holds; None if there is
    no such, or more than one."""
    wanted, found = plain(text_of(cell)), set()
    for language in LANGUAGES:
        with translation.override(language):
            for value, label in choices():
                if value and wanted in (plain(str(label)), plain(value)):
                    found.add(value)
    return found.pop() if len(found) == 1 else None
