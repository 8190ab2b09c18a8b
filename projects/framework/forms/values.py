"""Forms for the values of one indicator and period: cells, total and comment."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.channel import Channel
from kernel.files import DOCUMENTS, MEGABYTE, PICTURES, CheckedFile, UploadField
from kernel.form_fields import choose_from
from kernel.formats import LocalisedDecimalField
from kernel.personal import TextForm
from kernel.stamps import Stamped
from partners.forms import DAY, long_text
from partners.models import Institution
from projects.framework.services.values import Numbers, ValueEntry
from projects.models import Category, Cell, DataPoint, Indicator

EVIDENCE_BYTES = 10 * MEGABYTE


def evidence_field() -> UploadField:
    return UploadField(
        label=_("Evidence (file)"),
        allowed=(*DOCUMENTS, *PICTURES),
        max_bytes=EVIDENCE_BYTES,
        required=False,
    )


def number_field(label: Any) -> LocalisedDecimalField:
    field = LocalisedDecimalField(label=label, max_digits=16, decimal_places=2, required=False)
    field.widget.attrs["autocomplete"] = "off"
    return field


@dataclass(frozen=True)
class CellFields:
    """One line of the table: its name, its fields, and the value of the period before."""

    name: str
    numerator: forms.BoundField
    denominator: forms.BoundField | None
    before: DataPoint | None
    is_total: bool = False


class ValuesForm(Stamped, forms.Form):
    """The values of one indicator, kind and period, with all cells of its breakdown.

    `rows`: the present values, which prefill it. `before`: those of the period before, shown
    beside.
    """

    readers = _("The team reads it, and the donor once the value is approved.")
    returned_with = (
        ""  # the remark with which the value came back, as long as it is to be corrected
    )

    nothing_to_report = forms.BooleanField(label=_("Nothing to report"), required=False)
    comment = long_text(
        _("Comment, or why there is nothing to report"), 2000, rows=2, required=False
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        required=False,
        help_text=_("For example: attendance lists of March. Never data on victims."),
    )

    def __init__(
        self,
        *args: Any,
        indicator: Indicator,
        kind: str = DataPoint.Kind.ACTUAL,
        rows: Iterable[DataPoint] = (),
        before: Iterable[DataPoint] = (),
        with_file: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.indicator, self.kind = indicator, kind
        self.rows = {point.cell: point for point in rows}
        self.before = {point.cell: point for point in before}
        self.kept = self.rows.get((None, None))
        self.cells: list[tuple[Category, Category | None]] = indicator.cells()
        self._prefill()
        if indicator.measure == Indicator.Measure.QUALITATIVE:
            self.fields["comment"].label = _("Value in words, or why there is nothing to report")
        else:
            self._add_numbers()
        if kind != DataPoint.Kind.ACTUAL:
            del self.fields["nothing_to_report"]
        if with_file:
            self.fields["file"] = evidence_field()

    def _prefill(self) -> None:
        if self.kept:
            self.initial.update(
                comment=self.kept.comment,
                source=self.kept.source,
                nothing_to_report=self.kept.nothing_to_report,
            )

    def _add_numbers(self) -> None:
        for place, cell in enumerate([*self.cells, None]):
            name, row = self._name(place), self.rows.get(_key(cell))
            label = _label(cell) if cell else self._total_label()
            self.fields[name] = number_field(label)
            typed = row if row and not row.is_computed else None
            self.initial[name] = _plain(typed.numerator) if typed else None
            if self.indicator.measure == Indicator.Measure.PERCENTAGE:
                self.fields[f"{name}_of"] = number_field(_("%(cell)s: out of") % {"cell": label})
                self.initial[f"{name}_of"] = _plain(typed.denominator) if typed else None

    def _total_label(self) -> Any:
        return _("In all") if self.cells else _("Value")

    def _name(self, place: int) -> str:
        return "total" if place == len(self.cells) else f"cell_{place}"

    @property
    def summary_label(self) -> str:
        return self.indicator.code

    @property
    def lines(self) -> list[CellFields]:
        """The lines of the table, the total last; none of a value in words."""
        if "total" not in self.fields:
            return []
        return [
            CellFields(
                name=str(self.fields[self._name(place)].label),
                numerator=self[self._name(place)],
                denominator=self[f"{self._name(place)}_of"]
                if f"{self._name(place)}_of" in self.fields
                else None,
                before=self.before.get(_key(cell)),
                is_total=cell is None,
            )
            for place, cell in enumerate([*self.cells, None])
        ]

    @property
    def is_submitted(self) -> bool:
        return self.kept is not None and self.kept.status == DataPoint.Status.SUBMITTED

    @property
    def cells_selector(self) -> str:
        return f'[name^="{self.add_prefix("cell_")}"]'

    @property
    def comment_before(self) -> str:
        """The comment of the period before, of an indicator that is measured in words."""
        total = self.before.get((None, None))
        return total.comment if total and not self.lines else ""

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        for place, cell in enumerate([*self.cells, None]):
            self._check(self._name(place), cell)
        if cleaned.get("nothing_to_report"):
            if not cleaned.get("comment", "").strip():
                self.add_error("comment", _("Say why there is nothing to report."))
            if self.has_numbers:
                self.add_error(
                    "nothing_to_report",
                    _("There are numbers below: remove them, or untick this box."),
                )
        return cleaned

    def _check(self, name: str, cell: tuple[Category, Category | None] | None) -> None:
        if name not in self.fields or {name, f"{name}_of"} & set(self.errors):
            return
        numbers = self._numbers(name)
        if numbers.numerator is None and numbers.denominator is not None:
            self.add_error(name, _("Say how many of them: 12 out of 40."))
            return
        point = DataPoint(indicator=self.indicator, kind=self.kind, **numbers._asdict())
        try:
            point.check_numbers()
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                self.add_error(name if field == "numerator" else f"{name}_of", messages)

    def _numbers(self, name: str) -> Numbers:
        cleaned = self.cleaned_data
        return Numbers(cleaned.get(name), cleaned.get(f"{name}_of"))

    @property
    def has_numbers(self) -> bool:
        names = [self._name(place) for place in range(len(self.cells) + 1)]
        return any(self._numbers(name).has_value for name in names)

    @property
    def has_content(self) -> bool:
        words = self.indicator.measure == Indicator.Measure.QUALITATIVE
        return (
            self.has_numbers
            or bool(self.cleaned_data.get("nothing_to_report"))
            or (words and bool(self.cleaned_data["comment"].strip()))
        )

    def entry(self, *, by: User | None, **origin: Any) -> ValueEntry:
        """Return the entered values. `origin`: how they came (`given_by`, `channel`, `evidence`
        …)."""
        cleaned = self.cleaned_data
        numbers = (
            {}
            if not self.lines
            else {
                _key(cell): self._numbers(self._name(place))
                for place, cell in enumerate(self.cells)
            }
        )
        file: CheckedFile | None = cleaned.get("file")
        return ValueEntry(
            by=by,
            total=self._numbers("total") if self.lines else Numbers(),
            cells=numbers,
            nothing_to_report=bool(cleaned.get("nothing_to_report")),
            comment=cleaned["comment"].strip(),
            source=cleaned["source"].strip(),
            files=[file] if file else [],
            **origin,
        )


def _plain(number: Decimal | None) -> Decimal | None:
    """Drop trailing zeros: 61 and not 61.00, as people type it."""
    return None if number is None else number.normalize()


def _key(cell: tuple[Category, Category | None] | None) -> Cell:
    if cell is None:
        return (None, None)
    one, other = cell
    return (one.pk, other.pk if other else None)


def _label(cell: tuple[Category, Category | None]) -> str:
    return " · ".join(str(each) for each in cell if each)


class ReceivedForm(TextForm):
    """Records how the values were received that the coordination enters for an institution."""

    channel = forms.ChoiceField(label=_("How it arrived"), choices=Channel.entered())
    received_on = forms.DateField(label=_("Day"), widget=DAY)
    evidence = forms.CharField(
        label=_("How you know"),
        max_length=300,
        help_text=_("Who called and when, or which letter or message: a function, not a name."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("received_on", timezone.localdate())

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day is in the future: choose today or an earlier day."))
        return day

    def origin(self, institution: Institution | None) -> dict[str, Any]:
        return {**self.cleaned_data, "given_by": institution}


class ValueDecisionForm(TextForm):
    """Several submitted values, approved or returned at once."""

    value = forms.ModelMultipleChoiceField(
        queryset=DataPoint.objects.none(),
        error_messages={
            "required": _("Tick the values first."),
            "invalid_choice": _("One of these values is no longer waiting. Reload the page."),
        },
    )
    verb = forms.ChoiceField(choices=[("approve", _("Approve")), ("return", _("Return"))])
    why = long_text(_("Remark"), 1000, rows=2, required=False)
    exception = long_text(_("Why nobody else can approve them"), 1000, rows=2, required=False)

    def __init__(
        self, *args: Any, values: Any, needs_exception: Collection[int] = (), **kwargs: Any
    ) -> None:
        """`needs_exception`: the keys of values that only the person who entered them can approve."""
        super().__init__(*args, **kwargs)
        self.needs_exception = set(needs_exception)
        choose_from(self, value=values)
        if not needs_exception:
            del self.fields["exception"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("verb") == "return" and not cleaned.get("why", "").strip():
            self.add_error(
                "why", _("Say what has to be corrected: the person who entered it will read this.")
            )
        own = self.needs_exception.intersection(point.pk for point in cleaned.get("value", ()))
        if cleaned.get("verb") == "approve" and own and not cleaned.get("exception", "").strip():
            self.add_error(
                "exception",
                _("You entered these values yourself. Say why nobody else can approve them."),
            )
        return cleaned
