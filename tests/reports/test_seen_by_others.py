"""How others see an institution, by link: what it shows, whom it opens for, and hiding at once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink, OutgoingMail
from partners.models import Contact, InstitutionName
from projects.models import Evidence, Representation
from projects.permissions.naming import NamesForAudience, readers_in
from reports.models import Snapshot
from tests.factories import (
    ActivityFactory,
    EvidenceFactory,
    InstitutionFactory,
    ParticipationFactory,
    say,
)
from tests.reports.shelves import ready_file
from tests.reports.test_naming import (  # noqa: F401 (fixtures)
    NAME,
    own_storage,
    published,
    saying,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def institution(world):
    institution = world.institutions["partner"]
    InstitutionName.objects.filter(institution=institution).update(
        **{f"name_{language}": NAME for language in ("fr", "es", "en")}, acronym=""
    )
    ParticipationFactory(project=world.neighbour, institution=institution)
    return institution


@pytest.fixture
def link(world, institution):
    """The link of somebody whom an administrator confirmed."""
    confirm(world, institution)
    place = world.project.participations.get(institution=institution)
    return AccessLink.issue(world.people["partner"], "seen_by_others", place, by=None)


@pytest.fixture
def page(link):
    return reverse("seen-link", args=[link[1]])


def confirm(world, institution, at=True):
    rows = Representation.objects.filter(participation__institution=institution)
    rows.filter(contact__user=world.people["partner"]).update(
        confirmed_at=timezone.now() if at else None
    )


def seen(client, page):
    """By project and reader, the name and whether it is theirs."""
    places = client.get(page).context["places"]
    return {
        place.project.code: [(one.name == NAME, one.is_named) for one in place.readers]
        for place in places
    }


def is_hidden(institution, project, audience="public"):
    institution.refresh_from_db()
    return NamesForAudience(project, readers_in(project, audience)).is_hidden(institution)


def test_it_shows_the_name_for_each_reader_in_each_project(client, world, institution, page):
    named, hidden = (True, True), (False, False)
    assert seen(client, page) == {"HN-1": [named] * 4, "HN-2": [named] * 4}

    say(institution, "committee", "donor", excludes_state=True)
    everywhere = [named, hidden, named, hidden]
    assert seen(client, page) == {"HN-1": everywhere, "HN-2": everywhere}

    say(institution, project=world.neighbour)
    assert seen(client, page) == {"HN-1": everywhere, "HN-2": [hidden] * 4}


def test_it_shows_the_documents_and_what_they_say(client, world, institution, published, page):  # noqa: F811
    ready_file(published.snapshot, "es", "donor")
    ready_file(published.snapshot, "es", "public")

    committee, _state, donor, public = client.get(page).context["places"][0].readers

    assert [one.texts for one in donor.files] == [
        ["El taller de la COLECTIVA ÑANDUTÍ fue en Tela. Colectiva Ñandutíes es otra."]
    ]
    assert committee.files == []
    assert public.files == []  # no link to it is listed


def test_it_names_nobody_whom_its_reader_may_not_know(client, world, institution, published, page):  # noqa: F811
    other = InstitutionFactory(kind="civil_society")
    InstitutionName.objects.filter(institution=other).update(
        **{f"name_{language}": "Red del Alba" for language in ("fr", "es", "en")}, acronym=""
    )
    ParticipationFactory(project=world.project, institution=other)
    say(other, "donor")
    text = f"{NAME} y Red del Alba se reunieron."
    data = {"donor": {"es": saying(text)}}
    Snapshot.objects.filter(pk=published.snapshot.pk).update(data=data)
    ready_file(published.snapshot, "es", "donor")
    activity = ActivityFactory(project=world.project)
    activity.partners.add(institution)
    facts = {"activity": activity, "kind": "jpeg", "accepted_on": timezone.localdate()}
    EvidenceFactory(title="Con la Red del Alba", audience="shared", consent="written", **facts)

    answer = client.get(page)

    [shown] = answer.context["places"][0].readers[2].files
    assert NAME in shown.texts[0]
    assert "Red del Alba" not in answer.content.decode()


def test_it_shows_the_photographs_that_others_see(client, world, institution, page):
    activity = ActivityFactory(project=world.project)
    activity.partners.add(institution)
    facts = {"activity": activity, "kind": "jpeg", "accepted_on": timezone.localdate()}
    EvidenceFactory(title="Taller en Tela", audience="shared", consent="written", **facts)
    EvidenceFactory(title="Reunión interna", audience="team", consent="written", **facts)

    places = client.get(page).context["places"]

    assert Evidence.objects.count() == 2
    assert [str(one) for one in places[0].pictures] == ["Taller en Tela"]
    assert places[1].pictures == []


def test_hiding_at_once_asks_first_and_applies_everywhere(client, world, institution, link, page):
    OutgoingMail.objects.all().delete()
    hide = reverse("seen-link-hide", args=[link[1]])
    assert client.get(hide).status_code == 200
    assert not institution.naming_choices.exists()

    answer = client.post(hide, follow=True)

    assert answer.redirect_chain[0][0] == page
    for project in (world.project, world.neighbour):
        assert is_hidden(institution, project)
        assert is_hidden(institution, project, "donor")
    assert institution.naming_choices.get().is_own
    assert AccessEvent.objects.filter(kind="link", details__answer="hidden").exists()
    told = {mail.person for mail in OutgoingMail.objects.all()}
    roles = ("administrator", "coordinator", "outsider", "partner")
    assert told == {world.people[role] for role in roles}
    for mail in OutgoingMail.objects.all():
        assert NAME not in f"{mail.subject} {mail.text} {mail.html}"


def test_somebody_whom_the_coordination_entered_hides_where_they_speak_for_it(
    client, world, institution, link, page
):
    confirm(world, institution, at=False)
    assert list(seen(client, page)) == ["HN-1"]

    client.post(reverse("seen-link-hide", args=[link[1]]))

    assert is_hidden(institution, world.project)
    assert not is_hidden(institution, world.neighbour)
    assert not institution.naming_choices.get().is_own


def test_being_named_to_more_needs_a_sign_in(client, institution, page):
    say(institution)

    client.get(page)
    answer = client.post(reverse("partners:naming-record", args=[institution.pk]), {})

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))
    assert client.post(page).status_code == 405


def test_opening_it_changes_nothing(client, institution, page):
    before = (AccessEvent.objects.count(), OutgoingMail.objects.count())
    client.get(page)
    client.head(page)

    assert (AccessEvent.objects.count(), OutgoingMail.objects.count()) == before
    assert not institution.naming_choices.exists()


def test_it_does_not_open_for_somebody_who_no_longer_speaks_for_it(client, world, link, page):
    Representation.objects.update(ended_at=timezone.now())

    assert client.get(page).status_code == 404
    assert client.post(reverse("seen-link-hide", args=[link[1]])).status_code == 404


def test_the_coordination_gets_no_link_of_the_institution_to_use_itself(client, world, institution):
    confirm(world, institution)
    place = world.project.participations.get(institution=institution)
    ask = reverse("projects:seen-ask", args=[world.project.code, place.pk])
    client.force_login(world.people["coordinator"])

    page = client.get(ask)
    answer = client.post(ask, {"person": world.people["partner"].pk})

    assert 'name="person"' not in page.text
    assert answer.status_code == 404
    assert not AccessLink.objects.filter(purpose="seen_by_others").exists()


def test_the_coordination_sends_it_to_those_who_speak_for_it_and_to_no_minor(
    client, world, institution
):
    minor = Contact.objects.create(
        institution=institution, full_name="Una joven", email="m@example.org", is_minor=True
    )
    OutgoingMail.objects.all().delete()
    place = world.project.participations.get(institution=institution)
    client.force_login(world.people["coordinator"])

    client.post(reverse("projects:seen-ask", args=[world.project.code, place.pk]))

    assert [mail.person for mail in OutgoingMail.objects.all()] == [world.people["partner"]]
    assert AccessLink.objects.filter(purpose="seen_by_others").count() == 1
    minor.refresh_from_db()
    assert minor.user is None
