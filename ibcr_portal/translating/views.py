"""The gist of a text that somebody reads in another language. It is not kept anywhere."""

from functools import cached_property
from typing import Any

from allauth.core import ratelimit
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from ibcr_portal.translating.exchange import (
    WRITERS,
    XLIFF,
    ImportPlan,
    export,
    plan_import,
    sealed,
    write_import,
)
from ibcr_portal.translating.forms import (
    QueuedTranslationForm,
    TranslationsFileForm,
    TranslationsImportForm,
)
from ibcr_portal.translating.memory import (
    has_no_machine,
    memory_of,
    neighbours,
    page_of_item,
    with_match,
)
from ibcr_portal.translating.queue import Item, NewTranslation, Queue, State, save_translations
from ibcr_portal.translating.translate import LONGEST, translate
from kernel.apertium import is_installed
from kernel.cells import Action, Cell, Chip, Column, Empty
from kernel.formats import day_in_table
from kernel.pages import READ_OR_SAVE, Request, act, form_page, posted, posted_files, saved, trail
from kernel.refusal import Refusal
from kernel.text import LANGUAGES, active_language
from projects.models import Project, Translation
from projects.pages import editable_project, reverse_in
from projects.records import ProjectRecords

REFUSED = 422


@require_POST
def gist(request: Request) -> HttpResponse:
    """Answer with the text in the reader's language, marked as made by a machine."""
    text, source = request.POST.get("text", ""), request.POST.get("source", "")
    target = active_language()
    if not ratelimit.consume(request, action="gist", user=request.user):
        return _refused(_("Many texts were translated for you. Please wait a minute."))
    if not is_installed():
        return _refused(_("This server has no translator. Whoever runs it can install Apertium."))
    if source not in LANGUAGES or source == target or not text.strip():
        return _refused(_("There is nothing to translate."))
    if len(text) > LONGEST:
        return _refused(
            _(
                "This text is too long to be translated here: please choose one of at most "
                "%(most)s characters."
            )
            % {"most": LONGEST}
        )
    if (said := translate(text, source, target)) is None:
        return _refused(_("The translator did not answer. Please try again."))
    marked = _("Translated by a machine, and not checked: %(text)s") % {"text": said}
    return HttpResponse(marked, content_type="text/plain; charset=utf-8")


def _refused(sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=REFUSED, content_type="text/plain; charset=utf-8")


# --- Queue views ---
#
# Pages of the translation queue: the list, one text after the other, and the file for somebody
# outside.

INSERT, DRAFT = "insert", "draft"
SHOWN = 100  # rows of a preview


class QueuePages(ProjectRecords[Translation]):
    """What is left to translate into one language, and how much into the others."""

    model, name, names = Translation, "translation", "translations"
    title = gettext_lazy("Translations")
    list_template = "ibcr_portal/translating/queue.html"

    def find_place(self) -> Project:
        return editable_project(self.request.user, self.kwargs["code"])

    @cached_property
    def queue(self) -> Queue:
        return Queue(self.request.user, self.place)

    @cached_property
    def counts(self) -> dict[str, int]:
        return self.queue.counts()

    @cached_property
    def language(self) -> str:
        """The language that was asked for, or the reader's own if something is left in it, or the
        one in which most is left."""
        asked, own = self.request.GET.get("to", ""), active_language()
        if asked in LANGUAGES:
            return asked
        counts = self.counts
        return own if counts.get(own) else max(counts, key=lambda each: counts[each], default="")

    @cached_property
    def items(self) -> list[Item]:
        return self.queue.into(self.language) if self.language else []

    def rows(self) -> Any:
        return self.items

    def columns(self) -> list[Column]:
        return [
            Column(
                "text",
                _("Text"),
                lambda item: Cell(item.text.label, url=_url(self.place, item)),
            ),
            Column("original", _("Original"), original_cell),
            Column("need", _("Needed for"), need_cell),
            Column(
                "state",
                _("State"),
                lambda item: Cell(chips=[Chip(item.state_label, item.tone)]),
            ),
        ]

    def actions(self) -> list[Action]:
        if not self.items:
            return []
        return [Action(_("Start translating"), _url(self.place, self.items[0]), is_primary=True)]

    def counted(self, total: int) -> str:
        return _("What the next document needs comes first.")

    def empty(self) -> Empty:
        text = _("Everything that has readers in this language can be read in it.")
        return Empty(_("Everything is translated"), text, icon="check-circle")

    def place_context(self) -> dict[str, Any]:
        return super().place_context() | {"crumbs": trail(self.place)}

    def list_context(self, rows: list[Item]) -> dict[str, Any]:
        url = self.url("translations")
        files = f"{self.url('translations-export')}?to={self.language}&kind="
        states = self.queue.states(rows)
        return {
            "languages": [
                {
                    "label": LANGUAGES[each],
                    "url": f"{url}?to={each}",
                    "count": number,
                    "current": each == self.language,
                }
                for each, number in self.counts.items()
            ],
            "language_name": LANGUAGES.get(self.language, ""),
            "states": [
                {"label": each.label, "value": states[each]} for each in State if states[each]
            ],
            "export_urls": [(kind, f"{files}{kind}") for kind in WRITERS],
        }


def original_cell(item: Item) -> Cell:
    return Cell(Truncator(item.text.source).chars(90), lang=item.text.origin)


def need_cell(item: Item) -> Cell:
    return Cell(item.need_label, notes=[day_in_table(item.day)] if item.day else [])


def _url(project: Project, item: Item) -> str:
    return reverse("projects:translation", args=[project.code, *item.address])


@READ_OR_SAVE
def translation(
    request: Request, code: str, to: str, kind: str, pk: int, field: str
) -> HttpResponse:
    """Translate one text, and go on to the next one."""
    project = editable_project(request.user, code)
    queue = Queue(request.user, project)
    if (item := queue.find(to, kind, pk, field)) is None:
        raise Http404
    shown = page_of_item(item, memory_of(queue, item))
    draft = shown.draft.text if shown.draft else ""
    form = QueuedTranslationForm(posted(request), item=item, text=draft)
    around = neighbours(queue.into(to), item)
    if request.POST.get(INSERT):
        form = QueuedTranslationForm(item=item, text=draft)
        typed = with_match(request.POST.get("text", ""), shown.matches, request.POST[INSERT])
        form.initial.update(text=typed, seen=request.POST.get("seen", ""))
    elif form.is_valid() and _is_saved(request, project, item, form):
        return _go_on(request, project, around["after"], to)
    return form_page(
        request,
        form,
        title=item.text.label,
        back=f"{reverse_in(project, 'translations')}?to={to}",
        crumbs=trail(
            project, (_("Translations"), f"{reverse_in(project, 'translations')}?to={to}")
        ),
        submit=_("Confirm and go on"),
        template="ibcr_portal/translating/translation.html",
        **_context(project, queue, item, shown, around),
    )


def _context(
    project: Project, queue: Queue, item: Item, shown: Any, around: dict[str, Any]
) -> dict[str, Any]:
    return {
        "project": project,
        "item": item,
        "shown": shown,
        "source_name": LANGUAGES[item.text.origin],
        "target_name": LANGUAGES[item.language],
        "place": around["place"],
        "total": len(queue.into(item.language)),
        "before_url": _url(project, around["before"]) if around["before"] else "",
        "after_url": _url(project, around["after"]) if around["after"] else "",
        "has_no_machine": has_no_machine(item),
    }


def _is_saved(request: Request, project: Project, item: Item, form: QueuedTranslationForm) -> bool:
    states = Translation.State
    state = states.DRAFT if request.POST.get(DRAFT) else states.CONFIRMED
    new = NewTranslation(item.address, form.cleaned_data["text"], form.cleaned_data["seen"])
    done = act(form, lambda: save_translations(project, [new], by=request.user, state=state))
    if done is None:
        # What is there now was shown with the refusal: saving again is a decision.
        fresh = Queue(request.user, project).find(*item.address)
        if fresh is not None:
            form.note_seen(fresh)
    return done is not None


def _go_on(request: Request, project: Project, after: Item | None, to: str) -> HttpResponse:
    sentence = _("Saved as a draft.") if request.POST.get(DRAFT) else _("Confirmed.")
    if after is None:
        return saved(request, sentence, f"{reverse_in(project, 'translations')}?to={to}")
    return saved(request, sentence, _url(project, after))


# For an outside translator


@require_safe
def translations_export(request: Request, code: str) -> HttpResponse:
    """Hand out what is left to translate into a language, as XLIFF or PO."""
    project = editable_project(request.user, code)
    queue = Queue(request.user, project)
    language = request.GET.get("to", queue.languages[0])
    kind = request.GET.get("kind", XLIFF)
    if language not in LANGUAGES or kind not in WRITERS:
        raise Http404
    content = export(queue, language, kind)
    name = f"{project.code} {_('translations')} {language}"
    return handed_out(request, content, name, kind, thing=project, what="translations")


@READ_OR_SAVE
def translations_import(request: Request, code: str) -> HttpResponse:
    """Read a file that came back, and show what would be written. Nothing is written yet."""
    project = editable_project(request.user, code)
    form = TranslationsFileForm(posted(request), posted_files(request))
    if form.is_valid():
        try:
            return _preview(request, project, form)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
    return form_page(
        request,
        form,
        title=_("Import translations"),
        back=reverse_in(project, "translations"),
        crumbs=trail(project, (_("Translations"), reverse_in(project, "translations"))),
        submit=_("Check it"),
        intro=_(
            "The XLIFF or PO file that you exported, with its translations. You see what would be "
            "written before anything is."
        ),
    )


def _preview(request: Request, project: Project, form: TranslationsFileForm) -> HttpResponse:
    file = form.cleaned_data["file"]
    file.content.seek(0)
    queue = Queue(request.user, project)
    plan: ImportPlan = plan_import(queue, file.content.read(), file.kind)
    seal = sealed(plan, project, request.user)
    context = {
        "title": _("Import translations"),
        "crumbs": trail(project, (_("Translations"), reverse_in(project, "translations"))),
        "project": project,
        "plan": plan,
        "language_name": LANGUAGES[plan.language],
        "rows": plan.rows[:SHOWN],
        "form": TranslationsImportForm(initial={"seal": seal}),
        "back": reverse_in(project, "translations-import"),
    }
    return render(request, "ibcr_portal/translating/import.html", context)


@require_POST
def translations_write(request: Request, code: str) -> HttpResponse:
    """Write what the preview showed, all of it or nothing."""
    project = editable_project(request.user, code)
    form = TranslationsImportForm(request.POST)
    seal = form.cleaned_data["seal"] if form.is_valid() else ""
    confirmed = bool(form.cleaned_data.get("is_confirmed"))
    done = act(
        request,
        lambda: write_import(project, seal, by=request.user, is_confirmed=confirmed),
    )
    if done is None:
        return redirect(reverse_in(project, "translations-import"))
    sentence = ngettext(
        "%(count)s translation was imported.", "%(count)s translations were imported.", done.result
    )
    return saved(request, sentence % {"count": done.result}, reverse_in(project, "translations"))
