"""What is recorded in projects, stored as it happens, so that a page reads what is new for a person
in one statement.

A row holds keys, moments and an audience: no name, no title and no text. Who reads it is decided when
it is read (`ibcr_portal.news.rights`).
"""

from typing import Any

from django.db import models

from committees.models import (
    ActionPlan,
    AgendaItem,
    Meeting,
    Minutes,
    Resolution,
)
from partners.models import Institution
from projects.models import Project
from reports.models import Report


class NewsKind(models.IntegerChoices):
    """Never change a number: the triggers write it."""

    PROPOSAL = 1
    SETTLED_PROPOSAL = 2
    POSITION = 3
    REMARK = 4
    REPLY = 5
    CONVENED = 6
    CANCELLED = 7
    AGENDA_ITEM = 8
    CIRCULATED = 9
    ADOPTED = 10
    INVITATION = 11
    DOCUMENT = 12
    COMMENT = 13
    COMMENT_ANSWERED = 14
    RECOMMENDATION = 15
    VALUE = 16
    APPROVED_VALUE = 17
    REPORT_REMARK = 18
    REPORT_REMARK_ANSWERED = 19
    RESOLVED = 20
    PUBLISHED = 21
    ACCEPTED = 22


def _reference(model: type[models.Model], *, null: bool = True) -> Any:
    """Refer to a row that may be gone: a release that does not know this table deletes it too."""
    loose: dict[str, Any] = {"db_constraint": False, "db_index": False, "related_name": "+"}
    return models.ForeignKey(model, models.DO_NOTHING, null=null, **loose)


class NewsItem(models.Model):
    """Something that was recorded. Triggers write it in the transaction of the change
    (`ibcr_portal.migrations._news_operations`), whichever release or command makes that."""

    kind = models.PositiveSmallIntegerField(choices=NewsKind)
    thing = models.BigIntegerField()  # the key of what was recorded; each counts once
    at = models.DateTimeField()
    by_key = models.BigIntegerField(null=True)  # of a person; none: the portal, or somebody by link
    project = _reference(Project, null=False)
    place = models.BigIntegerField()  # the key of that to whose page the news lead
    # By whose states it is decided who reads it, as far as a kind has them.
    plan = _reference(ActionPlan)
    meeting = _reference(Meeting)
    item = _reference(AgendaItem)
    minutes = _reference(Minutes)
    resolution = _reference(Resolution)
    report = _reference(Report)
    # Of an answer or a document: by whom, and for whom; of a remark on a report its origin.
    institution = _reference(Institution)
    audience = models.CharField(max_length=20)

    class Meta:
        indexes = [
            models.Index(fields=["project", "at"], name="newsitem_of_a_project"),
            models.Index(fields=["kind", "thing"], name="newsitem_of_a_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing}"
