"""Pages of lessons learned."""

from operator import attrgetter

from django.db.models import QuerySet
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from kernel.cells import Cell, Column, Empty, illustrative, text_cell
from kernel.formats import number
from projects.lessons.forms import LessonFilterForm, LessonForm
from projects.models import Lesson
from projects.records import ProjectRecords


class LessonPages(ProjectRecords[Lesson]):
    model, name, names, icon = Lesson, "lesson", "lessons", "chat-left-text"
    form_class, filter_class = LessonForm, LessonFilterForm
    title, new_label = gettext_lazy("Lessons learned"), gettext_lazy("New lesson")
    new_title, edit_title = gettext_lazy("New lesson"), gettext_lazy("Edit the lesson")
    saved_sentence = gettext_lazy("The lesson was saved.")
    page_template = "components/record.html"
    export_kinds = ("xlsx",)

    def rows(self) -> QuerySet[Lesson]:
        return self.place.lessons.select_related("result").order_by("-noted_on", "-pk")

    def new_record(self) -> Lesson:
        return Lesson(project=self.place, recorded_by=self.request.user)

    def filter_form(self) -> LessonFilterForm:
        return LessonFilterForm(self.request.GET, project=self.place)

    def columns(self) -> list[Column]:
        return [
            Column("learned", _("What was learned"), lesson_cell),
            Column("happened", _("What happened"), lambda lesson: text_cell(lesson, "happened")),
            Column("change", _("What changes"), lambda lesson: text_cell(lesson, "change")),
            Column("result", _("Result"), self.result_cell, "result__code"),
            Column("noted", _("Day"), attrgetter("noted_on"), "noted_on"),
        ]

    def result_cell(self, lesson: Lesson) -> Cell:
        if lesson.result is None:
            return Cell(_("The whole project"))
        return Cell(lesson.result.code, url=self.url("result", lesson.result.pk))

    def counted(self, total: int) -> str:
        return ngettext("%(total)s lesson", "%(total)s lessons", total) % {"total": number(total)}

    def empty(self) -> Empty:
        text = _("What the project learns from its work is listed here and shown in its report.")
        return Empty(_("No lesson yet."), text, icon=self.icon)


def lesson_cell(lesson: Lesson) -> Cell:
    url = lesson.get_absolute_url()
    return text_cell(lesson, "learned", url=url, chips=illustrative(lesson))
