"""Agreements: who knows of them, who reads their file, and the days that follow from them."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError
from django.urls import reverse

from accounts.models import AccessEvent
from partners.models import Agreement, AgreementFile, Institution
from projects.models import Participation
from projects.permissions.agreements import agreements_with_files, visible_agreements
from tests.factories import AgreementFactory, AssignmentFactory, ParticipationFactory, UserFactory
from tests.kernel.made_files import PDF
from tests.world import ROLES, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def agreement(world):
    """Of the partner's institution, named by the project."""
    agreement = AgreementFactory(institution=world.institutions["partner"])
    Participation.objects.filter(institution=agreement.institution).update(agreement=agreement)
    return agreement


def of(function, world):
    return {role for role in ROLES if function(world.people[role]).exists()}


def test_the_team_and_the_institution_know_of_it_and_some_read_its_file(world, agreement):
    team = {"administrator", "coordinator", "monitoring", "finance", "reader", "auditor"}

    assert of(visible_agreements, world) == team | {"partner"}
    assert of(agreements_with_files, world) == {
        "administrator",
        "coordinator",
        "finance",
        "auditor",
        "partner",
    }


def test_what_another_project_signed_with_the_same_institution_is_not_told(world, agreement):
    person = UserFactory()
    other = AssignmentFactory(user=person).project
    ParticipationFactory(project=other, institution=agreement.institution)
    unnamed = AgreementFactory(institution=agreement.institution)

    assert list(visible_agreements(person)) == [unnamed]


def test_a_file_is_kept_once_logged_when_read_and_removed_for_good(client, world, agreement):
    client.force_login(world.people["coordinator"])
    page = agreement.get_absolute_url()
    for _time in range(2):
        upload = SimpleUploadedFile("accord.pdf", PDF)
        client.post(f"{page}files/new/", {"upload": upload, "no_victim_data": "on"})
    file = AgreementFile.objects.get()
    with pytest.raises(ProtectedError):
        agreement.delete()

    client.force_login(world.people["partner"])
    assert b"".join(client.get(f"{page}files/{file.pk}/")) == PDF
    assert AccessEvent.objects.filter(kind="download", thing_key=file.pk).count() == 1
    client.force_login(world.people["monitoring"])
    assert client.get(f"{page}files/{file.pk}/").status_code == 404
    assert "accord.pdf" not in client.get(page).content.decode()
    client.force_login(world.people["coordinator"])
    client.post(f"{page}files/{file.pk}/remove/")
    client.post(f"{page}delete/")
    assert Agreement.objects.exists()  # the project names it
    Participation.objects.update(agreement=None)
    client.post(f"{page}delete/")
    assert not Agreement.objects.exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"starts_on": "2020-02-01", "ends_on": "2020-01-31"}, "ends before it begins"),
        ({"signed_on": "2990-01-01"}, "in the future"),
        ({"reference": ""}, "Fill in this field"),
        ({"reference": "EX-1"}, "already has an agreement"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(client, world, data, sentence):
    institution = world.institutions["partner"]
    AgreementFactory(institution=institution, reference="EX-1")
    client.force_login(world.people["coordinator"])
    typed = {"kind": "cooperation", "reference": "EX-2"} | data

    url = reverse("partners:agreement-create", args=[institution.pk])
    page = client.post(url, typed).content.decode()

    assert sentence in page
    assert Agreement.objects.count() == 1


@pytest.mark.parametrize(
    ("signed", "expires"),
    [
        (None, None),
        (date(2020, 6, 1), date(2023, 6, 1)),
        (date(2020, 2, 29), date(2023, 3, 1)),
    ],
)
def test_a_policy_lasts_three_years(signed, expires):
    assert Institution(safeguarding_signed_on=signed).safeguarding_expires_on == expires


# Participations


@pytest.mark.parametrize(
    ("amount", "kept", "sentence"),
    [
        ("31 700,50", "31700.50", ""),
        ("31,700.50", "31700.50", ""),
        ("1,234", "1234.00", ""),
        ("1.234", None, "1.234"),
        ("-1", None, "cannot be negative"),
        ("1.005", None, "2"),
    ],
)
def test_an_amount_is_typed_in_any_notation(client, world, agreement, amount, kept, sentence):
    row = Participation.objects.get(institution=agreement.institution)
    client.force_login(world.people["coordinator"])

    answer = client.post(
        reverse("projects:participation-edit", args=["HN-1", row.pk]),
        {"role": "partner", "agreement": agreement.pk, "amount": amount},
    )

    row.refresh_from_db()
    assert (str(row.amount) if row.amount else None) == kept
    assert sentence in answer.content.decode()


def test_amounts_are_for_the_team_and_the_donor(client, world, agreement):
    Participation.objects.filter(institution=agreement.institution).update(amount="31700")
    url = reverse("projects:participations", args=["HN-1"])

    def shown(role):
        client.force_login(world.people[role])
        return "31,700" in client.get(url).content.decode()

    assert {role for role in ROLES if role != "outsider" and shown(role)} == {
        "administrator",
        "coordinator",
        "monitoring",
        "finance",
        "reader",
        "auditor",
        "donor",
        "embassy",
    }


def test_the_list_of_partners(client, world, django_assert_max_num_queries):
    client.force_login(world.people["coordinator"])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _each in numbers:
            row = ParticipationFactory(project=world.project)
            row.agreement = AgreementFactory(institution=row.institution)
            row.save()

        # session, user, project, count, page, names, agreements seen, roles (2), tabs
        with django_assert_max_num_queries(20) as statements:
            client.get(reverse("projects:participations", args=["HN-1"]))
        counts.append(len(statements))

    few, many = counts
    assert many <= few
