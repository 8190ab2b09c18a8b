"""Calls for projects of the demonstration, with what was proposed, judged and granted."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from django.utils import timezone

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.reports import Event
from ibcr_portal.demo.texts import Data, at, columns, day, read, save_translated
from kernel.channel import Channel
from partners.models import Agreement
from projects.models import (
    Assessment,
    CallForProposals,
    Criterion,
    EligibilityCheck,
    Grant,
    GrantReport,
    Instalment,
    PanelMember,
    Proposal,
    ProposalLine,
    Score,
    SupportNote,
)

FILES = {"HN-TRATA": "honduras_calls", "EXEMPLE-01": "example_calls"}
TEXT = "Texto ilustrativo."


class DemoCalls:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded, self.project = loaded, loaded.project
        self.by, self.monitoring = loaded.coordinator, loaded.people.users["monitoring"]

    def events(self) -> Iterator[Event]:
        name = FILES.get(self.project.code)
        for row in read(name)["call"] if name else []:
            opened = day(row["opens_at"])
            yield opened, partial(self._call, row)

    def _call(self, row: Data) -> None:
        opens, closes = day(row["opens_at"]), day(row["closes_at"])
        call = CallForProposals(
            project=self.project,
            code=row["code"],
            budget=row["budget"],
            smallest=row.get("smallest"),
            largest=row["largest"],
            grants_expected=row["grants_expected"],
            months=row["months"],
            opens_at=at(opens, "08:00:00"),
            closes_at=at(closes, "23:59:59"),
            contact_email="appel@example.org",
            result=self.loaded.results.get(row.get("result", "")),
            illustrative=row.get("illustrative", False),
        )
        for name in ("title", "theme", "eligibility", "files_asked", "date_note"):
            for column, text in columns(name, row.get(name)).items():
                setattr(call, column, text)
        save_translated(call)
        criteria = [
            save_translated(
                Criterion(call=call, position=n, weight=one["weight"], **columns("title", one))
            )
            for n, one in enumerate(row["criterion"], start=1)
        ]
        people = self.loaded.people.users
        panel = [PanelMember.objects.create(call=call, user=people[one]) for one in row["panel"]]
        call.take("publish", by=self.by, on=opens)
        proposals = [
            self._proposal(call, n, one, panel, criteria)
            for n, one in enumerate(row.get("proposal", []), start=1)
        ]
        if closes < timezone.localdate():
            call.take("close", by=None, on=closes)
        if "awarded_on" in row:
            self._award(call, row, proposals)

    def _proposal(
        self,
        call: CallForProposals,
        number: int,
        row: Data,
        panel: list[PanelMember],
        criteria: list[Criterion],
    ) -> Proposal:
        sent = call.closes_at - timedelta(days=2, hours=number)
        proposal = Proposal.objects.create(
            call=call,
            language="es",
            organisation=row["organisation"],
            kind=Proposal.Kind.NGO,
            title=f"Proyecto {number:02} — título ilustrativo",
            summary=TEXT,
            problem=TEXT,
            activities=TEXT,
            expected=TEXT,
            beneficiaries=100 * number,
            months=6,
            consented_at=sent,
            illustrative=True,
        )
        share = Decimal(row["amount"]) * 6 / 10
        for position, (label, amount) in enumerate(
            [("Actividades", share), ("Personal y transporte", row["amount"] - share)]
        ):
            ProposalLine.objects.create(
                proposal=proposal, position=position, label=label, amount=amount
            )
        proposal.take("submit", by=None, on=sent.date(), number=number, submitted_at=sent)
        for point in EligibilityCheck.Point.values:
            EligibilityCheck.objects.create(proposal=proposal, point=point, is_met=True, by=self.by)
        for member, points in zip(panel, row["scores"], strict=True):
            self._judge(proposal, member, points, criteria)
        return proposal

    def _judge(
        self, proposal: Proposal, member: PanelMember, points: list[int], criteria: list[Criterion]
    ) -> None:
        """A member without points in a call that is decided had a conflict of interest."""
        decided = proposal.call.closes_at.year < timezone.localdate().year - 1
        if not points and not decided:
            return
        sheet = Assessment.objects.create(
            member=member,
            proposal=proposal,
            has_conflict=not points,
            conflict="" if points else "Ilustrativo: trabajó con esta organización.",
            submitted_at=proposal.call.closes_at + timedelta(days=7) if points else None,
        )
        if points:
            for criterion, given in zip(criteria, points, strict=True):
                Score.objects.create(assessment=sheet, criterion=criterion, points=given)

    def _award(self, call: CallForProposals, row: Data, proposals: list[Proposal]) -> None:
        evaluated, awarded = day(row["evaluated_on"]), day(row["awarded_on"])
        rows = list(zip(proposals, row["proposal"], strict=True))
        for proposal, one in rows:
            verb = "reject" if one["outcome"] == "rejected" else "shortlist"
            facts = {"decided_on": evaluated, "decision_reason": one["reason"]}
            proposal.take(verb, by=self.by, on=evaluated, why=one["reason"], **facts)
        call.take("evaluate", by=self.by, on=evaluated)
        for proposal, one in rows:
            facts = {"decided_on": awarded, "decision_reason": one["reason"]}
            if one["outcome"] == "awarded":
                facts["amount_awarded"] = one["amount"]
                proposal.take("award", by=self.by, on=awarded, why=one["reason"], **facts)
                self._grant(proposal, one)
            elif one["outcome"] == "not_awarded":
                proposal.take("decline", by=self.by, on=awarded, why=one["reason"], **facts)
        call.take("award", by=self.by, on=awarded)
        call.proposals.update(told_at=at(awarded, "12:00:00"))

    def _grant(self, proposal: Proposal, row: Data) -> None:
        """25,000 USD, 31,700 CAD: the amounts are real, days and instalments are not."""
        institution = self.loaded.institutions[row["institution"]]
        starts, ends = day(row["starts_on"]), day(row["ends_on"])
        agreement = Agreement.objects.create(
            institution=institution,
            kind=Agreement.Kind.GRANT,
            reference=f"EXEMPLE-{proposal.number:02}",
            signed_on=starts - timedelta(days=10),
            starts_on=starts,
            ends_on=ends,
            illustrative=True,
        )
        grant = Grant.objects.create(
            project=self.project,
            proposal=proposal,
            institution=institution,
            title="Proyecto de seis meses (fechas y entregas ilustrativas)",
            language="es",
            amount=row["amount"],
            currency="USD",
            project_amount=31_700,
            starts_on=starts,
            ends_on=ends,
        )
        grant.take("sign", by=self.by, on=agreement.signed_on, agreement=agreement)
        grant.take("start", by=self.by, on=starts)
        self._instalments(grant, [(starts, 15_000), (ends, 10_000)])
        SupportNote.objects.create(
            grant=grant,
            on=starts + timedelta(days=45),
            kind=SupportNote.Kind.VISIT,
            text="Ilustrativo: visita de seguimiento y asesoría sobre el informe.",
            by=self.by,
        )
        self._report(grant, starts, ends)
        grant.take("close", by=self.by, on=ends + timedelta(days=30))

    def _instalments(self, grant: Grant, paid: list[tuple[date, int]]) -> None:
        for number, (day_paid, amount) in enumerate(paid, start=1):
            Instalment.objects.create(
                grant=grant,
                number=number,
                due_on=day_paid,
                amount=amount,
                paid_on=day_paid,
                reference=f"EXEMPLE-{number}",
            )

    def _report(self, grant: Grant, starts: date, ends: date) -> None:
        received = ends + timedelta(days=15)
        report = GrantReport.objects.create(
            grant=grant, due_on=received, period_start=starts, period_end=ends, is_final=True
        )
        report.take(
            "submit",
            by=self.by,
            on=received,
            submitted_by=self.by,
            received_on=received,
            channel=Channel.LETTER,
            narrative=TEXT,
            financial=TEXT,
        )
        report.take("accept", by=self.monitoring, on=received, accepted_by=self.monitoring)
