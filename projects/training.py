"""A project for training publishes nothing: who publishes something of a project asks here first. That
it sends no message either is decided where all are written (`accounts.mail`, `is_for_training`)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.models import CallForProposals, Project


def refuse_training(project: Project) -> None:
    """Raises ValidationError for a project that is real: its messages would no longer be sent, and what
    it published would disappear."""
    convened = Project.objects.filter(pk=project.pk, committee__meetings__convened_on__isnull=False)
    hidden = (CallForProposals.Status.DRAFT, CallForProposals.Status.CANCELLED)
    published = CallForProposals.objects.filter(project=project).exclude(status__in=hidden)
    if convened.exists() or published.exists() or project.iati_publications.exists():
        raise ValidationError(
            _(
                "People were invited to a meeting of this project, or something from it "
                "was published, so it is a real one. Enter another project for training."
            )
        )


def hold_training(project: Project) -> None:
    """Let nobody set or remove the mark before this transaction ends: a meeting is convened with or
    without e-mail, and the project is then real or for training, as it says."""
    held = Project.objects.select_for_update(no_key=True).only("training").get(pk=project.pk)
    project.training = held.training


def refuse_in_training(project: Project) -> None:
    """Raises ValidationError."""
    if project.training:
        raise ValidationError(
            _(
                "This project is for training: nothing from it is published. If it has "
                "become a real project, first remove the mark on its “Edit” page."
            )
        )
