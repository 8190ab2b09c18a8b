"""In each list, a row that others do not see, or a figure that is withheld, says so in words, in three
languages: whoever sees it has to know who does not."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from committees.models import ActionPlan, Meeting
from projects.models import MailNote
from reports.models import FiledDocument
from tests.factories import (
    ActivityFactory,
    AgendaItemFactory,
    CategoryFactory,
    ContactFactory,
    DataPointFactory,
    DimensionFactory,
    DocumentFactory,
    EvidenceFactory,
    MeetingFactory,
    ProposedChangeFactory,
    RemarkFactory,
    RiskFactory,
    UserFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "fr", "es")
COORDINATION = ("Coordination only", "Coordination seulement", "Solo la coordinación")
SMALL = (
    "Not disclosed: fewer than 5 persons",
    "Non communiqué : moins de 5 personnes",
    "No se comunica: menos de 5 personas",
)


def unshared_risk(world):
    RiskFactory(project=world.project, is_shared=False)
    return reverse("projects:risks", args=[world.project.code])


def reserved_item(world):
    meeting = MeetingFactory(committee=world.committee, number=7, status=Meeting.Status.PLANNED)
    AgendaItemFactory(meeting=meeting, audience="coordination")
    return meeting.get_absolute_url()


def document_of_the_meeting(world):
    DocumentFactory(meeting=world.meeting, audience="coordination")
    return world.meeting.get_absolute_url()


def in_review(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_REVIEW, review_until=timezone.localdate() + timedelta(days=7)
    )


def remark_on_the_plan(world):
    in_review(world)
    RemarkFactory(
        plan=world.plan, institution=world.institutions["partner"], audience="coordination"
    )
    return world.plan.get_absolute_url()


def proposal_on_the_plan(world):
    in_review(world)
    ProposedChangeFactory(
        plan=world.plan,
        action=world.action,
        institution=world.institutions["partner"],
        audience="coordination",
    )
    return world.plan.get_absolute_url()


def message_by_mail(world):
    MailNote.objects.create(
        project=world.project, by=world.people["member"], thing=world.project, text="…"
    )
    return reverse("projects:mail-notes", args=[world.project.code])


def evidence_of_the_team(world):
    activity = ActivityFactory(project=world.project)
    EvidenceFactory(activity=activity, audience="team")
    return activity.get_absolute_url()


def confidential_document(world):
    FiledDocument.objects.create(
        project=world.project,
        kind="other",
        title="Lettre",
        language="fr",
        on=timezone.localdate(),
        is_confidential=True,
    )
    return reverse("projects:documents", args=[world.project.code])


def pseudonymous_person(world):
    institution = world.institutions["partner"]
    ContactFactory(institution=institution, user=UserFactory(), is_pseudonymous=True)
    return institution.get_absolute_url()


def small_count(world):
    indicator = world.indicator
    indicator.counts_persons = True
    indicator.save()
    DataPointFactory(indicator=indicator, period=world.year, numerator=3)
    return reverse("projects:framework", args=[world.project.code])


def small_breakdown(world):
    sex = DimensionFactory(name_fr="Sexe")
    indicator = world.indicator
    indicator.counts_persons, indicator.dimension = True, sex
    indicator.save()
    for name, count in (("Femmes", 40), ("Hommes", 2)):
        category = CategoryFactory(dimension=sex, name_fr=name)
        DataPointFactory(indicator=indicator, period=world.year, category=category, numerator=count)
    DataPointFactory(indicator=indicator, period=world.year, numerator=42)
    return indicator.get_absolute_url()


# What is restricted, who looks at the list, and the words of the row.
LISTS = [
    (
        unshared_risk,
        "coordinator",
        (
            "not shared with the committee",
            "non partagé avec le comité",
            "no compartido con el comité",
        ),
    ),
    (reserved_item, "coordinator", COORDINATION),
    (document_of_the_meeting, "coordinator", COORDINATION),
    (remark_on_the_plan, "coordinator", COORDINATION),
    (proposal_on_the_plan, "coordinator", COORDINATION),
    (message_by_mail, "coordinator", COORDINATION),
    (evidence_of_the_team, "coordinator", ("Team only", "Équipe seulement", "Solo el equipo")),
    (confidential_document, "coordinator", ("Confidential", "Confidentiel", "Confidencial")),
    (pseudonymous_person, "coordinator", ("Pseudonymous", "Sous pseudonyme", "Con seudónimo")),
    (small_count, "partner", SMALL),
    (
        small_breakdown,
        "partner",
        (
            "Breakdown not disclosed",
            "Ventilation non communiquée",
            "Desagregación no comunicada",
        ),
    ),
]


def words_of(client, url, language):
    User.objects.update(language=language)
    page = client.get(url)
    assert page.status_code == 200
    main = page.content.decode().split("<main", 1)[1].replace("\u00a0", " ")
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@pytest.mark.every_case
@pytest.mark.parametrize(
    ("restrict", "reader", "words"), LISTS, ids=[case[0].__name__ for case in LISTS]
)
def test_a_restricted_row_says_so_in_three_languages(client, restrict, reader, words):
    world = World()
    client.force_login(world.people[reader])
    url = restrict(world)

    missing = {
        language: word
        for language, word in zip(LANGUAGES, words, strict=True)
        if word not in words_of(client, url, language)
    }

    assert missing == {}
