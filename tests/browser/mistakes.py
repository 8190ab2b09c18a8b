"""How each mistake of docs/rules/mistakes.md is made, and where somebody stands who finds it out. It is
made with factories and services; the page of the thing is where its undoing begins."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from committees.meetings.services.meetings import convene_meeting, record_afterwards
from committees.meetings.services.session import close_meeting, open_meeting
from committees.minutes.services.minutes import circulate, start_minutes
from committees.models import (
    AgendaItem,
    Committee,
    InterestDeclaration,
    Invitation,
    Meeting,
    MinutesRemark,
    Resolution,
    SeatTerm,
)
from committees.resolutions.effects import TERMS
from committees.resolutions.services import record_decision
from projects.models import Assignment, ImportBatch, Project, TeamInvitation
from tests.committees.conftest import in_days
from tests.committees.minutes_life import sealed, soon
from tests.factories import (
    ActionPlanFactory,
    AgendaItemFactory,
    AssignmentFactory,
    AttendanceFactory,
    ContactFactory,
    DataPointFactory,
    DocumentFactory,
    InstitutionFactory,
    MeetingFactory,
    ParticipationFactory,
    ProjectFactory,
    RemarkFactory,
    ResolutionFactory,
    SeatFactory,
    SeatTermFactory,
)

PLAYS: dict[str, Callable[[Any], "Play"]] = {}


@dataclass
class Play:
    """Where somebody stands, the addresses of the links and buttons that they press one after the other,
    what they type into the last form, and what is then true."""

    start: str
    way: list[str]
    undone: Callable[[], bool]
    typed: dict[str, str] = field(default_factory=dict)  # by the name of the field
    choices: dict[str, str] = field(default_factory=dict)
    who: str = "coordinator"
    by_hand: Callable[[Any], None] | None = None  # what the way does not say


def mistake(words):
    def register(make):
        PLAYS[words] = make
        return make

    return register


def at(name, *args):
    return reverse(name, args=args)


def gone(row):
    return lambda: not type(row)._default_manager.filter(pk=row.pk).exists()


def has(row, **facts):
    return lambda: type(row)._base_manager.filter(pk=row.pk, **facts).exists()


def coordination(world):
    client = Client()
    client.force_login(world.people["coordinator"])
    return client


# A project and its people


@mistake("A project was entered by mistake")
def project(world):
    made = ProjectFactory(code="HN-9")
    AssignmentFactory(project=made, user=world.people["coordinator"])
    way = [at("projects:edit", "HN-9"), at("projects:delete", "HN-9")]
    return Play(made.get_absolute_url(), way, gone(made))


@mistake("A whole project was read from the wrong workbook")
def intake(world):
    made = ProjectFactory(code="HN-9")
    AssignmentFactory(project=made, user=world.people["coordinator"])
    client, check = coordination(world), at("projects:intake-check", "HN-9")
    client.post(
        at("projects:intake", "HN-9"), {"institutions": "Fiscalía\tMP\tInstitution de l’État"}
    )
    client.post(check, {"seen": client.get(check).context["draft"].fingerprint})
    way = [at("projects:intake-undo", "HN-9", made.intakes.get().pk)]
    return Play(at("projects:intake", "HN-9"), way, lambda: not made.participations.exists())


@mistake("A project was closed by mistake")
def closing(world):
    from tests.ibcr_portal.test_closing import closed  # noqa: PLC0415  (its fixtures stay there)

    closed(world)
    way = [at("projects:closing-reopen", world.project.code)]
    start = at("projects:closing", world.project.code)
    is_open = lambda: not Project.objects.get(pk=world.project.pk).is_closed  # noqa: E731
    return Play(start, way, is_open, who="administrator")


@mistake("A person was added to the team by mistake")
def team(world):
    added = AssignmentFactory(project=world.project, role=Assignment.Role.READER)
    way = [at("projects:assignment-delete", world.project.code, added.pk)]
    return Play(at("projects:team", world.project.code), way, gone(added))


@mistake("The wrong person was invited to the team")
def invited(world):
    form = {
        "email": "nobody@example.org",
        "role": "reader",
        "full_name": "Nobody",
        "language": "en",
    }
    coordination(world).post(at("projects:assignment-create", world.project.code), form)
    invitation = TeamInvitation.objects.get()
    way = [at("projects:team-invitation-withdraw", world.project.code, invitation.pk)]
    team = at("projects:team", world.project.code)
    return Play(team, way, lambda: TeamInvitation.objects.get().outcome == "withdrawn")


@mistake("An institution was added to the project by mistake")
def institution(world):
    added = ParticipationFactory(project=world.project, institution=InstitutionFactory())
    code = world.project.code
    way = [at(f"projects:participation-{step}", code, added.pk) for step in ("edit", "delete")]
    return Play(at("projects:participations", code), way, gone(added))


# Seats


def seated(world, **facts):
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    contact = ContactFactory(institution=seat.institution, full_name="Gloria Pineda")
    return SeatTermFactory(seat=seat, contact=contact, **{"since": "2020-02-01"} | facts)


def retyped(world, name, answer, undone):
    term = seated(world)

    def by_hand(hand):
        page = hand.page
        page.locator(f"[name='seat-{term.seat.pk}-holder']").fill(name)
        hand.press(page.get_by_role("button", name="Save the seats"))
        hand.press(page.locator(f"input[type=radio][value^='{answer}:']"))
        hand.press(page.get_by_role("button", name="Save the seats"))

    start = at("committees:composition", world.committee.pk)
    return Play(start, [], lambda: undone(term), by_hand=by_hand)


@mistake("A name in a seat was written wrongly")
def name(world):
    is_written = lambda term: has(term, until=None, contact__full_name="Gloria Pinedo")()  # noqa: E731
    return retyped(world, "Gloria Pinedo", "same", is_written)


@mistake("The wrong person was entered in a seat")
def person(world):
    def is_other(term):
        now = SeatTerm.objects.get(seat=term.seat, until=None)
        return now.pk != term.pk and now.contact.full_name == "Rosa Mejía"

    return retyped(world, "Rosa Mejía", "other", is_other)


@mistake("A wrong seat was added")
def seat(world):
    term = seated(world, since=world.project.today)
    way = [at("committees:seat-remove", term.seat.pk)]
    return Play(at("committees:composition", world.committee.pk), way, gone(term.seat))


# Meetings


def meeting(world, status="planned", days=30, **facts):
    starts_at = in_days(days)
    made = MeetingFactory(
        committee=world.committee,
        number=7,
        status=status,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        **facts,
    )
    AgendaItemFactory(meeting=made, title_en="Budget")
    return made


def convened(world):
    made = meeting(world)
    convene_meeting(made, by=world.people["coordinator"], why="Urgent")
    return made


def in_session(world):
    made = meeting(world, "convened", days=0, convened_on=timezone.localdate())
    open_meeting(made, by=world.people["coordinator"], why="")
    return made


def step_of(made, verb):
    return at("committees:meeting-step", made.pk, verb)


@mistake("A meeting was planned by mistake")
def planned(world):
    made = meeting(world)
    return Play(made.get_absolute_url(), [at("committees:meeting-delete", made.pk)], gone(made))


@mistake("A convened meeting has a wrong date or place")
def moved(world):
    made = convened(world)
    way = [
        at("committees:meeting-edit", made.pk),
        at("committees:meeting-invitations-update", made.pk),
    ]

    def is_sent():
        made.refresh_from_db()
        return made.announced["place"] == "Gracias"

    return Play(made.get_absolute_url(), way, is_sent, {"place": "Gracias"})


@mistake("A meeting was convened by mistake")
def called_off(world):
    made = convened(world)
    return Play(made.get_absolute_url(), [step_of(made, "cancel")], has(made, status="cancelled"))


@mistake("A guest was invited by mistake")
def guest(world):
    made = convened(world)
    contact = ContactFactory(institution=world.institutions["partner"])
    row = Invitation.objects.create(meeting=made, contact=contact, capacity="guest")
    way = [at("committees:meeting-invitation-withdraw", made.pk, row.pk)]
    start = at("committees:meeting-invitations", made.pk)
    return Play(start, way, has(row, withdrawn_at__isnull=False))


@mistake("An item is on the agenda twice")
def item(world):
    made = AgendaItemFactory(meeting=meeting(world), title_en="Budget")
    way = [at("committees:item-remove", made.pk)]
    return Play(made.meeting.get_absolute_url(), way, gone(made))


@mistake("An item was left out, deferred or marked as discussed by mistake")
def left_out(world):
    made = AgendaItemFactory(meeting=meeting(world), status="withdrawn")
    way = [at("committees:item-step", made.pk, "restore")]
    return Play(made.meeting.get_absolute_url(), way, has(made, status="accepted"))


@mistake("A wrong document was added to a meeting")
def document(world):
    made = meeting(world)
    paper = DocumentFactory(meeting=made, agenda_item=made.items.get())
    way = [at("committees:document-remove", paper.pk)]
    return Play(made.get_absolute_url(), way, gone(paper))


@mistake("A session was opened by mistake")
def opened(world):
    made = in_session(world)
    way = [step_of(made, "take_back")]
    return Play(made.get_absolute_url(), way, has(made, status="convened"))


@mistake("A session was closed or adjourned too early")
def closed_early(world):
    made = in_session(world)
    close_meeting(made, by=world.people["coordinator"], why="")
    way = [step_of(made, "reopen")]
    return Play(made.get_absolute_url(), way, has(made, status="in_session"))


@mistake("A meeting was recorded afterwards by mistake")
def recorded(world):
    made = meeting(world, days=-30)
    record_afterwards(made, by=world.people["coordinator"])
    way = [step_of(made, "take_back_record")]
    return Play(made.get_absolute_url(), way, has(made, status="planned"))


# Decisions and records


def decided(world):
    AttendanceFactory(meeting=world.meeting, seat=world.seat)
    item = AgendaItemFactory(meeting=world.meeting, purpose=AgendaItem.Purpose.DECIDE)
    new = Resolution(agenda_item=item, text_en="It is decided.", text_fr="Il est décidé.")
    return record_decision(new, by=world.people["coordinator"])


@mistake("A decision has a wrong text, vote, item, rule or effect")
def wrong_text(world):
    made = decided(world)
    way = [at("committees:resolution-edit", made.pk)]
    right = has(made, text_en="It is rightly decided.")
    return Play(made.get_absolute_url(), way, right, {"text_en": "It is rightly decided."})


@mistake("A decision was recorded by mistake")
def wrong_decision(world):
    made = decided(world)
    return Play(made.get_absolute_url(), [at("committees:resolution-remove", made.pk)], gone(made))


@mistake("A decision that the minutes show does not hold, or another one should take its place")
def not_holding(world):
    made = decided(world)
    circulated(world)
    way = [at("committees:resolution-step", made.pk, "withdraw")]
    return Play(made.get_absolute_url(), way, has(made, withdrawn_on__isnull=False))


@mistake("A committee was constituted by the wrong decision")
def constituted(world):
    Committee.objects.update(status=Committee.Status.DRAFT)
    Meeting.objects.update(is_constitutive=True)
    AttendanceFactory(meeting=world.meeting, seat=world.seat)
    item = AgendaItemFactory(meeting=world.meeting, purpose=AgendaItem.Purpose.DECIDE)
    url, client = at("committees:decision-create", item.pk), coordination(world)
    form = client.get(url).context["form"]
    sent = {each: form[each].value() for each in form.fields} | {"text_en": "So it is decided."}
    sent |= {"effects": [TERMS]}
    client.post(url, {each: value for each, value in sent.items() if value is not None})
    made = item.resolutions.get()
    assert Committee.objects.filter(pk=world.committee.pk, status="active").exists()

    def by_hand(hand):
        hand.follow(at("committees:resolution-edit", made.pk))
        hand.press(hand.page.locator(f"[name=effects][value='{TERMS}']"))
        hand.submit()

    is_draft = has(world.committee, status="draft")
    return Play(made.get_absolute_url(), [], is_draft, by_hand=by_hand)


@mistake("A wrong seat was marked as present")
def present(world):
    row = AttendanceFactory(meeting=world.meeting, seat=world.seat, presence="in_person")
    way = [at("committees:attendance-edit", world.meeting.pk)]
    start = at("committees:meeting-attendance", world.meeting.pk)
    choices = {f"seat-{world.seat.pk}-presence": "absent"}
    return Play(start, way, has(row, presence="absent"), choices=choices)


@mistake("An interest was noted for the wrong seat")
def interest(world):
    made = in_session(world)
    row = InterestDeclaration.objects.create(meeting=made, seat=world.seat, text="…", recused=False)
    row.items.add(made.items.get())
    start = at("committees:meeting-session", made.pk)
    return Play(start, [at("committees:interest-remove", row.pk)], gone(row))


# Minutes


def circulated(world):
    made = start_minutes(world.meeting, language="en")
    circulate(made, by=world.people["coordinator"], until=soon())
    return made


@mistake("Minutes were circulated too early")
def minutes(world):
    made = circulated(world)
    way = [at("committees:minutes-step", made.pk, "revise")]
    return Play(made.get_absolute_url(), way, has(made, status="draft"))


@mistake("Minutes that circulate say something wrong")
def words_of_minutes(world):
    made = circulated(world)
    item = made.meeting.items.on_agenda().first()

    def by_hand(hand):
        hand.follow(at("committees:minutes-step", made.pk, "revise"))
        hand.submit()
        typed = lambda answer: answer.request.method == "POST" and answer.ok  # noqa: E731
        with hand.page.expect_response(typed):  # saved by itself
            hand.page.locator(f"#notes-{item.pk}").fill("May, not March.")

    return Play(made.get_absolute_url(), [], has(item, notes="May, not March."), by_hand=by_hand)


@mistake("Sealed minutes have an error")
def erratum(world):
    made = start_minutes(world.meeting, language="en")
    later = MeetingFactory(committee=world.committee, number=2, status=Meeting.Status.HELD)
    decision = ResolutionFactory(agenda_item=AgendaItemFactory(meeting=later), status="adopted")
    Resolution.objects.filter(pk=decision.pk).update(resolved_on=timezone.localdate())
    decision.refresh_from_db()
    sealed(made, world.people["coordinator"], decision)
    way = [at("committees:minutes-erratum", made.pk)]
    typed = {"text": "Read “May” for “March”."}
    return Play(made.get_absolute_url(), way, lambda: made.errata.count() == 1, typed)


@mistake("A comment on minutes was sent by mistake")
def remark_on_minutes(world):
    made = circulated(world)
    said = MinutesRemark.objects.create(
        minutes=made, seat=world.seat, text="A word is missing.", by=world.people["member"]
    )
    way = [at("committees:minutes-remark-withdraw", made.pk, said.pk)]
    return Play(made.get_absolute_url(), way, gone(said), who="member")


# Plans, values, expenditure


@mistake("A plan was begun for the wrong year")
def plan(world):
    made = ActionPlanFactory(period=world.year, version=2)
    return Play(made.get_absolute_url(), [at("committees:plan-delete", made.pk)], gone(made))


@mistake("A plan was opened for review, or presented, too early")
def review(world):
    world.plan.take("submit", by=None, review_until=soon())
    way = [at("committees:plan-return", world.plan.pk)]
    return Play(world.plan.get_absolute_url(), way, has(world.plan, status="draft"))


@mistake("A remark or a proposal on a plan was sent by mistake")
def remark(world):
    world.plan.take("submit", by=None, review_until=soon())
    said = RemarkFactory(
        plan=world.plan,
        institution=world.institutions["partner"],
        by=world.people["partner"],
        text="Too early.",
    )
    way = [at("committees:plan-withdraw", world.plan.pk, "remark", said.pk)]
    return Play(world.plan.get_absolute_url(), way, gone(said), who="partner")


@mistake("A wrong value was submitted")
def value(world):
    by = world.people["monitoring"]
    made = DataPointFactory(
        indicator=world.indicator, period=world.year, status="draft", entered_by=by
    )
    made.take("submit", by=by)
    way = [at("projects:value-step", world.project.code, made.pk, "withdraw")]
    return Play(made.get_absolute_url(), way, has(made, status="draft"), who="monitoring")


@mistake("Expenditure was imported from the wrong file")
def books(world):
    from tests.projects.test_spending_import import confirm, finance, give  # noqa: PLC0415

    client = Client()
    finance.__wrapped__(lambda _role: client, world)
    client.force_login(world.people["finance"])
    give(client)
    confirm(client)
    batch = ImportBatch.objects.get()
    way = [at("projects:import-undo", world.project.code, batch.pk)]
    start = at("projects:import", world.project.code)
    return Play(start, way, lambda: not batch.expenditures.exists(), who="finance")


@mistake("A form was saved twice, by the browser's Back and then Save")
def twice(world):
    made = meeting(world)
    new = at("committees:item-create", made.pk)

    def by_hand(hand):
        page = hand.page
        page.get_by_label("Title").first.fill("Budget of the second year")
        page.get_by_role("button", name="Save").first.click()  # once, as is right
        page.wait_for_url(lambda url: not url.endswith(new))
        page.go_back()
        hand.press(page.get_by_role("button", name="Save").first)

    one = lambda: made.items.count() == 2  # noqa: E731
    return Play(new, [], one, by_hand=by_hand)
