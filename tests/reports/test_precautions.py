"""What becomes of files when an institution is hidden as a precaution, and when that is lifted."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from kernel.jobs import Job
from partners.models import InstitutionName
from projects.institutions.services.naming import take_precaution
from reports.models import Rendition, SharedLink
from reports.permissions.archives import may_download
from reports.services.archiving import request_archive
from reports.services.naming import restore, supersede
from reports.verifying import found_as, found_under
from tests.factories import InstitutionFactory, ParticipationFactory, say
from tests.reports.shelves import ready_file
from tests.reports.test_naming import (  # noqa: F401 (a fixture)
    NAME,
    TEXT,
    fresh,
    own_storage,
    published,
    saying,
)
from tests.test_access import close

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden(world):
    institution = InstitutionFactory(kind="civil_society")
    ParticipationFactory(project=world.project, institution=institution)
    InstitutionName.objects.filter(institution=institution).update(name_es=NAME)
    return institution


@pytest.fixture
def file(published, hidden):  # noqa: F811
    return ready_file(published.snapshot, "es", "donor")


@pytest.fixture
def post(client, world):
    def send(role, page, institution, **data):
        client.force_login(User.objects.get(pk=world.people[role].pk))
        answer = client.post(reverse(f"partners:{page}", args=[institution.pk]), data)
        assert answer.status_code == 302
        return answer

    return send


CONSENT = {"agreed_on": "2020-01-01", "channel": "letter", "reason": "Carta del 1 de enero"}


def make(rendition):
    """Let a file that was requested be there, as if a worker had made it."""
    Rendition.objects.filter(pk=rendition.pk).update(
        state=Job.State.READY, finished_at=timezone.now(), file=f"x/{rendition.pk}.pdf", pages=1
    )


@pytest.mark.parametrize("is_made", [True, False])
def test_files_count_again_with_their_codes(client, world, published, file, hidden, post, is_made):  # noqa: F811
    code, before = file.snapshot.code, published.snapshot
    link, _token = SharedLink.issue(
        file, label="Donor", expires_at=timezone.now(), by=world.people["coordinator"]
    )
    post("coordinator", "precaution-take", hidden, reason="Amenazas")
    neutral = fresh(file).replaced_by
    assert fresh(file).superseded_for == "precaution"
    assert found_under(code).withdrawn_on
    neutral_code = neutral.snapshot.code
    if is_made:
        make(neutral)

    post("administrator", "precaution-lift", hidden, **CONSENT)

    published.refresh_from_db()
    restored = fresh(file)
    assert published.snapshot == before
    assert (restored.is_superseded, restored.superseded_for) == (False, "")
    assert not found_under(code).withdrawn_on
    assert not found_as(restored.sha256).withdrawn_on
    assert SharedLink.objects.get(pk=link.pk).rendition == restored
    client.force_login(world.people["donor"])
    answer = client.get(reverse("reports:download", args=[restored.pk]))
    assert answer.status_code == 200
    close(answer)
    if is_made:  # whoever has the neutral file reads that another one counts
        assert found_under(neutral_code).withdrawn_on
        assert fresh(neutral).replaced_by == restored
    else:
        assert not Rendition.objects.filter(pk=neutral.pk).exists()


def test_a_second_precaution_uses_the_neutral_file_again(published, file, hidden, post):  # noqa: F811
    post("coordinator", "precaution-take", hidden, reason="Amenazas")
    neutral = fresh(file).replaced_by
    make(neutral)
    supersede_again = Rendition.objects.filter(pk=file.pk)
    post("administrator", "precaution-lift", hidden, **CONSENT)

    say(hidden)
    assert fresh(file).replaced_by == neutral
    assert not fresh(neutral).is_superseded
    assert not found_under(neutral.snapshot.code).withdrawn_on
    assert supersede_again.get().superseded_for == "naming"
    assert restore() == []


def test_what_another_institution_hides_does_not_come_back(world, published, file, hidden, post):  # noqa: F811
    """The earlier file names both: it counts again once both may be named."""
    other = InstitutionFactory(kind="civil_society")
    ParticipationFactory(project=world.project, institution=other)
    InstitutionName.objects.filter(institution=other).update(name_es="Tela")
    post("coordinator", "precaution-take", hidden, reason="Amenazas")
    make(fresh(file).replaced_by)
    post("coordinator", "precaution-take", other, reason="Amenazas")
    make(Rendition.objects.current().get())

    post("administrator", "precaution-lift", hidden, **CONSENT)
    assert fresh(file).is_superseded
    assert "Tela" not in str(Rendition.objects.current().get().snapshot.data["donor"])

    post("administrator", "precaution-lift", other, **CONSENT)
    assert not fresh(file).is_superseded
    assert list(Rendition.objects.current()) == [fresh(file)]


def test_what_was_withdrawn_meanwhile_does_not_come_back(published, file, hidden, post):  # noqa: F811
    post("coordinator", "precaution-take", hidden, reason="Amenazas")
    neutral = fresh(file).replaced_by
    make(neutral)
    supersede(Rendition.objects.filter(pk=neutral.pk), "consent", words=["Colectiva Ñandutíes"])

    post("administrator", "precaution-lift", hidden, **CONSENT)

    assert fresh(file).is_superseded
    assert "Ñandutíes es" not in str(Rendition.objects.current().get().snapshot.data)


def test_a_file_of_another_project_stays_superseded_where_it_is_lifted_for_one(
    world,
    published,  # noqa: F811
    file,
    hidden,
    post,
):
    post("coordinator", "precaution-take", hidden, reason="Amenazas")
    make(fresh(file).replaced_by)

    assert restore(world.neighbour) == []
    assert restore(world.project) == []  # nobody lifted it
    assert fresh(file).is_superseded


@pytest.mark.parametrize(("place", "role"), [("project", "partner"), ("neighbour", "outsider")])
def test_an_archive_from_before_a_precaution_is_downloaded_no_more(world, hidden, place, role):
    """Neither one of a project in which the institution takes no part: its texts may name it."""
    archive = request_archive(getattr(world, place), by=world.people[role], language="es")
    assert may_download(world.people[role], archive)

    take_precaution(hidden, "Amenazas", by=world.people["coordinator"])

    assert not may_download(world.people[role], archive)
