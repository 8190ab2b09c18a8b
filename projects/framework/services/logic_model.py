"""Changes the logic model: moves and renumbers results, and keeps approved versions.

Every change of the tree locks the row of the project, so that the second of two changes sees the
first.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, F, Max, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from accounts.models import User
from projects.framework.comparison import compare
from projects.framework.numbering import NewCode, NoCodeLeft, fingerprint, renumbering
from projects.framework.outline import content_of
from projects.framework.tree import Node, logic_model, result_order
from projects.models import Activity, Indicator, LogicModelVersion, Project, Result


def lock_tree(project: Project) -> Project:
    """Lock the tree of results until the transaction ends."""
    return Project.objects.select_for_update().get(pk=project.pk)


def outline_of(project: Project) -> list[Node]:
    """Return the tree of results with their indicators, without any values."""
    return logic_model(project, [])


def last_place(result: Result) -> int:
    """Return the position after its siblings; 0 if nobody has moved them, so that codes order
    them."""
    last = _siblings(result).exclude(pk=result.pk).aggregate(last=Max("position"))["last"]
    return last + 1 if last else 0


def _siblings(result: Result) -> QuerySet[Result]:
    same = Result.objects.filter(project=result.project_id, level=result.level)
    return same.filter(parent=result.parent_id)


@transaction.atomic
def shift(result: Result, *, by_places: int) -> bool:
    """Move a result up (-1) or down (1) among its siblings; return False if it is at the end."""
    lock_tree(result.project)
    siblings = sorted(_siblings(result), key=result_order)
    place = [each.pk for each in siblings].index(result.pk)
    goal = place + by_places
    if not 0 <= goal < len(siblings):
        return False
    siblings.insert(goal, siblings.pop(place))
    for position, each in enumerate(siblings, 1):
        if each.position != position:
            each.position = position
            each.save(update_fields=["position"])
    return True


@transaction.atomic
def renumber(project: Project, *, seen: str) -> list[NewCode]:
    """Give every result its customary code, as previewed; codes of indicators and activities
    follow.

    `seen`: the fingerprint of the preview. Raises ValidationError if the tree has changed since, or
    if the donor's numbering has too few codes.
    """
    project = lock_tree(project)
    changes = preview(project)
    if fingerprint(changes) != seen:
        raise ValidationError(
            _("Somebody has changed the tree in the meantime. This is what would be done now.")
        )
    for model in (Result, Indicator, Activity):
        _write([each for each in changes if isinstance(each.thing, model)], model)
    return changes


def preview(project: Project) -> list[NewCode]:
    """Return the changes that a renumbering would make. Raises ValidationError."""
    try:
        activities = project.activities.exclude(code="").order_by("code")
        return renumbering(project.donor_preset, outline_of(project), activities)
    except NoCodeLeft as error:
        raise ValidationError(
            _(
                "The numbering of %(preset)s has no more codes for “%(levels)s” below "
                "%(code)s. Assign these codes by hand."
            )
            % {
                "preset": project.donor_preset.name,
                "levels": error.level.names,
                "code": error.parent_code or _("the top"),
            }
        ) from error


def _write(changes: list[NewCode], model: type[Result | Indicator | Activity]) -> None:
    """Write the new codes. Codes are unique and two rows may swap theirs, so all rows get a
    temporary code first."""
    rows = model.objects.filter(pk__in=[each.thing.pk for each in changes])
    rows.update(code=Concat(Value("~"), Cast(F("pk"), CharField())))
    for each in changes:
        each.thing.code = each.new
        each.thing.save(update_fields=["code"])


@transaction.atomic
def approve_logic_model(version: LogicModelVersion, *, by: User | None) -> LogicModelVersion:
    """Keep the present tree as the next version. Raises ValidationError if there is no result yet,
    or if nothing differs from the version before."""
    project = lock_tree(version.project)
    tree = outline_of(project)
    if not tree:
        raise ValidationError(_("There is no result to approve yet."))
    latest = project.logic_versions.first()
    version.number = latest.number + 1 if latest else 1
    version.content = content_of(project, tree)
    if latest and not compare(latest.outline, version.content):
        message = _("Nothing has changed since: %(version)s.")
        raise ValidationError(message % {"version": latest})
    version.recorded_by = by
    version.full_clean(exclude=["content"])
    version.save()
    return version
