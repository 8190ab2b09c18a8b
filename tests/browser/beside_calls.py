"""Calls and grants that the demonstration's example project lacks: one that is written, a proposal
that is written by its link, one that is late, and a grant with a report that waits."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import models
from django.urls import reverse
from django.utils import timezone

from projects.calls.services.proposals import send_link
from projects.models import (
    Assessment,
    CallDocument,
    CallForProposals,
    Grant,
    GrantReport,
    Instalment,
    Proposal,
)
from tests.factories import CallFactory, CriterionFactory, GrantFactory, ProposalFactory


class BesideCalls:
    def __init__(self, example, people) -> None:
        self.project = example
        self.open = CallForProposals.objects.get(code="APP-EXEMPLE")
        self.judged = CallForProposals.objects.get(code="APP-EXEMPLE-2")
        self.drafted = CallFactory(project=example, status="draft")
        self.criterion = CriterionFactory(call=self.drafted)
        unfinished = {"status": "draft", "number": None, "submitted_at": None}
        self.token = send_link(ProposalFactory(call=self.open, **unfinished))
        self.late = ProposalFactory(call=self.judged, **unfinished)
        self.proposal = self.judged.proposals.get(number=2)
        self.seat = self.judged.panel.get(user=people["panel"])
        Assessment.objects.create(member=self.seat, proposal=self.proposal, has_conflict=False)
        self.question = self.judged.questions.create(question_fr="Où ?", answer_fr="Ici.")
        self.awarded = Proposal.objects.filter(status="awarded").first()
        file = {"original_name": "a.pdf", "kind": "pdf", "size": 8}
        self.document = CallDocument.objects.create(
            call=self.judged, title="…", file=ContentFile(b"%PDF-1.7", name="a.pdf"), **file
        )
        self._grant(people)

    def _grant(self, people) -> None:
        today = timezone.localdate()
        institution = people["partner"].contacts.get().institution
        self.grant = GrantFactory(project=self.project, institution=institution)
        self.instalment = Instalment.objects.create(
            grant=self.grant, number=1, due_on=today, amount=1000
        )
        self.reports = [
            GrantReport.objects.create(
                grant=self.grant,
                due_on=today + timedelta(days=30 * number),
                period_start=today,
                period_end=today,
                status=status,
                submitted_by=people["partner"] if status == "submitted" else None,
            )
            for number, status in enumerate(("asked", "submitted"))
        ]

    @property
    def tokens(self) -> dict[str, str]:
        return dict.fromkeys(("calls:proposal", "calls:proposal-withdraw"), self.token)

    def things(self) -> dict[str, models.Model]:
        return {
            "projects:call": self.judged,
            "projects:call-step": self.drafted,
            "projects:call-delete": self.drafted,
            "projects:criterion": self.drafted,
            "projects:panel": self.judged,
            "projects:proposal": self.judged,
            "projects:grant": self.grant,
            "projects:grant-prepare": self.judged,
            "projects:instalment": self.grant,
            "projects:support": self.grant,
        }

    def arguments(self) -> dict[str, dict]:
        """Beside the code and the key: what each address names more."""
        proposal = {"proposal_pk": self.proposal.pk}
        member = {"member_pk": self.seat.pk}
        instalment = {"instalment_pk": self.instalment.pk}
        asked, submitted = ({"report_pk": report.pk} for report in self.reports)
        public = {"code": self.open.code}
        criterion = {"criterion_pk": self.criterion.pk}
        question = {"question_pk": self.question.pk}
        return {
            "projects:call-step": {"verb": "cancel"},
            "projects:criterion-edit": criterion,
            "projects:criterion-delete": criterion,
            "projects:call-question-edit": question,
            "projects:call-question-delete": question,
            "projects:panel-delete": member,
            "projects:call-document-delete": {"document_pk": self.document.pk},
            "projects:proposal": proposal,
            "projects:proposal-eligibility": proposal,
            "projects:proposal-late": {"proposal_pk": self.late.pk},
            "projects:proposal-decide": proposal | {"verb": "reject"},
            "projects:grant-prepare": proposal,
            "projects:proposal-interest": proposal | member,
            "projects:proposal-score": proposal | member,
            "projects:grant-step": {"verb": "end"},
            "projects:instalment-edit": instalment,
            "projects:instalment-delete": instalment,
            "projects:instalment-pay": instalment,
            "projects:grant-report": submitted,
            "projects:grant-report-submit": asked,
            "projects:grant-report-judge": submitted | {"verb": "return"},
            **dict.fromkeys(
                ("calls:call", "calls:propose", "calls:sent"),
                public,
            ),
            **dict.fromkeys(("calls:proposal", "calls:proposal-withdraw"), public),
        }

    def seen_by_others(self) -> list[tuple[str, str, str]]:
        """Pages that show most where the demonstration tells the whole story."""
        grant = Grant.objects.filter(proposal=self.awarded).first()
        table = reverse("projects:proposals", args=[self.project.code, self.judged.pk])
        return [
            ("projects:call", "donor", self.awarded.call.get_absolute_url()),
            ("projects:proposal", "coordinator", self.awarded.get_absolute_url()),
            ("projects:grant", "coordinator", grant.get_absolute_url()),
            ("projects:grant", "partner", self.grant.get_absolute_url()),
            ("projects:proposals", "panel", table),
        ]
