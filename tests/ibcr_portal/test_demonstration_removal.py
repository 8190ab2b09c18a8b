"""One button removes the demonstration, and keeps what real projects use of it."""

import io

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from accounts.models import AccessEvent, Hold, Pseudonym, User
from ibcr_portal.models import DemonstrationJob, DemonstrationThing
from ibcr_portal.starting import removing as background
from ibcr_portal.starting.forms import AdministratorForm
from ibcr_portal.starting.removing import remove_demonstration
from kernel.models import Organisation
from kernel.refusal import Refusal
from partners.models import Institution
from projects.models import Project
from tests.factories import (
    AssignmentFactory,
    CommitteeFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """Loaded once for all tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), override_settings(EMBEDDED=True), transaction.atomic():
        Organisation.objects.all().delete()
        call_command("load_demo", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def administrator():
    return UserFactory(full_name="Administration 09", is_staff=True)


@pytest.fixture
def own(loaded):
    """A project of one's own with an institution and a person of the demonstration."""
    project = ProjectFactory(code="REAL")
    institution = Institution.objects.filter(seats__isnull=False, contacts__user=None).first()
    ParticipationFactory(project=project, institution=institution)
    AssignmentFactory(
        project=project, user=User.objects.get(email="suivi@example.org"), role="monitoring"
    )
    return project


@pytest.mark.deep(part="browser")
def test_it_stays_where_a_hold_or_a_reference_of_others_keeps_it(own, administrator):
    demonstrated = Project.objects.get(code="HN-TRATA")
    hold = Hold.objects.create(
        content_type=ContentType.objects.get_for_model(Project),
        object_id=demonstrated.pk,
        reason="Carta 1",
        placed_by=administrator,
    )
    with pytest.raises(Refusal, match=str(demonstrated)):
        remove_demonstration()

    hold.delete()
    ResultFactory(project=own, code="9000", parent=demonstrated.results.first())
    with pytest.raises(Refusal, match="s’y réfèrent"):
        remove_demonstration()


@pytest.mark.deep(part="browser")
def test_somebody_must_administer_the_portal_afterwards(loaded, client):
    client.force_login(User.objects.get(email="admin@example.org"))
    with pytest.raises(Refusal):
        remove_demonstration()

    page = client.get("/demonstration/")
    assert page.context["form"].fields.keys() >= {"full_name", "email", "password"}
    answer = client.post("/demonstration/remove/", {})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not DemonstrationJob.objects.exists()


@pytest.mark.deep(part="browser")
def test_the_page_shows_what_goes_and_a_worker_removes_it(
    own, administrator, client, django_assert_max_num_queries
):
    client.force_login(administrator)
    with django_assert_max_num_queries(30):
        page = client.get("/demonstration/")
    assert len(page.context["plan"].stays) == 2
    assert page.context["plan"].goes[0].number == Project.objects.exclude(pk=own.pk).count() > 3

    client.post("/demonstration/remove/", {})
    job = DemonstrationJob.objects.get()
    assert job.in_hand
    assert client.get("/demonstration/state/").status_code == 200
    client.post("/demonstration/load/", {})  # one at a time
    assert DemonstrationJob.objects.count() == 1

    background.work(DemonstrationJob.objects.claim(job.pk, lease=job.LEASE))

    job.refresh_from_db()
    assert job.is_ready
    assert client.get("/demonstration/state/").headers["HX-Refresh"] == "true"
    assert list(Project.objects.all()) == [own]


def test_the_log_tells_of_the_administrator_and_a_taken_address_is_refused(client, monkeypatch):
    made = UserFactory(is_staff=True)
    kind = ContentType.objects.get_for_model(User)
    DemonstrationThing.objects.create(content_type=kind, object_id=made.pk)
    client.force_login(made)
    password = "perro violeta cuchara montaña"
    given = {"full_name": "Administration 09", "email": "nine@example.org", "language": "fr"}
    given |= {"password": password, "again": password}
    with monkeypatch.context() as patch:  # taken between the check and the entry
        taken = UserFactory().email
        patch.setattr(AdministratorForm, "clean_email", lambda form: taken)
        page = client.post("/demonstration/remove/", given)
    assert page.context["form"].errors.keys() == {"email"}
    assert not DemonstrationJob.objects.exists()

    client.post("/demonstration/remove/", given)

    event = AccessEvent.objects.get(details__change="administrator added")
    assert (event.kind, event.key) == (AccessEvent.Kind.ROLE, Pseudonym.of(made).key)
    assert User.objects.get(email="nine@example.org").is_superuser
    assert DemonstrationJob.objects.get().kind == DemonstrationJob.Kind.REMOVE


def test_it_is_not_removed_while_it_is_loaded(monkeypatch):
    """Also if the other one asked at the same moment, and was not seen yet."""
    person = UserFactory(is_staff=True)
    monkeypatch.setattr(background, "is_loaded", lambda: True)
    background.ask_for(DemonstrationJob.Kind.LOAD, by=person)
    monkeypatch.setattr(type(DemonstrationJob.objects.all()), "in_hand", lambda rows: rows.none())

    with pytest.raises(Refusal, match="déjà"):
        background.ask_for(DemonstrationJob.Kind.REMOVE, by=person)

    assert DemonstrationJob.objects.get().kind == DemonstrationJob.Kind.LOAD


def test_nobody_makes_a_demonstration_of_a_real_project():
    project = ProjectFactory()

    with pytest.raises(IntegrityError, match="real project"), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(demonstration=True)


# A project without records


@pytest.fixture
def coordinated():
    project = ProjectFactory(code="MISTAKE")
    PeriodFactory(project=project)
    ParticipationFactory(project=project)
    person = UserFactory()
    AssignmentFactory(project=project, user=person, role="coordinator")
    return project, person


def test_a_project_without_records_is_deleted_by_its_coordinator(coordinated, client):
    project, person = coordinated
    institutions = Institution.objects.count()
    client.force_login(person)
    assert client.get("/projects/MISTAKE/delete/").status_code == 200

    client.post("/projects/MISTAKE/delete/")

    connection.check_constraints()
    assert not Project.objects.filter(pk=project.pk).exists()
    assert Institution.objects.count() == institutions


def test_a_project_with_records_stays(coordinated, client):
    project, person = coordinated
    CommitteeFactory(project=project)
    client.force_login(person)

    answer = client.post("/projects/MISTAKE/delete/", follow=True)

    assert "ommittees" in answer.text
    assert Project.objects.filter(pk=project.pk).exists()
