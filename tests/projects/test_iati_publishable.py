"""What of a project may leave: which names, which amounts, which values, and who may publish it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from partners.models import Institution
from projects.exchange.services.importing import (
    compose_file,
    fingerprint,
    publication_errors,
    publish,
)
from projects.iati.export import to_xml
from projects.iati.publishable import publishable_file
from projects.iati.publishable_results import ForbiddenNames
from projects.models import (
    Budget,
    IatiImport,
    IatiPublication,
    Indicator,
    Instalment,
    ProjectSector,
)
from tests.factories import (
    AgreementFactory,
    AssignmentFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    ContactFactory,
    ContributionFactory,
    DataPointFactory,
    GrantFactory,
    IndicatorFactory,
    InstitutionFactory,
    InstitutionNameFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

START = date(2019, 4, 1)


@pytest.fixture
def project():
    project = ProjectFactory(description_fr="Ce que c’est")
    ProjectSector.objects.create(project=project, code="15160", percentage=100)
    ParticipationFactory(
        project=project, role="accountable", institution=InstitutionFactory(kind="implementer")
    )
    return project


def an_institution(name, **facts):
    return InstitutionNameFactory(
        institution=InstitutionFactory(name=None, **facts), name_fr=name, acronym=""
    ).institution


def document_of(project):
    outgoing = publishable_file(project)
    assert publication_errors(outgoing) == []
    return outgoing.document


def held_back(project):
    return publishable_file(project).held_back


# Who reports


def test_the_institution_of_the_identifier_reports_before_the_accountable_one(
    project, organisation
):
    own = an_institution("Le bureau", identifier=organisation.iati_identifier)
    ParticipationFactory(project=project, institution=own, role="implementing")

    assert document_of(project).reporting.names == {"fr": "Le bureau"}


@pytest.mark.parametrize("role", ["implementing", "accountable"])
def test_an_institution_at_risk_reports_for_nobody(project, organisation, role):
    """The other one that is accountable does, and it alone stands at the contact."""
    organisation.public_email = "info@example.org"
    accountable = project.participations.get().institution
    hidden = an_institution("Xochitl", named_to=[], identifier=organisation.iati_identifier)
    ParticipationFactory(project=project, institution=hidden, role=role)

    document = document_of(project)

    names = {"fr": accountable.name}
    assert (document.reporting.names, document.contact.organisation) == (names, names)
    assert b"Xochitl" not in compose_file(project)


@pytest.mark.parametrize(
    ("kind", "country", "code"),
    [
        ("state", "HN", "10"),
        ("donor", "CA", "10"),
        ("civil_society", "HN", "24"),
        ("civil_society", "CA", "22"),
        ("implementer", "HN", "21"),
        ("multilateral", "", "40"),
        ("academic", "HN", "80"),
    ],
)
def test_an_institution_has_the_type_of_its_kind(project, kind, country, code):
    institution = InstitutionFactory(kind=Institution.Kind(kind), country=country)
    ParticipationFactory(project=project, institution=institution, role="funding")

    funding = next(each for each in document_of(project).participants if each.role == "1")

    assert funding.organisation.kind == code


# Names that no text may hold


@pytest.mark.parametrize(
    ("name", "text", "is_found"),
    [
        ("Éric", "Merci à ERIC.", True),
        ("Éric", "Merci à Erica.", False),
        ("Ana", "Merci à Ana.", False),  # three letters are in half of all words
        ("Ana Paz", "Merci à ana  paz !", True),
        ("A.B+C", "Merci à a.b+c.", True),
        ("A.B+C", "Merci à aXb+c.", False),
    ],
)
def test_a_name_of_four_letters_is_found_as_a_word_without_its_accents(
    project, name, text, is_found
):
    AssignmentFactory(project=project, user=UserFactory(full_name=name))

    assert ForbiddenNames.of(project, [], set()).is_named_in(text) is is_found


@pytest.mark.parametrize("who", ["the team", "who left the team", "a contact", "who left it"])
def test_whoever_works_for_the_project_or_did_is_named_in_no_text(project, who):
    over = timezone.localdate() - timedelta(days=1)
    if "team" in who:
        AssignmentFactory(
            project=project,
            user=UserFactory(full_name="Xochitl 01"),
            ends_on=over if "left" in who else None,
        )
    else:
        ContactFactory(
            institution=project.participations.get().institution,
            full_name="Xochitl 01",
            ended_on=over if "left" in who else None,
        )
    project.description_en = "Thanks to Xochitl 01."
    project.save()

    outgoing = publishable_file(project)

    assert outgoing.document is None
    assert outgoing.missing == [
        "Description of the project: the text names a person or an institution at risk. "
        "Change it first."
    ]


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("reference", "Reference of an agreement"),
        ("number", "Donor’s project number"),
        ("sources", "Sources"),
    ],
)
def test_references_numbers_and_notes_name_nobody_either(project, place, where):
    an_institution("Xochitl", named_to=[])
    if place == "reference":
        ParticipationFactory(
            project=project,
            role="funding",
            amount=5,
            agreement=AgreementFactory(reference="Convenio XÓCHITL"),
        )
    elif place == "number":
        project.donor_number = "P-Xochitl"
    else:
        project.source_note_es = "Según Xochitl"
    project.save()

    outgoing = publishable_file(project)

    assert outgoing.document is None
    assert [sentence.partition(":")[0] for sentence in outgoing.missing] == [where]


@pytest.mark.parametrize(
    ("words", "leaves"),
    [
        ("La loi est appliquée", True),
        ("Xochitl 01 dirige le service", False),
        ("Écrire à persona@example.org", False),
        ("Appelez le 504-555-1234", False),
    ],
)
def test_words_leave_where_they_tell_of_no_person(project, words, leaves):
    AssignmentFactory(project=project, user=UserFactory(full_name="Xochitl 01"))
    indicator = IndicatorFactory(
        result=ResultFactory(project=project), measure=Indicator.Measure.QUALITATIVE
    )
    DataPointFactory(
        indicator=indicator, period=PeriodFactory(project=project), numerator=None, comment=words
    )

    assert (words in compose_file(project).decode()) is leaves
    told = [] if leaves else ["1 value in words may reveal something about a person."]
    assert held_back(project) == told


# Amounts


def test_a_promise_of_a_donor_at_risk_stays_and_that_of_another_leaves(project):
    hidden = an_institution("Xochitl", named_to=[])
    for institution, amount in ((hidden, 4321), (an_institution("Ouvert"), 5432)):
        donor = ParticipationFactory(project=project, institution=institution, role="funding")
        ContributionFactory(participation=donor, promised=amount)

    document = document_of(project)

    assert [(p.money.amount, p.provider.name) for p in document.planned_disbursements] == [
        (5432, "Ouvert")
    ]
    assert "1 amount belongs to an institution at risk." in held_back(project)


@pytest.mark.parametrize(
    ("status", "is_planned"),
    [("prepared", False), ("signed", True), ("running", True), ("closed", False), ("ended", False)],
)
def test_an_instalment_is_planned_while_its_grant_is_signed_or_runs(project, status, is_planned):
    grant = GrantFactory(
        project=project, status=status, agreement=AgreementFactory(kind="grant"), amount=9000
    )
    for number, paid in ((1, {}), (2, {"paid_on": START, "reference": "V-1"})):
        Instalment.objects.create(
            grant=grant, number=number, due_on=START, amount=1000 * number, **paid
        )

    planned = document_of(project).planned_disbursements

    amounts = [(each.money.amount, each.money.currency, each.provider) for each in planned]
    assert amounts == ([(1000, "USD", None)] if is_planned else [])


@pytest.mark.parametrize(("days", "leaves"), [(1, False), (2, True), (365, True)])
def test_a_budget_of_a_day_stays_and_one_of_a_year_leaves(project, days, leaves):
    """What is left of a period after its first year is a budget of its own."""
    Budget.objects.create(project=project, approved_on=START)
    PeriodFactory(project=project, number=1, start=START, end=date(2020, 3, 31))
    BudgetLineFactory(
        category=BudgetCategoryFactory(project=project),
        period=PeriodFactory(
            project=project,
            number=2,
            start=date(2020, 4, 1),
            end=date(2021, 3, 31) + timedelta(days=days),
        ),
        original=1000,
    )

    budgets = document_of(project).budgets

    rest = [each for each in budgets if each.start == date(2021, 4, 1)]
    assert [(each.end - each.start).days + 1 for each in rest] == ([days] if leaves else [])
    told = [] if leaves else ["1 budget covers more than a year, or a single day."]
    assert held_back(project)[:1] == told


@pytest.mark.parametrize(
    ("role", "amount", "signed_on", "leaves"),
    [
        ("funding", 5000, START, True),
        ("partner", 5000, START, False),
        ("funding", None, START, False),
        ("funding", 5000, None, False),
    ],
)
def test_what_a_donor_promised_by_a_signed_agreement_leaves(
    project, role, amount, signed_on, leaves
):
    agreement = AgreementFactory(reference="A-1", signed_on=signed_on)
    ParticipationFactory(project=project, role=role, amount=amount, agreement=agreement)

    told = [(t.kind, t.money.amount, t.on, t.ref) for t in document_of(project).transactions]

    assert told == ([("11", 5000, START, "A-1")] if leaves else [])


# Who publishes, and when


def test_an_import_that_nobody_checked_is_not_published(project):
    coordinator = AssignmentFactory(project=project).user
    source = IatiImport.objects.create(
        project=project, identifier="XX-1", version="2.03", file_name="a.xml", sha256="0" * 64
    )
    seen = fingerprint(compose_file(project))

    with pytest.raises(ValidationError, match="nobody has checked"):
        publish(project, by=coordinator, seen=seen)
    source.checked_at = timezone.now()
    source.save()
    publish(project, by=coordinator, seen=seen)

    assert IatiPublication.objects.get().project == project


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("administrator", 403),
        ("coordinator", 200),
        ("monitoring", 403),
        ("finance", 403),
        ("donor", 403),
        ("partner", 404),
    ],
)
def test_the_coordination_alone_makes_a_file_public(client, world, sign_in, role, status):
    sign_in(role)

    page = client.get(reverse("projects:exchange-publish", args=[world.project.code]))

    assert page.status_code == status


@pytest.mark.parametrize(
    ("identifier", "number", "donors", "activity"),
    [
        ("CA-3", "D000000001", 1, "CA-3-D000000001"),
        ("CA-3", "CA-3-D000000001", 2, "CA-3-D000000001"),
        ("CA-3", "D000000001", 2, ""),
        ("", "D000000001", 1, ""),
        ("CA-3", "", 1, ""),
        ("CA-3", "D/1", 1, ""),
    ],
)
def test_money_received_names_the_activity_of_its_donor(
    project, identifier, number, donors, activity
):
    project.donor_number = number
    institution = an_institution("Agence", identifier=identifier)
    donor = ParticipationFactory(project=project, institution=institution, role="funding")
    paid = {"promised": None, "expected_on": None, "received": 700, "received_on": START}
    ContributionFactory(participation=donor, **paid)
    ContributionFactory(participation=donor, promised=5)
    for _other in range(1, donors):
        ParticipationFactory(project=project, role="funding", institution=InstitutionFactory())

    file = publishable_file(project)

    document = file.document
    assert [each.provider_activity for each in document.transactions] == [activity]
    assert [each.provider_activity for each in document.planned_disbursements] == [activity]
    assert activity in [each.activity for each in document.participants if each.role == "1"]
    assert {each.activity for each in document.participants if each.role != "1"} == {""}
    written = to_xml(file.document)
    assert (b"provider-activity-id" in written) is bool(activity)
    names_all = bool(activity) and donors == 1
    assert any("with which activity" in hint for hint in file.hints) is not names_all


@pytest.mark.parametrize(
    ("facts", "is_asked"),
    [
        ({"status": "closed"}, True),
        ({"status": "closed", "actual_end": START}, True),
        ({"status": "closed", "actual_start": START, "actual_end": date(2020, 1, 1)}, False),
        ({"status": "active"}, False),
    ],
)
def test_a_closed_project_should_say_when_it_began_and_ended(project, facts, is_asked):
    for name, value in facts.items():
        setattr(project, name, value)

    file = publishable_file(project)

    assert any("actually began and ended" in hint for hint in file.hints) is is_asked
    said = {"2": facts.get("actual_start"), "4": facts.get("actual_end")}
    assert {kind: file.document.dates.get(kind) for kind in said} == said
    assert file.document.status == {"closed": "4", "active": "2"}[facts["status"]]
