"""Room for the frames of deep calls.

Python keeps its frames in pieces of 16 KB, and asks the system for a new piece and gives it back
each time that calls go back and forth across the end of one. A template with hundreds of rows does
so thousands of times, which takes longer than the rows themselves.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def with_room(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Call the function from a frame that is large: it makes Python ask for a megabyte, of which
    half is left for what the function calls."""

    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return function(*args, **kwargs)

    call.__code__ = call.__code__.replace(co_stacksize=70_000)
    return call
