"""The obligations that a person sees, as the pages read them."""

from ibcr_portal.obligations.writing import Chosen, Obligations, write_changed
from projects.models import Project


def obligations_of(reader):
    """All of them, also what is done."""
    found = Obligations(reader)
    return found.shown([*found.rows(Chosen()), *found.rows(Chosen(state="done"))])


def mine(found):
    return [due for due in found if due.is_theirs and not due.done]


def write_all():
    """Write what changed, as the worker does on its next round: so that statements are counted as
    of a page that is read after it."""
    write_changed(Project.objects.all(), 1000)
