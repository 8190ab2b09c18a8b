"""The index of the search: which words occur in which thing, and what has to be written anew.

An entry holds no text but that of files, which cannot be read again on a page: what a result shows
is read from the thing itself, for its reader. The words are in a table of the engine
(`ibcr_portal.search.tables`), since PostgreSQL and SQLite keep them in their own way.
"""

from urllib.parse import parse_qsl

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models import Project


class SearchEntry(models.Model):
    """A thing, or a part of one: an item of minutes, a page of a document."""

    kind = models.CharField(max_length=20)  # `Kind.search`
    thing = models.BigIntegerField()
    part = models.BigIntegerField(default=0)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="+")
    day = models.DateField(null=True)
    state = models.CharField(max_length=30, blank=True, default="")
    text = models.TextField(blank=True, default="")  # of a file
    language = models.CharField(max_length=2, blank=True, default="")  # of that text

    class Meta:
        ordering = ["kind", "thing", "part"]
        verbose_name = _("entry of the search")
        verbose_name_plural = _("entries of the search")
        constraints = [
            models.UniqueConstraint(fields=["kind", "thing", "part"], name="searchentry_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing}/{self.part}"


class SearchChange(models.Model):
    """Says that a thing changed whose entries have to be written anew. Triggers add it in the
    transaction of the change (`ibcr_portal.migrations._initial_operations`); the thing is not found until then."""

    kind = models.CharField(max_length=20)
    thing = models.BigIntegerField()

    class Meta:
        verbose_name = _("change of the search")
        verbose_name_plural = _("changes of the search")
        indexes = [models.Index(fields=["kind", "thing"], name="searchchange_by_thing")]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing}"


class SavedSearch(models.Model):
    """A question with its filters that a person keeps. Nobody else sees it."""

    MOST = 12  # of a person

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    query = models.CharField(max_length=500)  # the part of the address with the question

    class Meta:
        ordering = ["pk"]
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        constraints = [
            models.UniqueConstraint(fields=["user", "query"], name="savedsearch_is_kept_once")
        ]

    def __str__(self) -> str:
        from ibcr_portal.kinds import label_in_search  # noqa: PLC0415  # the kinds know the models

        asked = dict(parse_qsl(self.query))
        label = label_in_search(asked.get("kind", ""))
        parts = (asked.get("q"), label, asked.get("project"), asked.get("year"))
        return " · ".join(part for part in parts if part)

    def get_absolute_url(self) -> str:
        return f"{reverse('search')}?{self.query}"
