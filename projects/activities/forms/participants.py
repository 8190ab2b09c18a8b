"""The form for participants: the total, and a table by institution and sex."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from kernel.editing import EditingForm
from partners.models import Institution
from projects.activities.forms.activities import institutions_in, rows_typed
from projects.activities.services import write_groups
from projects.models import Activity, ParticipantGroup
from projects.models.activity import SEXES

SPARE_ROWS = 3
MAX_ROWS = 60
MOST = 1_000_000


@dataclass(frozen=True)
class GroupRow:
    """The fields of one row of the table."""

    who: BoundField
    counts: list[BoundField]


class ParticipantsForm(EditingForm):
    """Edits a total and a table together: the rows never add up to more than the total."""

    given = ("project",)

    class Meta:
        model = Activity
        fields = ["participants", "groups_illustrative"]
        help_texts = {
            "participants": gettext_lazy(
                "Empty: the sum of the rows. Nothing is said of those beyond the rows."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = rows_typed(self.data, "who") if self.is_bound else 0
        count = min(max(len(self.groups) + SPARE_ROWS, typed), MAX_ROWS)
        self.choices = self._choices()
        self.numbers = range(count)
        for number in self.numbers:
            self._add_row(number, self.groups[number] if number < len(self.groups) else None)

    @property
    def groups(self) -> list[ParticipantGroup]:
        if not hasattr(self, "_groups"):
            groups = self.instance.groups.select_related("institution")
            self._groups = list(groups.prefetch_related("institution__names"))
        return self._groups

    def _choices(self) -> list[tuple[str, Any]]:
        """Return the institutions of the project and those chosen before, then kinds, then all
        together."""
        institutions = {one.pk: one for one in institutions_in(self.instance.project)}
        institutions |= {
            one.institution.pk: one.institution for one in self.groups if one.institution
        }
        return [
            ("", _("All together")),
            (_("Institution"), [(f"i{pk}", one.name) for pk, one in institutions.items()]),
            (
                _("Kind of institution"),
                [(f"k{kind}", label) for kind, label in Institution.Kind.choices],
            ),
        ]

    def _add_row(self, number: int, group: ParticipantGroup | None) -> None:
        self.fields[f"who_{number}"] = forms.ChoiceField(
            label=_("Who"),
            choices=self.choices,
            required=False,
            initial=key_of(group) if group else "",
            widget=forms.Select(attrs={"class": "form-select"}),
        )
        for sex, label in SEXES.items():
            count = getattr(group, sex) if group else None
            self.fields[f"{sex}_{number}"] = forms.IntegerField(
                label=capfirst(label),
                min_value=0,
                max_value=MOST,
                required=False,
                initial=count or None,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "form-control"}),
            )

    @property
    def rows(self) -> list[GroupRow]:
        return [
            GroupRow(self[f"who_{number}"], [self[f"{sex}_{number}"] for sex in SEXES])
            for number in self.numbers
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.typed: dict[str, ParticipantGroup] = {}
        for number in self.numbers:
            self._take_row(number, cleaned)
        counted = sum(group.total for group in self.typed.values())
        total = cleaned.get("participants")
        if total is None and counted and "participants" not in self.errors:
            cleaned["participants"] = counted
        elif total is not None and counted > total:
            message = ngettext(
                "The rows add up to %(told)s, more than this total: correct one of them.",
                "The rows add up to %(told)s, more than this total: correct one of them.",
                counted,
            )
            self.add_error("participants", message % {"told": counted})
        return cleaned

    def _take_row(self, number: int, cleaned: dict[str, Any]) -> None:
        counts = {sex: cleaned.get(f"{sex}_{number}") or 0 for sex in SEXES}
        key = cleaned.get(f"who_{number}") or ""
        if not any(counts.values()):
            return
        if key in self.typed:
            self.add_error(f"who_{number}", _("This row appears twice: combine the numbers."))
            return
        self.typed[key] = ParticipantGroup(
            institution_id=int(key[1:]) if key.startswith("i") else None,
            kind=key[1:] if key.startswith("k") else "",
            **counts,
        )

    def save(self, commit: bool = True) -> Activity:
        activity: Activity = super().save(commit)
        write_groups(activity, self.typed.values())
        return activity


def key_of(group: ParticipantGroup) -> str:
    if group.institution_id:
        return f"i{group.institution_id}"
    return f"k{group.kind}" if group.kind else ""
