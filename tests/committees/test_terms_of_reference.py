"""Terms of reference: their text, the file beside it, and the decision that adopted them."""

import pytest
from django.urls import reverse

from committees.models import Committee, Document, Resolution
from tests.factories import ResolutionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture
def edit_url(world):
    return reverse("committees:terms-edit", args=[world.committee.pk])


def read(client, world):
    url = reverse("committees:terms", args=[world.committee.pk])
    return client.get(url).content.decode()


def form_of(client, edit_url, **facts):
    """What the page would post: the text in Spanish alone, and what the writer saw."""
    seen = client.get(edit_url).context["form"]["seen"].value()
    return {"terms_text_es": "## Mandato\n\nDecide.", "seen": seen, "decision": ""} | facts


def test_one_language_is_enough_and_its_formatting_is_shown(coordinator, world, edit_url):
    coordinator.post(edit_url, form_of(coordinator, edit_url))

    text = read(coordinator, world)
    assert 'lang="es"' in text
    assert "Mandato</h" in text


def test_the_page_says_by_which_decision_they_were_adopted(coordinator, world, edit_url):
    coordinator.post(edit_url, form_of(coordinator, edit_url, decision=world.decision.pk))

    world.committee.refresh_from_db()
    assert world.committee.terms_adopted_by == world.decision
    assert "Decision 2020-01" in read(coordinator, world)


def test_a_draft_says_who_adopts_it(coordinator, world):
    Committee.objects.update(status=Committee.Status.DRAFT)

    assert "the constitutive meeting decides under it" in read(coordinator, world)


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": Resolution.Kind.RECOMMENDATION, "status": Resolution.Status.ISSUED},
        {"status": Resolution.Status.DRAFTED},
        {"status": Resolution.Status.REJECTED},
        {"status": Resolution.Status.SUPERSEDED},
    ],
)
def test_only_an_adopted_decision_adopts_terms(coordinator, world, edit_url, facts):
    other = ResolutionFactory(agenda_item=world.item, number="2020-50", **facts)

    response = coordinator.post(edit_url, form_of(coordinator, edit_url, decision=other.pk))

    assert "decision" in response.context["form"].errors
    world.committee.refresh_from_db()
    assert world.committee.terms_text_es == ""


@pytest.fixture
def adopted(world):
    Committee.objects.update(terms_text_es="Decide.", terms_adopted_by=world.decision)


def test_other_words_need_another_decision(coordinator, world, edit_url, adopted):
    form = form_of(coordinator, edit_url, decision=world.decision.pk)

    response = coordinator.post(edit_url, form)

    assert "adopted a different wording" in response.content.decode()
    world.committee.refresh_from_db()
    assert world.committee.terms_text_es == "Decide."


@pytest.mark.parametrize("facts", [{"is_correction": "on"}, {"decision": ""}])
def test_a_slip_is_mended_and_a_draft_goes_on(coordinator, world, edit_url, adopted, facts):
    form = form_of(coordinator, edit_url, decision=world.decision.pk) | facts

    coordinator.post(edit_url, form)

    world.committee.refresh_from_db()
    assert world.committee.terms_text_es.startswith("## Mandato")
    assert bool(world.committee.terms_adopted_by) == ("is_correction" in facts)


def test_whoever_writes_at_the_same_time_is_told(coordinator, world, edit_url):
    form = form_of(coordinator, edit_url)
    Committee.objects.update(terms_text_fr="D’une autre main.")

    response = coordinator.post(edit_url, form)

    assert response.context["form"].has_error("__all__", "changed_meanwhile")
    assert "Changed in the meantime: this is what is there now." in response.content.decode()
    world.committee.refresh_from_db()
    assert world.committee.terms_text_es == ""


def test_hostile_text_is_refused_with_a_sentence(coordinator, world, edit_url):
    form = form_of(coordinator, edit_url, terms_text_es="[" * 30_000)

    response = coordinator.post(edit_url, form)

    assert response.status_code == 200
    assert "terms_text_es" in response.context["form"].errors


def test_markup_is_shown_as_text(coordinator, world, edit_url):
    form = form_of(coordinator, edit_url, terms_text_es="<script>alert(1)</script>")

    coordinator.post(edit_url, form)

    assert "<script>alert" not in read(coordinator, world)


def test_the_file_stands_beside_the_text(coordinator, world):
    Document.objects.create(
        committee=world.committee,
        category=Document.Category.TERMS,
        title="Términos firmados",
        file="x",
        original_name="tdr.pdf",
        kind="pdf",
        size=1000,
        sha256="0" * 64,
    )

    assert "Términos firmados" in read(coordinator, world)


@pytest.mark.parametrize("role", ["member", "partner", "donor", "reader"])
def test_only_the_coordination_writes_them(world, sign_in, edit_url, role):
    assert sign_in(role).post(edit_url, {}).status_code == 403


def test_a_letter_that_adopted_the_terms_is_named_where_they_are_read(world, sign_in):
    committee = Committee.objects.get(pk=world.committee.pk)
    Committee.objects.filter(pk=committee.pk).update(status="draft", terms_adopted_by=None)
    committee.refresh_from_db()
    committee.take("constitute", by=world.people["coordinator"], why="Carta Ejemplo 001")

    terms = reverse("committees:terms", args=[committee.pk])
    page = " ".join(sign_in("coordinator").get(terms).text.split())
    assert "Adopted by Carta Ejemplo 001" in page
    assert "No decision adopting them is recorded here" not in page
