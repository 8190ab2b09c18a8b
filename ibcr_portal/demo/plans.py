"""Action plans of the demonstration: written, answered, decided, followed, on their days."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from committees.models import Action, ActionPlan, ActionTerms, Channel, Position, Remark
from committees.plans.services.lifecycle import record_approval, start_plan
from committees.plans.services.progress import ProgressEntry, note_progress
from committees.plans.services.proposals import propose_changes, reply_to
from committees.plans.services.review import AnswerOrigin, give_remark, take_position
from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.texts import Data, columns, day, save_translated

# What happens on a day; events of one day keep the order of the file.
Event = tuple[date, Callable[[], Any]]
LETTER = "Lettre d’exemple"


class DemoPlans:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded, self.project = loaded, loaded.project
        self.institutions, self.by = loaded.institutions, loaded.coordinator
        self.actions: dict[str, Action] = {}
        self.plans: dict[str, ActionPlan] = {}

    def events(self) -> Iterator[Event]:
        for row in self.loaded.data.get("plan", []):
            yield from self._plan(row)

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
            project=self.project,
            reference=row["reference"],
            # The agenda of the coming meeting, which is filled before `enter_in_time`, asks about it.
            defaults={"entered_on": self.project.starts_on},
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
                activity=self.loaded.activities.get(row.get("activity", "")),
                budget=row.get("budget"),
                **columns("title", row),
                **columns("deliverable", row.get("deliverable")),
            )
        )
        terms.supporting.set(self.institutions[key] for key in row.get("supporting", []))
        terms.indicators.set(self.loaded.indicators[code] for code in row.get("indicators", []))

    def _later(self, key: str, verb: str, when: date | str, why: str) -> Callable[[], None]:
        return lambda: self._step(key, verb, when, why)

    def _step(self, key: str, verb: str, when: date | str, why: str = "") -> None:
        self.plans[key].take(verb, by=self.by, on=day(when), why=why)

    def _approve(self, key: str, when: date) -> None:
        plan = self.plans[key]
        if plan.may_take("submit_to_donor"):
            plan.take("submit_to_donor", by=self.by, on=when - timedelta(days=20))
        record_approval(plan, on=when, reference="Exemple 01", by=self.by)

    # Answers of institutions

    def _answers(self, key: str, row: Data) -> None:
        plan = self.plans[key]
        if plan.review_until and plan.review_until < timezone.localdate():
            self._old_answers(plan, row)
            return
        for entry in row.get("position", []):
            take_position(
                plan,
                self.institutions[entry["institution"]],
                stance=entry["stance"],
                text=entry.get("text", ""),
                until=day(entry.get("until")),
                audience=entry.get("audience", "coordination"),
                origin=self._origin(entry),
            )
        for entry in row.get("remark", []):
            self._thread(plan, entry)
        for entry in row.get("proposal", []):
            propose_changes(
                plan.terms.get(action=self.actions[entry["action"]]),
                self.institutions[entry["institution"]],
                values={entry["field"]: day(entry["value"]).isoformat()},
                reason=entry["reason"],
                audience="committee",
                origin=self._origin(entry),
            )

    def _old_answers(self, plan: ActionPlan, row: Data) -> None:
        """Create the answers of a past review as rows, so that nobody gets a message."""
        given: Data = {"plan": plan, "by": self.by, "given_on": plan.review_until}
        given |= {"channel": Channel.LETTER, "evidence": LETTER}
        for entry in row.get("position", []):
            Position.objects.create(
                institution=self.institutions[entry["institution"]], stance=entry["stance"], **given
            )
        for entry in row.get("remark", []):
            Remark.objects.create(
                institution=self.institutions[entry["institution"]],
                action=self.actions[entry["action"]],
                text=entry["text"],
                audience=entry["audience"],
                **given,
            )

    def _origin(self, entry: Data) -> AnswerOrigin:
        """Return an online origin for people with an account; otherwise a letter or a call that
        the coordination entered."""
        on = day(entry.get("on"))
        if "account" in entry:
            return AnswerOrigin(by=self.loaded.people.users[entry["account"]], on=on)
        channel, evidence = entry.get("channel", Channel.LETTER), entry.get("evidence", LETTER)
        return AnswerOrigin(by=self.by, channel=channel, evidence=evidence, on=on)

    def _thread(self, plan: ActionPlan, entry: Data) -> None:
        institution = self.institutions[entry["institution"]]
        remark = give_remark(
            plan,
            institution,
            text=entry["text"],
            action=self.actions[entry["action"]],
            audience=entry["audience"],
            origin=self._origin(entry),
        )
        for reply in entry.get("reply", []):
            account = reply.get("account")
            reply_to(
                remark,
                text=reply["text"],
                by=self.loaded.people.users[account] if account else self.by,
                institution=institution if account else None,
            )

    # How far its actions are

    def _progress(self, row: Data, started: date) -> Iterator[Event]:
        """An action starts on its day and is done on its last, as far as it is recorded."""
        if "note" in row:
            for entry in row["note"]:
                yield day(entry["on"]), self._noting(row["reference"], entry)
            return
        status = row.get("status")
        if not status:
            return
        today = timezone.localdate()
        reference, end = row["reference"], day(row["end"])
        # An action may have begun before its plan was in execution; it is recorded from then on.
        start = max(day(row["start"]), started)
        yield start, lambda: self._act(reference, "start", start, 0)
        if status == "in_progress":
            entry = min(end, today)
            yield entry, lambda: self._share(reference, row["share"])
        else:
            yield end, lambda: self._act(reference, "finish", end, row["share"])
        if status == "verified":
            yield end, lambda: self._act(reference, "verify", end, row["share"])

    def _noting(self, reference: str, entry: Data) -> Callable[[], Any]:
        return lambda: note_progress(
            self.actions[reference],
            ProgressEntry(
                entry["share"],
                by=self.by,
                step=entry.get("step", ""),
                text=entry["text"],
                language=entry.get("language", "fr"),
                on=day(entry["on"]),
            ),
        )

    def _act(self, reference: str, verb: str, on: date, share: int) -> None:
        self.actions[reference].take(verb, by=self.by, on=on, share_done=share)

    def _share(self, reference: str, share: int) -> None:
        action = self.actions[reference]
        action.share_done = share
        action.save(update_fields=["share_done"])
