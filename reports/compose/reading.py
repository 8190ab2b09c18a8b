"""Who reads a document: what that lets into it, and in which words."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db import models

from committees.models import Audience
from kernel.text import active_language, read, which_language
from projects.models import Activity, Project
from reports.models import Report

# Those for whom documents are made.
AUDIENCES = (
    Audience.DONOR.value,
    Audience.COMMITTEE.value,
    Audience.PARTNERS.value,
    Audience.COORDINATION.value,
)

# What a document for an audience may tell of: beside its own, what is public and what the whole
# committee heard (its register is open to partners and donor, see `committees.permissions`).
READS = {
    Audience.DONOR: {Audience.DONOR, Audience.COMMITTEE, Audience.PUBLIC},
    Audience.COMMITTEE: {Audience.COMMITTEE, Audience.PUBLIC},
    Audience.PARTNERS: {Audience.PARTNERS, Audience.COMMITTEE, Audience.PUBLIC},
    Audience.COORDINATION: set(Audience),
}

Said = dict[str, str]


@dataclass(frozen=True)
class Reading:
    """One document to be: of which report, in which language, for whom, known until when."""

    report: Report
    language: str
    audience: str
    as_of: date

    @property
    def project(self) -> Project:
        return self.report.project

    @property
    def is_internal(self) -> bool:
        return self.audience == Audience.COORDINATION

    @cached_property
    def audiences(self) -> set[str]:
        return {str(audience) for audience in READS[Audience(self.audience)]}

    def count_of_persons(self, count: int | None) -> str:
        """A number of persons at a place: outside the coordination the smallest are not told."""
        if count is None:
            return ""
        if 0 < count < Activity.FEWEST_TOLD and not self.is_internal:
            return f"< {Activity.FEWEST_TOLD}"
        return str(count)


def said(thing: models.Model | None, name: str) -> Said | None:
    """A text of three languages as it is read, and its language where it is another one."""
    text = read(thing, name) if thing else ""
    if not text:
        return None
    return in_language(text, which_language(thing, name))


def in_language(text: str, language: str) -> Said:
    return {"text": text, "lang": "" if language in ("", active_language()) else language}
