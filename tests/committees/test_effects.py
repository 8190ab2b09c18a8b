"""What is decided takes effect: the committee is constituted, plans are validated, amendments
recommended, whenever they were entered."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from committees.agenda.services.agenda import USUAL
from committees.agenda.services.carry_over import carry_over, offers_for
from committees.minutes.forms import decisions_since
from committees.minutes.services.minutes import adopt_minutes, start_minutes
from committees.models import (
    AgendaItem,
    Committee,
    Meeting,
    Resolution,
    Subject,
    WrittenConsultation,
)
from committees.plans.services.lifecycle import start_plan
from committees.resolutions.correcting import supersede, withdraw
from committees.resolutions.effects import DecisionEffects, bring_about, effects_of
from committees.resolutions.services import record_decision
from kernel.refusal import Refusal
from projects.models import Amendment
from tests.committees.test_correcting import correct, record, remove
from tests.factories import (
    ActionPlanFactory,
    AgendaItemFactory,
    AmendmentFactory,
    AttendanceFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def item(world):
    AttendanceFactory(meeting=world.meeting, seat=world.seat)
    return AgendaItemFactory(meeting=world.meeting, purpose=AgendaItem.Purpose.DECIDE)


@pytest.fixture
def founding(world, item):
    """The item by which the first meeting constitutes the committee, as it is proposed."""
    Committee.objects.update(status=Committee.Status.DRAFT)
    Meeting.objects.update(is_constitutive=True)
    [usual] = [one for one in USUAL if one.is_founding]
    AgendaItem.objects.filter(pk=item.pk).update(title_en=usual.titles["en"])
    return AgendaItem.objects.get(pk=item.pk)


def decide(client, item, **facts):
    """Save the form as it is proposed, with these words."""
    url = reverse("committees:decision-create", args=[item.pk])
    form = client.get(url).context["form"]
    shown = {name: form[name].value() for name in form.fields} | {"text_en": "It is so decided."}
    sent = {name: value for name, value in (shown | facts).items() if value is not None}
    return client.post(url, sent)


# The committee


def test_the_constituting_meeting_constitutes_the_committee(founding, world, sign_in):
    decide(sign_in("coordinator"), founding)

    world.committee.refresh_from_db()
    decision = founding.resolutions.get()
    assert world.committee.status == Committee.Status.ACTIVE
    assert world.committee.terms_adopted_by == decision
    step = world.committee.status_changes.get()
    assert (step.verb, step.happened_on) == ("constitute", world.meeting.day)


def test_other_items_of_the_constituting_meeting_only_offer_it(founding, world, sign_in):
    other = AgendaItemFactory(meeting=founding.meeting, purpose=AgendaItem.Purpose.DECIDE)

    decide(sign_in("coordinator"), other)

    world.committee.refresh_from_db()
    assert world.committee.status == Committee.Status.DRAFT


def test_a_committee_constituted_by_the_wrong_decision_is_a_draft_again(founding, world, sign_in):
    client = sign_in("coordinator")
    decide(client, founding)
    wrong = founding.resolutions.get()

    correct(client, wrong, effects=[])

    world.committee.refresh_from_db()
    assert (world.committee.status, world.committee.terms_adopted_by) == ("draft", None)
    decide(client, founding, text_en="The committee is constituted.")
    world.committee.refresh_from_db()
    assert world.committee.status == Committee.Status.ACTIVE
    assert world.committee.terms_adopted_by != wrong


def test_a_committee_that_has_decided_since_remains_constituted(
    founding, world, sign_in, later_decision
):
    client = sign_in("coordinator")
    decide(client, founding)

    answer = remove(client, founding.resolutions.get())

    assert "so it remains constituted" in answer.content.decode()
    assert founding.resolutions.exists()
    world.committee.refresh_from_db()
    assert world.committee.status == Committee.Status.ACTIVE


def test_the_refusal_of_a_written_procedure_leads_to_the_constitution(world, sign_in):
    Committee.objects.update(status=Committee.Status.DRAFT)
    consultation = WrittenConsultation.objects.create(
        committee=world.committee,
        title_en="Minutes",
        text_en="Adopted.",
        why_written="Soon.",
        answers_until=world.project.today + timedelta(days=10),
    )
    client = sign_in("coordinator")

    pages = [
        client.get(consultation.get_absolute_url()),
        client.get(reverse("committees:consultation-create", args=[world.committee.pk])),
    ]

    link = reverse("committees:committee-step", args=[world.committee.pk, "constitute"])
    assert [f'href="{link}"' in page.content.decode() for page in pages] == [True, True]


def test_nobody_is_offered_to_constitute_the_committee_in_writing(founding, world, sign_in):
    consultation = WrittenConsultation.objects.create(
        committee=world.committee,
        title_en="Terms",
        text_en="Adopted.",
        why_written="Soon.",
        answers_until=world.project.today + timedelta(days=10),
    )
    client = sign_in("coordinator")

    def offered(name, pk):
        form = client.get(reverse(f"committees:{name}", args=[pk])).context["form"]
        field = form.fields.get("effects")
        return field is not None and "terms" in dict(field.choices)

    assert offered("decision-create", founding.pk)
    assert not offered("consultation-edit", consultation.pk)


# Amendments


def test_an_extension_decided_in_session_is_drafted_and_recommended(item, world, sign_in):
    end = world.project.current_end + timedelta(days=90)
    client = sign_in("coordinator")

    too_early = decide(client, item, extends_to=world.project.current_end)
    decide(client, item, extends_to=end)

    assert too_early.context["form"].has_error("extends_to")
    [amendment] = world.project.amendments.with_dates()
    decision = item.resolutions.get()
    assert (amendment.kind, amendment.end_after) == (Amendment.Kind.EXTENSION, end)
    assert amendment.status == Amendment.Status.RECOMMENDED
    assert amendment.recommended_on == decision.resolved_on
    assert amendment.reason_en == "It is so decided."
    world.project.refresh_from_db()
    assert world.project.current_end < end


def test_a_reserved_decision_gives_its_amendment_no_words(item, world, sign_in):
    AgendaItem.objects.filter(pk=item.pk).update(audience="coordination")
    end = world.project.current_end + timedelta(days=90)

    decide(sign_in("coordinator"), item, extends_to=end)

    amendment = world.project.amendments.get()
    assert amendment.reason_en == amendment.title_en
    assert "It is so decided." not in amendment.reason_en


def test_a_decision_recommends_an_amendment_that_is_entered_afterwards(item, world, sign_in):
    decision = record(item, world)
    amendment, client = AmendmentFactory(project=world.project), sign_in("coordinator")
    url = reverse("committees:amendment-recommend", args=[amendment.pk])

    page = client.get(amendment.get_absolute_url()).content.decode()
    client.post(url, {"decision": decision.pk})

    assert f'href="{url}"' in page
    [amendment] = world.project.amendments.with_dates()
    assert amendment.status == Amendment.Status.RECOMMENDED
    assert amendment.recommended_on == decision.resolved_on
    assert decision.subjects.get().thing == amendment
    page = client.get(amendment.get_absolute_url()).content.decode()
    assert url not in page
    assert client.get(url).status_code == 302


def test_what_holds_no_more_recommends_nothing(item, world, sign_in):
    decision = record(item, world)
    decision.take("withdraw", by=None)
    amendment = AmendmentFactory(project=world.project)
    url = reverse("committees:amendment-recommend", args=[amendment.pk])

    answer = sign_in("coordinator").post(url, {"decision": decision.pk})

    assert answer.context["form"].has_error("decision")
    amendment.refresh_from_db()
    assert amendment.status == Amendment.Status.DRAFT


# Plans


@pytest.fixture
def presented(world):
    return ActionPlanFactory(period=world.plan.period, version=2, status="presented")


def test_a_plan_that_awaits_the_committee_is_proposed_for_the_next_agenda(
    planned, presented, sign_in
):
    [offer] = [one for one in offers_for(planned) if one.source == AgendaItem.Source.PLANS]
    carry_over(planned, [offer.key])

    item = planned.items.get(source=AgendaItem.Source.PLANS)
    assert (item.purpose, item.title_en) == ("decide", "Validation of the action plan")
    assert [subject.thing for subject in item.subjects.all()] == [presented]
    assert AgendaItem.Source.PLANS not in [one.source for one in offers_for(planned)]


def test_the_item_of_a_plan_proposes_its_validation(item, presented, sign_in):
    item.subjects.create(plan=presented)

    decide(sign_in("coordinator"), item, subjects=[])

    presented.refresh_from_db()
    assert (presented.status, presented.validated_by) == ("validated", item.resolutions.get())


def test_a_draft_brings_about_what_was_proposed_when_it_is_adopted(item, presented, world, sign_in):
    item.subjects.create(plan=presented)
    draft = record_decision(Resolution(agenda_item=item, text_fr="Validé."), by=None, adopt=False)
    url = reverse("committees:resolution-step", args=[draft.pk, "adopt"])

    form = sign_in("coordinator").get(url).context["form"]

    assert form["effects"].value() == [f"actionplan-{presented.pk}"]


def test_without_a_decision_the_validation_leads_to_where_one_is_taken(
    planned, presented, world, sign_in
):
    url = reverse("committees:plan-validate", args=[presented.pk])

    page = sign_in("coordinator").get(url).content.decode()

    write = reverse("committees:consultation-create", args=[world.committee.pk])
    in_writing = f"{write}?plan={presented.pk}"
    for link in (
        world.meeting.get_absolute_url(),
        reverse("committees:carry-over", args=[planned.pk]),
        in_writing,
    ):
        assert f'href="{link}"' in page, link
    form = sign_in("coordinator").get(in_writing).context["form"]
    assert form["effects"].value() == [f"actionplan-{presented.pk}"]
    assert form["title_en"].value() == "Action plan, year 1, version 2"
    assert form["text_en"].value() == "The committee validates: Action plan, year 1, version 2."
    assert form["why_written"].value()
    other = sign_in("coordinator").get(f"{write}?plan={presented.pk + 1}").context["form"]
    assert (other["effects"].value(), other["title_en"].value()) == ([], "")


def test_an_amendment_that_the_donor_sent_back_waits_for_a_decision_again(item, world, sign_in):
    decision = record(item, world)
    amendment, client = AmendmentFactory(project=world.project), sign_in("coordinator")
    url = reverse("committees:amendment-recommend", args=[amendment.pk])
    client.post(url, {"decision": decision.pk})
    amendment.refresh_from_db()
    amendment.take("submit", by=None)
    amendment.take("ask_changes", by=None)

    [amendment] = world.project.amendments.with_dates()
    page = client.get(amendment.get_absolute_url()).content.decode()

    assert (amendment.recommended_on, amendment.submitted_on) == (None, None)
    assert f'href="{url}"' in page
    assert effects_of(decision).things == ()
    client.post(url, {"decision": decision.pk})
    assert effects_of(decision).things == (amendment,)


def test_a_withdrawn_decision_adopts_no_minutes(world, later_decision):
    minutes = start_minutes(world.meeting, language="fr")
    assert later_decision in decisions_since(minutes)
    later_decision.take("withdraw", by=None)

    assert later_decision not in decisions_since(minutes)
    with pytest.raises(Refusal, match="Only an adopted decision"):
        adopt_minutes(minutes, decision=later_decision, by=None)


# Decisions that hold no more


def english(thing):
    with translation.override("en"):
        return str(thing)


def end(client, decision, verb, **facts):
    """Look at the page on which the decision is replaced or withdrawn, and save it."""
    url = reverse("committees:resolution-step", args=[decision.pk, verb])
    page = client.get(url)
    client.post(url, {"why": "By mistake."} | facts)
    return page


def test_what_nothing_depends_on_goes_with_a_withdrawn_decision(item, presented, sign_in):
    client = sign_in("coordinator")
    decide(client, item, effects=[f"actionplan-{presented.pk}"])

    page = end(client, item.resolutions.get(), "withdraw")

    said = f"What it brought about is taken back: {english(presented)}."
    assert said in page.content.decode()
    presented.refresh_from_db()
    assert (presented.status, presented.validated_by) == ("presented", None)
    assert item.resolutions.get().status == "superseded"


def test_what_something_depends_on_stays_and_the_page_says_what_to_do(item, presented, sign_in):
    client = sign_in("coordinator")
    decide(client, item, effects=[f"actionplan-{presented.pk}"])
    presented.refresh_from_db()
    start_plan(presented, by=None)

    page = end(client, item.resolutions.get(), "withdraw")

    said = page.content.decode()
    assert "so the decision keeps its effect. Open a new version of the plan." in said
    assert "is taken back" not in said
    presented.refresh_from_db()
    assert (presented.status, presented.validated_by) == ("in_execution", item.resolutions.get())


@pytest.mark.parametrize("passes", [True, False])
def test_an_effect_passes_to_the_decision_in_its_place_if_it_is_ticked(
    item, presented, world, sign_in, passes
):
    client, key = sign_in("coordinator"), f"actionplan-{presented.pk}"
    decide(client, item, effects=[key])
    decision, successor = item.resolutions.get(), record(item, world)
    chosen = {"effects": [key]} if passes else {}

    page = end(client, decision, "supersede", successor=successor.pk, **chosen)

    offered = page.context["form"]["effects"]
    assert [one[0] for one in offered.field.choices] == [key]
    assert not offered.value()
    presented.refresh_from_db()
    expected = ("validated", successor) if passes else ("presented", None)
    assert (presented.status, presented.validated_by) == expected
    assert effects_of(decision).things == ()


def test_the_constitution_passes_to_the_decision_in_its_place(founding, world, sign_in):
    client = sign_in("coordinator")
    decide(client, founding)
    decision, successor = founding.resolutions.get(), record(founding, world)

    end(client, decision, "supersede", successor=successor.pk, effects=["terms"])

    world.committee.refresh_from_db()
    assert (world.committee.status, world.committee.terms_adopted_by) == ("active", successor)


def test_a_decision_without_effects_is_replaced_as_before(item, world, sign_in):
    decision, successor = record(item, world), record(item, world)

    page = end(sign_in("coordinator"), decision, "supersede", successor=successor.pk)

    assert "effects" not in page.context["form"].fields
    decision.refresh_from_db()
    assert decision.superseded_by == successor


# Drafts of an extension


@pytest.fixture
def extension(item, world, sign_in):
    """The amendment that was drafted with the only decision of the item."""
    end = world.project.current_end + timedelta(days=90)
    decide(sign_in("coordinator"), item, extends_to=end)
    return world.project.amendments.get()


@pytest.mark.parametrize("verb", ["remove", "withdraw"])
def test_an_untouched_draft_goes_with_its_decision(item, extension, sign_in, verb):
    client, decision = sign_in("coordinator"), item.resolutions.get()

    if verb == "remove":
        page = client.get(reverse("committees:resolution-remove", args=[decision.pk]))
        remove(client, decision)
    else:
        page = end(client, decision, "withdraw")

    said = f"Drafted with it and unchanged since, so deleted: {english(extension)}."
    assert said in page.content.decode()
    assert not Amendment.objects.filter(pk=extension.pk).exists()
    assert Amendment.history.filter(id=extension.pk).first().history_type == "-"


@pytest.mark.parametrize("touched", ["edited", "filed", "asked", "other"])
def test_a_draft_on_which_somebody_worked_stays_and_the_page_says_so(
    item, extension, world, sign_in, touched
):
    client, decision = sign_in("coordinator"), item.resolutions.get()
    if touched == "edited":
        extension.reason_en = "Three months more."
        extension.save()
    elif touched == "filed":
        extension.files.create(category="other", size=1, sha256="0" * 64)
    elif touched == "asked":
        AgendaItemFactory(meeting=world.meeting).subjects.create(amendment=extension)
    else:  # entered by somebody, for a reason that ends as the decision, which recommends it
        Subject.objects.filter(amendment=extension).delete()
        decision.subjects.create(amendment=extension)

    page = client.get(reverse("committees:resolution-remove", args=[decision.pk]))
    remove(client, decision)

    assert f"Its amendments stay as drafts: {english(extension)}." in page.content.decode()
    extension.refresh_from_db()
    assert extension.status == Amendment.Status.DRAFT
    assert not item.resolutions.exists()


def test_a_draft_that_passes_to_the_decision_in_its_place_is_not_deleted(
    item, extension, world, sign_in
):
    decision, successor = item.resolutions.get(), record(item, world)
    key = f"amendment-{extension.pk}"

    end(sign_in("coordinator"), decision, "supersede", successor=successor.pk, effects=[key])

    extension.refresh_from_db()
    assert extension.status == Amendment.Status.RECOMMENDED
    assert effects_of(successor).things == (extension,)


def test_a_draft_is_known_by_its_link_and_not_by_words_of_its_history(item, extension, sign_in):
    Amendment.history.filter(id=extension.pk).update(history_change_reason=None)

    remove(sign_in("coordinator"), item.resolutions.get())

    assert not Amendment.objects.filter(pk=extension.pk).exists()


# What comes back with a decision that holds again


@pytest.mark.parametrize("passes", [True, False])
def test_what_a_decision_lost_comes_back_when_the_one_in_its_place_is_removed(
    item, presented, world, sign_in, passes
):
    client, keys = sign_in("coordinator"), [f"actionplan-{presented.pk}", "closes"]
    world.project.current_end = world.project.today + timedelta(days=30)
    world.project.save()
    decide(client, item, effects=keys)
    decision, successor = item.resolutions.get(), record(item, world)
    chosen = {"effects": keys} if passes else {}
    end(client, decision, "supersede", successor=successor.pk, **chosen)

    page = client.get(reverse("committees:resolution-remove", args=[successor.pk]))
    remove(client, successor)

    assert "holds again, and brings about again:" in page.content.decode()
    decision.refresh_from_db()
    presented.refresh_from_db()
    assert (decision.status, decision.closes_project) == ("adopted", True)
    assert (presented.status, presented.validated_by) == ("validated", decision)
    assert decision.subjects.get().thing == presented


def test_what_another_decision_brought_about_meanwhile_stays_with_that_one(
    item, presented, world, sign_in
):
    client, key = sign_in("coordinator"), f"actionplan-{presented.pk}"
    decide(client, item, effects=[key])
    decision, successor = item.resolutions.get(), record(item, world)
    end(client, decision, "supersede", successor=successor.pk)
    other = record(item, world)
    bring_about(other, DecisionEffects((presented,)), by=None)

    remove(client, successor)

    presented.refresh_from_db()
    assert presented.validated_by == other


def test_the_constitution_comes_back_to_the_decision_that_holds_again(founding, world, sign_in):
    client = sign_in("coordinator")
    decide(client, founding)
    decision, successor = founding.resolutions.get(), record(founding, world)
    end(client, decision, "supersede", successor=successor.pk, effects=["terms"])

    remove(client, successor)

    world.committee.refresh_from_db()
    assert (world.committee.status, world.committee.terms_adopted_by) == ("active", decision)


# The budget, and the end of the project


def test_a_reallocation_is_an_amendment_that_the_decision_recommends(item, world, sign_in):
    budget = AmendmentFactory(project=world.project, kind=Amendment.Kind.BUDGET)
    url = reverse("committees:decision-create", args=[item.pk])

    choices = dict(sign_in("coordinator").get(url).context["form"]["effects"].field.choices)

    label = choices[f"amendment-{budget.pk}"]
    assert label.startswith("recommends the reallocation or change of the budget")


def test_the_closing_of_the_project_names_the_decision_that_approved_it(item, world, sign_in):
    client = sign_in("coordinator")
    url = reverse("committees:decision-create", args=[item.pk])
    world.project.current_end = world.project.today + timedelta(days=500)
    world.project.save()
    offered = [key for key, _label in client.get(url).context["form"]["effects"].field.choices]
    assert "closes" not in offered
    world.project.current_end = world.project.today + timedelta(days=30)
    world.project.save()
    record(item, world)

    decide(client, item, effects=["closes"])

    decision = item.resolutions.get(closes_project=True)
    closing = reverse("projects:closing", args=[world.project.code])
    assert f'href="{closing}"' in client.get(decision.get_absolute_url()).content.decode()
    world.project.refresh_from_db()
    assert not world.project.is_closed
    form = client.get(closing).context["form"]
    assert form["decision"].value() == decision.pk
    shown = {name: form[name].value() for name in form.fields}
    facts = {"decision": decision.pk, "confirmed": "on", "why": "It is over."}
    client.post(closing, {name: value for name, value in (shown | facts).items() if value})
    assert world.project.closings.get().decision == decision
    assert (
        f"Approved by the committee: {english(decision)}." in client.get(closing).content.decode()
    )


def test_a_withdrawn_decision_closes_nothing(item, world, sign_in):
    client = sign_in("coordinator")
    decide(client, item, effects=["closes"])

    end(client, item.resolutions.get(), "withdraw")

    assert not item.resolutions.get().closes_project


def test_a_decision_by_which_the_project_was_closed_keeps_that(item, world, sign_in):
    client = sign_in("coordinator")
    decide(client, item, effects=["closes"])
    decision = item.resolutions.get()
    world.project.closings.create(decision=decision, closed_on=world.project.today)

    page = end(client, decision, "withdraw")

    assert "The project was closed by it" in page.content.decode()
    assert item.resolutions.get().closes_project


# What comes late


def test_terms_that_were_adopted_meanwhile_stay_those_of_the_first_decision(item, world):
    first, late = record(item, world), record(item, world)
    by = world.people["coordinator"]
    bring_about(first, DecisionEffects(adopts_terms=True), by=by)

    bring_about(late, DecisionEffects(adopts_terms=True), by=by)

    world.committee.refresh_from_db()
    assert world.committee.terms_adopted_by == first
    withdraw(late, by=by, why="It came too late.")
    world.committee.refresh_from_db()
    assert world.committee.terms_adopted_by == first


def test_an_extension_that_was_reached_meanwhile_is_not_drafted_again(item, world):
    decision = record(item, world)

    effects = DecisionEffects(extends_to=world.project.current_end)
    bring_about(decision, effects, by=world.people["coordinator"])

    assert not Amendment.objects.filter(project=world.project).exists()


def test_a_decision_that_holds_no_more_takes_no_place(item, world):
    decision, successor = record(item, world), record(item, world)
    by = world.people["coordinator"]
    withdraw(successor, by=by, why="It was a mistake.")

    with pytest.raises(Refusal, match="Choose another decision"):
        supersede(decision, by=by, why="So it was meant.", successor=successor)


def test_what_was_lost_before_that_was_kept_does_not_come_back_and_the_page_says_so(
    item, presented, world, sign_in
):
    client, key = sign_in("coordinator"), f"actionplan-{presented.pk}"
    decide(client, item, effects=[key])
    decision, successor = item.resolutions.get(), record(item, world)
    end(client, decision, "supersede", successor=successor.pk, effects=[key])
    Resolution.objects.filter(pk=decision.pk).update(effects_before=None)

    page = client.get(reverse("committees:resolution-remove", args=[successor.pk]))

    assert "holds again, without the effects" in page.content.decode()
