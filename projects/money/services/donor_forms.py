"""Checks a donor's Excel form and fills it, with a sentence for each cell that cannot be filled."""

from difflib import get_close_matches

from django.utils.translation import gettext as _, gettext_lazy, override

from kernel.filled_workbooks import FilledWorkbook, Values
from kernel.formats import join_list
from kernel.refusal import Refusal
from kernel.workbook_parts import Problem, WorkbookRefused
from projects.models import DonorForm, Period, Project
from projects.money.form_values import form_values, lines_called

MOST_SENTENCES = 12

# What is wrong with a form, by the codes of `kernel.filled_workbooks` and `workbook_parts`.
SENTENCES = {
    "damaged": gettext_lazy(
        "This workbook cannot be read: open it in Excel and save it again as XLSX."
    ),
    "too_large": gettext_lazy("This workbook is too large for a form: remove large tables."),
    "too_many": gettext_lazy("This workbook has too many places: use lists."),
    "macros": gettext_lazy("This workbook contains macros: save it as XLSX without macros."),
    "external": gettext_lazy(
        "This workbook fetches something from elsewhere (%(what)s): break its links under Data, "
        "Edit Links, and save it."
    ),
    "embedded": gettext_lazy(
        "This workbook contains another file (%(what)s): remove it and save the workbook again."
    ),
    "fetching": gettext_lazy(
        "A formula asks another program or workbook (%(what)s): replace it by its value."
    ),
    "in_formula": gettext_lazy(
        "%(where)s: a place is inside a formula. Put it into a cell of its own, and let the formula "
        "refer to that cell."
    ),
    "syntax": gettext_lazy(
        "%(where)s: “%(what)s” is not written correctly. A place is written as in %(example)s."
    ),
    "unknown": gettext_lazy("%(where)s: there is no “%(what)s”."),
    "not_alone": gettext_lazy("%(where)s: “%(what)s” is a list and needs the cell for itself."),
    "no_room": gettext_lazy(
        "%(where)s: “%(what)s” has %(rows)s lines, and below the cell there is room for %(room)s. "
        "Add rows to the form and upload it again."
    ),
}


class FormRefused(Refusal):
    """A form that cannot be filled; `sentences` say why and what to do."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def read_form(content: bytes) -> FilledWorkbook:
    """Raises FormRefused."""
    try:
        return FilledWorkbook(content)
    except WorkbookRefused as refused:
        raise FormRefused(sentences_of(refused.problems)) from None


def check_form(project: Project, content: bytes) -> None:
    """Checks that an uploaded form can be filled for this project today. Raises FormRefused."""
    workbook = read_form(content)
    if not workbook.places:
        raise FormRefused(
            [
                _(
                    "This workbook has no place that the portal could fill: write names such as "
                    "%(example)s into its cells."
                )
                % {"example": "{{ spent.total }}"}
            ]
        )
    _filled(workbook, form_values(project, None))


def filled_form(form: DonorForm, period: Period | None) -> bytes:
    """Returns the form with the figures of a period, in its own language. Raises FormRefused."""
    try:
        with form.file.open() as file:
            content = file.read()
    except FileNotFoundError:
        raise FormRefused([_("This file is missing; tell the coordination.")]) from None
    workbook = read_form(content)
    with override(form.language):
        values = form_values(form.project, period)
    return _filled(workbook, values)


def filled_usual_form(project: Project, period: Period | None) -> bytes:
    """Returns the portal's own form, in the active language."""
    values = form_values(project, period)
    return _filled(read_form(blank_usual_form(project)), values)


def blank_usual_form(project: Project) -> bytes:
    from projects.money.usual_form import usual_form  # noqa: PLC0415  (it imports openpyxl)

    return usual_form(project.budget_categories.count())


def _filled(workbook: FilledWorkbook, values: Values) -> bytes:
    try:
        return workbook.filled(values)
    except WorkbookRefused as refused:
        raise FormRefused(sentences_of(refused.problems, values)) from None


def sentences_of(problems: list[Problem], values: Values | None = None) -> list[str]:
    sentences = list(dict.fromkeys(_sentence(each, values) for each in problems))
    if len(sentences) > MOST_SENTENCES:
        more = len(sentences) - MOST_SENTENCES
        sentences[MOST_SENTENCES:] = [_("And %(count)s more.") % {"count": more}]
    return sentences


def _sentence(each: Problem, values: Values | None) -> str:
    where = _("Sheet “%(sheet)s”, cell %(cell)s") % {"sheet": each.sheet, "cell": each.cell}
    sentence = str(SENTENCES[each.code]) % {
        "where": where,
        "what": each.what,
        "room": each.room,
        "rows": each.rows,
        "example": "{{ spent.total }}",
    }
    if each.code != "unknown" or values is None:
        return sentence
    if clear := lines_called(each.what, values):
        hint = _("Several lines have this code. Write which one is meant: %(names)s.")
        names = join_list(_("“%(name)s”") % {"name": name} for name in clear)
        return f"{sentence} {hint % {'names': names}}"
    known = [
        *values.single,
        *(f"{one}.{column}" for one, all_ in values.columns.items() for column in all_),
    ]
    if near := get_close_matches(each.what, known, n=1, cutoff=0.7):
        return f"{sentence} {_('Did you mean “%(name)s”?') % {'name': near[0]}}"
    return f"{sentence} {_('Copy the name from the list of places.')}"
