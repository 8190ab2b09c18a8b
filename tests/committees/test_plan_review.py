"""A plan in review: institutions are told, remark and take a position; the coordination enters
what came otherwise, replies, and nobody's silence counts as consent."""

import re
import uuid
from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AccessLink
from committees.models import ActionPlan, Channel, Position, Remark
from committees.plans.services.review import (
    AnswerOrigin,
    extend_review,
    give_remark,
    links_of,
    open_review,
    take_position,
)
from kernel.formats import day
from kernel.personal import CHECKED
from kernel.refusal import Refusal
from projects.models import Participation
from tests.factories import (
    ActionPlanFactory,
    ActionTermsFactory,
    ContactFactory,
    ParticipationFactory,
    PositionFactory,
    SeatTermFactory,
    UserFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

Status, Stance = ActionPlan.Status, Position.Stance


@pytest.fixture
def world():
    world = World()
    world.plan.status = Status.IN_REVIEW
    world.plan.review_until = timezone.localdate() + timedelta(days=6)
    world.plan.save()
    return world


def sign_in(client, world, role):
    client.force_login(world.people[role])
    return world.people[role]


def position_url(world):
    return reverse("committees:plan-position", args=[world.plan.pk])


def remark_url(world):
    return reverse("committees:plan-remark", args=[world.plan.pk])


def position(world, role="partner", **changes):
    return {
        "institution": world.institutions[role].pk,
        "stance": "endorses",
        "text": "",
        "audience": "coordination",
        "key": str(uuid.uuid4()),
    } | changes


def remark(world, role="partner", **changes):
    return {
        "institution": world.institutions[role].pk,
        "action": "",
        "text": "Novembre conviendrait mieux.",
        "audience": "coordination",
        "key": str(uuid.uuid4()),
    } | changes


# Opening


def test_opening_the_review_tells_each_person_in_their_language(
    world, mailoutbox, organisation, django_capture_on_commit_callbacks
):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.DRAFT, review_until=None)
    world.plan.refresh_from_db()
    member, partner = world.people["member"], world.people["partner"]
    member.language, partner.language = "es", "fr"
    member.save()
    partner.save()
    until = timezone.localdate() + timedelta(days=10)

    with django_capture_on_commit_callbacks(execute=True):
        told = open_review(world.plan, until=until, by=world.people["coordinator"])

    sent = {message.to[0]: message for message in mailoutbox}
    assert told.people == 2
    assert set(sent) == {member.email, partner.email}
    for message in mailoutbox:
        outside = f"{message.subject} {message.from_email}"
        assert str(world.project) not in outside
        assert str(organisation) not in outside
        assert world.people["coordinator"].full_name in message.from_email
        assert "/plans/link/" in message.body
    for person in (member, partner):
        with translation.override(person.language):
            assert day(until) in sent[person.email].body
    assert world.plan.status == Status.IN_REVIEW
    assert world.plan.review_until == until


def test_each_link_is_of_one_person_and_lasts_thirty_days_past_the_deadline(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.DRAFT, review_until=None)
    world.plan.refresh_from_db()
    until = timezone.localdate() + timedelta(days=10)

    open_review(world.plan, until=until, by=world.people["coordinator"])

    links = links_of(world.plan)
    assert {link.user for link in links} == {world.people["member"], world.people["partner"]}
    assert {timezone.localdate(link.expires_at) for link in links} == {until + timedelta(days=30)}
    assert {link.purpose for link in links} == {"review_plan"}


def test_a_person_who_speaks_for_two_institutions_gets_one_message(
    world, mailoutbox, django_capture_on_commit_callbacks
):
    second = ParticipationFactory(project=world.project).institution
    ContactFactory(institution=second, user=world.people["partner"])
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.DRAFT)
    world.plan.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        open_review(world.plan, until=timezone.localdate(), by=world.people["coordinator"])

    assert [message.to[0] for message in mailoutbox].count(world.people["partner"].email) == 1


def test_who_has_an_address_and_no_account_yet_gets_the_link_like_everybody(
    world, mailoutbox, django_capture_on_commit_callbacks
):
    contact = ContactFactory(institution=world.institutions["partner"], email="nuevo@example.org")
    seated = ContactFactory(
        institution=world.institutions["member"], email="silla@example.org", represents=False
    )
    SeatTermFactory(seat=world.seat, contact=seated, capacity="alternate", since=date(2019, 6, 1))
    outside = ContactFactory(
        institution=world.institutions["partner"], email="fuera@example.org", represents=False
    )
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.DRAFT)
    world.plan.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        open_review(world.plan, until=timezone.localdate(), by=world.people["coordinator"])

    told = {message.to[0] for message in mailoutbox}
    assert {"nuevo@example.org", "silla@example.org"} <= told
    contact.refresh_from_db()
    outside.refresh_from_db()
    assert (contact.user.email, outside.user) == ("nuevo@example.org", None)
    assert links_of(world.plan).filter(user=contact.user).count() == 1
    assert not contact.user.has_usable_password()


def test_who_left_or_has_no_address_is_not_told_and_the_coordination_hears_of_it(client, world):
    world.people["partner"].contacts.update(ended_on=timezone.localdate())
    ContactFactory(institution=world.institutions["partner"], email="")  # without a user
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.DRAFT)
    sign_in(client, world, "coordinator")

    response = client.post(
        reverse("committees:plan-submit", args=[world.plan.pk]),
        {"until": timezone.localdate().isoformat()},
        follow=True,
    )

    assert {link.user for link in links_of(world.plan)} == {world.people["member"]}
    [said] = map(str, response.context["messages"])
    assert "Messages sent: 1." in said
    assert str(world.institutions["partner"]) in said


def test_what_was_typed_stays_where_opening_the_review_is_refused(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.PRESENTED)
    sign_in(client, world, "coordinator")
    typed = {"until": timezone.localdate().isoformat(), "line_fr": "Merci."}

    refused = client.post(reverse("committees:plan-submit", args=[world.plan.pk]), typed)

    assert refused.status_code == 200
    assert refused.context["form"].errors
    assert "Merci." in refused.content.decode()


def test_the_donor_and_the_accountable_institution_are_not_asked(world):
    ParticipationFactory(project=world.project, role=Participation.Role.ACCOUNTABLE)

    assert set(world.plan.reviewers()) == {
        world.institutions["member"],
        world.institutions["partner"],
    }


def test_a_plan_without_actions_is_not_opened(client, world):
    empty = ActionPlanFactory(period=world.year, version=2)
    sign_in(client, world, "coordinator")

    response = client.post(
        reverse("committees:plan-submit", args=[empty.pk]),
        {"until": timezone.localdate().isoformat()},
        follow=True,
    )

    assert "Add an action before you open the review" in response.content.decode()
    empty.refresh_from_db()
    assert empty.status == Status.DRAFT


def test_a_deadline_in_the_past_is_refused(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.DRAFT)
    sign_in(client, world, "coordinator")

    response = client.post(
        reverse("committees:plan-submit", args=[world.plan.pk]), {"until": "2020-01-01"}
    )

    assert "until" in response.context["form"].errors
    assert AccessLink.objects.count() == 0


def test_of_two_who_open_the_review_at_once_one_tells_the_institutions(
    world, mailoutbox, django_capture_on_commit_callbacks
):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.DRAFT)
    first, second = (ActionPlan.objects.get(pk=world.plan.pk) for _ in range(2))
    by, until = world.people["coordinator"], timezone.localdate()

    with django_capture_on_commit_callbacks(execute=True):
        open_review(first, until=until, by=by)
        with pytest.raises(Exception, match="no longer possible"):
            open_review(second, until=until, by=by)

    assert len(mailoutbox) == 2


# Positions


@pytest.mark.parametrize("role", ["member", "partner"])
def test_an_institution_takes_its_position_and_is_told_what_was_recorded(client, world, role):
    person = sign_in(client, world, role)

    response = client.post(
        position_url(world),
        position(world, role, stance="asks", text="D’autres dates."),
        follow=True,
    )

    taken = world.plan.positions.get()
    assert (taken.institution, taken.stance, taken.text) == (
        world.institutions[role],
        "asks",
        "D’autres dates.",
    )
    assert (taken.by, taken.channel) == (person, Channel.PORTAL)
    assert f"Recorded for {world.institutions[role]}: Asks for changes." in [
        str(message) for message in response.context["messages"]
    ]


def test_a_position_in_another_language_is_marked_for_those_who_hear_it(client, world):
    sign_in(client, world, "partner")
    words = "Les dates de la formation ne sont pas bonnes pour nous."
    client.post(position_url(world), position(world, "partner", stance="asks", text=words))

    response = client.get(reverse("committees:plan-positions", args=[world.plan.pk]))

    assert f'<div lang="fr">{words}</div>' in response.text


def test_opening_the_form_takes_no_position(client, world):
    sign_in(client, world, "partner")

    page = client.get(position_url(world), {"stance": "endorses"})

    assert page.context["form"]["stance"].value() == "endorses"
    assert Position.objects.count() == 0


def test_the_newest_position_counts_and_the_earlier_stays(client, world):
    sign_in(client, world, "partner")
    client.post(position_url(world), position(world, stance="asks", text="Dates."))
    client.post(position_url(world), position(world, stance="endorses"))

    page = client.get(world.plan.get_absolute_url())

    [stand] = page.context["review_statuses"]
    assert stand.position.stance == "endorses"
    assert [old.stance for old, _shown in stand.earlier] == ["asks"]
    assert Position.objects.latest_each().get().stance == "endorses"


def test_a_form_sent_twice_takes_one_position(client, world):
    sign_in(client, world, "partner")
    fields = position(world)

    answers = [client.post(position_url(world), fields) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Position.objects.count() == 1


def test_asking_for_changes_needs_a_reason(client, world):
    sign_in(client, world, "partner")

    response = client.post(position_url(world), position(world, stance="asks", text="  "))

    assert "text" in response.context["form"].errors
    with pytest.raises(IntegrityError), transaction.atomic():
        PositionFactory(plan=world.plan, stance="asks", text="")


def test_nobody_answers_for_an_institution_of_others(client, world):
    sign_in(client, world, "partner")
    others = [world.institutions["member"], world.foreign_institution, world.institutions["donor"]]

    for institution in others:
        fields = position(world, institution=institution.pk)
        assert "institution" in client.post(position_url(world), fields).context["form"].errors
        fields = remark(world, institution=institution.pk)
        assert "institution" in client.post(remark_url(world), fields).context["form"].errors
    assert (Position.objects.count(), Remark.objects.count()) == (0, 0)


def test_who_speaks_for_two_institutions_chooses(client, world):
    second = ParticipationFactory(project=world.project).institution
    ContactFactory(institution=second, user=world.people["partner"])
    sign_in(client, world, "partner")

    form = client.get(position_url(world)).context["form"]
    without = client.post(position_url(world), position(world, institution=""))
    client.post(position_url(world), position(world, institution=second.pk))

    assert set(form.fields["institution"].queryset) == {world.institutions["partner"], second}
    assert not form["institution"].is_hidden
    assert "institution" in without.context["form"].errors
    assert Position.objects.get().institution == second


@pytest.mark.parametrize("role", ["donor", "embassy", "monitoring", "reader", "coordinator"])
def test_who_is_not_asked_takes_no_position(client, world, role):
    sign_in(client, world, role)

    for url, fields in (
        (position_url(world), position(world)),
        (remark_url(world), remark(world)),
    ):
        assert client.post(url, fields).status_code in {403, 404}
    assert (Position.objects.count(), Remark.objects.count()) == (0, 0)


# Remarks


def test_a_remark_stands_with_its_action(client, world):
    sign_in(client, world, "partner")

    page = client.get(remark_url(world), {"action": world.action.pk})
    response = client.post(remark_url(world), remark(world, action=world.action.pk))

    kept = world.plan.remarks.get()
    assert page.context["form"]["action"].value() == str(world.action.pk)
    assert kept.action == world.action
    page = f"{world.plan.get_absolute_url()}?action={kept.action_id}"
    assert response.url == f"{page}#remark-{kept.pk}"
    board = client.get(world.plan.get_absolute_url()).context["board"]
    assert board.groups[0].rows[0].remarks == [kept]


def test_a_remark_on_an_action_of_an_impossible_number_is_refused(client, world):
    sign_in(client, world, "partner")

    response = client.post(remark_url(world), remark(world, action="9" * 20))

    assert response.context["form"].errors.keys() == {"action"}
    assert not Remark.objects.exists()


def test_a_remark_on_the_whole_plan(client, world):
    sign_in(client, world, "partner")

    client.post(remark_url(world), remark(world))

    board = client.get(world.plan.get_absolute_url()).context["board"]
    assert board.on_the_whole == [Remark.objects.get()]


def test_a_remark_sent_twice_is_one(client, world):
    sign_in(client, world, "partner")
    fields = remark(world)

    for _ in range(2):
        client.post(remark_url(world), fields)

    assert Remark.objects.count() == 1


def test_an_action_of_another_plan_is_refused(client, world):
    elsewhere = ActionTermsFactory().action
    sign_in(client, world, "partner")

    response = client.post(remark_url(world), remark(world, action=elsewhere.pk))

    assert "action" in response.context["form"].errors
    assert Remark.objects.count() == 0


def test_what_looks_personal_is_asked_about_before_it_is_kept(client, world):
    sign_in(client, world, "partner")
    entry = remark(world, text="Appelez le +504 2232 1234.")

    asked = client.post(remark_url(world), entry)
    assert Remark.objects.count() == 0
    page = asked.content.decode()
    assert "Appelez le +504 2232 1234." in page
    assert "read by all its seats" in page
    [key] = re.findall(rf'name="{CHECKED}" value="([^"]+)"', page)
    client.post(remark_url(world), entry | {CHECKED: key})

    assert Remark.objects.count() == 1


# The deadline


def test_after_the_deadline_a_sentence_says_what_to_do(client, world):
    sign_in(client, world, "partner")

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        client.force_login(world.people["partner"])
        page = client.get(world.plan.get_absolute_url())
        late = client.post(position_url(world), position(world), follow=True)

    assert not page.context["may_review"]
    assert "Ask the coordination to extend it" in late.content.decode()
    assert Position.objects.count() == 0


def test_on_the_last_day_the_review_is_open(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(review_until=timezone.localdate())
    sign_in(client, world, "partner")

    assert client.post(position_url(world), position(world)).status_code == 302
    assert Position.objects.count() == 1


def test_extending_tells_the_silent_and_prolongs_the_links(
    world, mailoutbox, django_capture_on_commit_callbacks
):
    by, member = world.people["coordinator"], world.people["member"]
    PositionFactory(plan=world.plan, institution=world.institutions["partner"])
    link, _token = AccessLink.issue(member, "review_plan", world.plan, by=by)
    until = world.plan.review_until + timedelta(days=60)

    with django_capture_on_commit_callbacks(execute=True):
        extend_review(world.plan, until=until, why="Holidays.", by=by)

    link.refresh_from_db()
    assert timezone.localdate(link.expires_at) == until + timedelta(days=30)
    assert [message.to for message in mailoutbox] == [[member.email]]
    assert world.plan.review_until == until
    assert world.plan.status_changes.last().why == "Holidays."


def test_an_extension_goes_forward_only(world):
    earlier = world.plan.review_until - timedelta(days=1)

    with pytest.raises(Refusal, match="choose a later day"):
        extend_review(world.plan, until=earlier, why="", by=world.people["coordinator"])


def test_a_revoked_link_is_not_prolonged(world):
    by = world.people["coordinator"]
    link, _token = AccessLink.issue(world.people["member"], "review_plan", world.plan, by=by)
    link.revoke()
    before = link.expires_at

    extend_review(world.plan, until=world.plan.review_until + timedelta(days=90), why="", by=by)

    link.refresh_from_db()
    assert link.expires_at == before


# A text that changed


def test_a_position_on_an_earlier_text_says_so(client, world):
    PositionFactory(plan=world.plan, institution=world.institutions["partner"])
    sign_in(client, world, "coordinator")
    url = reverse("committees:plan-positions", args=[world.plan.pk])
    before = client.get(url).content.decode()

    ActionPlan.objects.filter(pk=world.plan.pk).update(
        terms_changed_at=timezone.now() + timedelta(seconds=1)
    )
    after = client.get(url).content.decode()

    assert "given before the last change" not in before
    assert "given before the last change" in after


# Entered by the coordination


def entered(world, **changes):
    return (
        position(world)
        | {
            "channel": "telephone",
            "given_on": timezone.localdate().isoformat(),
            "evidence": "Call of the director's office, 10:00.",
        }
        | changes
    )


def enter_url(world, what="position"):
    return reverse(f"committees:plan-enter-{what}", args=[world.plan.pk])


def test_an_answer_by_telephone_is_entered_shown_as_such_and_confirmed(
    client, world, mailoutbox, django_capture_on_commit_callbacks
):
    coordinator = sign_in(client, world, "coordinator")

    with django_capture_on_commit_callbacks(execute=True):
        client.post(enter_url(world), entered(world))
    page = client.get(reverse("committees:plan-positions", args=[world.plan.pk]))

    taken = world.plan.positions.get()
    assert (taken.channel, taken.by) == ("telephone", coordinator)
    assert "Telephone" in page.content.decode()
    assert "Evidence: Call of the director&#x27;s office, 10:00." in page.content.decode()
    assert [message.to for message in mailoutbox] == [[world.people["partner"].email]]
    assert "Telephone" in mailoutbox[0].body


@pytest.mark.parametrize("missing", ["channel", "given_on", "evidence"])
@pytest.mark.parametrize("what", ["position", "remark"])
def test_channel_date_and_evidence_are_required(client, world, missing, what):
    sign_in(client, world, "coordinator")
    fields = entered(world, **{missing: ""}) | ({"text": "Oui."} if what == "remark" else {})

    response = client.post(enter_url(world, what), fields)

    assert list(response.context["form"].errors) == [missing]


def test_an_online_channel_cannot_be_pretended(client, world):
    sign_in(client, world, "coordinator")

    response = client.post(enter_url(world), entered(world, channel="portal"))

    assert "channel" in response.context["form"].errors
    with pytest.raises(IntegrityError), transaction.atomic():
        PositionFactory(plan=world.plan, channel="letter", evidence="")


def test_an_answer_cannot_come_from_the_future(client, world):
    sign_in(client, world, "coordinator")
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()

    response = client.post(enter_url(world), entered(world, given_on=tomorrow))

    assert "given_on" in response.context["form"].errors


def test_a_letter_of_before_the_deadline_is_entered_after_it_and_no_later_one(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        review_until=timezone.localdate() - timedelta(days=2)
    )
    sign_in(client, world, "coordinator")
    in_time = (timezone.localdate() - timedelta(days=3)).isoformat()

    too_late = client.post(enter_url(world), entered(world, channel="letter"))
    client.post(enter_url(world), entered(world, channel="letter", given_on=in_time))

    assert "Extend it before you enter" in str(too_late.context["form"].non_field_errors())
    assert Position.objects.count() == 1


@pytest.mark.parametrize("role", ["monitoring", "member", "partner"])
def test_only_the_coordination_enters_answers(client, world, role):
    sign_in(client, world, role)

    assert client.post(enter_url(world), entered(world)).status_code == 403
    assert Position.objects.count() == 0


# What the services refuse whatever form is in front of them


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.IN_REVIEW}))
def test_a_plan_that_is_not_in_review_takes_no_answers(world, status):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=status, validated_by=world.decision, donor_approved_on=timezone.localdate()
    )
    given = AnswerOrigin(by=world.people["partner"])

    with pytest.raises(Refusal, match="takes no answers"):
        take_position(
            world.plan, world.institutions["partner"], stance="endorses", text="", origin=given
        )
    with pytest.raises(Refusal, match="takes no answers"):
        give_remark(world.plan, world.institutions["partner"], text="Oui.", origin=given)


def test_an_institution_that_is_not_asked_takes_no_position(world):
    given = AnswerOrigin(by=UserFactory())

    for institution in (world.institutions["donor"], world.foreign_institution):
        with pytest.raises(Refusal, match="not one of those"):
            take_position(world.plan, institution, stance="endorses", text="", origin=given)
