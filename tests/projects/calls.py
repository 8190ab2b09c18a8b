"""One of everything that belongs to a project's calls and grants, and the addresses of its pages."""

from datetime import date
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.urls import reverse

from projects.models import CallDocument, EligibilityCheck, GrantReport, Instalment, ProposalFile
from tests.factories import (
    AgreementFactory,
    CallFactory,
    ClosedCallFactory,
    CriterionFactory,
    GrantFactory,
    ParticipationFactory,
    ProposalFactory,
)

DAY = date(2021, 2, 1)
DECIDED = {"decided_on": date(2020, 4, 10), "decision_reason": "Claro y realista."}
PDF = {"original_name": "a.pdf", "kind": "pdf", "size": 8}


def things_of(world):
    """Calls at each stage; in the closed one a proposal and the panel of the world."""
    project, grantee = world.project, world.institutions["partner"]
    draft = CallFactory(project=project, status="draft", code="D-1", title_fr="Brouillon")
    closed = world.call
    evaluated = ClosedCallFactory(project=project, status="evaluated", code="E-1")
    ParticipationFactory(project=project, institution=grantee, role="beneficiary")
    grant = GrantFactory(project=project, institution=grantee, title="Radio")
    running = GrantFactory(
        project=project,
        institution=grantee,
        title="Teatro",
        status="running",
        agreement=AgreementFactory(institution=grantee, kind="grant", signed_on=date(2021, 1, 1)),
    )
    proposal = ProposalFactory(call=closed, number=1, organisation="Comité", title="Radio local")
    EligibilityCheck.objects.create(proposal=proposal, point="who", is_met=True)
    return SimpleNamespace(
        draft=draft,
        criterion=CriterionFactory(call=draft, title_fr="Pertinence", max_points=10),
        document=CallDocument.objects.create(
            call=draft, title="Guide", file=content(), sha256="0" * 64, **PDF
        ),
        open=CallFactory(project=project, code="O-1"),
        closed=closed,
        measure=CriterionFactory(call=closed, title_fr="Impact", max_points=10),
        seat=world.panel_seat,
        proposal=proposal,
        file=ProposalFile.objects.create(proposal=proposal, file=content(), sha256="0" * 64, **PDF),
        unfinished=ProposalFactory(call=closed, number=None, status="draft", submitted_at=None),
        evaluated=evaluated,
        shortlisted=ProposalFactory(call=evaluated, number=1, status="shortlisted", **DECIDED),
        awarded=ProposalFactory(
            call=evaluated, number=2, status="awarded", amount_awarded=5, **DECIDED
        ),
        grant=grant,
        instalment=Instalment.objects.create(grant=grant, number=1, due_on=DAY, amount=1000),
        running=running,
        due=Instalment.objects.create(grant=running, number=1, due_on=DAY, amount=1000),
        report=GrantReport.objects.create(grant=running, due_on=DAY, **period(1)),
        submitted=GrantReport.objects.create(
            grant=running,
            due_on=date(2021, 3, 1),
            status="submitted",
            submitted_by=world.people["partner"],
            received_on=DAY,
            narrative="…",
            **period(2),
        ),
    )


def content():
    return ContentFile(b"%PDF-1.7", name="a.pdf")


def period(month):
    return {"period_start": date(2021, month, 1), "period_end": date(2021, month, 28)}


def address(name, things, *keys):
    """Keys are names of things, or the values of the address itself."""
    values = [getattr(things, key).pk if hasattr(things, key) else key for key in keys]
    return reverse(f"projects:{name}", args=["HN-1", *values])
