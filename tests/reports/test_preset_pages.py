"""Administrators change what reports are made of; coordinators look at it."""

import pytest
from django.urls import reverse

from reports.models import PresetSection, ReportPreset
from reports.presets import DEFAULT
from tests.reports.test_presets import RESULTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def preset(db):
    return ReportPreset.objects.get(key=DEFAULT)


@pytest.fixture
def administrator(client, world):
    client.force_login(world.people["administrator"])
    return world.people["administrator"]


def kinds(preset):
    return list(preset.sections.values_list("kind", flat=True))


def test_a_new_preset_begins_with_the_sections_of_another(client, administrator):
    source = ReportPreset.objects.get(key="eu-interim")

    answer = client.post(
        reverse("reports:preset-create"),
        {
            "name_fr": "Fonds d’essai",
            "title_fr": "Rapport d’essai",
            "type": "results",
            "is_offered": "on",
            "source": source.pk,
        },
    )

    made = ReportPreset.objects.get(name_fr="Fonds d’essai")
    assert answer.url == made.get_absolute_url()
    assert (made.key, made.type, kinds(made)) == ("", "results", kinds(source))
    assert made.sections.get(kind="context").label_es == "Descripción de la acción"


def test_a_section_is_named_required_moved_and_removed(client, administrator, preset):
    first, second = preset.sections.all()[:2]
    url = reverse("reports:preset-section", args=[preset.pk, second.pk])
    seen = client.get(url).context["form"]["seen"].value()

    client.post(url, {"label_fr": "Contexte du pays", "is_required": "", "seen": seen})
    client.post(reverse("reports:preset-section-up", args=[preset.pk, second.pk]))
    client.post(reverse("reports:preset-section-remove", args=[preset.pk, first.pk]))

    now = preset.sections.first()
    assert (now.kind, now.label_fr, now.is_required) == ("context", "Contexte du pays", False)
    assert "summary" not in kinds(preset)


def test_what_was_taken_out_can_be_added_again_and_comes_last(client, administrator, preset):
    preset.sections.filter(kind="lessons").delete()
    url = reverse("reports:preset-section-create", args=[preset.pk])

    offered = [kind for kind, _label in client.get(url).context["form"].fields["kind"].choices]
    client.post(url, {"kind": "lessons"})

    assert offered == ["lessons"]
    assert kinds(preset)[-1] == "lessons"
    assert client.get(url).url == preset.get_absolute_url()  # nothing is left to add


def test_sections_are_put_in_order_all_at_once(client, administrator, preset):
    keys = [section.pk for section in preset.sections.all()]

    client.post(
        reverse("reports:preset-order", args=[preset.pk]),
        {"row": [keys[2], "x", "9" * 30, *keys[:2]]},
    )

    found = [section.pk for section in preset.sections.all()]
    assert found == [keys[2], *keys[:2], *keys[3:]]


def test_of_two_who_edit_a_preset_the_second_is_told(client, administrator, preset):
    url = reverse("reports:preset-edit", args=[preset.pk])
    given = {"name_fr": "A", "title_fr": "B", "type": "combined", "is_offered": "on"}
    seen = client.get(url).context["form"]["seen"].value()

    client.post(url, given | {"seen": seen})
    second = client.post(url, given | {"name_fr": "C", "seen": seen})

    assert (
        "Somebody" in str(second.context["form"].non_field_errors())
        or second.context["form"].non_field_errors()
    )
    assert ReportPreset.objects.get(pk=preset.pk).name_fr == "A"


def test_one_that_came_with_the_portal_stays_and_one_of_ours_goes(client, administrator, preset):
    own = ReportPreset.objects.create(name_fr="À nous", title_fr="Rapport")
    PresetSection.objects.create(preset=own, kind="summary")

    client.post(reverse("reports:preset-delete", args=[preset.pk]))
    client.post(reverse("reports:preset-delete", args=[own.pk]))

    assert ReportPreset.objects.filter(pk=preset.pk).exists()
    assert not ReportPreset.objects.filter(pk=own.pk).exists()


def test_one_that_a_report_follows_is_not_deleted(client, administrator, report):
    own = ReportPreset.objects.create(name_fr="À nous", title_fr="Rapport")
    report.preset = own
    report.save()

    client.post(reverse("reports:preset-delete", args=[own.pk]))

    assert ReportPreset.objects.filter(pk=own.pk).exists()


def test_the_preview_shows_the_chapters_that_the_preset_would_give(client, administrator, report):
    other = ReportPreset.objects.get(key="gac-results")

    page = client.get(
        reverse("reports:preset-preview", args=[other.pk]),
        {"report": report.pk, "language": "en"},
    )

    found = [chapter["kind"] for chapter, _filled in page.context["chapters"]]
    assert found == RESULTS
    report.refresh_from_db()
    assert report.preset.key == DEFAULT


@pytest.mark.parametrize(
    ("role", "sees", "changes"),
    [
        ("administrator", 200, 200),
        ("coordinator", 200, 403),
        ("monitoring", 404, 404),
        ("partner", 404, 404),
        ("donor", 404, 404),
        ("outsider", 200, 403),  # who coordinates another project
    ],
)
def test_who_sees_and_who_changes(client, world, preset, role, sees, changes):
    client.force_login(world.people[role])

    found = [
        client.get(reverse("reports:presets")).status_code,
        client.get(preset.get_absolute_url()).status_code,
    ]

    assert found == [sees, sees]
    edit = client.get(reverse("reports:preset-edit", args=[preset.pk]))
    assert edit.status_code == changes
