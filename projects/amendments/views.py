"""Pages of the ledger of amendments, of the steps of each and of its documents.

The pages on which the committee recommends an amendment and puts it into effect are in
`committees`.
"""

from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from operator import attrgetter
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.cells import NOTHING, Action, Cell, Chip, Column, Empty, dotted, illustrative, text_cell
from kernel.formats import day_in_table, money
from kernel.lifecycle import StatusChange, that_hold
from kernel.pages import READ_OR_SAVE, Request, ask, posted, posted_files, save_page, saved, trail
from kernel.refusal import Refusal
from kernel.sheets import SheetOfRows
from kernel.sorting import by_label
from kernel.text import StrOrPromise
from kernel.undo import FIELD
from projects.amendments.forms import (
    AmendmentFileForm,
    AmendmentFilterForm,
    AmendmentForm,
    DonorAnswerForm,
    OwnAnswerForm,
    SubmitAmendmentForm,
)
from projects.amendments.ledger import ledger
from projects.amendments.letters import amendment_for_donor_letter
from projects.amendments.services.amendments import (
    keep_file,
    record_donor_answer,
    remove_file,
    submit_amendment,
)
from projects.models import Amendment, AmendmentFile
from projects.models.amendment import AmendmentQuerySet
from projects.pages import handed_file, reverse_in, visible_project
from projects.permissions.amendments import (
    answers_as_donor,
    may_keep_amendment_files,
    may_record_donor_answer,
    may_see_amounts,
    visible_amendments,
)
from projects.permissions.roles import works_for
from projects.records import ProjectRecords
from projects.sending.donor import donor_context, donor_recipients, sent_to_donor
from projects.sending.page import typed, undo_url, undone
from projects.sending.recipients import Recipient

# The donor's answers, as the donor gives them.
ANSWERS = {
    "approve": gettext_lazy("Approve the amendment"),
    "ask_changes": gettext_lazy("Request changes"),
    "refuse": gettext_lazy("Refuse the amendment"),
}
CONSEQUENCES = {
    "approve": gettext_lazy(
        "The coordination is notified. Nothing changes in the project until it puts the amendment into "
        "effect."
    ),
    "ask_changes": gettext_lazy(
        "The coordination is notified. The amendment is a draft again, and is submitted to you once more "
        "when it is changed."
    ),
    "refuse": gettext_lazy(
        "The coordination is notified. The amendment stays on record and cannot be submitted again."
    ),
}
OF_COMMITTEE = AmendmentFile.Category.RECOMMENDATION
STATUSES = dict(Amendment.Status.choices)
OF_DONOR = {AmendmentFile.Category.REQUEST, AmendmentFile.Category.ANSWER}


class AmendmentPages(ProjectRecords[Amendment]):
    model, name, names, icon = Amendment, "amendment", "amendments", "file-earmark-text"
    form_class, filter_class = AmendmentForm, AmendmentFilterForm
    title, heading = gettext_lazy("Amendments"), gettext_lazy("Ledger")
    note = gettext_lazy(
        "The committee recommends, the donor approves: two facts, each with its own date."
    )
    new_label, new_title = gettext_lazy("New amendment"), gettext_lazy("New amendment")
    edit_title = gettext_lazy("Edit the amendment")
    saved_sentence = gettext_lazy("The amendment was saved.")
    page_template = "projects/amendment.html"
    export_kinds = ("xlsx",)

    def rows(self) -> AmendmentQuerySet:
        return visible_amendments(self.request.user, self.place).with_dates()

    def editable_rows(self) -> QuerySet[Amendment]:
        return self.place.amendments.all()

    def refusal_of(self, amendment: Amendment) -> str:
        if amendment.status == Amendment.Status.DRAFT:
            return ""
        return _("Only a draft can be changed; this amendment has gone further. Enter a new one.")

    def remove(self, amendment: Amendment) -> None:
        if amendment.status_changes.filter(verb="ask_changes").exists():
            raise Refusal(_("The donor requested changes to it, so it stays: correct it."))
        super().remove(amendment)

    @cached_property
    def shows_amounts(self) -> bool:
        return may_see_amounts(self.request.user, self.place)

    def columns(self) -> list[Column]:
        return [
            Column("amendment", _("Amendment"), title_cell, "number"),
            Column("before", _("Before"), self.before),
            Column("after", _("After"), self.after),
            Column(
                "recommended",
                _("Committee's recommendation"),
                attrgetter("recommended_on"),
                "recommended_on",
            ),
            Column("submitted", _("Submitted on"), attrgetter("submitted_on"), "submitted_on"),
            Column("answer", _("Donor's answer"), answer_cell, "donor_decided_on"),
            Column("status", _("Status"), status_cell, lambda: by_label("status", STATUSES)),
        ]

    def before(self, amendment: Amendment) -> str:
        return self._side(amendment.end_before, amendment.amount_before, amendment.before)

    def after(self, amendment: Amendment) -> str:
        return self._side(amendment.end_after, amendment.amount_after, amendment.after)

    def _side(self, end: date | None, amount: Decimal | None, words: str) -> str:
        if end:
            return day_in_table(end)
        if self.shows_amounts and amount is not None:
            return money(amount, self.place.currency)
        return Truncator(words or NOTHING).chars(120)

    def empty(self) -> Empty:
        text = _(
            "Changes to what was agreed with the donor, such as an extension, are listed here."
        )
        return Empty(_("No amendment."), text, icon=self.icon)

    def no_match(self) -> Empty:
        text, action = _("Choose other filters or clear them."), _("Show all amendments")
        return Empty(_("No amendment matches."), text, self.url("amendments"), action, "search")

    def sheet(self) -> SheetOfRows:
        """Return the ledger: what was agreed, what changed, and who approved it when."""
        return ledger(self.found()[1], amounts=self.shows_amounts)

    def page_context(self, amendment: Amendment) -> dict[str, Any]:
        history = list(amendment.status_changes)
        files = list(amendment.files.all()) if self.shows_amounts else []
        of_neither = [kept for kept in files if kept.category not in {OF_COMMITTEE, *OF_DONOR}]
        return {
            "may_edit": self.edits and amendment.status == Amendment.Status.DRAFT,
            "shows_amounts": self.shows_amounts,
            "steps": self.steps(amendment),
            "of_committee": [kept for kept in files if kept.category == OF_COMMITTEE],
            "of_donor": [kept for kept in files if kept.category in OF_DONOR],
            "other_files": of_neither,
            "may_keep_files": may_keep_amendment_files(self.request.user, amendment),
            "changes_asked": _changes_asked(history),
            "skipped": _why_without_committee(amendment, history),
            "sent": sent_to_donor(amendment, history, ["submit"]) if self.edits else [],
            "shows_names": works_for(self.request.user, self.place),
            "history": history,
        }

    # Submitting to the donor, and the donor's answer, with its day and document. The steps of the
    # committee are on pages of `committees`.

    verbs = ("submit", *ANSWERS)
    step_refusal = gettext_lazy(
        "Only the coordination and the donor can do this. Ask your coordinator."
    )

    def may_step(self, amendment: Amendment, verb: str) -> bool:
        if verb in ANSWERS:
            return may_record_donor_answer(self.request.user, amendment)
        return self.edits

    @cached_property
    def is_donor(self) -> bool:
        return answers_as_donor(self.request.user, self.place)

    def label_of(self, verb: str) -> StrOrPromise:
        own = ANSWERS.get(verb) if self.is_donor else None
        return own or Amendment.STEPS[verb].label

    def steps(self, amendment: Any) -> list[Action]:
        return [
            Action(self.label_of(verb), self.url("amendment-step", amendment.pk, verb))
            for verb in amendment.open_steps
            if verb in self.verbs and self.may_step(amendment, verb)
        ]

    def step_form(self, amendment: Amendment, verb: str) -> forms.Form:
        if verb not in ANSWERS:
            return SubmitAmendmentForm(
                **typed(self.request), amendment=amendment, found=self.recipients
            )
        data, files = posted(self.request), posted_files(self.request)
        if self.is_donor:
            return OwnAnswerForm(data, files, amendment=amendment, verb=verb)
        asked = amendment.last_step("submit")
        submitted_on = asked.happened_on if asked else None
        return DonorAnswerForm(data, files, verb=verb, submitted_on=submitted_on)

    @cached_property
    def recipients(self) -> list[Recipient]:
        return donor_recipients(self.place, by=self.request.user)

    def step(self, pk: int, verb: str) -> HttpResponse:
        if verb == "submit" and FIELD in self.request.POST:
            self.ask_editor()
            return undone(self.request, self.record(self.rows(), pk), verb)
        return super().step(pk, verb)

    told = ""  # whom a message about the step went to

    def take(self, amendment: Amendment, verb: str, form: Any) -> None:
        facts = form.cleaned_data
        on = facts.get("on") or timezone.localdate()
        step = {"by": self.request.user, "on": on, "why": facts.get("why", "")}
        if verb in ANSWERS:
            answer = {"reference": facts.get("reference", ""), "letter": facts["upload"]}
            written = facts.get("letter", "")
            record_donor_answer(amendment, verb, **step, **answer, written=written)
            return
        step |= {"why": form.with_delivery(step["why"]), "lines": form.lines}
        receipt = submit_amendment(amendment, request=facts["upload"], **step)
        self.undo = undo_url(self.request, amendment, verb)
        self.told = receipt.said(waits=bool(self.undo))

    def step_context(self, amendment: Amendment, verb: str, form: forms.Form) -> dict[str, Any]:
        label = self.label_of(verb)
        named = f"{amendment} · {amendment.title}"
        context = {"title": label, "submit": label, "intro": named}
        if verb in ANSWERS:
            more = {"intro": f"{named}. {CONSEQUENCES[verb]}"} if self.is_donor else {}
            return context | more
        make = partial(amendment_for_donor_letter, amendment)
        sending = donor_context(self.request, amendment, self.recipients, make, form=form)
        return context | sending | {"template": "components/sending_page.html"}

    def stepped(self, amendment: Amendment) -> str:
        if amendment.status == Amendment.Status.DRAFT:
            return _("The request is recorded: the amendment is a draft again.")
        status = amendment.get_status_display()
        sentence = _("The amendment is now: %(status)s.") % {"status": status}
        return f"{sentence} {self.told}".strip()


def title_cell(amendment: Amendment) -> Cell:
    return text_cell(
        amendment,
        "title",
        lead=amendment,
        url=amendment.get_absolute_url(),
        chips=illustrative(amendment),
        notes=[amendment.get_kind_display()],
    )


def answer_cell(amendment: Amendment) -> Cell:
    on = amendment.donor_decided_on
    key = on.isoformat() if on else ""
    return Cell(day_in_table(on), key=key, notes=dotted(amendment.donor_reference))


def status_cell(amendment: Amendment) -> Cell:
    return Cell(chips=[Chip(amendment.get_status_display(), amendment.status)])


def _changes_asked(history: list[StatusChange]) -> StatusChange | None:
    """Return the donor's request for changes, until the amendment goes on."""
    last = history[-1] if history else None
    return last if last and last.verb == "ask_changes" else None


def _why_without_committee(amendment: Amendment, history: list[StatusChange]) -> str:
    """Return why the committee was not asked before the last submission, if that still holds."""
    steps = [step for step in that_hold(history) if step.verb in {"submit", "ask_changes"}]
    last = steps[-1] if steps and amendment.kind != Amendment.Kind.OTHER else None
    skips = last and (last.verb, last.from_status) == ("submit", Amendment.Status.DRAFT)
    return last.why if last and skips else ""


# --- Documents ---


def amendment_or_404(user: User, code: str, pk: int) -> Amendment:
    project = visible_project(user, code)
    amendments = visible_amendments(user, project)
    amendment = get_object_or_404(amendments, pk=pk)
    amendment.project = project
    return amendment


@READ_OR_SAVE
def amendment_file_create(request: Request, code: str, pk: int) -> HttpResponse:
    amendment = amendment_or_404(request.user, code, pk)
    ask(may_keep_amendment_files(request.user, amendment))
    form = AmendmentFileForm(posted(request), posted_files(request))
    return save_page(
        request,
        form,
        lambda: keep_file(
            amendment,
            form.cleaned_data["upload"],
            form.cleaned_data["category"],
            by=request.user,
        ),
        sentence=_("The document was saved."),
        title=_("Add a document"),
        intro=f"{amendment} · {amendment.title}",
        crumbs=trail(
            amendment.project,
            (_("Amendments"), reverse_in(amendment.project, "amendments")),
            amendment,
        ),
    )


@require_safe
def amendment_file(request: Request, code: str, pk: int, file_pk: int) -> FileResponse:
    amendment = amendment_or_404(request.user, code, pk)
    project = amendment.project
    if not may_see_amounts(request.user, project):
        raise Http404
    kept = get_object_or_404(amendment.files, pk=file_pk)
    # The name of the file is neutral, since others may see it on a telephone.
    return handed_file(request, kept, f"{kept.get_category_display()} {kept.pk}")


@require_POST
def amendment_file_remove(request: Request, code: str, pk: int, file_pk: int) -> HttpResponse:
    amendment = amendment_or_404(request.user, code, pk)
    ask(may_keep_amendment_files(request.user, amendment))
    remove_file(get_object_or_404(amendment.files, pk=file_pk))
    return saved(request, _("The document was removed."), amendment)
