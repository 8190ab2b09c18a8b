"""The things that agenda items and resolutions are about: links of the evidence chain."""

import functools
import operator
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from committees.models.action import Action
from committees.models.agenda import AgendaItem
from committees.models.minutes import Minutes
from committees.models.plan import ActionPlan
from committees.models.resolution import Resolution
from kernel.text import columns_of
from projects.models import Activity, Amendment, CallForProposals, Indicator, Result, Risk

Thing = TypeVar("Thing", bound=models.Model)
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


def one_thing(
    model: type[Thing], related_name: str = "subjects"
) -> models.ForeignKey[Thing | None, Thing | None]:
    """Return a reference to things of one kind. A thing with links cannot be deleted: its links
    would vanish without anybody noticing."""
    return models.ForeignKey(
        model, on_delete=models.PROTECT, null=True, blank=True, related_name=related_name
    )


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
    def with_things(self) -> Self:
        """Read the things as well, with a statement for each kind that occurs."""
        return self.prefetch_related(
            *(
                Prefetch(name, _things_of(name).select_related(*READ_WITH.get(name, ("project",))))
                for name in THINGS
            )
        )

    def with_things_shown(self) -> Self:
        """Read of the things only what a line of links shows of them."""
        return self.prefetch_related(*(Prefetch(name, _things_shown(name)) for name in THINGS))


def _things_of(name: str) -> models.QuerySet[Any]:
    model: Any = Subject._meta.get_field(name).related_model
    things: models.QuerySet[Any] = model.objects.order_by()
    return things


def _things_shown(name: str) -> models.QuerySet[Any]:
    related = {column.rpartition("__")[0] for column in SHOWN[name]} - {""}
    return _things_of(name).select_related(*related).only(*SHOWN[name])


class Subject(models.Model):
    """A link of the evidence chain: an agenda item or a resolution is about one thing."""

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
    result = one_thing(Result)
    indicator = one_thing(Indicator)
    activity = one_thing(Activity)
    action = one_thing(Action)
    plan = one_thing(ActionPlan)
    amendment = one_thing(Amendment)
    risk = one_thing(Risk)
    minutes = one_thing(Minutes)
    # A resolution of an earlier meeting, which is taken up again.
    earlier = one_thing(Resolution, "taken_up")
    call = one_thing(CallForProposals)
    # Whether the thing was drafted with the resolution, as the amendment of an extension is.
    is_drafted = models.BooleanField(default=False, db_default=False, editable=False)

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
