"""The sizes of synthetic projects, and their years."""

from dataclasses import dataclass
from datetime import date

FIRST_DAY = date(2019, 4, 1)
YEARS = 3
REPORTED = 2  # the year reported on: with one before and one to come
PHOTO = (4000, 3000)  # as a telephone takes it


@dataclass(frozen=True)
class Size:
    """The number of things of each kind; of outcomes and outputs, below each one of the level
    above."""

    name: str
    intermediate: int = 2
    immediate: int = 1
    outputs: int = 1
    indicators: int = 8
    activities: int = 8
    actions: int = 20
    categories: int = 4
    expenditures: int = 30
    risks: int = 4
    seats: int = 8
    meetings: int = 2  # a year
    resolutions: int = 3  # a meeting
    amendments: int = 1
    paragraphs: int = 3  # of each written section
    photos: int = 0
    broken_down: bool = True


SIZES = {
    size.name: size
    for size in (
        Size(
            "XS",
            indicators=5,
            activities=5,
            actions=8,
            expenditures=12,
            risks=2,
            seats=10,
            meetings=5,
            paragraphs=1,
        ),
        Size("S", actions=14, paragraphs=1, photos=2),
        Size(
            "M",
            intermediate=3,
            immediate=2,
            outputs=2,
            indicators=60,
            activities=25,
            actions=250,
            categories=8,
            expenditures=400,
            risks=12,
            seats=14,
            meetings=4,
            resolutions=4,
            amendments=3,
            paragraphs=2,
            photos=6,
        ),
        Size(
            "L",
            intermediate=4,
            immediate=3,
            outputs=3,
            indicators=200,
            activities=160,
            actions=450,
            categories=12,
            expenditures=2000,
            risks=40,
            seats=24,
            meetings=8,
            resolutions=8,
            amendments=8,
            paragraphs=5,
            photos=18,
        ),
    )
}
