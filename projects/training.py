"""A project for training publishes nothing: who publishes something of a project asks here first. That
it sends no message either is decided where all are written (`accounts.mail`, `is_for_training`)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.models import Project


def refuse_in_training(project: Project) -> None:
    """Raises ValidationError."""
    if project.training:
        raise ValidationError(
            _(
                "This project is for training: nothing of it is published. Take the mark away on its "
                "page “Edit” first, if it has become a real one."
            )
        )
