"""The pages of one kind of record, from one class: its list with filters, order and workbook, the page
of one, its forms, steps and removal. What is special to a kind is a method to override; a page with its
own logic stays a function.

    class DutyPages(ProjectRecords[ReportingDuty]):
        model, name, names = ReportingDuty, "duty", "duties"
        title, new_title = _("Reporting duties"), _("New reporting duty")
        form_class = DutyForm

        def columns(self) -> list[Column]:
            return [Column("duty", _("Duty"), self.title_cell, order=lambda: written("title")), …]

    urlpatterns = DutyPages.urls()
"""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views import View
from django.views.decorators.http import require_safe

from kernel.cells import Action, Column, Empty, Table
from kernel.lifecycle import Lifecycle
from kernel.pages import (
    HANDS_OUT,
    READ_OR_SAVE,
    ROWS_ON_A_PAGE,
    Crumb,
    Crumbs,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    locked,
    page_of,
    posted,
    saved,
    trail,
)
from kernel.sheets import SheetOfRows, sheet
from kernel.sorting import SortedLines, SortedRows
from kernel.text import StrOrPromise
from kernel.undo import say_with_undo

Record = TypeVar("Record", bound=models.Model)


class RecordPages(View, Generic[Record]):
    """`name` and `names`: of one and of the list, in addresses. `find_place` comes before each page."""

    model: ClassVar[type[models.Model]]
    name: ClassVar[str]
    names: ClassVar[str]
    prefix: ClassVar[str] = ""  # of all addresses
    namespace: ClassVar[str] = ""  # of their names, such as "accounts:"
    place_name: ClassVar[str] = "place"  # as templates call it
    key: ClassVar[str] = "pk"  # of one, as addresses call it

    # The list, if the rows are not shown on the page of what they belong to
    has_list = True
    title: StrOrPromise
    heading: StrOrPromise = ""  # above the table, with the number of rows
    note: StrOrPromise = ""  # below it
    icon = "inbox"  # where nothing is there
    new_label: StrOrPromise = ""  # of the button
    filter_class: Any = None
    list_template = "components/records.html"
    rows_on_a_page, head = ROWS_ON_A_PAGE, ""  # `head`: the column that names a row

    page_template = ""  # of one, if the kind has such; otherwise the list leads to the form

    # The forms
    form_class: Any = None
    new_title: StrOrPromise = ""
    edit_title: StrOrPromise = ""
    saved_sentence: StrOrPromise = gettext_lazy("Saved.")
    refusal: StrOrPromise = ""  # for those who see it and may not edit it
    can_be_removed = True
    removal_intro: StrOrPromise = gettext_lazy("This cannot be undone.")

    role = ""  # which of its pages this is: the name of a method below
    request: Request
    place: Any

    # --- What a kind or a place says ---

    def find_place(self) -> Any:
        """Return the place that the address names. Raises Http404 for those who may not see it."""

    def rows(self) -> models.QuerySet[Any]:  # those that the person sees
        raise NotImplementedError

    def editable_rows(self) -> models.QuerySet[Any]:
        """Return those that an editor changes, without what only the list needs."""
        return self.rows()

    def may_edit(self) -> bool:
        return False

    def refusal_of(self, _record: Record) -> StrOrPromise:
        """Return why this one cannot be changed or removed any more, or nothing."""
        return ""

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"{self.namespace}{name}", args=args)

    def list_url(self) -> str:  # where the rows are listed, such as the page of what they belong to
        return self.url(self.names)

    def crumbs(self, *more: Any) -> Crumbs:  # the way to the list, and further ones
        return trail((str(self.title), self.list_url()), *more)

    def place_context(self) -> dict[str, Any]:
        """Return what the list shows of the place: `place_title`, `tabs`, `crumbs`."""
        return {"crumbs": [Crumb(str(self.title))]}

    def new_record(self) -> Record:
        raise NotImplementedError

    def columns(self) -> Sequence[Column]:
        return ()

    def lines(self, rows: Any) -> Any:  # of the list, where they are computed
        return rows

    def read(self, lines: list[Any]) -> list[Any]:
        """Return the lines of one page, with what is read of all of them together."""
        return lines

    def filtered(self, form: forms.Form, rows: Any) -> Any:
        return form.narrow(rows)  # type: ignore[attr-defined]  # filter forms have it

    def actions(self) -> list[Action]:  # the buttons above the list
        if not (self.edits and self.form_class):
            return []
        return [Action(self.new_label, self.url(f"{self.name}-create"), "plus-lg", is_primary=True)]

    def empty(self) -> Empty:
        return Empty(_("Nothing yet"), icon=self.icon)

    def no_match(self) -> Empty:
        return Empty(_("Nothing found"), _("Choose other filters or clear them."), icon="search")

    def counted(self, _total: int) -> str:  # the sentence that counts the rows
        return ""

    def list_context(self, _rows: Any) -> dict[str, Any]:
        """Return what the list shows besides. `_rows`: all that fit the filters."""
        return {}

    def page_context(self, _record: Record) -> dict[str, Any]:  # what the page of one shows
        return {}

    def form(self, record: Record) -> Any:
        return self.form_class(posted(self.request), instance=record)

    def save(self, form: Any) -> bool:
        return bool(form.save_or_explain())

    def form_context(self, _record: Record) -> dict[str, Any]:
        return {}

    def remove(self, record: Record) -> None:
        record.delete()

    def page_url(self, record: Record) -> str:  # where somebody lands who saved it
        # A kind with a page has its address.
        return str(record.get_absolute_url()) if self.page_template else self.list_url()  # type: ignore[attr-defined]

    def delete_url(self, record: Record) -> str:  # where it is removed, if it can be
        is_there = record.pk and self.can_be_removed
        return self.url(f"{self.name}-delete", record.pk) if is_there else ""

    # --- Its pages ---

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.place = self.find_place()
        answer: Callable[..., HttpResponse] = getattr(self, self.role)
        names = {"pk": self.key, "verb": "verb", "kind": "kind"}
        return answer(**{each: kwargs[name] for each, name in names.items() if name in kwargs})

    @cached_property
    def edits(self) -> bool:
        return self.may_edit()

    def record(self, rows: models.QuerySet[Any], pk: int) -> Any:
        return get_object_or_404(rows, pk=pk)

    def found(self) -> tuple[forms.Form | None, Any]:
        """Return the filters, and the rows that fit them."""
        rows = self.rows()
        if self.filter_class is None:
            return None, rows
        form = self.filter_form()
        form.is_valid()
        return form, self.filtered(form, rows)

    def filter_form(self) -> forms.Form:
        return self.filter_class(self.request.GET)  # type: ignore[no-any-return]  # one of forms

    def index(self) -> HttpResponse:
        form, rows = self.found()
        columns, lines = self.columns(), self.lines(rows)
        orders: dict[str, Any] = {each.name: each.order for each in columns if each.order}
        sorts = SortedLines if isinstance(lines, list) else SortedRows
        sorting: Any = sorts(self.request, orders)
        page = page_of(self.request, sorting.of(lines), self.rows_on_a_page)
        page.object_list = self.read(list(page.object_list))
        is_filtered = form is not None and any(form.cleaned_data.values())
        context = {
            "title": self.title,
            "heading": self.heading,
            "counted": self.counted(page.paginator.count),
            "note": self.note,
            "page": page,
            "table": Table(columns, page.object_list, self.heading or self.title, self.head),
            "sorting": sorting,
            "form": form,
            "is_filtered": is_filtered,
            "list_url": self.list_url(),
            self.place_name: self.place,
            "empty": self.no_match() if is_filtered else self.empty(),
            "actions": self.actions(),
            "may_edit": self.edits,
            "exports": self.exports(),
        }
        context |= self.place_context() | self.list_context(rows)
        return render(self.request, self.kwargs.get("template", self.list_template), context)

    def page(self, pk: int) -> HttpResponse:
        record = self.record(self.rows(), pk)
        context = {
            self.place_name: self.place,
            self.name: record,
            "may_edit": self.edits,
            "crumbs": self.crumbs(),
        }
        context |= self.page_context(record)
        # What an app above this one adds, with its template.
        if chain := self.kwargs.get("chain"):
            context |= chain(self.request.user, record)
        return render(self.request, self.kwargs.get("template", self.page_template), context)

    def create(self) -> HttpResponse:
        self.ask_editor()
        return self.form_of(self.new_record(), self.new_title, self.crumbs())

    def edit(self, pk: int) -> HttpResponse:
        self.ask_editor()
        record = self.record(locked(self.request, self.editable_rows()), pk)
        if refusal := self.refusal_of(record):
            return self.refuse(record, refusal)
        way = [record] if self.page_template else []
        return self.form_of(record, self.edit_title, self.crumbs(*way))

    def form_of(self, record: Record, title: StrOrPromise, crumbs: Crumbs) -> HttpResponse:
        is_new, form = record.pk is None, self.form(record)
        if form.is_valid() and self.save(form):
            made, undo = form.instance, self.delete_url(form.instance) if is_new else ""
            at = {"undo": undo, "made_at": self.list_url()}
            return saved(self.request, self.saved_sentence, self.page_url(made), **at)
        context = self.form_context(record) | {"delete_url": self.delete_url(record)}
        back = self.page_url(record) if record.pk else self.list_url()
        return form_page(self.request, form, title=str(title), back=back, crumbs=crumbs, **context)

    def delete(self, pk: int) -> HttpResponse:
        self.ask_editor()
        record = self.record(locked(self.request, self.editable_rows()), pk)
        if refusal := self.refusal_of(record):
            return self.refuse(record, refusal)
        return delete_page(
            self.request,
            record,
            back=self.page_url(record),
            done=self.list_url(),
            delete=lambda: self.remove(record),
            crumbs=self.crumbs(),
            intro=str(self.removal_intro),
        )

    def ask_editor(self) -> None:
        ask(self.edits, str(self.refusal))

    def refuse(self, record: Record, sentence: StrOrPromise) -> HttpResponse:
        messages.error(self.request, sentence)
        return redirect(self.page_url(record))

    # --- Its workbook ---

    export_kinds: Sequence[str] = ()  # such as ("xlsx", "csv")

    def exports(self) -> list[Action]:
        query = self.request.GET.copy()
        query.pop("page", None)
        asked = f"?{query.urlencode()}" if query else ""
        name = f"{self.names}-export"
        if len(self.export_kinds) == 1:
            return [Action(_("As an Excel workbook"), self.url(name) + asked)]
        labels = {"xlsx": _("Export as XLSX"), "csv": _("Export as CSV")}
        return [Action(labels[kind], self.url(name, kind) + asked) for kind in self.export_kinds]

    def export(self, kind: str = "") -> HttpResponse:
        kind = kind or self.export_kinds[0]
        if kind not in self.export_kinds:
            raise Http404
        content = self.sheet()
        written = sheet(kind, content.title, content.head, content.rows, content.widths)
        return self.hand_out(written, kind)

    def sheet(self) -> SheetOfRows:
        """Return what the workbook of the list holds."""
        columns = [each for each in self.columns() if each.is_exported]
        lines = self.read(list(self.lines(self.found()[1])))
        rows = [[each.exported(line) for each in columns] for line in lines]
        return SheetOfRows(str(self.title), [str(each.label) for each in columns], rows)

    def hand_out(self, content: bytes, kind: str) -> HttpResponse:
        raise NotImplementedError

    # --- Its steps ---

    verbs: Collection[str] = ()  # of these pages; empty: all that the model has
    step_refusal: StrOrPromise = ""  # for those who may not take one
    undo = ""  # where the step is undone that was just taken

    def may_step(self, record: Record, verb: str) -> bool:
        """Whether the person may take this step at some time."""
        return self.edits

    def step_form(self, record: Record, verb: str) -> forms.Form:
        raise NotImplementedError

    def take(self, record: Any, verb: str, form: forms.Form) -> None:
        record.take(verb, by=self.request.user, **form.cleaned_data)

    def steps(self, record: Lifecycle) -> list[Action]:  # the buttons of those possible now
        return [
            Action(record.STEPS[verb].label, self.url(f"{self.name}-step", record.pk, verb))
            for verb in record.open_steps
            if verb in (self.verbs or record.STEPS) and self.may_step(record, verb)  # type: ignore[arg-type]  # a record with steps
        ]

    def step_context(self, record: Any, verb: str, form: forms.Form) -> dict[str, Any]:
        return {"title": record.STEPS[verb].label}

    def stepped(self, record: Any) -> StrOrPromise:
        raise NotImplementedError

    def step(self, pk: int, verb: str) -> HttpResponse:
        """A form for a step. One that comes too late says what the record is now."""
        record = self.record(self.rows(), pk)
        if verb not in (self.verbs or record.STEPS):
            raise Http404
        ask(self.may_step(record, verb), str(self.step_refusal or self.refusal))
        form = self.step_form(record, verb)
        if self.request.method == "POST" and form.is_valid():
            if act(self.request, lambda: self.take(record, verb, form)):
                say_with_undo(self.request, self.stepped(record), self.undo)
            return redirect(record)
        if not record.may_take(verb):
            messages.info(self.request, self.stepped(record))
            return redirect(record)
        context = self.step_context(record, verb, form)
        return form_page(self.request, form, crumbs=self.crumbs(record), **context)

    # --- Their addresses ---

    @classmethod
    def urls(cls, base: str = "") -> list[URLPattern]:
        """Return the addresses of the pages that the kind has, below `base`."""
        base = base or f"{cls.prefix}{cls.names}/"
        one = f"{base}<int:{cls.key}>/"
        edit = f"{one}edit/" if cls.page_template else one
        index = [(require_safe, "index", base, cls.names)] if cls.has_list else []
        found: list[tuple[Any, str, str, str]] = index
        if cls.form_class:
            found += [(READ_OR_SAVE, "create", f"{base}new/", f"{cls.name}-create")]
            found += [(READ_OR_SAVE, "edit", edit, f"{cls.name}-edit")]
            if cls.can_be_removed:
                found += [(READ_OR_SAVE, "delete", f"{one}delete/", f"{cls.name}-delete")]
        if cls.page_template:
            found += [(require_safe, "page", one, cls.name)]
        if cls.export_kinds:
            kind = "<slug:kind>/" if len(cls.export_kinds) > 1 else ""
            found += [(HANDS_OUT, "export", f"{base}export/{kind}", f"{cls.names}-export")]
        if hasattr(cls.model, "STEPS") and cls.step_form is not RecordPages.step_form:
            found += [(READ_OR_SAVE, "step", f"{one}<slug:verb>/", f"{cls.name}-step")]
        return [
            path(route, wrap(cls.as_view(role=role)), name=name)
            for wrap, role, route, name in found
        ]
