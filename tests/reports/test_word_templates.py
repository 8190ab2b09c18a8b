"""A report in the donor's own Word file: who gives templates, who takes the report in them, and what
it says."""

import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import translation
from docx import Document

from accounts.models import AccessEvent
from kernel.files import check_upload
from reports.compose import compose
from reports.compose.blocks import words_of as line_of
from reports.forms.reports import WordTemplateForm
from reports.frozen import DOCUMENT
from reports.models import ReportPreset, Section, WordTemplate
from reports.presets import DEFAULT
from reports.services.steps import sign_off, submit_report
from reports.word_fields import LISTS, field_groups, field_schema
from reports.word_template import SOURCES, fields_of
from tests.factories import RecommendationFactory, RiskFactory, RiskRatingFactory, SectionFactory
from tests.reports.conftest import SIGNED_ON
from tests.reports.word_files import table_of, upload, word_file, words_of
from tests.sending import sent_form

pytestmark = pytest.mark.django_db

ROWS = [
    ["Indicateur", "Cible", "Réel"],
    ["{%tr for row in indicators %}", "", ""],
    ["{{ row.code }} {{ row.name }}", "{{ row.target }}", "{{ row.actual }}"],
    ["{%tr endfor %}", "", ""],
]
FORM = word_file(
    "{{ report_title }} – {{ report_name }}",
    "{{ donor }} / {{ period }} / {{ version }} / {{ audience }}",
    "{%p for line in paragraphs.summary %}",
    "§ {{ line }}",
    "{%p endfor %}",
    "{{ narrative.context }}",
    rows=ROWS,
    head="{{ project_code }}",
)


@pytest.fixture
def preset(db):
    return ReportPreset.objects.get(key=DEFAULT)


@pytest.fixture
def administrator(client, world):
    client.force_login(world.people["administrator"])
    return world.people["administrator"]


def keep(preset, by, content=FORM, name="Formulaire", language=""):
    template = WordTemplate(preset=preset, name=name, language=language)
    checked = check_upload(upload(content), allowed=("docx",), max_bytes=WordTemplate.MAX_BYTES)
    template.take_file(checked, by=by)
    template.save()
    return template


@pytest.fixture
def template(world, preset):
    return keep(preset, world.people["administrator"])


def content_of(template):
    with template.file.open() as file:
        return file.read()


def filled(client, report, template, audience="donor", language="fr"):
    address = reverse("reports:template", args=[report.pk, template.pk])
    return client.get(address, {"audience": audience, "language": language})


# Giving templates


def add(client, preset, content, name="modele.docx", **fields):
    url = reverse("reports:preset-template-create", args=[preset.pk])
    return client.post(
        url, {"name": "Formulaire", "language": "", "upload": upload(content, name), **fields}
    )


def test_an_administrator_gives_a_template(client, administrator, preset):
    answer = add(client, preset, FORM, language="fr")

    template = WordTemplate.objects.get()
    assert answer.url == preset.get_absolute_url()
    assert (template.preset, template.added_by) == (preset, administrator)
    assert (template.name, template.language) == ("Formulaire", "fr")
    assert "modele" not in template.file.name
    page = client.get(preset.get_absolute_url()).content.decode()
    assert template.get_absolute_url() in page
    kept = client.get(template.get_absolute_url())
    assert b"".join(kept.streaming_content) == FORM


def test_a_template_of_the_evening_has_the_day_of_its_reader(client, administrator, template):
    WordTemplate.objects.update(uploaded_at=datetime(2020, 5, 2, 3, 0, tzinfo=UTC))

    page = client.get(template.preset.get_absolute_url()).content.decode()

    assert "uploaded on May 1, 2020" in page


def test_a_refused_template_is_not_kept_and_its_fields_are_named(client, administrator, preset):
    with translation.override("en"):
        answer = add(client, preset, word_file("{{ tittle }} {{ donnor }}"))

    errors = answer.context["form"].errors["upload"]
    assert len(errors) == 1
    assert "tittle" in errors[0]
    assert "donnor" in errors[0]
    assert not WordTemplate.objects.exists()


def test_two_templates_of_a_preset_do_not_have_the_same_name(
    client, administrator, preset, template
):
    answer = add(client, preset, FORM)

    assert answer.context["form"].errors
    assert WordTemplate.objects.count() == 1


def test_another_file_takes_the_place_of_the_first(
    client, administrator, preset, template, django_capture_on_commit_callbacks
):
    old, storage = template.file.name, template.file.storage
    url = reverse("reports:preset-template-edit", args=[preset.pk, template.pk])

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"name": "Autre", "language": "", "upload": upload(word_file("Neuf"))})

    template.refresh_from_db()
    assert template.name == "Autre"
    assert words_of(content_of(template)).strip() == "Neuf"
    assert not storage.exists(old)


def test_who_is_refused_by_somebody_quicker_keeps_the_file_before(
    world, preset, template, django_capture_on_commit_callbacks
):
    by, storage, old = template.added_by, template.file.storage, template.file.name
    form = sent_form(
        WordTemplateForm,
        {"name": "Autre", "language": ""},
        {"upload": upload(word_file("{{ donor }}"))},
        instance=WordTemplate.objects.get(),
        by=by,
    )
    assert form.is_valid(), form.errors
    keep(preset, by, name="Autre")

    with django_capture_on_commit_callbacks(execute=True):
        assert not form.save_or_explain()

    assert storage.exists(old)
    assert WordTemplate.objects.get(name="Formulaire").file.name == old


def test_a_template_is_renamed_without_another_file(client, administrator, preset, template):
    url = reverse("reports:preset-template-edit", args=[preset.pk, template.pk])

    client.post(url, {"name": "Autre", "language": "es"})

    template.refresh_from_db()
    assert (template.name, template.language) == ("Autre", "es")
    assert content_of(template) == FORM


def test_a_removed_template_goes_with_its_file(
    client, administrator, preset, template, django_capture_on_commit_callbacks
):
    url = reverse("reports:preset-template-remove", args=[preset.pk, template.pk])

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url)

    assert not WordTemplate.objects.exists()
    assert not template.file.storage.exists(template.file.name)


def test_a_template_belongs_to_its_preset(client, administrator, template):
    other = ReportPreset.objects.get(key="eu-interim")

    for name in ("preset-template", "preset-template-edit"):
        url = reverse(f"reports:{name}", args=[other.pk, template.pk])
        assert client.get(url).status_code == 404


def test_every_field_that_there_is_is_listed(client, administrator, preset):
    page = client.get(reverse("reports:preset-template-create", args=[preset.pk]))

    told = page.content.decode()
    for name, each in field_schema().items():
        if each == "":
            assert f"{{{{ {name} }}}}" in told
        elif isinstance(each, list):
            assert f'<code lang="en">{name}</code>' in told
    assert all(about for group in field_groups() for _field, about in group.texts)
    assert {*SOURCES, "identification", "chapters", "figures", "photographs"} == {*LISTS}


@pytest.mark.parametrize("language", ["fr", "es", "en"])
def test_the_example_is_a_template_that_passes(client, world, administrator, preset, language):
    type(administrator).objects.filter(pk=administrator.pk).update(language=language)

    example = client.get(reverse("reports:preset-template-example", args=[preset.pk])).content

    assert add(client, preset, example).status_code == 302
    assert "{{ report_title }}" in words_of(example)


# Taking a report


def test_the_form_is_filled_from_the_report(client, world, report, template):
    Section.objects.filter(report=report, kind="summary").update(
        text="Une **première** année.\n\n- un\n- deux"
    )
    client.force_login(world.people["coordinator"])

    content = filled(client, report, template).content

    told = words_of(content)
    for words in ("§ Une première année.", "§ un", "§ deux", "Le contexte a changé."):
        assert words in told.splitlines()
    assert Document(io.BytesIO(content)).sections[0].header.paragraphs[0].text == (
        world.project.code
    )
    assert told.splitlines()[0] == "BROUILLON"
    head, row = table_of(content)
    assert head == ROWS[0]
    assert row[1:] == ["120", "134"]
    assert row[0].startswith(world.indicator.code)


def test_of_a_signed_report_it_says_what_was_signed(client, world, submitted, template):
    Section.objects.filter(report=submitted, kind="summary").update(text="Écrit après coup.")
    client.force_login(world.people["donor"])

    told = words_of(filled(client, submitted, template).content)

    assert "§ Une première année utile." in told
    assert "Écrit après coup." not in told
    assert "BROUILLON" not in told
    event = AccessEvent.objects.about(submitted).get(kind=AccessEvent.Kind.DOWNLOAD)
    assert (event.details["format"], event.details["template"]) == ("docx", template.pk)


def test_a_template_of_one_language_is_filled_in_it(client, world, report, preset):
    template = keep(preset, world.people["administrator"], language="en")
    client.force_login(world.people["coordinator"])

    told = words_of(filled(client, report, template, language="fr").content)

    assert "The context changed." in told
    assert "Le contexte a changé." not in told


@pytest.mark.parametrize(
    ("role", "draft", "shown"),
    [("coordinator", 200, 200), ("donor", 404, 200), ("partner", 404, 404), ("outsider", 404, 404)],
)
def test_who_takes_it(client, world, report, template, role, draft, shown):
    client.force_login(world.people[role])
    assert filled(client, report, template).status_code == draft

    report.take("review", by=world.people["coordinator"])
    sign_off(report, by=world.people["monitoring"], on=SIGNED_ON)
    submit_report(report, by=world.people["coordinator"])
    assert filled(client, report, template).status_code == shown


def test_nobody_takes_it_for_readers_to_whom_they_do_not_belong(client, world, submitted, template):
    client.force_login(world.people["donor"])

    answer = filled(client, submitted, template, audience="coordination")

    assert answer.status_code == 302
    assert not AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD).exists()


def test_only_templates_of_its_preset_are_offered(client, world, report, template):
    other = keep(ReportPreset.objects.get(key="eu-interim"), world.people["administrator"])
    client.force_login(world.people["coordinator"])

    page = client.get(report.get_absolute_url()).content.decode()

    assert reverse("reports:template", args=[report.pk, template.pk]) in page
    assert reverse("reports:template", args=[report.pk, other.pk]) not in page
    assert filled(client, report, other).status_code == 404


def test_a_donor_gets_nothing_that_is_not_theirs(client, world, report, preset):
    """Everything that a template can take, of a report with a secret in a reserved item."""
    template = keep(preset, world.people["administrator"], content=everything())
    type(world.item).objects.filter(pk=world.item.pk).update(audience="coordination")
    RecommendationFactory(agenda_item=world.item, number="2020-R9", text_fr="S3CR3T")
    client.force_login(world.people["coordinator"])

    donor = words_of(filled(client, report, template, audience="donor").content)
    inside = words_of(filled(client, report, template, audience="coordination").content)

    assert "S3CR3T" in inside
    assert "S3CR3T" not in donor


def everything():
    """A template with every field that there is."""
    lines = []
    for name, each in field_schema().items():
        if name == "formatted":
            lines += [f"{{{{p {name}.{part} }}}}" for part in each]
        elif isinstance(each, dict):
            lines += _one_line_each(name, each)
        elif isinstance(each, list):
            lines += _loop("row", name, each[0])
        else:
            lines.append(f"{{{{ {name} }}}}")
    return word_file(*lines)


def _one_line_each(name, each):
    for part, kind in each.items():
        is_list = isinstance(kind, list)
        yield from _loop("one", f"{name}.{part}", kind[0]) if is_list else [_written(name, part)]


def _written(name, part):
    return f"{{{{ {name}.{part} }}}}"


def _loop(row, name, kind):
    inside = _one_line_each(row, kind) if kind else [f"{{{{ {row} }}}}"]
    return [f"{{%p for {row} in {name} %}}", *inside, "{%p endfor %}"]


def test_what_the_report_says_is_never_a_template(client, world, report, template):
    words = "{{ 7*7 }} {% for x in y %} <w:p> & 👩🏾‍🤝‍👩🏻"
    Section.objects.filter(report=report, kind="context").update(text=f"`{words}` \x0c\x07")
    client.force_login(world.people["coordinator"])

    assert words in words_of(filled(client, report, template).content)


def test_a_template_that_cannot_be_filled_any_more_says_why(client, world, report, preset):
    template = keep(preset, world.people["administrator"], content=word_file("{{ gone }}"))
    client.force_login(world.people["coordinator"])

    answer = filled(client, report, template)

    assert answer.url.startswith(report.get_absolute_url())
    (message,) = [str(each) for each in client.get(answer.url).context["messages"]]
    assert "gone" in message
    assert not AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD).exists()


# What the lists hold


@pytest.fixture
def fields(world, report):
    risk = RiskFactory(project=world.project)
    RiskRatingFactory(risk=risk, rated_on=SIGNED_ON)
    document = compose(report, language="en", audience="donor", as_of=SIGNED_ON)
    return fields_of(document, is_draft=True)


def test_the_lists_have_rows_with_all_their_parts(world, fields):
    names = field_schema()
    for name in ("outcomes", "indicators", "activities", "actions", "risks", "meetings"):
        assert fields[name], name
    for name in (*SOURCES, "chapters", "identification", "figures"):
        for row in fields[name]:
            assert not {*names[name][0]} - {*row}, name


def test_rows_say_what_the_tables_say(world, fields):
    (indicator,) = [row for row in fields["indicators"] if row["actual"] == "134"]
    (activity,) = fields["activities"]

    assert indicator["code"] == world.indicator.code
    assert indicator["result"] == world.result.code
    assert indicator["baseline"]
    assert (activity["participants"], activity["women"]) == ("35", "20 women")
    assert fields["decisions"][0]["number"] == world.decision.number
    assert fields["recommendations"][0]["number"] == "2020-R1"
    assert fields["chapters"][0]["paragraphs"] == fields["paragraphs"]["summary"]
    assert fields["donor"]
    assert fields["draft"] == "Draft"


def test_a_template_shows_what_stands_within_a_chapter_and_on_a_result(world, report):
    SectionFactory(report=report, kind="gender", text="Plus de **femmes**.")
    SectionFactory(report=report, kind="progress", result=world.result, text="Mieux.")
    document = compose(report, language="fr", audience="donor", as_of=SIGNED_ON)

    found = fields_of(document, is_draft=True)

    assert found["narrative"]["gender"] == "Plus de femmes."
    assert found["narrative"]["environment"] == ""
    (outcome,) = (row for row in found["outcomes"] if row["code"] == "1100")
    assert (outcome["text"], len(outcome["indicators"])) == ("Mieux.", 1)


def test_facts_without_keys_are_known_by_their_labels(report):
    document = compose(report, language="es", audience="donor", as_of=SIGNED_ON)
    known = fields_of(document, is_draft=False)
    del document["format"]
    for row in document["facts"]:
        del row["key"]
    for block in [*document["acronyms"], *(b for c in document["chapters"] for b in c["blocks"])]:
        for cell in (each for row in block.get("rows", []) for each in row.get("cells", [])):
            cell["small"] = [line_of(line) for line in cell["small"]]  # as they were then

    assert fields_of(DOCUMENT.read(document), is_draft=False) == known
