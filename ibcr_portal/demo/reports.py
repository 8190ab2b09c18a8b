"""The annual reports of the demonstration: written, signed off and published on their days."""

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
from ibcr_portal.demo.texts import Data, columns, day, read, save_translated
from projects.models import Period, Project, Result
from reports.models import Report, ReportPreset, SectionPlace, home_of
from reports.services.steps import accept_report, publish_report, sign_off, submit_report
from reports.services.writing import create_report, save_section

# --- Action plans of the demonstration: written, answered, decided, followed, on their days ---

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


# --- Reports ---


class DemoReports:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded = loaded
        self.by = loaded.coordinator
        self.signer = loaded.people.users["monitoring"]

    def events(self) -> Iterator[Event]:
        facts = self.loaded.data.get("report")
        if not facts:
            return
        signed = day(facts.get("signed_off_on")) or timezone.localdate()
        written = signed - timedelta(days=14)
        yield written, lambda: self._write(facts)
        yield written, lambda: self.report.take("review", by=self.by, on=written)
        for name, happen in self._steps().items():
            if name in facts:
                yield day(facts[name]), self._later(happen, facts, name)

    def _steps(self) -> dict[str, Callable]:
        """Return by the name of its date in the file the step to take on that day."""
        return {
            "signed_off_on": lambda on: sign_off(self.report, by=self.signer, on=on),
            "presented_on": lambda on: self.report.take("present", by=self.by, on=on),
            "submitted_on": lambda on: submit_report(self.report, by=self.by, on=on),
            "accepted_on": lambda on: accept_report(
                self.report, by=self.by, on=on, reference="Lettre d’exemple du donateur"
            ),
            "published_on": lambda on: publish_report(self.report, by=self.by, on=on),
        }

    @staticmethod
    def _later(happen: Callable, facts: Data, name: str) -> Callable[[], None]:
        return lambda: happen(day(facts[name]))

    def _write(self, facts: Data) -> None:
        self.report: Report = create_report(
            self.loaded.periods[facts["year"]], by=self.by, illustrative=True
        )
        more = read(facts["texts"]) if "texts" in facts else {}
        for kind, texts in (facts["sections"] | more.get("sections", {})).items():
            write_texts(self.report, SectionPlace(kind), texts)
        for code, texts in more.get("results", {}).items():
            result = Result.objects.select_related("project").get(
                project=self.loaded.project, code=code
            )
            write_texts(self.report, SectionPlace(home_of(result).value, result), texts)


def write_texts(report: Report, place: SectionPlace, texts: Data) -> None:
    """Write a section of the report in each of these languages."""
    for language, text in texts.items():
        save_section(
            report,
            place.kind,
            language,
            text,
            seen_version=0,
            by=report.written_by,
            result=place.result,
        )


# --- Further reports ---
#
# Reports of the demonstration in other forms, for `docs/samples` alone: a final one, and those of
# other donors. The demonstration itself has one report a project, so that its pages stay clear.

FILE = "honduras_final"


def write_further_reports(project: Project) -> dict[str, Report]:
    """Write the reports and sign them off, and return them by the keys of their presets."""
    return {row["preset"]: _write(project, row) for row in read(FILE)["report"]}


def _write(project: Project, facts: Data) -> Report:
    first = project.reports.earliest("signed_off_on")
    by, signer = first.written_by, first.signed_off_by
    assert signer is not None  # the demonstration has signed it
    preset = ReportPreset.objects.get(key=facts["preset"])
    years = project.periods.filter(kind=Period.Kind.PROJECT_YEAR)
    period = years.get(number=facts["year"])
    report = create_report(period, by=by, preset=preset, illustrative=True)
    if facts.get("copied"):
        _copy(first, report)
    for kind, texts in facts.get("sections", {}).items():
        write_texts(report, SectionPlace(kind), texts)
    for code, texts in facts.get("results", {}).items():
        result = project.results.get(code=code)
        write_texts(report, SectionPlace(home_of(result).value, result), texts)
    signed = day(facts["signed_off_on"])
    report.take("review", by=by, on=signed)
    sign_off(report, by=signer, on=signed)
    return report


def _copy(first: Report, report: Report) -> None:
    """Write the texts of the first report on what the other one asks for, too."""
    kinds = {row.kind for row in report.preset.rows}
    for section in first.sections.filter(kind__in=kinds).select_related("result__project"):
        place = SectionPlace(section.kind, section.result)
        write_texts(report, place, {section.language: section.text})
