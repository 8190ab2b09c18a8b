"""Whether somebody may answer about a thing at all, by a link or a message: apps above this one may know
a reason against it. They say so once, when they are loaded."""

from collections.abc import Callable

from django.db.models import Model

from accounts.models import User

# Returns the sentence that says why not, or nothing.
RefusalAbout = Callable[[User, Model], str]
_refusals: list[RefusalAbout] = []


def add_refusal(refusal: RefusalAbout) -> None:
    _refusals.append(refusal)


def refusal_about(person: User, thing: Model) -> str:
    return next((found for refusal in _refusals if (found := refusal(person, thing))), "")
