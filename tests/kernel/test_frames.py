"""Room for the frames of deep calls."""

import resource
from concurrent.futures import ThreadPoolExecutor

from kernel.frames import with_room


def deep(depth):
    return deep(depth - 1) if depth else 0


def back_and_forth(depth):
    """Calls at each depth, and so across the end of each piece of frames."""
    return depth and back_and_forth(depth - 1) + sum(deep(3) for _again in range(200))


def page_faults():
    back_and_forth(400)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    back_and_forth(400)
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def test_calls_do_not_ask_the_system_for_memory_again_and_again():
    with ThreadPoolExecutor(1) as thread:
        without, with_it = (
            thread.submit(each).result() for each in (page_faults, with_room(page_faults))
        )

    assert with_it < 200 < without
