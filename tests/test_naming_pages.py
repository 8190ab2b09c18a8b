"""No page and no file names an institution to somebody who may not know it: every address, as every
role, in a project in which that institution does everything.

Documents have a search of their own: `tests/reports/test_leaks.py`.
"""

import re

import pytest

from committees.minutes.services.text import in_all_languages
from committees.models import Attendance, Minutes
from tests.factories import SeatFactory, say
from tests.reports.leaks.documents import words_of_file
from tests.test_access import Scene, address_for, addresses, close, table

pytestmark = pytest.mark.django_db

# So long that no token of a form and no compressed file contains them by chance.
NAME, ACRONYM, LABEL = "Zyqfemmes unies", "ZYQFUNIES", "Zyqsiegeant"
SECRET = re.compile("zyqfemmes|zyqfunies|zyqsiegeant", re.IGNORECASE)
OUTSIDE = {"monitoring", "finance", "reader", "member", "donor", "embassy", "panel", "outsider"}
ENDINGS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "x.xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "x.docx",
}


class HidingScene(Scene):
    """The scene with a partner that hides, and holds a seat of the committee too."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = self.institutions["partner"]
        self.hidden.names.update(name_fr=NAME, name_es=NAME, name_en=NAME, acronym=ACRONYM)
        seat = SeatFactory(committee=self.committee, institution=self.hidden, label_fr=LABEL)
        Attendance.objects.create(meeting=self.meeting, seat=seat, presence="online")
        Attendance.objects.create(
            meeting=self.meeting, institution=self.hidden, guest_name="Invité 01", presence="online"
        )
        self.indicator.responsible = self.hidden
        self.indicator.save()
        self.terms.supporting.add(self.hidden)
        self.activity.partners.add(self.hidden)
        self.risk.owner = self.hidden
        self.risk.save()
        Minutes.objects.filter(pk=self.minutes.pk).update(content=in_all_languages(self.minutes))


def named_to(scene: Scene, roles: set[str]) -> set[tuple[str, str]]:
    """Return where one of these roles reads the name, among the addresses that open for it."""
    found = set()
    expected = table()
    for name, converters in addresses():
        for role in roles:
            if expected.get((name, "GET"), {}).get(role) != "yes":
                continue
            url = address_for(name, scene.arguments(name, converters), role)
            response = scene.clients[role].get(url)
            if SECRET.search(words_of(response)):
                found.add((name, role))
            close(response)
    return found


def words_of(response) -> str:
    content = b"".join(response) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if kind in ENDINGS and content != b"x":  # a file of the scene that was never filled
        return words_of_file(ENDINGS[kind], content)
    return content.decode("utf-8", "replace")


@pytest.mark.deep(part="leaks")
@pytest.mark.parametrize(
    ("audiences", "facts", "outside"),
    [
        ([], {}, OUTSIDE | {"visitor"}),
        (["committee", "partners", "donor"], {"excludes_state": True}, {"member", "visitor"}),
        (["donor"], {}, {"member", "panel", "outsider", "visitor"}),
    ],
)
def test_no_page_names_who_hides_from_its_reader(audiences, facts, outside):
    scene = HidingScene()
    say(scene.hidden, *audiences, **facts)

    assert named_to(scene, outside) == set()


@pytest.mark.deep(part="leaks")
def test_the_coordination_and_the_institution_read_the_name():
    """Otherwise the test above could pass because nothing is named at all."""
    scene = HidingScene()
    say(scene.hidden)

    found = named_to(scene, {"coordinator", "partner"})
    assert len([name for name, role in found if role == "coordinator"]) >= 40
    assert len([name for name, role in found if role == "partner"]) >= 20
