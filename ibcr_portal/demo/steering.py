"""Meetings and action plans of the demonstration, as events in the order of their days."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Attendance,
    Meeting,
    Position,
    Remark,
    Resolution,
    Subject,
)
from committees.services.meetings import recommend_amendment, take_effect
from committees.services.plans import record_approval, start_plan, validate_plan
from ibcr_portal.demo.loader import Data, ProjectLoader, at, columns, day, save_translated

# What happens on a day; events of one day keep the order in which they were told.
Event = tuple[date, Callable[[], Any]]


class Steering:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded = loaded
        self.project, self.committee = loaded.project, loaded.committee
        self.institutions, self.seats = loaded.institutions, loaded.seats
        self.by = loaded.coordinator
        self.actions: dict[str, Action] = {}
        self.plans: dict[str, ActionPlan] = {}

    def events(self) -> Iterator[Event]:
        """Everything that is told of plans, meetings and the amendment, each with its day."""
        for row in self.loaded.data.get("plan", []):
            yield from self._plan(row)
        for row in self.loaded.data.get("meeting", []):
            yield from self._meeting(row)
        yield from self._amendment()

    # Plans

    def _plan(self, row: Data) -> Iterator[Event]:
        key = f"{row['year']}/{row['version']}"
        written = day(row["submitted_on"]) - timedelta(days=1)
        yield written, lambda: self._write_plan(key, row)
        yield day(row["submitted_on"]), lambda: self._step(key, "submit", row["submitted_on"])
        answered = day(row["review_until"])
        yield min(answered, timezone.localdate()), lambda: self._answers(key, row)
        for name, verb in (("returned_on", "return"), ("presented_on", "present")):
            if name in row:
                yield day(row[name]), self._later(key, verb, row[name], row.get("returned_why", ""))
        if "approved_on" in row:
            yield day(row["approved_on"]), lambda: self._approve(key, day(row["approved_on"]))
        if "started_on" in row:
            started = day(row["started_on"])
            yield started, lambda: start_plan(self.plans[key], by=self.by, on=started)
            for action in row["action"]:
                yield from self._progress(action, started)
        if "closed_on" in row:
            yield day(row["closed_on"]), self._later(key, "close", row["closed_on"], "")

    def _write_plan(self, key: str, row: Data) -> None:
        plan = ActionPlan.objects.create(
            project=self.project,
            period=self.loaded.periods[row["year"]],
            version=row["version"],
            review_until=day(row["review_until"]),
            illustrative=True,
        )
        self.plans[key] = plan
        for action in row["action"]:
            self._write_action(plan, action)

    def _write_action(self, plan: ActionPlan, row: Data) -> None:
        action, _created = Action.objects.get_or_create(
            project=self.project, reference=row["reference"]
        )
        self.actions[row["reference"]] = action
        terms = save_translated(
            ActionTerms(
                plan=plan,
                action=action,
                starts_on=day(row["start"]),
                ends_on=day(row["end"]),
                responsible=self.institutions[row["responsible"]],
                result=self.loaded.results[row["result"]],
                **columns("title", row),
            )
        )
        terms.supporting.set(self.institutions[key] for key in row.get("supporting", []))

    def _later(self, key: str, verb: str, when: date | str, why: str) -> Callable[[], None]:
        return lambda: self._step(key, verb, when, why)

    def _step(self, key: str, verb: str, when: date | str, why: str = "") -> None:
        self.plans[key].take(verb, by=self.by, on=day(when), why=why)

    def _approve(self, key: str, when: date) -> None:
        plan = self.plans[key]
        if plan.may_take("submit_to_donor"):
            plan.take("submit_to_donor", by=self.by, on=when - timedelta(days=20))
        record_approval(plan, on=when, reference="Exemple 01", by=self.by)

    def _answers(self, key: str, row: Data) -> None:
        """Answers that came by letter: entered by the coordination, and shown so."""
        plan = self.plans[key]
        given = {"by": self.by, "channel": "letter", "evidence": "Lettre d’exemple"}
        given["given_on"] = min(plan.review_until, timezone.localdate())
        for institution, stance in row.get("positions", {}).items():
            Position.objects.create(
                plan=plan, institution=self.institutions[institution], stance=stance, **given
            )
        for remark in row.get("remark", []):
            Remark.objects.create(
                plan=plan,
                institution=self.institutions[remark["institution"]],
                action=self.actions[remark["action"]],
                text=remark["text"],
                audience=remark["audience"],
                **given,
            )

    def _progress(self, row: Data, started: date) -> Iterator[Event]:
        """An action starts on its day and is done on its last, as far as it is told."""
        status = row.get("status")
        if not status:
            return
        today = timezone.localdate()
        reference, end = row["reference"], day(row["end"])
        # An action may have begun before its plan was in execution; it is told from then on.
        start = max(day(row["start"]), started)
        yield start, lambda: self._act(reference, "start", start, 0)
        if status == "in_progress":
            told = min(end, today)
            yield told, lambda: self._share(reference, row["share"])
        else:
            yield end, lambda: self._act(reference, "finish", end, row["share"])
        if status == "verified":
            yield end, lambda: self._act(reference, "verify", end, row["share"])

    def _act(self, reference: str, verb: str, on: date, share: int) -> None:
        self.actions[reference].take(verb, by=self.by, on=on, share_done=share)

    def _share(self, reference: str, share: int) -> None:
        action = self.actions[reference]
        action.share_done = share
        action.save(update_fields=["share_done"])

    # Meetings

    def _meeting(self, row: Data) -> Iterator[Event]:
        held = day(row["date"])
        convened = day(row["convened_on"]) if "convened_on" in row else held
        yield convened, lambda: self._convene(row, held)
        if row.get("status") != "convened":
            yield held, lambda: self._hold(row, held)
            for item in row["item"]:
                for told in item.get("recommendation", []):
                    yield from self._follow_up(told, held)

    def _convene(self, row: Data, held: date) -> None:
        meeting = Meeting(
            committee=self.committee,
            number=row["number"],
            mode=row["mode"],
            starts_at=at(held, row.get("start", "09:00")),
            ends_at=at(held, row.get("end", "12:00")),
            time_is_known=row.get("time_is_known", True),
            headcount=row.get("headcount"),
            is_constitutive=row.get("constitutive", False),
            quorum_is_stated=row.get("quorum_is_stated", True),
            **columns("illustrative_note", row.get("note")),
        )
        row["meeting"] = save_translated(meeting)
        row["items"] = [
            self._item(meeting, position, item) for position, item in enumerate(row["item"])
        ]
        if "convened_on" in row:
            on = day(row["convened_on"])
            meeting.take("convene", by=self.by, on=on, convened_on=on)

    def _item(self, meeting: Meeting, position: int, row: Data) -> AgendaItem:
        item = save_translated(
            AgendaItem(
                meeting=meeting,
                position=position,
                purpose=row["purpose"],
                minutes_planned=row.get("minutes"),
                notes=row.get("notes", ""),
                notes_language="fr",
                **columns("title", row["title"]),
            )
        )
        for subject in row.get("subjects", []):
            Subject.objects.create(agenda_item=item, **self._subject(subject))
        return item

    def _subject(self, told: str) -> Data:
        """`plan:2/2`, `result:1300`: one thing of the project by kind and key."""
        kind, key = told.split(":")
        things = {
            "result": self.loaded.results,
            "indicator": self.loaded.indicators,
            "activity": self.loaded.activities,
            "action": self.actions,
            "plan": self.plans,
            "amendment": {str(number): one for number, one in self.loaded.amendments.items()},
        }
        return {kind: things[kind][key]}

    def _hold(self, row: Data, held: date) -> None:
        meeting = row["meeting"]
        if meeting.status == Meeting.Status.PLANNED:
            meeting.take("record_afterwards", by=self.by, on=held, recorded_afterwards=True)
        else:
            meeting.take("open", by=self.by, on=held)
        self._attend(meeting, row)
        for item, told in zip(row["items"], row["item"], strict=True):
            item.take("discuss", by=self.by, on=held)
            for decision in told.get("decision", []):
                self._decide(item, decision, held)
            for recommendation in told.get("recommendation", []):
                self._recommend(item, recommendation, held)
        if meeting.status == Meeting.Status.IN_SESSION:
            meeting.take("close", by=self.by, on=held)

    def _attend(self, meeting: Meeting, row: Data) -> None:
        """Who was there: seats by their institution, guests by number, nobody by name."""
        mode = Attendance.Presence
        there = mode.IN_PERSON if meeting.mode == Meeting.Mode.IN_PERSON else mode.ONLINE
        for key in (*row.get("present", []), *row.get("excused", [])):
            seat = self.seats[key]
            alternate = key in row.get("by_alternate", [])
            Attendance.objects.create(
                meeting=meeting,
                seat=seat,
                institution=seat.institution,
                contact=None if alternate else seat.terms.get().contact,
                by_alternate=alternate,
                presence=there if key in row["present"] else mode.EXCUSED,
            )
        for number in range(1, row.get("guests", 0) + 1):
            Attendance.objects.create(
                meeting=meeting,
                institution=self.institutions[row["guest_institution"]],
                guest_name=f"{row['guest_name']} {number:02}",
                presence=there,
            )

    def _resolution(self, item: AgendaItem, told: Data, kind: str, status: str) -> Resolution:
        """Numbers may be told as `*-01`: the year is the meeting's."""
        addressee = told.get("addressee")
        resolution = save_translated(
            Resolution(
                committee=self.committee,
                meeting=item.meeting,
                agenda_item=item,
                kind=kind,
                status=status,
                number=told["number"].replace("*", str(item.meeting.day.year)),
                addressee=self.institutions[addressee] if addressee else None,
                due_on=day(told.get("due")),
                illustrative=told.get("illustrative", self.project.illustrative),
                **columns("text", told["text"]),
            )
        )
        for subject in told.get("subjects", []):
            Subject.objects.create(resolution=resolution, **self._subject(subject))
        return resolution

    def _decide(self, item: AgendaItem, told: Data, held: date) -> None:
        """Adopted with the quorum of the meeting as recorded, or as not stated."""
        decision = self._resolution(item, told, Resolution.Kind.DECISION, "drafted")
        seats: Data = {}
        if item.meeting.quorum_is_stated:
            quorum = item.meeting.quorum_at()
            seats = {
                "seats_present": quorum.present,
                "seats_required": quorum.required,
                "seats_total": quorum.total,
            }
        decision.take("adopt", by=self.by, on=held, resolved_on=held, rule=told["rule"], **seats)
        if "validates" in told:
            plan = self.plans[told["validates"]]
            Subject.objects.create(resolution=decision, plan=plan)
            validate_plan(plan, decision=decision, by=self.by)
        if "recommends" in told:
            amendment = self.loaded.amendments[told["recommends"]]
            Subject.objects.create(resolution=decision, amendment=amendment)
            recommend_amendment(amendment, decision=decision, by=self.by)

    def _recommend(self, item: AgendaItem, told: Data, held: date) -> None:
        told["resolution"] = self._resolution(
            item, told, Resolution.Kind.RECOMMENDATION, Resolution.Status.ISSUED
        )
        Resolution.objects.filter(pk=told["resolution"].pk).update(resolved_on=held)
        told["resolution"].refresh_from_db()

    def _follow_up(self, told: Data, held: date) -> Iterator[Event]:
        accepted = day(told.get("accepted_on")) or (
            held + timedelta(days=7) if "implemented_on" in told else None
        )
        if accepted:
            yield accepted, lambda: self._answer(told, "accept", accepted)
        if "implemented_on" in told:
            done = day(told["implemented_on"])
            yield done, lambda: self._answer(told, "implement", done)

    def _answer(self, told: Data, verb: str, on: date) -> None:
        told["resolution"].take(verb, by=self.by, on=on, answer=told.get("answer", ""))

    # The amendment

    def _amendment(self) -> Iterator[Event]:
        facts = self.loaded.data.get("amendment")
        if not facts:
            return
        amendment = self.loaded.amendments[facts["number"]]
        approved, effective = day(facts["approved_on"]), day(facts["effective_on"])
        yield (
            approved,
            lambda: amendment.take(
                "approve",
                by=self.by,
                on=approved,
                donor_decided_on=approved,
                donor_reference="Exemple 01",
            ),
        )
        yield effective, lambda: take_effect(amendment, by=self.by, on=effective)
