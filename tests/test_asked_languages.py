"""A project that works in Spanish and English asks nobody for French: every page of `tests/forms.csv`
on which something new is entered, as its reader opens it in Spanish."""

import pytest
from lxml import html

from accounts.models import User
from projects.models import Project
from tests.test_access import Scene, addresses
from tests.test_forms import table
from tests.test_twice import opened

pytestmark = [pytest.mark.deep(part="access"), pytest.mark.django_db]

WORKING = ["es", "en"]


@pytest.fixture
def scene(organisation):
    organisation.languages = WORKING
    scene = Scene()
    Project.objects.update(languages=WORKING)
    User.objects.update(language="es")
    scene.called_with = {name: scene.arguments(name, taken) for name, taken in addresses()}
    return scene


def french_in(page) -> list[str]:
    """What asks for French: a box of it that holds nothing, and the word itself. Lists in which a
    language is chosen name all of them."""
    found = [
        name
        for form in page.forms
        for name in form.fields
        if name.endswith("_fr") and not form[name].value()
    ]
    main = page.page.find(".//main")
    for choice in main.xpath(".//select | .//*[@id='div_id_report_languages']"):
        choice.drop_tree()
    words = main.text_content()
    return found + [word for word in ("francés", "French", "français") if word in words]


def first_boxes(page) -> dict[str, str]:
    """The language of the first box of each name."""
    boxes = [form.boxes for form in page.forms if hasattr(form, "boxes")]
    return {name: columns[0][-2:] for each in boxes for name, columns in each.items()}


def test_no_page_asks_for_french(scene):
    wrong, seen, names = {}, 0, {}
    for address, row in table().items():
        page = opened(scene, address) if row["kind"] == "create" else None
        if page is None:
            continue
        seen += 1
        names |= first_boxes(page)
        if found := french_in(page):
            wrong[address] = found

    assert wrong == {}
    assert seen > 60
    assert len(names) > 15
    assert set(names.values()) == {"es"}


def test_a_page_that_asks_for_french_is_found():
    content = (
        "<main><label>Título (francés)</label><select><option>francés</option></select></main>"
    )

    class Page:
        page = html.document_fromstring(content)
        forms = ()

    assert french_in(Page) == ["francés"]
