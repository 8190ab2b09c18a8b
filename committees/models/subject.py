"""The things that agenda items and resolutions are about: links of the evidence chain."""

import functools
import operator
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from committees.models.action import Action
from committees.models.agenda import AgendaItem
from committees.models.minutes import Minutes
from committees.models.plan import ActionPlan
from committees.models.resolution import Resolution
from kernel.prepared import Question, prepared
from kernel.related import share
from kernel.text import columns_of
from kernel.together import ask_together
from projects.models import Activity, Amendment, CallForProposals, Indicator, Result, Risk

LinkedThing = (
    Result
    | Indicator
    | Activity
    | Action
    | ActionPlan
    | Amendment
    | Risk
    | Minutes
    | Resolution
    | CallForProposals
)
# The field that leads to each kind, in the order of the union above.
THINGS = (
    "result",
    "indicator",
    "activity",
    "action",
    "plan",
    "amendment",
    "risk",
    "minutes",
    "earlier",
    "call",
)


def exactly_one(names: tuple[str, ...]) -> Q:
    """The condition that one of these references is set and the others are not."""
    choices = [Q(**{f"{name}__isnull": name != chosen for name in names}) for chosen in names]
    return functools.reduce(operator.or_, choices)


# What is read with each kind; the others with their project alone.
READ_WITH = {
    "indicator": ("result__project",),
    "plan": ("project", "period"),
    "minutes": ("meeting__committee__project",),
    "earlier": ("committee__project",),
}


# What a line of links shows of each kind, and what its address needs.
SHOWN = {
    "result": ("code", "project__code"),
    "indicator": ("code", "result__project__code"),
    "activity": (*columns_of("title"), "project__code"),
    "action": ("reference",),
    "plan": ("version", "period__number"),
    "amendment": ("number", "status", "project__code"),
    "risk": ("number", "project__code"),
    "minutes": ("meeting__number", *columns_of("meeting__committee__minutes_name")),
    "earlier": ("kind", "number"),
    "call": (*columns_of("title"), "status", "project__code"),
}


class SubjectQuerySet(models.QuerySet["Subject"]):
    reads_things = False

    def with_things(self) -> Self:
        """Read the things as well, in one statement."""
        rows = self.all()
        rows.reads_things = True
        return rows

    def _clone(self) -> Self:
        rows: Self = super()._clone()  # type: ignore[misc]  # the stubs leave it out
        rows.reads_things = self.reads_things
        return rows

    def _fetch_all(self) -> None:
        are_new = self._result_cache is None
        super()._fetch_all()
        if are_new and self.reads_things:
            ThingsAsked(self._result_cache or [], whole=True).share()


class ThingsAsked:
    """Asks for the things of links: a question for each kind that occurs; whole, or only what a
    line of links shows of them."""

    def __init__(self, subjects: Iterable["Subject"], *, whole: bool = False) -> None:
        self._by_kind: dict[str, list[Subject]] = defaultdict(list)
        for subject in subjects:
            self._by_kind[subject.name].append(subject)
        self.questions: tuple[Question[Any], ...] = tuple(
            _things.question(name, whole, sorted({getattr(row, f"{name}_id") for row in rows}))
            for name, rows in self._by_kind.items()
        )

    def share(self) -> None:
        """Give each link its thing."""
        ask_together(*self.questions)
        for question, (name, rows) in zip(self.questions, self._by_kind.items(), strict=True):
            share(rows, name, {thing.pk: thing for thing in question.rows})


@prepared
def _things(name: str, whole: bool, keys: list[int]) -> models.QuerySet[Any]:
    model: Any = Subject._meta.get_field(name).related_model
    things: models.QuerySet[Any] = model.objects.filter(pk__in=keys).order_by()
    if whole:
        return things.select_related(*READ_WITH.get(name, ("project",)))
    related = {column.rpartition("__")[0] for column in SHOWN[name]} - {""}
    return things.select_related(*related).only(*SHOWN[name])


class Subject(models.Model):
    """A link of the evidence chain: an agenda item or a resolution is about one thing.

    A thing with links cannot be deleted: its links would vanish without anybody noticing.
    """

    THINGS = THINGS

    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )
    resolution = models.ForeignKey(
        Resolution,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )
    result = models.ForeignKey(
        Result, on_delete=models.PROTECT, null=True, blank=True, related_name="subjects"
    )
    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    activity = models.ForeignKey(
        Activity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    action = models.ForeignKey(
        "Action",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    plan = models.ForeignKey(
        "ActionPlan",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    amendment = models.ForeignKey(
        Amendment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    risk = models.ForeignKey(
        Risk, on_delete=models.PROTECT, null=True, blank=True, related_name="subjects"
    )

    minutes = models.ForeignKey(
        Minutes,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    # A resolution of an earlier meeting, which is taken up again.
    earlier = models.ForeignKey(
        Resolution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="taken_up",
    )
    call = models.ForeignKey(
        CallForProposals,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )

    objects = SubjectQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")
        constraints = [
            models.CheckConstraint(
                name="subject_of_one_item_or_resolution",
                condition=exactly_one(("agenda_item", "resolution")),
            ),
            models.CheckConstraint(
                name="subject_is_one_thing",
                condition=exactly_one(THINGS),
            ),
        ]

    def __str__(self) -> str:
        return str(self.thing)

    @staticmethod
    def field_for(thing: LinkedThing) -> str:
        """The field that leads to things of this kind."""
        name = str(thing._meta.model_name)
        return {"actionplan": "plan", "resolution": "earlier"}.get(name, name)

    @property
    def name(self) -> str:
        """The field that leads to the thing."""
        return next(name for name in self.THINGS if getattr(self, f"{name}_id"))

    @property
    def thing(self) -> LinkedThing:
        thing: LinkedThing = getattr(self, self.name)
        return thing

    @property
    def owner(self) -> AgendaItem | Resolution:
        """The agenda item or the resolution that is about the thing."""
        if self.agenda_item:
            return self.agenda_item
        assert self.resolution is not None  # constraint subject_of_one_item_or_resolution
        return self.resolution

    @property
    def kind(self) -> str:
        return str(self.thing._meta.verbose_name)

    @property
    def label(self) -> str:
        """A label short enough for a line of links: “Result 1300”, “Action plan, year 2, version
        2”."""
        if coded := self.result or self.indicator:
            return f"{self.kind.capitalize()} {coded.code}"
        return str(self.thing)

    @property
    def note(self) -> str:
        """The status of an amendment: one that is recommended is not approved yet."""
        return self.amendment.get_status_display() if self.amendment else ""
