"""Documents in which something may no longer be read: found, superseded, destroyed, and who had
downloaded them. The people of this world read English."""

from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.made_files import made_files
from accounts.models import AccessEvent, Hold
from kernel.jobs import Job, LostLease
from kernel.text import LANGUAGES
from reports.frozen import DOCUMENT
from reports.models import About, Archive, DocumentKind, Rendition, Report, SharedLink, Snapshot
from reports.services.naming import (
    destroy_files,
    downloaders,
    renditions_that_name,
    renditions_that_show,
    supersede,
)
from reports.services.producing import log_download
from reports.services.requesting import data_of, joined_by, record_download, request_rendition
from reports.services.steps import publish_report, submit_report
from reports.services.sweeping import sweep_files
from reports.verifying import found_as, found_under
from tests.factories import EvidenceFactory
from tests.reports.shelves import ready_file, sign_plainly

pytestmark = pytest.mark.django_db

NAME = "Colectiva Ñandutí"
TEXT = f"El taller de la {NAME.upper()} fue en Tela. Colectiva Ñandutíes es otra."


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def saying(text, **more):
    return DOCUMENT.numbered(
        {
            "kind": "annual_report",
            "title": "Informe",
            "as_of": "2020-09-30",
            "facts": [{"key": "country", "label": "País", "value": text}],
            "chapters": [],
            "blocks": [],
            **more,
        }
    )


@pytest.fixture
def published(world, report):
    report.take("review", by=world.people["coordinator"])
    sign_plainly(report, by=world.people["monitoring"], on=date(2020, 9, 30), document=saying(TEXT))
    submit_report(report, by=world.people["coordinator"])
    publish_report(report, by=world.people["coordinator"])
    Rendition.objects.filter(snapshot=report.snapshot).delete()  # queued by the two steps
    return report


@pytest.fixture
def file(published):
    return ready_file(published.snapshot, "es", "donor")


def day_document(world, text=TEXT, audience="committee"):
    """A document that is not final, such as an agenda."""
    data = {audience: {"es": saying(text, kind="agenda")}}
    return ready_file(
        Snapshot.keep(About(world.meeting, DocumentKind.AGENDA), data), "es", audience
    )


def fresh(rendition):
    return Rendition.objects.select_related("snapshot").get(pk=rendition.pk)


# Finding


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ([NAME], True),
        (["colectiva nanduti"], True),  # neither case nor accents
        (["Colectiva   Ñandutí"], True),
        (["Ñandut"], False),  # no whole word
        (["Otra persona", "Tela"], True),
        (["", " "], False),
    ],
)
def test_documents_are_found_by_whole_words(world, file, words, is_found):
    agenda = day_document(world, "Nadie.")

    assert list(renditions_that_name(words)) == [file] * is_found
    assert list(renditions_that_name(words, project=world.neighbour)) == []
    assert agenda not in renditions_that_name(words)


def test_documents_without_a_file_are_not_found(published, file):
    lost = ready_file(published.snapshot, "fr")
    Rendition.objects.filter(pk=lost.pk).update(state=Job.State.FAILED, file="")

    assert list(renditions_that_name([NAME])) == [file]


# Superseding


def test_a_published_file_gives_place_to_one_without_the_words(client, world, published, file):
    earlier = published.snapshot
    link, _token = SharedLink.issue(
        file, label="Donor", expires_at=timezone.now(), by=world.people["coordinator"]
    )

    assert supersede(renditions_that_name([NAME]), "naming", words=[NAME]) == [file]

    published.refresh_from_db()
    file, link = fresh(file), SharedLink.objects.get(pk=link.pk)
    successor = file.replaced_by
    assert published.snapshot != earlier
    assert (successor.snapshot, successor.language, successor.audience, successor.state) == (
        published.snapshot,
        "es",
        "donor",
        Job.State.QUEUED,
    )
    for document in successor.snapshot.data["donor"].values():
        assert "Colectiva Ñandutíes" in document["facts"][0]["value"]
        assert "COLECTIVA" not in document["facts"][0]["value"]
    assert link.rendition == successor
    assert default_storage.exists(file.file.name)
    earlier.refresh_from_db()
    assert earlier.is_whole
    assert (file.is_superseded, file.is_destroyed, file.superseded_for) == (True, False, "naming")


def test_what_the_rule_leaves_as_it_is_remains(world, file):
    assert supersede(renditions_that_name([NAME]), "naming") == []
    assert not fresh(file).is_superseded


def test_a_document_of_the_day_is_deleted_and_asked_for_again(
    world, django_capture_on_commit_callbacks
):
    document = day_document(world)

    with django_capture_on_commit_callbacks(execute=True):
        supersede(renditions_that_name([NAME]), "naming", words=[NAME])
    sweep_files()

    document = fresh(document)
    assert document.is_destroyed
    assert (document.snapshot.data, default_storage.exists(document.file.name or "x")) == (
        {},
        False,
    )
    assert document.replaced_by.snapshot.data["committee"]["es"]["kind"] == "agenda"


def test_a_document_under_a_hold_is_superseded_but_kept(world, django_capture_on_commit_callbacks):
    document = day_document(world)
    administrator = world.people["administrator"]
    Hold(reason="Audit.", placed_by=administrator, thing=world.project).save()
    archive = Archive.objects.create(project=world.project, user=administrator, language="es")

    with django_capture_on_commit_callbacks(execute=True):
        supersede(renditions_that_name([NAME]), "naming", words=[NAME])

    document = fresh(document)
    assert (document.is_superseded, document.is_destroyed) == (True, False)
    assert default_storage.exists(document.file.name)
    assert document.snapshot.data
    assert document.replaced_by.is_superseded is False
    assert Archive.objects.filter(pk=archive.pk).exists()


@pytest.mark.parametrize("act", [supersede, destroy_files])
def test_what_is_being_made_gives_way(world, published, act):
    making = request_rendition(
        About(published), language="es", audience="donor", by=world.people["coordinator"]
    )
    claimed = Rendition.objects.claim(making.pk, lease=timedelta(minutes=1))

    assert act(renditions_that_name([NAME]), "naming", words=[NAME]) == []

    successor = Rendition.objects.get(pk=joined_by(making.pk))
    assert successor.state == Job.State.QUEUED
    assert successor.requests.get().user == world.people["coordinator"]
    with pytest.raises(LostLease):
        claimed.finish()


def test_a_photograph_without_consent_gives_place_to_a_sentence(world, published):
    photo = EvidenceFactory(activity__project=world.project, consent="written")
    picture = {"type": "picture", "evidence": photo.pk, "sha256": photo.sha256, "text": NAME}
    data = {"committee": {"es": saying("", kind="plan", blocks=[picture])}}
    snapshot = Snapshot.keep(About(world.plan, DocumentKind.PLAN), data, is_final=True)
    file = ready_file(snapshot, "es", "committee")
    shown = renditions_that_show(photo.pk, project=world.project)
    assert list(shown) == [file]
    assert supersede(shown, "consent") == []

    type(photo).objects.filter(pk=photo.pk).update(audience="team", consent="none")
    assert supersede(shown, "consent") == [file]

    blocks = fresh(file).replaced_by.snapshot.data["committee"]["es"]["blocks"]
    assert [block["type"] for block in blocks] == ["paragraph"]
    assert list(renditions_that_show(photo.pk, project=world.project)) == [file]


# Destroying


def test_a_destroyed_file_leaves_its_row_and_a_hash_that_verifies(
    client, published, file, django_capture_on_commit_callbacks
):
    name, sealed = file.file.name, published.snapshot

    with django_capture_on_commit_callbacks(execute=True):
        assert destroy_files(renditions_that_name([NAME]), "erasure", words=[NAME]) == [file]

    file = fresh(file)
    assert (file.is_destroyed, file.superseded_for) == (True, "erasure")
    assert not default_storage.exists(name)
    sealed.refresh_from_db()
    assert sealed.is_whole
    assert found_as(file.sha256).withdrawn_on
    assert file.replaced_by.snapshot == Report.objects.get(pk=published.pk).snapshot


def test_the_data_of_a_destroyed_document_of_the_day_is_erased(world):
    document = day_document(world)
    destroy_files(renditions_that_name(["Tela"]), "erasure")

    document = fresh(document)
    assert (document.is_destroyed, document.replaced_by, document.snapshot.data) == (
        True,
        None,
        {},
    )
    assert list(renditions_that_name(["Tela"])) == []


# What readers see


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_earlier_code_says_that_it_was_superseded(
    client, published, file, language
):
    code = published.snapshot.code
    supersede(renditions_that_name([NAME]), "naming", words=[NAME])
    client.cookies["django_language"] = language
    with translation.override(language):
        title = translation.gettext("It was superseded")

    for address in (
        reverse("reports:verify-code", args=[code]),
        reverse("reports:verify-file", args=[file.sha256]),
    ):
        page = client.get(address, headers={"accept-language": language})
        assert title in page.content.decode()
        assert NAME not in page.content.decode()
    published.refresh_from_db()
    assert found_under(published.snapshot.code).withdrawn_on == ""


def test_only_the_coordination_still_opens_the_earlier_file(client, world, file):
    supersede(renditions_that_name([NAME]), "naming", words=[NAME])
    successor = fresh(file).replaced_by
    Rendition.objects.filter(pk=successor.pk).update(
        state=Job.State.READY, file="reports/renditions/n.pdf", pages=1
    )
    address = reverse("reports:rendition", args=[file.pk])

    client.force_login(world.people["donor"])
    assert client.get(address).context["rendition"] == successor
    client.force_login(world.people["coordinator"])
    assert client.get(address).context["rendition"] == file
    answer = client.get(reverse("reports:download", args=[file.pk]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_readers_see_that_the_document_in_its_place_is_being_made(client, world, published, file):
    """They had a document, so they must not find none meanwhile, nor a page that does not exist."""
    client.force_login(world.people["donor"])
    supersede(renditions_that_name([NAME]), "naming", words=[NAME])
    successor = fresh(file).replaced_by
    assert successor.state == Job.State.QUEUED

    assert client.get(published.get_absolute_url()).context["documents"] == [successor]
    assert client.get(file.get_absolute_url()).context["rendition"] == successor
    answer = client.get(reverse("reports:download", args=[file.pk]))
    assert answer.url == successor.get_absolute_url()
    client.force_login(world.people["outsider"])
    assert client.get(file.get_absolute_url()).status_code == 404


def test_the_coordination_reads_who_had_downloaded_what_was_superseded(
    client, world, published, file
):
    donor = world.people["donor"]
    record_download(file, by=donor)
    log_download(About(published), "es", "txt", world.people["finance"])
    log_download(About(published), "en", "txt", world.people["finance"])
    supersede(made_files().renditions_that_name([NAME]), "naming", words=[NAME])
    record_download(fresh(file).replaced_by, by=world.people["partner"])
    log_download(About(published), "es", "txt", world.people["partner"])

    found = [(line.person, line.way) for line in downloaders([fresh(file)])[file.pk]]
    assert found == [(str(world.people["finance"]), gettext("Plain text")), (str(donor), "PDF")]
    address = reverse("reports:superseded", args=[world.project.code])
    for role, status in {"coordinator": 200, "auditor": 200, "donor": 403, "outsider": 404}.items():
        client.force_login(world.people[role])
        page = client.get(address)
        assert page.status_code == status
        if status == 200:
            assert f"<b>{donor}</b>" in page.content.decode()
            assert (reverse("reports:download", args=[file.pk]) in page.content.decode()) == (
                role == "coordinator"
            )
    assert AccessEvent.objects.filter(kind="download").count() == 5


# Consent that is withdrawn


def shown_photo(world):
    photo = EvidenceFactory(
        activity__project=world.project, consent="written", audience="shared", by=None
    )
    picture = {"type": "picture", "evidence": photo.pk, "sha256": photo.sha256, "text": ""}
    data = {"committee": {"es": saying("", kind="plan", blocks=[picture])}}
    snapshot = Snapshot.keep(About(world.plan, DocumentKind.PLAN), data, is_final=True)
    return photo, ready_file(snapshot, "es", "committee")


@pytest.mark.parametrize(
    ("role", "press", "leads_to"),
    [
        ("coordinator", "evidence-edit", "superseded"),
        ("coordinator", "evidence-delete", "superseded"),
        ("monitoring", "evidence-edit", "activities"),
    ],
)
def test_documents_with_a_photograph_whose_consent_is_withdrawn_are_superseded(
    client, world, role, press, leads_to
):
    photo, file = shown_photo(world)
    client.force_login(world.people[role])
    address = reverse(f"projects:{press}", args=[world.project.code, photo.pk])
    entry = {"title": photo.title, "language": "fr", "consent": "none", "audience": "team"}
    stamp = {} if press == "evidence-delete" else {"seen": seen(client.get(address))}

    page = client.post(address, entry | stamp)

    assert page.status_code == 302
    assert leads_to in page.url
    assert fresh(file).superseded_for == "consent"


def seen(page) -> str:
    form = page.context["form"]
    return form.get_initial_for_field(form.fields["seen"], "seen")


def test_a_quotation_is_withdrawn_once_its_documents_were_seen(client, world, published, file):
    quotation = "El taller de la Colectiva Ñandutí"
    client.force_login(world.people["coordinator"])
    address = reverse("reports:supersede", args=[world.project.code])

    page = client.post(address, {"words": "No está en ninguna parte."})
    assert list(page.context["form"].errors) == ["words"]
    page = client.post(address, {"words": quotation})
    assert list(page.context["form"].errors) == ["confirmed"]
    assert not fresh(file).is_superseded
    page = client.post(address, {"words": quotation, "confirmed": "on"})
    assert page.url == reverse("reports:superseded", args=[world.project.code])
    text = fresh(file).replaced_by.snapshot.data["donor"]["es"]["facts"][0]["value"]
    assert text.endswith(" fue en Tela. Colectiva Ñandutíes es otra.")


def test_too_short_a_quotation_is_refused_in_our_words(client, world, published, file):
    client.force_login(world.people["coordinator"])
    address = reverse("reports:supersede", args=[world.project.code])

    page = client.post(address, {"words": "short", "confirmed": "on"}).content.decode()

    assert "At least ten characters" in page
    assert fresh(file).superseded_at is None


def test_what_was_removed_from_sealed_content_does_not_come_back(world):
    about = About(world.plan, DocumentKind.PLAN)
    composed = data_of(about, language="es", audience="committee")
    title = composed["committee"]["es"]["organisation"] or composed["committee"]["es"]["title"]
    file = ready_file(Snapshot.keep(about, composed, is_final=True), "es", "committee")
    supersede(renditions_that_name([title]), "consent", words=[title])

    again = data_of(about, language="es", audience="committee")

    assert again == fresh(file).replaced_by.snapshot.data != composed
