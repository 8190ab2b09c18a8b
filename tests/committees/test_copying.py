"""What a project begins with from another one: rules, an agenda template, a plan; and the usual agenda
of a first meeting."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from committees.agenda.services.agenda import begin_usual_template, copy_template
from committees.agenda.services.carry_over import carry_over, offers_for
from committees.models import ActionTerms, Committee, TemplateItem
from committees.permissions.seats import committees_to_copy, templates_to_copy
from committees.plans.services.lifecycle import USUAL, add_usual_actions
from committees.plans.services.writing import copy_actions
from committees.seats.services.terms import copy_rules
from kernel.languages import LANGUAGES
from kernel.refusal import Refusal
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    AssignmentFactory,
    CommitteeFactory,
    InstitutionFactory,
    MeetingFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def committee():
    return CommitteeFactory(status="draft")


@pytest.fixture
def other():
    other = CommitteeFactory(notice_days=21, decision_rule="majority", terms_text_fr="Le comité…")
    other.quorum_minima.create(kind="state", seats=2)
    TemplateItem.objects.create(committee=other, title_fr="Ouverture", is_recurring=True)
    TemplateItem.objects.create(committee=other, title_fr="Budget", audience="coordination")
    return other


def test_rules_are_copied_with_the_minima_and_leave_the_name(committee, other):
    name = committee.name_fr

    copy_rules(committee, other)

    committee = Committee.objects.get(pk=committee.pk)
    assert (committee.name_fr, committee.notice_days, committee.decision_rule) == (
        *(name, 21),
        "majority",
    )
    assert (
        dict(committee.quorum_minima.values_list("kind", "seats")),
        committee.terms_text_fr,
    ) == (
        {"state": 2},
        "",
    )


def test_terms_are_copied_where_there_are_none_yet(committee, other):
    copy_rules(committee, other, with_terms=True)
    assert Committee.objects.get(pk=committee.pk).terms_text_fr == "Le comité…"

    with pytest.raises(Refusal):
        copy_rules(committee, other, with_terms=True)


def test_a_template_is_copied_once(committee, other):
    TemplateItem.objects.create(committee=committee, title_fr="ouverture")

    assert [copy_template(committee, other), copy_template(committee, other)] == [1, 0]

    assert [item.title_fr for item in committee.template.all()] == ["ouverture", "Budget"]
    assert other.template.count() == 2


def test_only_what_somebody_may_read_is_offered_to_be_copied(committee, other):
    user = UserFactory()
    AssignmentFactory(project=committee.project, user=user)
    assert list(committees_to_copy(user, committee)) == []

    AssignmentFactory(project=other.project, user=user, role="reader")
    assert list(committees_to_copy(user, committee)) == [other]
    assert list(templates_to_copy(user, committee)) == []


def test_a_first_meeting_is_offered_the_usual_agenda_in_each_language(committee):
    MeetingFactory(committee=committee, number=1, recorded_afterwards=True, status="held")
    meeting = MeetingFactory(committee=committee, number=2, status="planned")
    later = MeetingFactory(
        committee=committee,
        number=3,
        status="planned",
        starts_at=meeting.ends_at,
        ends_at=meeting.ends_at + timedelta(hours=1),
    )
    usual = [offer for offer in offers_for(meeting) if offer.source == "usual"]
    assert len(usual) == 7
    assert all(set(offer.titles) == set(LANGUAGES) for offer in usual)

    carry_over(meeting, [offer.key for offer in usual])

    assert next(item.title_es for item in meeting.items.all()).startswith("Apertura")
    assert not [offer for offer in offers_for(meeting) if offer.source == "usual"]
    # Later meetings are offered what comes back at each, around what is open.
    MeetingFactory._meta.model.objects.filter(pk=meeting.pk).update(status="held")
    meeting.items.update(status="discussed")
    offered = [(offer.source, offer.titles["en"]) for offer in offers_for(later)]
    assert [title for source, title in offered if source == "usual"] == [
        "Opening and check of the quorum",
        "Adoption of the agenda",
        "Other business",
        "Date of the next meeting and closing",
    ]
    assert offered[0] == ("usual", "Opening and check of the quorum")


def test_the_minutes_follow_the_opening_and_all_else_comes_before_the_closing(committee):
    MeetingFactory(committee=committee, number=1, status="held")
    start = timezone.now() + timedelta(days=30)
    meeting = MeetingFactory(
        committee=committee,
        number=2,
        status="planned",
        starts_at=start,
        ends_at=start + timedelta(hours=2),
    )
    usual = [offer.key for offer in offers_for(meeting) if offer.source == "usual"]
    carry_over(meeting, usual)
    TemplateItem.objects.create(committee=committee, position=1, title_en="Audit")

    chosen = [each.key for each in offers_for(meeting) if each.source in {"minutes", "template"}]
    carry_over(meeting, chosen)

    assert [item.title_en for item in meeting.items.on_agenda()] == [
        "Opening and check of the quorum",
        "Adoption of the agenda",
        "Adoption of the minutes of the previous meeting",
        "Other business",
        "Audit",
        "Date of the next meeting and closing",
    ]


def test_the_meeting_that_constitutes_is_offered_just_that(committee):
    meeting = MeetingFactory(committee=committee, number=1, status="planned", is_constitutive=True)

    usual = [offer.titles["en"] for offer in offers_for(meeting) if offer.source == "usual"]

    assert usual[2] == "Constitution of the committee and adoption of its terms of reference"
    assert len(usual) == 8


def test_an_empty_template_begins_with_the_usual_agenda(committee):
    assert [begin_usual_template(committee), begin_usual_template(committee)] == [7, 0]


@pytest.fixture
def plans():
    """A plan of another project, and an empty one of ours that shares one of two institutions."""
    ours = ProjectFactory()
    shared, foreign, own = (InstitutionFactory() for _ in range(3))
    for institution in (shared, own):
        ParticipationFactory(project=ours, institution=institution)
    source = ActionPlanFactory()
    result = ResultFactory(project=source.project, code="1100")
    ResultFactory(project=ours, code="1100")
    for number, responsible in enumerate((shared, foreign)):
        ActionTermsFactory(
            plan=source,
            action=ActionFactory(project=source.project, reference=f"1.{number + 1}"),
            title_fr=f"Action {number}",
            responsible=responsible,
            result=result,
            budget=100,
            starts_on=date(2019, 6, 1),
            ends_on=date(2019, 8, 1),
        )
    year = PeriodFactory(project=ours, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31))
    return source, ActionPlanFactory(project=ours, period=year), shared, own


def test_a_plan_is_copied_with_its_words_and_fitted_to_the_project(plans):
    source, plan, shared, own = plans
    gap = plan.period.start - source.period.start

    assert copy_actions(plan, source, otherwise=own) == 2

    rows = list(plan.terms.order_by("title_fr"))
    assert [(row.title_fr, row.responsible, row.budget) for row in rows] == [
        ("Action 0", shared, None),
        ("Action 1", own, None),
    ]
    assert {row.result.project for row in rows} == {plan.project}
    assert {row.starts_on for row in rows} == {date(2019, 6, 1) + gap}
    with pytest.raises(Refusal):
        copy_actions(plan, source, otherwise=own)


def test_the_pages_copy_and_lead_on(committee, other, plans, client):
    user = UserFactory(is_staff=True)
    client.force_login(user)
    source, plan, _shared, own = plans
    url = reverse("committees:copy-rules", args=[committee.pk])

    assert client.get(url).status_code == 200
    assert client.post(url, {"source": other.pk}).url == reverse(
        "committees:edit", args=[committee.pk]
    )
    template = reverse("committees:agenda-template", args=[committee.pk])
    copy = reverse("committees:agenda-template-copy", args=[committee.pk])
    assert client.post(copy, {"source": other.pk}).url == template
    url = reverse("committees:plan-copy", args=[plan.pk])
    assert client.get(url).status_code == 200
    client.post(url, {"source": source.pk, "otherwise": own.pk})
    assert plan.terms.count() == 2


@pytest.mark.parametrize("begins", ["usual", "source", ""])
def test_a_plan_begins_with_the_usual_actions_or_those_of_another(plans, client, begins):
    source, plan, _shared, _own = plans
    coordinator = UserFactory()
    for project in (source.project, plan.project):
        AssignmentFactory(project=project, user=coordinator, role="coordinator")
    year, project = plan.period, plan.project
    plan.delete()
    client.force_login(coordinator)

    client.post(
        reverse("committees:plan-create", args=[project.code]),
        {"period": year.pk, "begin_with": source.pk if begins == "source" else begins},
    )

    terms = list(ActionTerms.objects.filter(plan__period=year))
    assert len(terms) == {"usual": len(USUAL), "source": 2, "": 0}[begins]
    assert all(year.start <= one.starts_on <= one.ends_on <= year.end for one in terms)
    assert all(one.title_fr and (begins != "usual" or one.title_es) for one in terms)


def test_the_usual_actions_share_what_is_left_of_the_year_in_the_languages_of_the_project(plans):
    plan, own = plans[1], plans[3]
    plan.project.languages = ["es"]

    with time_machine.travel(plan.period.start + timedelta(days=200)):
        first = timezone.localdate()
        add_usual_actions(plan, own)

    terms = list(plan.terms.all())
    assert min(one.starts_on for one in terms) == first
    assert max(one.ends_on for one in terms) == plan.period.end
    assert all(one.title_es and not (one.title_fr or one.title_en) for one in terms)
