"""The kinds of records of institutions."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from kernel.contents import Content, in_each_language, merged, translated, typed
from kernel.kinds import Kind
from partners.models import Contact, Institution


def _institution(row: Institution) -> Iterator[Content]:
    names = row.names.all()
    found = [merged(translated(name, "name"), in_each_language(name.acronym)) for name in names]
    yield Content(merged(*found), is_name=True)


def _person(row: Contact) -> Iterator[Content]:
    yield Content(in_each_language(row.full_name), typed(row.title), is_name=True)


KINDS = (
    Kind(
        model=Institution,
        project="",
        prefetched=("names",),
        search="institution",
        words=_institution,
    ),
    Kind(
        model=Contact,
        project="",
        related=("institution",),
        prefetched=("institution__names",),
        page="institution",
        place=lambda row: [row.institution],
        search="person",
        found_as=_("Person"),
        words=_person,
    ),
)
