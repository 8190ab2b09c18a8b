"""Nobody overwrites what they have not seen.

A form over something that exists carries a stamp: a hash of each value that it showed. If somebody
saved in the meantime, the second person gets the form back with what changed, keeps their text and
decides by saving again. The values are taken from the form itself, so that no table needs a column
for it and related rows count as well.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404, QueryDict
from django.utils.formats import localize
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from kernel.formats import clock, day
from kernel.personal import AsksAboutPersonalData

STAMP = "seen"
# A longer text is cut in the notice: it is there in whole on the page of the thing.
CHARACTERS_SHOWN = 1500


class StampField(forms.CharField):
    # A page may have two such forms, and ids must be unique; a hidden field needs none.
    widget = forms.HiddenInput(attrs={"id": False})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False  # it is no answer: what changed is written by its names


class Stamped(AsksAboutPersonalData):
    """A form that does not overwrite what somebody else saved since it was opened.

    It is for forms that show what is stored by `initial`; those over a row are a `StampedForm`. The
    view locks what it reads for the form (`kernel.pages.locked`).
    """

    @property
    def edits(self) -> bool:
        """Whether the form is about something that is there already."""
        return True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.edits:
            self.fields[STAMP] = StampField(required=False)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        # Asked for when the page is rendered: subclasses add values after this __init__.
        if field_name == STAMP:
            return _written(self._stored())
        return super().get_initial_for_field(field, field_name)

    def full_clean(self) -> None:
        if not (self.is_bound and STAMP in self.fields):
            super().full_clean()
            return
        sent = self.data.get(self.add_prefix(STAMP)) or ""
        kept, taken = self._compare(_read(sent))
        super().full_clean()
        if not (kept or taken):
            return
        self._put(STAMP, _written(self._stored()))  # saving again is a decision
        code = "changed_meanwhile" if sent else "no_stamp"
        self.add_error(None, ValidationError(self._notice(sent), code=code))
        for name in kept:
            text = _(
                "Changed in the meantime. Now: “%(now)s”. Your entry is kept; saving "
                "replaces what is there."
            )
            self.add_error(name, text % {"now": self._shown(name)})
        for name in taken:
            self.add_error(name, _("Changed in the meantime: this is what is there now."))

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        self.cleaned_data.pop(STAMP, None)  # it is no answer: views pass the others on

    def _stored(self) -> dict[str, str]:
        """Return what is stored at this moment for each field, as a text that can be compared."""
        return {
            name: _comparable(self.get_initial_for_field(field, name))
            for name, field in self.fields.items()
            if name != STAMP and not field.disabled
        }

    def _compare(self, seen: dict[str, str]) -> tuple[list[str], list[str]]:
        """Return the fields that two people changed, which keep what was typed, and those that the
        other one alone changed, which show the present value from now on."""
        kept, taken = [], []
        for name, stored in self._stored().items():
            if seen.get(name) == _hash(stored):
                continue
            typed = self._typed(name)
            if typed == stored or (name not in seen and not stored):  # nothing is overwritten
                continue
            if self._is_left_alone(name, typed, seen):
                self._put(name, self.get_initial_for_field(self.fields[name], name))
                taken.append(name)
            else:
                kept.append(name)
        return kept, taken

    def _is_left_alone(self, name: str, typed: str | None, seen: dict[str, str]) -> bool:
        """Whether the editor sent what they saw, or never saw it: a line that the other added."""
        if name in seen:
            return typed is not None and _hash(typed) == seen[name]
        widget, key = self.fields[name].widget, self.add_prefix(name)
        return bool(seen) and widget.value_omitted_from_data(self.data, self.files, key)

    def _typed(self, name: str) -> str | None:
        """Return what was sent for a field, as its stored value is written; None if it is wrong."""
        field = self.fields[name]
        sent = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        if isinstance(field, forms.FileField):  # without a file, the one that is there stays
            return None if sent else self._stored()[name]
        try:
            return _comparable(field.clean(sent))
        except ValidationError:
            return "" if sent in field.empty_values else None

    def _put(self, name: str, value: Any) -> None:
        """Let the form that is shown again hold another value than the one that was sent."""
        data: Any = self.data.copy() if isinstance(self.data, dict) else QueryDict(mutable=True)
        widget: Any = self.fields[name].widget
        kind = type(widget)
        key, prepared = self.add_prefix(name), self.fields[name].prepare_value(value)
        if issubclass(kind, forms.MultiWidget):
            for suffix, part, one in zip(
                widget.widgets_names, widget.decompress(prepared), widget.widgets, strict=True
            ):
                data[key + suffix] = one.format_value(part) or ""
        elif issubclass(kind, forms.CheckboxInput):
            data.pop(key, None)
            if value:
                data[key] = "on"
        elif issubclass(kind, (forms.SelectMultiple, forms.CheckboxSelectMultiple)):
            chosen = widget.format_value(prepared)
            if isinstance(data, QueryDict):
                data.setlist(key, chosen)
            else:
                data[key] = chosen
        else:
            shown = widget.format_value(prepared)
            data[key] = (shown[0] if isinstance(shown, list) and shown else shown) or ""
        self.data = data

    def _notice(self, sent: str) -> str:
        if not sent:
            return _(
                "This page does not say what was there when it was opened, so nothing was saved. "
                "Your entries are kept: compare them with what is marked, then save again."
            )
        if change := self._last_change():
            return _(
                "%(person)s has changed this since you opened the page (%(when)s). Your entries "
                "are kept: compare them with what is marked, then save again."
            ) % {"person": change[0], "when": change[1]}
        return _(
            "Somebody has changed this since you opened the page. Your entries are kept: compare "
            "them with what is marked, then save again."
        )

    def _last_change(self) -> tuple[str, str] | None:
        """Return who changed it last and when, where the history knows."""
        return None

    def _shown(self, name: str) -> str:
        """Return the stored value as the page would show it."""
        field = self.fields[name]
        value = self.get_initial_for_field(field, name)
        if isinstance(field, forms.BooleanField):
            return _("yes") if value else _("no")
        many = isinstance(value, Iterable) and not isinstance(value, str)
        labels = [_label(field, one) for one in (value if many else [value])]
        text = ", ".join(label for label in labels if label)
        return Truncator(text).chars(CHARACTERS_SHOWN) or _("empty")


class StampedForm(Stamped, forms.ModelForm):
    """A form over a row: before it compares, it locks the row and reads it anew.

    `lock_first` names the row that owns it, if the service that saves it locks that one: two
    presses that lock both in different order would wait for each other.
    """

    lock_first: ClassVar[str] = ""

    def __init__(
        self, data: Any = None, files: Any = None, *args: Any, instance: Any = None, **kwargs: Any
    ) -> None:
        if data is not None and instance is not None and not instance._state.adding:
            _read_anew(instance, self.lock_first)
        super().__init__(data, files, *args, instance=instance, **kwargs)

    @property
    def edits(self) -> bool:
        return not self.instance._state.adding  # a key may be there before the row

    def clean(self) -> dict[str, Any]:
        super().clean()
        return self.cleaned_data

    def _last_change(self) -> tuple[str, str] | None:
        history = getattr(self.instance, "history", None)
        last = history.select_related("history_user").first() if history else None
        if not (last and last.history_user):
            return None
        when = last.history_date
        return str(last.history_user), f"{day(when)}, {clock(when)}"


def _read_anew(row: Any, lock_first: str) -> None:
    rows = type(row)._base_manager.all()
    if transaction.get_connection().in_atomic_block:
        if lock_first:
            owner = row._meta.get_field(lock_first)
            owners = owner.related_model._base_manager.select_for_update()
            owners.filter(pk=getattr(row, owner.attname)).first()
        # Rows that refer to it can be written meanwhile.
        rows = rows.select_for_update(no_key=True)
    foreign = [field for field in row._meta.concrete_fields if field.is_relation]
    known = {field: field.get_cached_value(row) for field in foreign if field.is_cached(row)}
    try:
        row.refresh_from_db(from_queryset=rows)
    except type(row).DoesNotExist:
        raise Http404 from None
    for field, thing in known.items():  # what the view fetched with it is not asked for again
        if thing and thing.pk == getattr(row, field.attname):
            field.set_cached_value(row, thing)


def _written(values: dict[str, str]) -> str:
    return " ".join(f"{name}:{_hash(value)}" for name, value in values.items())


def _read(stamp: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in stamp.split())
    return {name: value for name, _colon, value in pairs}


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:10]


def _comparable(value: Any) -> str:
    """Return the same text for a value as it is stored and as a form understands it."""
    if value is None or value is False:
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, (list, tuple, set, models.QuerySet)):
        return "\n".join(sorted(_comparable(one) for one in value))
    if hasattr(value, "normalize"):  # 5 and 5.00 are the same amount
        return f"{value.normalize():f}"
    return str(value)


def _label(field: Any, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
        if not isinstance(value, models.Model):
            value = field.queryset.filter(**{field.to_field_name or "pk": value}).first() or value
        return field.label_from_instance(value) if isinstance(value, models.Model) else str(value)
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        for key, label in choices:
            options = label if isinstance(label, (list, tuple)) else [(key, label)]
            for option, shown in options:
                if str(option) == str(value):
                    return str(shown)
    if isinstance(value, datetime):
        return f"{day(value)}, {clock(value)}"
    return day(value) if isinstance(value, date) else str(localize(value))
