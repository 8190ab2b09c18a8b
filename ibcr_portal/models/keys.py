"""With which keys the data of this database were written, by ids that open nothing."""

from django.db import models
from django.utils import timezone


class KnownKey(models.Model):
    """The id of a key when it was used first. Under another one the access log counts as forged, or
    second factors cannot be read."""

    name = models.CharField(max_length=40, primary_key=True)
    key_id = models.CharField(max_length=16)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} {self.key_id}"
