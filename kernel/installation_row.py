"""Which installation this is: one row with an id that its media folder carries too, so that files are
never tidied up for a database to which they do not belong."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Installation(models.Model):
    ONLY_KEY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_KEY, editable=False)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="installation_is_one", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @classmethod
    def ours(cls) -> "Installation":
        """Return the only row. It is made where there is none yet."""
        return cls.objects.get_or_create(pk=cls.ONLY_KEY)[0]
