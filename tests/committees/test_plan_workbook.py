"""A plan goes out to Excel and comes back: what was changed is shown, and written once confirmed."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import Workbook, load_workbook

from committees.models import Action, ActionPlan, ActionTerms, PlanUpload
from committees.plans.services.cells import CellNames, columns_of, languages_of
from committees.plans.services.comparison import contents_of
from committees.plans.services.importing import read_import
from committees.plans.services.lifecycle import create_plan
from committees.plans.services.workbooks import workbook_of
from kernel.languages import working_in
from kernel.workbooks import HEADER, MAX_ROWS
from tests.factories import (
    ActionFactory,
    ActionTermsFactory,
    ActivityFactory,
    IndicatorFactory,
    InstitutionFactory,
    ParticipationFactory,
    PeriodFactory,
    ResultFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

ODD = [
    "Élaborer l’outil n° 1 – «\u00a0Ñandú\u00a0»",
    "=1+1",
    '=HYPERLINK("http://example.org"; "x")',
    "+5 ateliers",
    "-1",
    "@SUM(A1)",
    "Une ligne\net une autre",
    "x" * 300,
    "007",
    "1.10",
    "2020-01-01",
    "TRUE",
    "  autour  ",
    "a; b",
    "' apostrophe",
    "_x000D_",
    "🤝 & <b>",
]


@pytest.fixture
def world():
    world = World()
    world.terms.title_fr = "Former les inspectrices"
    world.terms.save()
    return world


def cells_of(content):
    """The visible sheet, with the number of its header row and its columns by name."""
    book = load_workbook(io.BytesIO(content))
    page = book["Plan"]
    head = next(row for row in range(1, 20) if page.cell(row, 1).value == HEADER)
    places = {page.cell(1, n).value: n for n in range(2, page.max_column + 1)}
    return book, page, head, places


def edited(content, *changes, book=None):
    """The workbook with cells changed: (row below the header, column, value)."""
    book, page, head, places = cells_of(content)
    for row, name, value in changes:
        page.cell(head + row, places[name]).value = value
    return saved(book)


def saved(book):
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read(plan, content):
    return read_import(ActionPlan.objects.get(pk=plan.pk), io.BytesIO(content))


def told(rows):
    return [
        (row.reference, [(one.column, one.old, one.new) for one in row.changes]) for row in rows
    ]


def give(client, plan, content, name="plan.xlsx"):
    url = reverse("committees:plan-workbook", args=[plan.pk])
    return client.post(url, {"file": SimpleUploadedFile(name, content)})


def confirm(client, plan, **chosen):
    url = reverse("committees:plan-workbook-check", args=[plan.pk])
    seen = client.get(url).context["found"].fingerprint
    return client.post(url, {"seen": seen, **chosen}, follow=True)


def refusal(client, plan, content, name="plan.xlsx"):
    """The sentence on the form; nothing may be kept."""
    before = contents_of(plan.terms.with_related())
    response = give(client, plan, content, name)
    with translation.override("en"):
        sentences = [
            str(each) for errors in response.context["form"].errors.values() for each in errors
        ]
    assert PlanUpload.objects.count() == 0
    assert contents_of(plan.terms.with_related()) == before
    return " ".join(sentences)


# There and back


@pytest.mark.parametrize(
    ("count", "language"), [(1, "fr"), (50, "fr"), (50, "es"), (50, "en"), (500, "fr")]
)
def test_a_workbook_that_nobody_edited_changes_nothing(world, count, language):
    plan = many_actions(world, count)
    with translation.override(language):
        content = workbook_of(plan)
    found = read(plan, content)

    assert len(found.rows) == count
    assert found.problems == []
    assert found.is_empty
    # As somebody's program saves it anew.
    assert read(plan, saved(load_workbook(io.BytesIO(content)))).is_empty


def many_actions(world, count, year=2):
    plan = create_plan(
        PeriodFactory(project=world.project, number=year), by=world.people["coordinator"]
    )
    responsible = [world.institutions["member"], world.institutions["partner"]]
    result = ResultFactory(project=world.project, statement_fr=ODD[0] + "; etc.")
    indicators = IndicatorFactory.create_batch(2, result=result)
    activity = ActivityFactory(project=world.project, title_fr=f"={year}+2")
    actions = Action.objects.bulk_create(
        Action(project=world.project, reference=f"{5 + year}.{n + 1}") for n in range(count)
    )
    terms = ActionTerms.objects.bulk_create(
        ActionTerms(
            plan=plan,
            action=action,
            title_fr=ODD[n % len(ODD)],
            title_es=ODD[(n + 3) % len(ODD)] if n % 2 else "",
            deliverable_fr=ODD[(n + 5) % len(ODD)] if n % 3 else "",
            starts_on=date(2020, 4, 1),
            ends_on=date(2020, 9, 30),
            responsible=responsible[n % 2],
            result=result if (n + 1) % 4 else None,
            activity=activity if (n + 1) % 5 else None,
            budget=[None, Decimal("0"), Decimal("1234.56"), Decimal("99999999.99")][n % 4],
        )
        for n, action in enumerate(actions)
    )
    for n, one in enumerate(terms[:60]):
        one.supporting.set(responsible[: (n + 2) % 3])
        one.indicators.set(indicators[: (n + 2) % 3])
    return plan


def test_texts_are_written_as_texts_and_never_as_formulas(world):
    for number, text in enumerate(ODD):
        action = ActionFactory(project=world.project, reference=f"8.{number}")
        ActionTermsFactory(
            plan=world.plan, action=action, title_fr=text, responsible=world.institutions["member"]
        )
    _book, page, head, places = cells_of(workbook_of(world.plan))

    found = {
        page.cell(row, places["reference"]).value: page.cell(row, places["title_fr"])
        for row in range(head + 1, page.max_row + 1)
    }
    for number, text in enumerate(ODD):
        cell = found[f"8.{number}"]
        assert cell.value == text
        assert cell.data_type == "s"
        assert bool(cell.quotePrefix) == (text[0] in "=+-@")


def test_the_sheet_is_made_for_people(world):
    with translation.override("es"):
        book, page, head, places = cells_of(workbook_of(world.plan))

    assert [one.title for one in book.worksheets if one.sheet_state == "visible"] == ["Plan"]
    assert page.freeze_panes == f"D{head + 1}"
    assert page.row_dimensions[1].hidden
    assert page.column_dimensions["A"].hidden
    assert page.cell(head + 1, places["starts_on"]).value.date() == date(2019, 6, 1)
    kinds = {rule.type for rule in page.data_validations.dataValidation}
    lists = {
        str(rule.sqref).split(":")[0].rstrip("0123456789")
        for rule in page.data_validations.dataValidation
        if rule.type == "list"
    }
    letters = {
        page.cell(head, places[name]).column_letter
        for name in ("responsible", "result", "activity", "state")
    }
    assert kinds == {"list", "date"}
    assert letters - lists <= {page.cell(head, places["activity"]).column_letter}


# What was changed


def test_the_preview_tells_changed_added_and_removed_rows_field_by_field(world):
    gone = ActionTermsFactory(
        plan=world.plan,
        action=ActionFactory(project=world.project, reference="9.9"),
        responsible=world.institutions["partner"],
    )
    other = ResultFactory(project=world.project, code="1200", statement_fr="Autre")
    book, page, head, places = cells_of(workbook_of(world.plan))
    first, partner = head + 1, str(world.institutions["partner"])
    for name, value in (
        ("title_fr", "Former 40 inspectrices"),
        ("ends_on", date(2019, 10, 31)),
        ("result", "1200 · Autre"),
        ("supporting", partner),
        ("indicators", "1100.1"),
        ("budget", 1500.5),
    ):
        page.cell(first, places[name]).value = value
    page.delete_rows(head + 2)
    for name, value in (
        ("title_fr", "Nouvelle"),
        ("starts_on", date(2019, 7, 1)),
        ("ends_on", "2019-08-01"),
        ("responsible", partner.lower()),
    ):
        page.cell(head + 2, places[name]).value = value

    found = read(world.plan, saved(book))

    assert found.problems == []
    assert told(found.changed) == [
        (
            world.action.reference,
            [
                ("title_fr", "Former les inspectrices", "Former 40 inspectrices"),
                ("result", "1100 · Énoncé 1100", "1200 · Autre"),
                ("ends_on", date(2019, 9, 30), date(2019, 10, 31)),
                ("supporting", "", partner),
                ("indicators", "", "1100.1"),
                ("budget", None, Decimal("1500.50")),
            ],
        )
    ]
    assert other in ResultFactory._meta.model.objects.all()
    assert [(row.title, row.reference) for row in found.added] == [("Nouvelle", "")]
    assert [row.reference for row in found.removed] == [gone.action.reference]


def test_nothing_is_written_before_it_is_confirmed_and_then_all_of_it(client, world):
    client.force_login(world.people["coordinator"])
    content = edited(
        workbook_of(world.plan),
        (1, "ends_on", date(2019, 10, 31)),
        (1, "supporting", str(world.institutions["partner"])),
        (2, "title_fr", "=Nouvelle"),
        (2, "starts_on", date(2019, 7, 1)),
        (2, "ends_on", date(2019, 8, 1)),
        (2, "responsible", str(world.institutions["partner"])),
        (2, "result", "1100 · Énoncé 1100"),
    )

    given = give(client, world.plan, content)
    assert given.url == reverse("committees:plan-workbook-check", args=[world.plan.pk])
    assert world.plan.terms.count() == 1
    confirm(client, world.plan)

    terms = {one.title_fr: one for one in world.plan.terms.with_related()}
    assert set(terms) == {"Former les inspectrices", "=Nouvelle"}
    assert terms["Former les inspectrices"].ends_on == date(2019, 10, 31)
    assert set(terms["Former les inspectrices"].supporting.all()) == {world.institutions["partner"]}
    assert terms["=Nouvelle"].result == world.result
    assert terms["=Nouvelle"].action.reference == "1.{}".format(
        int(world.action.reference.split(".")[1]) + 1
    ) or terms["=Nouvelle"].action.reference.startswith("1.")
    assert PlanUpload.objects.count() == 0


def test_deleting_a_row_takes_the_action_out(client, world):
    ActionTermsFactory(plan=world.plan, responsible=world.institutions["partner"])
    book, page, head, places = cells_of(workbook_of(world.plan))
    gone = page.cell(head + 1, places["reference"]).value
    page.delete_rows(head + 1)
    client.force_login(world.people["coordinator"])

    give(client, world.plan, saved(book))
    confirm(client, world.plan)

    assert gone not in [one.action.reference for one in world.plan.terms.select_related("action")]
    assert world.plan.terms.count() == 1


def test_a_discarded_workbook_changes_nothing(client, world):
    client.force_login(world.people["coordinator"])
    give(client, world.plan, edited(workbook_of(world.plan), (1, "title_fr", "Autre")))

    client.post(reverse("committees:plan-workbook-discard", args=[world.plan.pk]))

    assert PlanUpload.objects.count() == 0
    world.terms.refresh_from_db()
    assert world.terms.title_fr == "Former les inspectrices"


def test_columns_and_rows_may_be_moved(world):
    ActionTermsFactory(plan=world.plan, responsible=world.institutions["partner"])
    book, page, head, places = cells_of(workbook_of(world.plan))
    two = [[page.cell(head + n, c).value for c in range(1, 30)] for n in (1, 2)]
    for n, values in zip((2, 1), two, strict=True):
        for column, value in enumerate(values, start=1):
            page.cell(head + n, column).value = value
    for row in range(1, head + 3):
        a, b = page.cell(row, places["starts_on"]), page.cell(row, places["budget"])
        a.value, b.value = b.value, a.value

    found = read(world.plan, saved(book))

    assert (found.problems, found.is_empty) == ([], True)


# Both sides


def test_what_the_plan_changed_meanwhile_is_kept(client, world):
    content = edited(workbook_of(world.plan), (1, "ends_on", date(2019, 10, 31)))
    ActionTerms.objects.filter(pk=world.terms.pk).update(title_fr="Changé en ligne")
    client.force_login(world.people["coordinator"])

    give(client, world.plan, content)
    confirm(client, world.plan)

    world.terms.refresh_from_db()
    assert (world.terms.title_fr, world.terms.ends_on) == ("Changé en ligne", date(2019, 10, 31))


@pytest.mark.parametrize(
    ("take", "kept"), [({}, "Changé en ligne"), ({"take_conflicts": "on"}, "Changé dans Excel")]
)
def test_a_cell_that_both_changed_is_a_conflict(client, world, take, kept):
    content = edited(workbook_of(world.plan), (1, "title_fr", "Changé dans Excel"))
    ActionTerms.objects.filter(pk=world.terms.pk).update(title_fr="Changé en ligne")
    client.force_login(world.people["coordinator"])
    give(client, world.plan, content)

    page = client.get(reverse("committees:plan-workbook-check", args=[world.plan.pk]))
    [row] = page.context["found"].changed
    assert [(one.column, one.now) for one in row.conflicts] == [("title_fr", "Changé en ligne")]
    assert "Changed on both sides" in page.content.decode()
    confirm(client, world.plan, **take)

    world.terms.refresh_from_db()
    assert world.terms.title_fr == kept


def test_a_removed_row_that_the_plan_changed_is_a_conflict(client, world):
    ActionTermsFactory(plan=world.plan, responsible=world.institutions["partner"])
    book, page, head, places = cells_of(workbook_of(world.plan))
    rows = {page.cell(head + n, places["reference"]).value: head + n for n in (1, 2)}
    page.delete_rows(rows[world.action.reference])
    ActionTerms.objects.filter(pk=world.terms.pk).update(title_fr="Changé en ligne")
    client.force_login(world.people["coordinator"])

    give(client, world.plan, saved(book))
    confirm(client, world.plan)

    assert world.plan.terms.count() == 2


def test_an_action_added_meanwhile_is_not_taken_for_a_removed_one(world):
    content = workbook_of(world.plan)
    ActionTermsFactory(plan=world.plan, responsible=world.institutions["partner"])

    assert read(world.plan, content).is_empty


def test_what_changes_between_looking_and_confirming_is_told(client, world):
    client.force_login(world.people["coordinator"])
    give(client, world.plan, edited(workbook_of(world.plan), (1, "title_fr", "Changé dans Excel")))
    url = reverse("committees:plan-workbook-check", args=[world.plan.pk])
    seen = client.get(url).context["found"].fingerprint
    ActionTerms.objects.filter(pk=world.terms.pk).update(title_fr="Changé en ligne")

    page = client.post(url, {"seen": seen}, follow=True)

    assert "look at the changes again" in page.content.decode()
    world.terms.refresh_from_db()
    assert world.terms.title_fr == "Changé en ligne"


def test_the_same_workbook_is_confirmed_once(client, world):
    client.force_login(world.people["coordinator"])
    content = edited(
        workbook_of(world.plan),
        (2, "title_fr", "Nouvelle"),
        (2, "starts_on", date(2019, 7, 1)),
        (2, "ends_on", date(2019, 8, 1)),
        (2, "responsible", str(world.institutions["partner"])),
    )
    give(client, world.plan, content)
    confirm(client, world.plan)
    url = reverse("committees:plan-workbook-check", args=[world.plan.pk])

    again = client.post(url, {"seen": "x"}, follow=True)

    assert "No workbook is waiting here" in again.content.decode()
    assert world.plan.terms.count() == 2


# Cells that cannot be taken


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("starts_on", "demain", "is not a date"),
        ("starts_on", None, "The date is missing"),
        ("ends_on", date(2019, 1, 1), "ends before it starts"),
        ("ends_on", date(2031, 1, 1), "The project runs from"),
        ("ends_on", "=TODAY()", "contains a formula"),
        ("budget", "beaucoup", "number"),
        ("budget", -5, "less than zero"),
        ("budget", "=A1*2", "contains a formula"),
        ("budget", 10**15, "digits"),
        ("responsible", "Institution d’ailleurs", "not in this project"),
        ("responsible", None, "which institution is responsible"),
        ("supporting", "Inconnue; autre", "not in this project"),
        ("result", "9999 · Rien", "not in this project"),
        ("title_fr", "x" * 301, "at most 300"),
        ("state", "Presque fini", "not a state"),
        ("state", "Done", "while a plan with this action is in execution"),
        ("reference", "4.4", "of an action cannot change"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_marked_and_explained(world, column, value, sentence):
    found = read(world.plan, edited(workbook_of(world.plan), (1, column, value)))

    marks = found.rows[0].marks
    assert sentence in " ".join(marks.values())
    assert list(marks) == [column]


def test_a_title_in_no_language_is_marked_where_it_is_asked_for_first(world):
    found = read(world.plan, edited(workbook_of(world.plan), (1, "title_fr", None)))

    assert found.rows[0].marks == {"title_en": "Fill in at least one language."}


def test_a_project_is_asked_for_titles_in_its_own_languages(world):
    world.project.languages = ["es"]
    with working_in(world.project):
        asked = [one.name for one in columns_of(CellNames(world.plan), languages_of([]))]
        written = languages_of(world.plan.terms.all())

    assert [name for name in asked if name[:5] == "title"] == ["title_es"]
    assert written == ["es", "fr"]


def test_a_workbook_without_the_column_of_a_language_says_nothing_of_it(world):
    ActionTerms.objects.update(title_es="Talleres")
    with working_in(SimpleNamespace(languages=["fr"])):
        ActionTerms.objects.update(title_es="")
        content = workbook_of(world.plan)
    ActionTerms.objects.update(title_es="Talleres")

    found = read(world.plan, edited(content, (1, "title_fr", "Atelier")))

    assert [one.column for one in found.changed[0].changes] == ["title_fr"]
    assert found.problems == []


def test_problems_come_back_as_the_same_workbook(client, world):
    client.force_login(world.people["coordinator"])
    content = edited(
        workbook_of(world.plan), (1, "starts_on", "demain"), (1, "title_fr", "=Mon titre")
    )
    give(client, world.plan, content)
    check = client.get(reverse("committees:plan-workbook-check", args=[world.plan.pk]))

    marked = client.get(reverse("committees:plan-workbook-problems", args=[world.plan.pk]))
    _book, page, head, places = cells_of(marked.content)

    assert 'id="problems"' in check.content.decode()
    assert "Save these changes" not in check.content.decode()
    cell = page.cell(head + 1, places["starts_on"])
    assert (cell.value, "is not a date" in cell.comment.text) == ("demain", True)
    assert cell.fill.fgColor.rgb == "FFFFD9D6"
    assert page.cell(head + 1, places["title_fr"]).data_type == "s"
    # Mended, it is taken.
    mended = edited(marked.content, (1, "starts_on", date(2019, 6, 2)))
    assert told(read(world.plan, mended).changed)[0][1][1][0] == "starts_on"


def test_a_workbook_with_problems_is_not_written(client, world):
    client.force_login(world.people["coordinator"])
    give(
        client,
        world.plan,
        edited(workbook_of(world.plan), (1, "starts_on", "demain"), (1, "title_fr", "Autre")),
    )

    page = confirm(client, world.plan)

    assert "Some cells cannot be accepted: correct" in page.content.decode()
    world.terms.refresh_from_db()
    assert world.terms.title_fr == "Former les inspectrices"


def test_a_new_row_with_a_used_reference_is_marked(world):
    content = edited(
        workbook_of(world.plan),
        (2, "reference", world.action.reference),
        (2, "title_fr", "Nouvelle"),
        (2, "starts_on", date(2019, 7, 1)),
        (2, "ends_on", date(2019, 8, 1)),
        (2, "responsible", str(world.institutions["partner"])),
    )

    assert list(read(world.plan, content).rows[1].marks) == ["reference"]


def test_two_institutions_of_one_name_are_told_apart(world):
    twins = [InstitutionFactory(), InstitutionFactory()]
    for twin in twins:
        name = twin.names.get()
        name.name_fr, name.acronym = "Jumelle", "J"
        name.save()
        ParticipationFactory(project=world.project, institution=twin)
    world.terms.responsible = twins[1]
    world.terms.save()
    content = workbook_of(world.plan)

    assert read(world.plan, content).is_empty
    found = read(world.plan, edited(content, (1, "supporting", "J")))
    assert "There is more than one" in found.rows[0].marks["supporting"]


# Hidden keys


@pytest.mark.parametrize("key", ["x", "1", "eyJwbGFuIjoxfQ:1abc:def", "=1+1", 12])
def test_a_changed_key_is_told(world, key):
    book, page, head, _places = cells_of(workbook_of(world.plan))
    page.cell(head + 1, 1).value = key

    found = read(world.plan, saved(book))

    assert "hidden key of this row was changed" in found.rows[0].marks[""]


def test_a_copied_row_is_told(world):
    book, page, head, _places = cells_of(workbook_of(world.plan))
    for column in range(1, 30):
        page.cell(head + 2, column).value = page.cell(head + 1, column).value

    found = read(world.plan, saved(book))

    assert f"copy of row {head + 1}" in found.rows[1].marks[""]


def test_cells_of_another_plan_are_told(client, world):
    other = many_actions(world, 1)
    mine, theirs = workbook_of(world.plan), workbook_of(other)
    book, page, head, _places = cells_of(mine)
    _book, foreign, head_there, _places = cells_of(theirs)
    page.cell(head + 2, 1).value = foreign.cell(head_there + 1, 1).value
    page.cell(head + 2, 3).value = "Copiée"
    client.force_login(world.people["coordinator"])

    assert "copied from another plan" in read(world.plan, saved(book)).rows[1].marks[""]
    assert "belongs to another plan or version" in refusal(client, world.plan, theirs)


def test_an_action_that_is_gone_is_told_where_the_workbook_changed_it(world):
    content = workbook_of(world.plan)
    changed = edited(content, (1, "title_fr", "Autre"))
    world.terms.delete()

    assert read(world.plan, content).problems == []
    assert "removed from the plan in the meantime" in read(world.plan, changed).rows[0].marks[""]


# Hostile files


def without_column(content):
    book, page, _head, places = cells_of(content)
    page.delete_cols(places["ends_on"])
    return saved(book)


def merged(content):
    book, page, head, _places = cells_of(content)
    page.merge_cells(start_row=head + 1, start_column=3, end_row=head + 1, end_column=4)
    return saved(book)


def endless(content):
    book, page, head, places = cells_of(content)
    for row in range(head + 2, head + MAX_ROWS + 200):
        page.cell(row, places["title_fr"]).value = "x"
    return saved(book)


def with_part(content, name, part):
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, part)
    return written.getvalue()


def bomb(content):
    return with_part(content, "xl/worksheets/sheet9.xml", b"<x>" + b" " * 60_000_000)


def entities(content):
    part = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    return with_part(content, "xl/worksheets/sheet9.xml", part)


def rewritten_first_row(content):
    book, page, _head, _places = cells_of(content)
    page.delete_rows(1)
    return saved(book)


def headless(content):
    book, page, head, _places = cells_of(content)
    page.cell(head, 1).value = None
    return saved(book)


def somebody_elses(_content):
    book = Workbook()
    book.active.append(["Action", "Date"])
    return saved(book)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without_column, "Columns are missing: End"),
        (merged, "are merged"),
        (endless, "more than 2000 rows"),
        (bomb, "unpacks to far more"),
        (entities, "not written by a spreadsheet"),
        (rewritten_first_row, "hidden first row"),
        (headless, "header row of this workbook is missing"),
        (somebody_elses, "hidden first row"),
        (lambda content: with_part(content, "xl/workbook.xml", b"<w/>"), "cannot be read"),
        (lambda content: with_part(content, "xl/vbaProject.bin", b"x"), "contains macros"),
        (lambda content: content[:2000], "damaged"),
        (lambda _content: b"%PDF-1.7\n1 0 obj\n%%EOF\n", "not what its name says"),
        (
            lambda _content: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
            "password-protected or in the old format: save it",
        ),
        (lambda _content: b"", "empty"),
    ],
)
def test_a_hostile_file_gets_a_sentence_and_leaves_nothing(client, world, change, sentence):
    client.force_login(world.people["coordinator"])

    assert sentence in refusal(client, world.plan, change(workbook_of(world.plan)))


def test_only_a_workbook_without_macros_is_taken(client, world):
    client.force_login(world.people["coordinator"])
    content = workbook_of(world.plan)

    assert "not accepted" in refusal(client, world.plan, content, "plan.xlsm")
    assert "not accepted" in refusal(client, world.plan, content, "plan.pdf")


# Who and when


@pytest.mark.parametrize("role", ["monitoring", "member", "partner"])
def test_only_the_coordination_has_the_workbook(client, world, role):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_review", review_until=timezone.localdate()
    )
    client.force_login(world.people[role])

    for name in ("plan-workbook", "plan-workbook-download", "plan-workbook-check"):
        url = reverse(f"committees:{name}", args=[world.plan.pk])
        assert client.get(url).status_code == 403


def test_a_workbook_is_seen_by_who_gave_it_alone(client, world):
    client.force_login(world.people["coordinator"])
    give(client, world.plan, edited(workbook_of(world.plan), (1, "title_fr", "Autre")))
    client.force_login(world.people["administrator"])

    page = client.get(reverse("committees:plan-workbook-check", args=[world.plan.pk]), follow=True)

    assert "No workbook is waiting here" in page.content.decode()


def test_terms_that_stand_are_downloaded_and_not_given_back(client, world):
    content = workbook_of(world.plan)
    ActionPlan.objects.filter(pk=world.plan.pk).update(status="presented")
    client.force_login(world.people["coordinator"])
    url = reverse("committees:plan-workbook-download", args=[world.plan.pk])

    assert client.get(url).status_code == 200
    assert "before the committee" in refusal(client, world.plan, content)


def test_a_state_is_noted_where_the_action_is_followed(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_execution", validated_by=world.decision
    )
    second = create_plan(world.year, by=world.people["coordinator"])
    client.force_login(world.people["coordinator"])

    give(client, second, edited(workbook_of(second), (1, "state", "Done")))
    confirm(client, second)

    world.action.refresh_from_db()
    assert (world.action.status, world.action.share_done) == ("done", 100)


def test_reading_asks_the_same_for_any_number_of_rows(world, django_assert_max_num_queries):
    counts = []
    for count in (1, 30):
        plan = many_actions(world, count, year=count + 1)
        content = workbook_of(plan)
        plan = ActionPlan.objects.with_related().get(pk=plan.pk)

        with django_assert_max_num_queries(14) as statements:
            read_import(plan, io.BytesIO(content))
        counts.append(len(statements))

    few, many = counts
    assert many <= few
