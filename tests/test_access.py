"""Every address × every role × GET and POST, against the table in `tests/access.csv`.

A cell says what the role gets: `yes` (an answer), 403 (sees it, may not do it), 404 (does not
exist for them), 405 (not that way), `login` (a visitor is asked to sign in). An address that is
not in the table fails. No GET and no refused POST changes a row; the column `link` is the bearer
of an access link to the plan in review, without an account.

`make check` asks some roles of each address, `make deep PART=access` all of them.

    pytest tests/test_access.py -m deep --write-access    writes the table as it is, to be read and
                                                          committed
"""

import csv
import re
import secrets
from collections import Counter
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from zlib import crc32

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink, FactorReset, IncomingMail
from accounts.recurrent import choices_url
from committees.minutes.services.text import in_all_languages
from committees.models import (
    ActionPlan,
    Attendance,
    InterestDeclaration,
    Invitation,
    Minutes,
    NoteFile,
    ProgressNote,
    Sitting,
    TemplateItem,
    WrittenConsultation,
)
from ibcr_portal.kinds import SOURCES
from ibcr_portal.models import Intake, SavedFilter, SavedSearch
from ibcr_portal.search.writing import write_changed as write_index
from kernel.file_contents import MIME_TYPES
from kernel.jobs import Job
from projects.calls.services.proposals import send_link
from projects.models import (
    AdvanceVoucherFile,
    AmendmentFile,
    Assessment,
    BudgetCategory,
    CallDocument,
    DataPoint,
    DonorForm,
    DutyDone,
    DutyFile,
    GrantReport,
    GrantReportFile,
    IatiPublication,
    IatiUpload,
    Instalment,
    InstitutionChange,
    MailNote,
    Participation,
    ProposalFile,
    Representation,
    ValueFile,
    ValueRequest,
    VoucherScan,
)
from projects.money.services.approval import lock_days
from reports.frozen import DOCUMENT
from reports.frozen.from_4 import EMPTY as EMPTY_GLANCE
from reports.models import (
    About,
    Archive,
    CallGuide,
    FiledDocument,
    Rendition,
    Report,
    ReportFile,
    ReportPreset,
    SharedLink,
    Snapshot,
    WordTemplate,
)
from reports.presets import DEFAULT
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    ActivityFactory,
    AdvanceFactory,
    AdvanceVoucherFactory,
    AgendaItemFactory,
    AgreementFactory,
    AmendmentFactory,
    AttendanceFactory,
    BudgetLineFactory,
    CallFactory,
    ContactFactory,
    ContributionFactory,
    CriterionFactory,
    DataPointFactory,
    DeliverableFactory,
    DocumentFactory,
    EvidenceFactory,
    ExchangeRateFactory,
    ExpenditureFactory,
    GrantFactory,
    LessonFactory,
    LogicModelVersionFactory,
    MeetingFactory,
    PeriodFactory,
    ProposalFactory,
    ProposedChangeFactory,
    RecommendationFactory,
    RemarkFactory,
    ReportFactory,
    ReportingDutyFactory,
    RepresentationFactory,
    RiskFactory,
    SectionFactory,
    SubjectFactory,
    UserFactory,
)
from tests.ibcr_portal.registers import registers
from tests.kernel.test_filled_workbooks import book
from tests.obligations import write_all
from tests.projects.samples import drawn_from
from tests.recording import Rows, rows_of_database
from tests.world import ROLES, World

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).parent / "access.csv"
COLUMNS = [*ROLES, "link", "visitor"]
OURS = ("ibcr_portal", "reports", "committees", "projects", "partners", "accounts", "kernel")
# Signing in, passwords and second factors are allauth's own pages with their own tests there.
ELSEWHERE = ("account_", "mfa_", "openid_connect_", "admin:")
ACTIVITY = b"""<iati-activities version="2.03"><iati-activity>
<iati-identifier>XX-A-1</iati-identifier><title><narrative>A</narrative></title>
</iati-activity></iati-activities>"""
# Statements that change no row.
TRANSACTIONS = ("SAVEPOINT", "RELEASE", "ROLLBACK")
READS = ("SELECT", "WITH", *TRANSACTIONS)
# A page that is read asks at most so often, whoever reads it; those that ask more, with the reason.
MOST_STATEMENTS = 30
EVERY_PLACE = "looks into every table that may know the person"
ASKING_MORE = {
    "projects:delete": "looks into every table that may refer to the project",
    "projects:closing": "asks each thing of the checklist",
    "projects:detail": "shows something of each subject of the project",
    "projects:handover": "composes the lists of duties, decisions, seats and partners",
    "system": "asks how each part of the portal is",
    "chain": "follows each step of the chain, up to the reports that print it",
    **dict.fromkeys(
        ("projects:exchange", "projects:exchange-publish", "projects:exchange-file"),
        "reads all that an IATI file of the project publishes",
    ),
    **dict.fromkeys(("persons:own", "persons:person", "persons:protect"), EVERY_PLACE),
    **dict.fromkeys(
        ("projects:translations", "projects:translations-export", "projects:translation"),
        "reads every kind of text of the project",
    ),
}
# Addresses that answer with a workbook, where they are asked for one: `tests/test_exports.py` looks into
# each.
WORKBOOKS = {
    "committees:plan-sheet",
    "committees:plan-workbook-download",
    "due-export",
    "portfolio-export",
    "projects:activities-export",
    "projects:amendments-export",
    "projects:audit-changes-export",
    "projects:audit-log-export",
    "projects:donor-form-example",
    "projects:donor-form-file",
    "projects:donor-form-filled",
    "projects:donor-form-usual",
    "projects:expenditures-export",
    "projects:framework-export",
    "projects:framework-workbook-download",
    "projects:intake-template",
    "projects:lessons-export",
    "projects:proposals-export",
    "projects:risks-export",
    "projects:sample-export",
    "reports:data",
    "reports:downloads-export",
}
# What a GET may write: a download is logged, and a refusal; obligations are computed anew from the
# rows of a project once these have changed.
LOGS = (
    *("accounts.AccessEvent", "accounts.AccessChain", "accounts.Pseudonym"),
    *("ibcr_portal.Obligation", "ibcr_portal.ObligationChange", "ibcr_portal.ObligationsWritten"),
)
LOG_TABLES = {label.lower().replace(".", "_") for label in LOGS}
WRITE = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "')
TARGET = re.compile(r'(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?(\w+)')


EMPTY_REPORT = {
    "kind": "annual_report",
    "language": "en",
    "audience": "donor",
    "heading": "Rapport",
    "title": "Année 1",
    "version": 1,
    "as_of": "2020-09-30",
    "signed_off": True,
    "organisation": "",
    "project": {"code": "", "title": ""},
    "facts": [],
    "identification": [],
    "illustrative": False,
    "source_note": "",
    "logos": [],
    "glance": EMPTY_GLANCE,
    "chapters": [],
    "acronyms": [],
    "since": None,
}


class Scene(World):
    """The world with one of each thing that an address may name, as open as it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.statements: Counter[str] = Counter()  # the most that a GET of each address asked
        self.workbooks: set[str] = set()  # the addresses that answered with one
        today = timezone.localdate()
        ActionPlan.objects.filter(pk=self.plan.pk).update(
            status=ActionPlan.Status.IN_REVIEW,
            review_until=today + timedelta(days=7),
            version=2,
        )
        ActionPlanFactory(
            period=self.year, status=ActionPlan.Status.SUPERSEDED, validated_by=self.decision
        )
        coordinator = self.people["coordinator"]
        self.value = DataPointFactory(
            indicator=self.indicator,
            period=self.year,
            status=DataPoint.Status.SUBMITTED,
            entered_by=self.people["finance"],
        )
        self._act()
        self.amendment = AmendmentFactory(project=self.project)
        self.recommendation = RecommendationFactory(
            agenda_item=self.item, addressee=self.institutions["partner"]
        )
        self.subject = SubjectFactory(resolution=self.recommendation, result=self.result)
        self.attendance = AttendanceFactory(meeting=self.meeting, seat=self.seat)
        self.delegate = Attendance.objects.create(
            meeting=self.meeting,
            guest_name="Délégation 01",
            presence="online",
            accreditation_due=today,
        )
        self.template_item = TemplateItem.objects.create(
            committee=self.committee, title_fr="Ouverture"
        )
        self.item_proposal = AgendaItemFactory(
            meeting=self.meeting, status="proposed", proposed_seat=self.seat
        )
        MeetingFactory(
            committee=self.committee,
            number=50,
            status="planned",
            starts_at=timezone.now() + timedelta(days=60),
            ends_at=timezone.now() + timedelta(days=60, hours=2),
        )
        self.document = DocumentFactory(meeting=self.meeting, agenda_item=self.item)
        self.remark = RemarkFactory(
            plan=self.plan, institution=self.institutions["partner"], by=self.people["partner"]
        )
        self.proposal = ProposedChangeFactory(
            plan=self.plan,
            action=self.action,
            institution=self.institutions["partner"],
            by=self.people["partner"],
        )
        self.link, self.token = AccessLink.issue(
            self.people["partner"], "review_plan", self.plan, by=coordinator
        )
        self._watch()
        self._follow()
        self._owe()
        self._lose_a_factor()
        self._sit()
        self._invite(coordinator)
        self._decide_in_writing(coordinator)
        self._report(coordinator)
        self._approve_results()
        self._ask_for_values(coordinator)
        self._money()
        self._exchange()
        self._call()
        self.registers = registers(self.people["partner"], self.people["administrator"])
        self.clients = {role: Client() for role in COLUMNS}
        for role, person in self.people.items():
            self.clients[role].force_login(person)

    def _act(self) -> None:
        """An activity for which the partner answers, and evidence that everybody may see."""
        self.activity = ActivityFactory(
            project=self.project, responsible=self.institutions["partner"]
        )
        self.deliverable = DeliverableFactory(activity=self.activity)
        self.proof = EvidenceFactory(activity=self.activity)

    def _money(self) -> None:
        """A budget, one row of each thing in the books, and a category that nothing needs."""
        line = BudgetLineFactory(period=self.year)
        self.spare_category = BudgetCategory.objects.create(
            project=self.project, code="ZZ", name_fr="Sans montant"
        )
        self.category = line.category
        self.expenditure = ExpenditureFactory(category=line.category)
        self.rate = ExchangeRateFactory(project=self.project)
        self.contribution = ContributionFactory(
            participation=self.project.participations.get(role=Participation.Role.FUNDING)
        )
        finance = self.people["finance"]
        self.lock = lock_days(
            self.project, start=date(2019, 4, 1), end=date(2019, 4, 30), by=finance
        )
        self.batch = self.project.import_batches.create(original_name="a.csv", rows=0)
        self._settle(line.category)
        self.sample = drawn_from(self.project, by=self.people["auditor"])

    def _settle(self, category: BudgetCategory) -> None:
        """A voucher that waits for approval, with a scan; an advance of the partner, with a voucher;
        and a form of the donor."""
        file = {"original_name": "a.pdf", "kind": "pdf", "size": 8, "sha256": "0" * 64}
        waits = {"status": "waiting", "waits_since": date(2020, 1, 1)}
        self.waiting = ExpenditureFactory(category=category, **waits)
        self.scan = VoucherScan.objects.create(
            expenditure=self.waiting, file=ContentFile(b"%PDF-1.7", name="a.pdf"), **file
        )
        partner = self.people["partner"]
        self.advance = AdvanceFactory(
            project=self.project, institution=self.institutions["partner"]
        )
        self.advance_voucher = AdvanceVoucherFactory(advance=self.advance, submitted_by=partner)
        self.advance_file = AdvanceVoucherFile.objects.create(
            voucher=self.advance_voucher, file=ContentFile(b"%PDF-1.7", name="a.pdf"), **file
        )
        _link, token = AccessLink.issue(
            partner, "settle_advance", self.advance, by=self.people["finance"]
        )
        self.tokens["projects:advance-link"] = token
        self.donor_form = DonorForm(project=self.project, name="F", language="fr")
        content = book({"A1": "{{ spent.total }}"})
        facts = file | {"kind": "xlsx", "size": len(content), "original_name": "a.xlsx"}
        for name, value in facts.items():
            setattr(self.donor_form, name, value)
        self.donor_form.file.save("a.xlsx", ContentFile(content), save=False)
        self.donor_form.save()

    def _owe(self) -> None:
        """A duty to the donor, fulfilled with a file; an agreement of the partner with another."""
        file = {"original_name": "file.pdf", "kind": "pdf", "size": 8}
        self.pending = RepresentationFactory(
            participation=self.project.participations.get(institution=self.institutions["donor"]),
            confirmed_at=None,
        )
        self.change = InstitutionChange.objects.create(
            institution=self.institutions["partner"], text="Un nouveau nom"
        )
        self.duty = ReportingDutyFactory(project=self.project)
        self.filed = FiledDocument.objects.create(
            project=self.project, kind="other", title="Carta", on=date(2020, 5, 1),
            for_donor=True, for_committee=True,
        )  # fmt: skip
        self.filed.versions.create(number=1, file=ContentFile(b"%PDF-1.7", name="f.pdf"), **file)
        done = DutyDone.objects.create(duty=self.duty, period=self.year, on=date(2020, 4, 30))
        DutyFile.objects.create(done=done, file=ContentFile(b"%PDF-1.7", name="d.pdf"), **file)
        self.agreement = AgreementFactory(institution=self.institutions["partner"])
        self.project.participations.filter(institution=self.institutions["partner"]).update(
            agreement=self.agreement
        )
        self.agreement_file = self.agreement.files.create(
            file=ContentFile(b"%PDF-1.7", name="a.pdf"), **file
        )
        partner = self.people["partner"]
        _link, self.due_token = AccessLink.issue(partner, "due_calendar", partner, by=partner)

    def _sit(self) -> None:
        """A meeting in session to which people check in by code, and a declared interest."""
        self.declaration = InterestDeclaration.objects.create(
            meeting=self.meeting, seat=self.seat, text="…", recused=False
        )
        self.declaration.items.add(self.item)
        meeting = MeetingFactory(committee=self.committee, number=90, status="in_session")
        self.sitting = Sitting.objects.create(
            meeting=meeting, check_in_round=1, check_in_is_open=True
        )

    def _lose_a_factor(self) -> None:
        """Of the partner, who is signed in somewhere as well: a coordinator noted it."""
        elsewhere = Client()
        elsewhere.force_login(self.people["partner"])
        self.web_session = UserSession.objects.create(
            user=self.people["partner"],
            ip="192.0.2.1",
            session_key=elsewhere.session.session_key,
        )
        self.lost_factor = FactorReset.objects.create(
            person=self.people["partner"],
            asked_by=self.people["coordinator"],
            reason="They called.",
        )

    def _watch(self) -> None:
        """A risk that members see, and a document of the amendment."""
        self.risk = RiskFactory(project=self.project, is_shared=True)
        self.lesson = LessonFactory(project=self.project)
        self.letter = AmendmentFile.objects.create(
            amendment=self.amendment,
            category=AmendmentFile.Category.OTHER,
            file=ContentFile(b"%PDF-1.7", name="letter.pdf"),
            original_name="letter.pdf",
            kind="pdf",
            size=8,
        )

    def _follow(self) -> None:
        """An action of another plan, in execution, for which the partner answers."""
        year = PeriodFactory(
            project=self.project, number=9, start=date(2021, 4, 1), end=date(2022, 3, 31)
        )
        running = ActionPlanFactory(
            period=year, status=ActionPlan.Status.IN_EXECUTION, validated_by=self.decision
        )
        partner = self.people["partner"]
        self.followed = ActionTermsFactory(
            plan=running,
            action=ActionFactory(project=self.project, reference="9.1"),
            responsible=self.institutions["partner"],
        )
        note = ProgressNote.objects.create(
            action=self.followed.action,
            share_done=10,
            language="fr",
            institution=self.institutions["partner"],
            by=partner,
        )
        self.evidence = NoteFile.objects.create(
            note=note,
            file=ContentFile(b"%PDF-1.7", name="note.pdf"),
            original_name="note.pdf",
            kind="pdf",
            size=8,
        )
        _link, self.note_token = AccessLink.issue(
            partner, "note_progress", self.followed.action, by=None
        )
        self.participation = self.project.participations.get(
            institution=self.institutions["partner"]
        )
        _link, self.duties_token = AccessLink.issue(
            partner, "open_duties", self.participation, by=None
        )
        _link, self.seen_token = AccessLink.issue(
            partner, "seen_by_others", self.participation, by=None
        )
        self.mail_token = choices_url(partner, "digest").split("/")[-2]

    def _invite(self, coordinator) -> None:
        """The member holds a seat; the bearer of the link is a guest."""
        self.invitation, guest = [
            Invitation.objects.create(
                meeting=self.meeting,
                contact=self.people[role].contacts.get(),
                seat=self.seat if role == "member" else None,
                capacity="holder" if role == "member" else "guest",
            )
            for role in ("member", "partner")
        ]
        partner = self.people["partner"]
        _link, invited = AccessLink.issue(partner, "invitation", guest, by=coordinator)
        _link, feed = AccessLink.issue(partner, "calendar", partner, by=partner)
        _link, asked = AccessLink.issue(
            self.people["partner"], "answer_recommendation", self.recommendation, by=coordinator
        )
        self.open_paper = DocumentFactory(meeting=self.meeting, audience="public")
        self.tokens = {
            "committees:invitation-link": invited,
            "committees:resolution-link": asked,
            "committees:calendar-feed": feed,
        }

    def _decide_in_writing(self, coordinator) -> None:
        """Minutes that wait for comments, a written procedure that waits for answers, and links
        to both for the member's seat."""
        self.intake = Intake.objects.create(project=self.project, imported_by=coordinator)
        self.kept_filter = SavedFilter.objects.create(user=coordinator, name="–", query="late=any")
        self.kept_search = SavedSearch.objects.create(user=coordinator, query="q=quorum")
        self.minutes = Minutes.objects.create(meeting=self.meeting)
        content = in_all_languages(self.minutes)
        Minutes.objects.filter(pk=self.minutes.pk).update(
            status=Minutes.Status.IN_REVIEW, content=content
        )
        self.minutes.versions.create(number=1, stage="in_review", content=content)
        member = self.people["member"]
        self.minutes_remark = self.minutes.remarks.create(seat=self.seat, text="…", by=member)
        self.consultation = WrittenConsultation.objects.create(
            committee=self.committee,
            title_fr="Par écrit",
            text_fr="Le plan est validé.",
            why_written="Urgence",
            rule="consensus",
            answers_until=timezone.localdate() + timedelta(days=7),
            opened_on=timezone.localdate(),
            status=WrittenConsultation.Status.OPEN,
        )
        for purpose, thing, names in (
            (
                "read_minutes",
                self.minutes,
                ("minutes-link", "minutes-link-remark", "minutes-link-withdraw"),
            ),
            (
                "answer_consultation",
                self.consultation,
                ("consultation-link", "consultation-link-answer"),
            ),
            ("give_feedback", self.meeting, ("feedback-link",)),
        ):
            _link, token = AccessLink.issue(member, purpose, thing, by=coordinator)
            self.tokens |= {f"committees:{name}": token for name in names}

    def _approve_results(self) -> None:
        for number in (1, 2):
            LogicModelVersionFactory(project=self.project, number=number)

    def _ask_for_values(self, coordinator) -> None:
        """The partner is asked for values; one that waits for approval has its evidence."""
        self.asked = ValueRequest.objects.create(
            project=self.project,
            institution=self.institutions["partner"],
            period=self.year,
            due_on=timezone.localdate() + timedelta(days=7),
        )
        self.value_file = ValueFile.objects.create(
            point=self.value,
            file=ContentFile(b"%PDF-1.7", name="liste.pdf"),
            original_name="liste.pdf",
            kind="pdf",
            size=8,
        )
        _link, token = AccessLink.issue(
            self.people["partner"], "enter_values", self.asked, by=coordinator
        )
        self.tokens["projects:request-link"] = token
        note = MailNote.objects.create(
            project=self.project, by=self.people["partner"], thing=self.asked, text="…"
        )
        self.mail_photo = note.photos.create(
            file=ContentFile(b"\xff\xd8\xff", name="1.jpg"),
            original_name="1.jpg",
            kind="jpeg",
            size=3,
        )
        _link, token = AccessLink.issue(self.people["partner"], "mail_note", note, by=None)
        self.tokens["projects:mail-note-link"] = token
        self.unreadable = IncomingMail.objects.create(
            fingerprint="0", kind="unreadable", outcome="quarantined", content=b"From: x"
        )

    def _exchange(self) -> None:
        """The project as it is public, and a file that waits with the administrator."""
        publication = IatiPublication(project=self.project, size=8, sha256="0" * 64)
        publication.file.save("activity.xml", ContentFile(b"<public/>"), save=False)
        publication.save()
        upload = IatiUpload(owner=self.people["administrator"], sha256="0" * 64)
        upload.file.save("activity.xml", ContentFile(ACTIVITY), save=False)
        upload.save()

    def _call(self) -> None:
        """A call that the panel judges, one that is open and one that is written, each with what
        its addresses name; and a grant of the partner, with a report that waits."""
        self.criterion = CriterionFactory(call=CallFactory(project=self.project, status="draft"))
        self.open_call = CallFactory(project=self.project)
        file = {"original_name": "a.pdf", "kind": "pdf", "size": 8}
        guide = {"facts": "0" * 64, "pages": 1, "size": 8}
        CallGuide.objects.create(
            call=self.open_call,
            language="fr",
            file=ContentFile(b"%PDF-1.7", name="g.pdf"),
            **guide,
        )
        self.question = self.open_call.questions.create(question_fr="Où ?", answer_fr="Ici.")
        self.call_document = CallDocument.objects.create(
            call=self.open_call, title="…", file=ContentFile(b"%PDF-1.7", name="a.pdf"), **file
        )
        self.writing = ProposalFactory(
            call=self.open_call, status="draft", number=None, submitted_at=None
        )
        self.tokens |= dict.fromkeys(
            ("calls:proposal", "calls:proposal-file", "calls:proposal-withdraw"),
            send_link(self.writing),
        )
        self.judged = ProposalFactory(call=self.call)
        self.late = ProposalFactory(call=self.call, status="draft", number=None, submitted_at=None)
        Assessment.objects.create(member=self.panel_seat, proposal=self.judged, has_conflict=False)
        self.proposal_files = {
            proposal.pk: ProposalFile.objects.create(
                proposal=proposal, file=ContentFile(b"%PDF-1.7", name="a.pdf"), **file
            )
            for proposal in (self.writing, self.judged)
        }
        self.grant = GrantFactory(
            project=self.project, institution=self.institutions["partner"], status="prepared"
        )
        self.instalment = Instalment.objects.create(
            grant=self.grant, number=1, due_on=date(2021, 1, 1), amount=1
        )
        self.project.held_texts.create(by=self.people["partner"], source="…")
        self.project.team_invitations.create(
            user=self.people["outsider"],
            typed_name="X",
            typed_email="x@example.org",
            role="reader",
            sent_by=self.people["coordinator"],
        )
        self.grant_report = GrantReport.objects.create(
            grant=self.grant,
            due_on=date(2021, 6, 30),
            period_start=date(2021, 1, 1),
            period_end=date(2021, 6, 30),
            status=GrantReport.Status.SUBMITTED,
            submitted_by=self.people["partner"],
        )
        self.report_file = GrantReportFile.objects.create(
            report=self.grant_report, file=ContentFile(b"%PDF-1.7", name="a.pdf"), **file
        )

    def call_arguments(self) -> dict[str, dict]:
        """What the addresses of calls and grants are called with, by name."""
        code = {"code": self.project.code}
        call, draft = code | {"pk": self.call.pk}, code | {"pk": self.criterion.call_id}
        grant = code | {"pk": self.grant.pk}
        document = code | {"pk": self.open_call.pk, "document_pk": self.call_document.pk}
        asked = code | {"pk": self.open_call.pk, "question_pk": self.question.pk}
        one = call | {"proposal_pk": self.judged.pk}
        seat = one | {"member_pk": self.panel_seat.pk}
        open_call = {"code": self.open_call.code}
        written = open_call | {"token": self.tokens["calls:proposal"]}
        instalment = grant | {"instalment_pk": self.instalment.pk}
        report = grant | {"report_pk": self.grant_report.pk}
        return {
            "projects:call-delete": draft,
            "projects:call-step": draft | {"verb": "cancel"},
            "projects:criterion-create": draft,
            "projects:criterion-edit": draft | {"criterion_pk": self.criterion.pk},
            "projects:criterion-delete": draft | {"criterion_pk": self.criterion.pk},
            "projects:call-question-edit": asked,
            "projects:call-question-delete": asked,
            "projects:call-document": document,
            "projects:call-document-delete": document,
            "projects:panel-delete": call | {"member_pk": self.panel_seat.pk},
            "projects:proposal": one,
            "projects:proposal-file": one | {"file_pk": self.proposal_files[self.judged.pk].pk},
            "projects:proposal-eligibility": one,
            "projects:proposal-late": call | {"proposal_pk": self.late.pk},
            "projects:proposal-decide": one | {"verb": "reject"},
            "projects:grant-prepare": one,
            "projects:proposal-interest": seat,
            "projects:proposal-score": seat,
            "projects:grant-step": grant | {"verb": "end"},
            "projects:instalment-edit": instalment,
            "projects:instalment-delete": instalment,
            "projects:instalment-pay": instalment,
            "projects:grant-report": report,
            "projects:grant-report-submit": report,
            "projects:grant-report-judge": report | {"verb": "accept"},
            "projects:grant-report-file": report | {"file_pk": self.report_file.pk},
            "calls:call": open_call,
            "calls:propose": open_call,
            "calls:sent": open_call,
            "calls:document": open_call | {"pk": self.call_document.pk},
            "calls:proposal": written,
            "calls:proposal-withdraw": written,
            "calls:proposal-file": written | {"pk": self.proposal_files[self.writing.pk].pk},
        }

    def _report(self, coordinator) -> None:
        self.preset = ReportPreset.objects.get(key=DEFAULT)
        self.template = WordTemplate(
            preset=self.preset, name="Formulaire", kind="docx", size=1, added_by=coordinator
        )
        self.template.file.save("x", ContentFile(b"x"))
        self.report = Report.objects.create(
            project=self.project,
            period=self.year,
            preset=self.preset,
            written_by=coordinator,
        )
        snapshot = Snapshot.keep(
            About(self.report), {"parts": {}, "as_of": "2020-09-30"}, is_final=True
        )
        text = DOCUMENT.numbered(EMPTY_REPORT)
        snapshot = Snapshot.keep(About(self.report), {"donor": {"en": text}})
        Report.objects.filter(pk=self.report.pk).update(
            status=Report.Status.PUBLISHED,
            snapshot=snapshot,
            signed_off_by=self.people["monitoring"],
            signed_off_on=date(2020, 9, 30),
            published_on=date(2020, 10, 26),
        )
        self._speak_of_the_report()
        document = {
            "snapshot": snapshot,
            "audience": "donor",
            "renderer": "test",
            "requested_by": coordinator,
        }
        self.rendition = Rendition.objects.create(language="fr", **document)
        self.ready = Rendition.objects.create(
            language="en",
            state=Job.State.READY,
            file=ContentFile(b"%PDF-1.7", name="ready.pdf"),
            pages=1,
            size=8,
            **document,
        )
        self.shared, token = SharedLink.issue(
            self.ready,
            label="Ministère",
            expires_at=timezone.now() + timedelta(days=30),
            by=coordinator,
        )
        self.tokens |= dict.fromkeys(("reports:shared", "reports:shared-download"), token)
        mine = {"project": self.project, "user": self.people["donor"]}
        self.archive = Archive.objects.create(language="en", **mine)
        self.archived = Archive.objects.create(
            language="fr",
            state=Job.State.READY,
            file=ContentFile(b"PK", name="archive.zip"),
            files=1,
            size=2,
            **mine,
        )

    def _speak_of_the_report(self) -> None:
        """A comment of the donor with the file that came back, a section with an earlier version,
        and a later version that is submitted."""
        donor = self.people["donor"]
        self.said = self.report.remarks.create(origin="donor", language="fr", text="…", by=donor)
        self.returned = ReportFile.objects.create(
            report=self.report,
            remark=self.said,
            category="remark",
            added_by=donor,
            file=ContentFile(b"%PDF-1.7", name="r.pdf"),
            original_name="r.pdf",
            kind="pdf",
            size=8,
        )
        SectionFactory(report=self.report)
        self.section = {"pk": self.report.pk, "kind": "summary", "language": "fr"}
        self.revised = ReportFactory(period=self.year, version=2)
        Report.objects.filter(pk=self.revised.pk).update(
            status=Report.Status.SUBMITTED,
            snapshot=Snapshot.keep(About(self.revised), {"parts": {}, "as_of": "2020-10-30"}),
            signed_off_by=self.people["monitoring"],
            signed_off_on=date(2020, 10, 30),
        )

    def arguments(self, name: str, converters: list[str]) -> dict:
        """What the address of that name is called with: things of this project."""
        if name in self._by_name:
            return dict(self._by_name[name])
        own = {"token": self.tokens.get(name, self.token), "pk": self.thing_of(name)}
        values = self._usual | own
        return {converter: values[converter] for converter in converters}

    @cached_property
    def _by_name(self) -> dict[str, dict]:
        term = self.seat.terms.get()
        mine = {"code": self.project.code}
        voucher = mine | {"pk": self.advance.pk, "voucher_pk": self.advance_voucher.pk}
        said = {"pk": self.report.pk, "remark_pk": self.said.pk}
        form = {"pk": self.preset.pk, "template_pk": self.template.pk}
        chosen = {"pk": self.preset.pk, "section_pk": self.preset.sections.all()[1].pk}
        plan = {"pk": self.plan.pk}
        return {
            "projects:activities-export": mine | {"kind": "csv"},
            "projects:intake-undo": mine | {"pk": self.intake.pk},
            "projects:translation": mine
            | {"to": "es", "kind": "projects.result", "pk": self.result.pk, "field": "statement"},
            "projects:activity-step": mine | {"pk": self.activity.pk, "verb": "postpone"},
            "projects:logic-version": mine | {"number": 2},
            "projects:logic-version-changes": mine | {"number": 2},
            "due-feed": {"token": self.due_token},
            "projects:amendment-step": mine | {"pk": self.amendment.pk, "verb": "submit"},
            "projects:value-file": mine | {"pk": self.value.pk, "file_pk": self.value_file.pk},
            "projects:value-file-remove": mine
            | {"pk": self.value.pk, "file_pk": self.value_file.pk},
            "projects:request-link-create": mine
            | {"pk": self.asked.pk, "user_pk": self.people["partner"].pk},
            "projects:amendment-file": mine | {"pk": self.amendment.pk, "file_pk": self.letter.pk},
            "projects:amendment-file-remove": mine
            | {"pk": self.amendment.pk, "file_pk": self.letter.pk},
            "projects:risk-step": mine | {"pk": self.risk.pk, "verb": "close"},
            "projects:mail-note": mine | {"pk": self.mail_photo.note_id},
            "projects:mail-note-photo": mine
            | {"pk": self.mail_photo.note_id, "photo": self.mail_photo.pk},
            "reports:filed-file": mine | {"pk": self.filed.pk, "number": 1},
            "reports:archive-edition": mine | {"edition": "full"},
            "projects:value-step": mine | {"pk": self.value.pk, "verb": "approve"},
            "projects:budget-comment": mine | {"pk": self.category.pk, "period_pk": self.year.pk},
            "projects:expenditures-export": mine | {"kind": "csv"},
            "projects:expenditure-approve": mine | {"pk": self.waiting.pk},
            "projects:expenditure-return": mine | {"pk": self.waiting.pk},
            "projects:scan-add": mine | {"pk": self.waiting.pk},
            "projects:scan-file": mine | {"pk": self.waiting.pk, "scan_pk": self.scan.pk},
            "projects:scan-delete": mine | {"pk": self.waiting.pk, "scan_pk": self.scan.pk},
            "projects:advance-voucher": voucher,
            "projects:advance-voucher-edit": voucher,
            "projects:advance-voucher-accept": voucher,
            "projects:advance-voucher-return": voucher,
            "projects:advance-voucher-file": voucher | {"file_pk": self.advance_file.pk},
            "committees:committee-step": {"pk": self.committee.pk, "verb": "suspend"},
            "committees:meeting-step": {"pk": self.meeting.pk, "verb": "cancel"},
            "committees:item-step": {"pk": self.item.pk, "verb": "defer"},
            "committees:plan-press": {"pk": self.plan.pk, "verb": "present"},
            "committees:resolution-step": {"pk": self.recommendation.pk, "verb": "accept"},
            "committees:action-from-resolution": {"pk": self.recommendation.pk},
            "committees:amendment-take-effect": {"pk": self.amendment.pk},
            "committees:amendment-recommend": {"pk": self.amendment.pk},
            "committees:term-end": {"pk": term.pk},
            "committees:attendance-remove": {"pk": self.attendance.pk},
            "committees:attendance-mark": {"pk": self.delegate.pk},
            "committees:interest-remove": {"pk": self.declaration.pk},
            "committees:check-in": {"code": self.sitting.check_in_code},
            "committees:delegate-accredit": {"pk": self.delegate.pk},
            "committees:subject-remove": {"pk": self.subject.pk},
            "committees:minutes-step": {"pk": self.minutes.pk, "verb": "circulate"},
            "committees:minutes-version": {"pk": self.minutes.pk, "number": 1},
            "committees:minutes-translate": {"pk": self.minutes.pk, "language": "es"},
            "committees:minutes-remark-settle": {
                "pk": self.minutes.pk,
                "remark_pk": self.minutes_remark.pk,
            },
            "committees:minutes-remark-withdraw": {
                "pk": self.minutes.pk,
                "remark_pk": self.minutes_remark.pk,
            },
            "committees:minutes-link-withdraw": {
                "token": self.tokens["committees:minutes-link"],
                "remark_pk": self.minutes_remark.pk,
            },
            "committees:consultation-step": {"pk": self.consultation.pk, "verb": "remind"},
            "committees:plan-remark-reply": plan | {"remark_pk": self.remark.pk},
            "committees:plan-withdraw": plan | {"kind": "remark", "answer_pk": self.remark.pk},
            "committees:plan-link-withdraw": {
                "token": self.token,
                "kind": "remark",
                "answer_pk": self.remark.pk,
            },
            "committees:plan-proposal-settle": plan | {"proposal_pk": self.proposal.pk},
            "committees:plan-link-create": plan | {"user_pk": self.people["partner"].pk},
            "committees:plan-link-revoke": plan | {"link_pk": self.link.pk},
            "committees:action-progress": {"pk": self.followed.action_id},
            "committees:note-file": {"pk": self.followed.action_id, "file_pk": self.evidence.pk},
            "committees:action-shift": {"pk": self.followed.plan_id, "terms_pk": self.followed.pk},
            "committees:action-link": {"token": self.note_token},
            "committees:action-ask": {"pk": self.followed.action_id},
            "committees:invitation-paper": {
                "token": self.tokens["committees:invitation-link"],
                "pk": self.open_paper.pk,
            },
            "due-link": {"token": self.duties_token},
            "portfolio-filter-delete": {"pk": self.kept_filter.pk},
            "search-delete": {"pk": self.kept_search.pk},
            "due-link-open": {
                "token": self.duties_token,
                "duty": f"resolution-{self.recommendation.pk}",
            },
            "seen-link": {"token": self.seen_token},
            "seen-link-hide": {"token": self.seen_token},
            "projects:seen-ask": mine | {"pk": self.participation.pk},
            "projects:due-ask": mine | {"pk": self.participation.pk},
            "accounts:mail-choices": {"token": self.mail_token},
            "accounts:kept-page": {"rest": "a-key/"},
            "chain": {"kind": "indicator", "pk": self.indicator.pk},
            "reports:code": mine | {"name": f"indicator-{self.result.code}-{self.indicator.code}"},
            "reports:read-part": {"pk": self.report.pk, "part": "annex_framework"},
            "reports:picture": {"pk": self.report.pk, "evidence": self.proof.pk},
            "reports:figure": {"pk": self.report.pk, "figure": "table-1"},
            "reports:figure-file": {"pk": self.report.pk, "figure": "table-1", "kind": "csv"},
            "reports:section": {"pk": self.report.pk, "kind": "summary", "language": "fr"},
            "reports:preset-section": chosen,
            "reports:preset-section-up": chosen,
            "reports:preset-section-down": chosen,
            "reports:preset-section-remove": chosen,
            "reports:preset-template": form,
            "reports:preset-template-edit": form,
            "reports:preset-template-remove": form,
            "reports:template": {"pk": self.report.pk, "template_pk": self.template.pk},
            "reports:section-preview": {
                "pk": self.report.pk,
                "kind": "summary",
                "language": "fr",
            },
            "reports:step": {"pk": self.report.pk, "verb": "accept"},
            "reports:section-writing": self.section,
            "reports:section-versions": self.section,
            "reports:section-version": self.section | {"number": 1},
            "reports:section-restore": self.section | {"number": 1},
            "reports:remark-answer": said,
            "reports:remark-step": said | {"verb": "settle"},
            "reports:file": {"pk": self.report.pk, "file_pk": self.returned.pk},
            "reports:differences": {"pk": self.revised.pk},
            "reports:documents": {"thing": "meeting", "pk": self.meeting.pk},
            "reports:guide": {"code": self.open_call.code, "language": "fr"},
            "reports:guide-word": {"code": self.open_call.code, "language": "fr"},
            "reports:published": {"pk": self.shared.pk},
            "reports:pack": {"pk": self.meeting.pk},
            "reports:document-request": {"kind": "agenda", "pk": self.meeting.pk},
            "reports:document-word": {"kind": "plan", "pk": self.plan.pk},
            "reports:downloads": {"thing": "report", "pk": self.report.pk},
            "reports:downloads-export": {"thing": "report", "pk": self.report.pk},
            "reports:link-revoke": {"pk": self.ready.pk, "link_pk": self.shared.pk},
            "reports:document-text": {"kind": "plan", "pk": self.plan.pk},
            "reports:seal-earlier": {"sha256": "0" * 64},
            "reports:verify-code": {"code": "0000-0000-0000"},
            "reports:verify-file": {"sha256": "0" * 64},
            "organisation-logo": {"sha256": "0" * 64},
            "accounts:letter": {"file": "x.log", "number": 1},
            "accounts:letter-html": {"file": "x.log", "number": 1},
            "mail-kind": {"name": "new-device"},
            "mail-kind-html": {"name": "new-device"},
            "help-page": {"page": "home"},
            **self.call_arguments(),
        }

    @cached_property
    def _usual(self) -> dict:
        return {
            "code": self.project.code,
            "verb": "submit",
            "invitation_pk": self.invitation.pk,
            "terms_pk": self.terms.pk,
            "seat_pk": self.seat.pk,
            "action_pk": self.action.pk,
            "remark_pk": self.remark.pk,
            "name_pk": self.institutions["partner"].names.get().pk,
            "contact_pk": self.people["partner"].contacts.get().pk,
            "change_pk": self.change.pk,
            "institution_pk": self.institutions["member"].pk,
            "agreement_pk": self.agreement.pk,
            "who": f"u{self.people['partner'].pk}",
            "file_pk": self.agreement_file.pk,
            "period_pk": self.year.pk,
        }

    def thing_of(self, name: str) -> int | None:
        """By the beginning of the address's name, the longest first."""
        things = self._things
        best = max((start for start in things if name.startswith(start)), key=len, default=None)
        return things[best].pk if best else None

    @cached_property
    def _things(self) -> dict:
        return {
            **self.registers,
            "accounts:session": self.web_session,
            "accounts:incoming": self.unreadable,
            "accounts:lost-factor": self.lost_factor,
            "partners:": self.institutions["partner"],
            "projects:period": self.year,
            "projects:duty": self.duty,
            "projects:participation": self.project.participations.first(),
            "projects:representation": self.pending,
            "projects:representation-create": self.institutions["partner"].participations.get(),
            "projects:result": self.result,
            "projects:indicator": self.indicator,
            "projects:value-create": self.indicator,
            "projects:value": self.value,
            "projects:request": self.asked,
            "projects:activity": self.activity,
            "projects:deliverable": self.deliverable,
            "projects:deliverable-create": self.activity,
            "reports:filed": self.filed,
            "projects:evidence": self.proof,
            "projects:evidence-create": self.activity,
            "projects:amendment": self.amendment,
            "projects:budget-year": self.year,
            "projects:budget-lines": self.category,
            "projects:budget-category": self.spare_category,
            "projects:expenditure": self.expenditure,
            "projects:import": self.batch,
            "projects:lock": self.lock,
            "projects:rate": self.rate,
            "projects:sample": self.sample,
            "projects:contribution": self.contribution,
            "projects:advance": self.advance,
            "projects:donor-form": self.donor_form,
            "projects:risk": self.risk,
            "projects:lesson": self.lesson,
            "projects:call": self.call,
            "projects:panel": self.call,
            "projects:proposal": self.call,
            "projects:grant": self.grant,
            "projects:instalment": self.grant,
            "projects:support": self.grant,
            "projects:held-text": self.project.held_texts.get(),
            "projects:team-invitation": self.project.team_invitations.get(),
            "projects:assignment": self.project.assignments.get(role="reader"),
            "committees:": self.committee,
            "committees:seat": self.seat,
            "committees:seat-create": self.committee,
            "committees:term": self.seat,
            "committees:terms": self.committee,
            "committees:meeting": self.meeting,
            "committees:meeting-create": self.committee,
            "committees:attendance": self.meeting,
            "committees:guest": self.meeting,
            "committees:delegate": self.meeting,
            "committees:item": self.item,
            "committees:item-create": self.meeting,
            "committees:items-order": self.meeting,
            "committees:item-answer": self.item_proposal,
            "committees:carry-over": self.meeting,
            "committees:carry-over-risks": self.meeting,
            "committees:template-item": self.template_item,
            "committees:template-item-create": self.committee,
            "committees:template-order": self.committee,
            "committees:document": self.document,
            "committees:decision": self.item,
            "committees:recommendation": self.item,
            "committees:resolution": self.recommendation,
            "committees:feedback-ask": self.meeting,
            "committees:minutes": self.minutes,
            "committees:minutes-create": self.meeting,
            "committees:consultation": self.consultation,
            "committees:consultation-create": self.committee,
            "committees:plan": self.plan,
            "committees:action": self.action,
            "committees:action-create": self.plan,
            "committees:action-edit": self.plan,
            "committees:action-remove": self.plan,
            "reports:": self.report,
            "reports:preset": self.preset,
            "reports:rendition": self.rendition,
            "reports:rendition-text": self.ready,
            "reports:download": self.ready,
            "reports:links": self.ready,
            "reports:archive": self.archive,
            "reports:archive-download": self.archived,
        }


def addresses(resolver=None, prefix="", before=()):
    """Every address of ours by its full name, with the converters that it takes; `before`: those of
    the beginning that it has in common with others."""
    for pattern in (resolver or get_resolver()).url_patterns:
        converters = [*before, *getattr(pattern.pattern, "converters", ())]
        if isinstance(pattern, URLResolver):
            below = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            if pattern.namespace != "admin":
                yield from addresses(pattern, below, converters)
        elif pattern.name and not f"{prefix}{pattern.name}".startswith(ELSEWHERE):
            yield f"{prefix}{pattern.name}", converters


def app_of(name: str) -> str:
    return name.split(":")[0] if ":" in name else "ibcr_portal"


def state() -> Rows:
    """All rows of ours, to tell whether anything was written, but for what a GET may write."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL, which writes every row as text")
    ours = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS and model._meta.label not in LOGS
    }
    rows = rows_of_database()
    return Counter({row: rows[row] for row in rows if row[0] in ours})


def verdict(response) -> str:
    if response.status_code in {301, 302} and "/accounts/login/" in response.url:
        return "login"
    return str(response.status_code) if response.status_code >= 400 else "yes"


def is_logged(sql: str) -> bool:
    """Whether the statement writes into the log; others may read it to write elsewhere."""
    target = TARGET.match(sql)
    return bool(target and target[1] in LOG_TABLES)


def ask(scene: Scene, role: str, method: str, url: str) -> tuple[str, list[str]]:
    """What the role gets, and the statements by which rows may have changed; whatever an allowed
    POST writes is taken back."""
    written: list[str] = []
    asked = Counter()

    def note(execute, sql, params, many, context):
        # Django keeps the types of content once it has read them.
        asked[method] += not sql.startswith(TRANSACTIONS) and "django_content_type" not in sql
        if sql.split(maxsplit=1)[0] not in READS and not is_logged(sql):
            written.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        response = getattr(scene.clients[role], method.lower())(url)
        said = verdict(response)
        close(response)
        if said == "yes" and method == "POST":
            transaction.set_rollback(True)
            written.clear()
    if said == "yes" and method == "GET":
        name = resolve(url.partition("?")[0]).view_name
        kind = response.headers["Content-Type"]
        if "html" in kind:
            scene.statements[name] = max(scene.statements[name], asked[method])
        elif kind == MIME_TYPES["xlsx"]:
            scene.workbooks.add(name)
    return said, written


def close(response) -> None:
    """Close the file of a download, but not the database connection with it."""
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)


def address_for(name: str, arguments: dict, role: str) -> str:
    if "token" in arguments and role != "link":
        arguments = arguments | {"token": secrets.token_urlsafe(32)}
    return reverse(name, kwargs=arguments)


def some_of(name: str, method: str, expected: dict[str, str]) -> list[str]:
    """One role of those that get the same answer, another one for each address; and always those
    who have nothing to do with the project. An address that is new is asked by everybody."""
    chosen = {"outsider", "visitor"} if expected else set(COLUMNS)
    place = crc32(f"{method} {name}".encode())
    for answer in sorted(set(expected.values())):
        same = [role for role in COLUMNS if expected[role] == answer]
        chosen.add(same[place % len(same)])
    return [role for role in COLUMNS if role in chosen]


def measured(
    scene: Scene, apps: set[str], *, by_all: bool
) -> dict[tuple[str, str], dict[str, str]]:
    """The table's rows of some apps as the portal answers, with proof that nothing was written."""
    known = {} if by_all else table()
    write_all()
    write_index(SOURCES, 10_000)
    found, before = {}, state()
    for name, converters in addresses():
        if app_of(name) not in apps:
            continue
        arguments = scene.arguments(name, converters)
        # Of a report without figures nobody gets one.
        if arguments.get("kind") == "csv" and name != "reports:figure-file":
            scene.workbooks.add(name)
        for method in ("GET", "POST"):
            answers = {
                role: ask(scene, role, method, address_for(name, arguments, role))
                for role in some_of(name, method, known.get((name, method), {}))
            }
            found[name, method] = {role: said for role, (said, _written) in answers.items()}
            # To read all tables takes as long as a page.
            if any(written for _said, written in answers.values()):
                assert state() == before, f"{method} {name} wrote something"
    assert state() == before
    many = {name: n for name, n in scene.statements.items() if n > MOST_STATEMENTS}
    assert many.keys() <= ASKING_MORE.keys()
    assert scene.workbooks <= WORKBOOKS
    return found


def table() -> dict[tuple[str, str], dict[str, str]]:
    with TABLE.open(newline="") as file:
        return {(row.pop("address"), row.pop("method")): row for row in csv.DictReader(file)}


def write(rows: dict[tuple[str, str], dict[str, str]]) -> None:
    """Put these rows into the table; those of addresses that are gone go too."""
    known = table() if TABLE.exists() else {}
    names = [name for name, _converters in addresses()]
    known |= rows
    with TABLE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["address", "method", *COLUMNS])
        for name in names:
            for method in ("GET", "POST"):
                if row := known.get((name, method)):
                    writer.writerow([name, method, *(row[role] for role in COLUMNS)])


# The scene takes as long as a hundred addresses: small apps share one.
SMALL = {"ibcr_portal", "persons", "accounts", "partners", "calls"}
each_app = pytest.mark.parametrize(
    "apps",
    [{"projects"}, {"committees"}, {"reports"}, SMALL],
    ids=lambda apps: "-".join(sorted(apps)),
)


@pytest.mark.deep(part="access")
@each_app
def test_every_role_gets_what_the_table_says(apps, request):
    answers = measured(Scene(), apps, by_all=True)
    if request.config.getoption("--write-access"):
        write(answers)

    compare(answers)


@pytest.mark.every_case
@each_app
def test_roles_of_each_address_get_what_the_table_says(apps):
    compare(measured(Scene(), apps, by_all=False))


def test_every_address_is_of_an_app_that_is_asked():
    apps = {"projects", "committees", "reports", *SMALL}

    assert {app_of(name) for name, _converters in addresses()} == apps


def test_each_answer_of_each_address_is_asked_for():
    asked = Counter()
    for (name, method), row in table().items():
        roles = some_of(name, method, row)
        assert {row[role] for role in roles} == set(row.values())
        asked.update(roles)

    assert min(asked[role] for role in COLUMNS) > 100


def compare(answers: dict[tuple[str, str], dict[str, str]]) -> None:
    expected = table()
    differences = {
        f"{method} {name}": {
            role: f"{expected.get((name, method), {}).get(role, 'not in the table')} ≠ {said}"
            for role, said in row.items()
            if said != expected.get((name, method), {}).get(role)
        }
        for (name, method), row in answers.items()
    }
    assert {name: roles for name, roles in differences.items() if roles} == {}


class RepresentationScene(Scene):
    """The scene with people of the donor and of a partner whose representation is granted, waits
    for confirmation, or was ended; and with somebody who has an account and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.people["nobody"] = UserFactory()
        for name, state in (
            *(("donor", state) for state in ("granted", "pending", "ended")),
            *(("partner", state) for state in ("granted", "ended")),
        ):
            person = self.people[f"{name} {state}"] = UserFactory()
            institution = self.institutions[name]
            RepresentationFactory(
                contact=ContactFactory(institution=institution, user=person, represents=False),
                participation=self.project.participations.get(institution=institution),
                **{"pending": {"confirmed_at": None}, "ended": {"ended_at": timezone.now()}}.get(
                    state, {}
                ),
            )
        for role, person in self.people.items():
            if role not in self.clients:
                self.clients[role] = Client()
                self.clients[role].force_login(person)


@pytest.mark.deep(part="browser")
@pytest.mark.parametrize("app", ["ibcr_portal", "partners", "projects", "committees", "reports"])
def test_a_representation_gives_nothing_before_it_is_confirmed_and_after_it_ended(app):
    """Granted is as the table says of the role; pending and ended are as somebody without any."""
    scene, expected = RepresentationScene(), table()
    own = {"contact-edit", "contact-invite", "contact-departure", "representation"}
    differences = {}
    for name, converters in addresses():
        if app_of(name) != app:
            continue
        arguments = scene.arguments(name, converters)
        url = address_for(name, arguments, "nobody")
        for method in ("GET", "POST"):
            nothing = ask(scene, "nobody", method, url)[0]
            for role in ("donor pending", "donor ended", "partner ended"):
                if (got := ask(scene, role, method, url)[0]) != nothing:
                    differences[f"{method} {name}", role] = f"{got} instead of {nothing}"
            if name.split(":")[-1].startswith(tuple(own)):
                continue  # of a person: the table's row is about the other one
            for role in ("donor", "partner"):
                got, row = (
                    ask(scene, f"{role} granted", method, url)[0],
                    expected[name, method][role],
                )
                if got != row and not _is_personal(name):
                    differences[f"{method} {name}", f"{role} granted"] = f"{got} instead of {row}"
    assert differences == {}


def _is_personal(name: str) -> bool:
    """Whether the address is about what one person asked for or was sent."""
    return any(
        word in name for word in ("archive", "rendition", "download", "link", "meeting-answer")
    )


def test_the_table_has_no_address_that_is_gone():
    names = {name for name, _converters in addresses()}

    assert {name for name, _method in table()} <= names


@pytest.mark.parametrize(
    ("sql", "logged"),
    [
        ('INSERT INTO "accounts_accessevent" ("number") VALUES (1)', True),
        ('UPDATE "accounts_accesschain" SET "number" = 1', True),
        ('DELETE FROM "projects_project" WHERE id IN (SELECT 1 FROM "accounts_pseudonym")', False),
        ('UPDATE "accounts_accesslink" SET "purpose" = \'accounts_accessevent\'', False),
        ("TRUNCATE accounts_accessevent", False),
    ],
)
def test_only_what_is_written_into_the_log_is_left_out(sql, logged):
    assert is_logged(sql) is logged


class EndingScene(Scene):
    """The scene in which a coordinator announced the end of everybody who represents an institution."""

    def __init__(self) -> None:
        super().__init__()
        Representation.objects.update(
            ends_at=timezone.now() + timedelta(hours=71),
            end_announced_by=self.people["coordinator"],
        )


# What a person keeps who only reads: what is their own, and of no project; what is public; and what
# concerns the end itself.
KEPT = re.compile(
    r"accounts:|persons:own|set_language|search-|news-|due-(reminders|calendar|feed)|calls:"
    r"|portfolio-filter|committees:(calendar-|digest)|projects:representation-(end|keep)"
    r"|partners:contact-edit|iati-file|reports:(preview|guide|published|seal|verify)|robots|sitemap"
)


def takes_or_sends(scene: EndingScene, role: str, name: str, url: str) -> list[str]:
    """What somebody who only reads gets all the same. Exports of several projects leave out this one."""
    client, found = scene.clients[role], []
    log = AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD)
    with transaction.atomic():
        before = log.count()
        response = client.get(url)
        is_file = "attachment" in response.headers.get("Content-Disposition", "")
        if is_file and not name.endswith("-export"):
            found.append(f"{role} takes {name}")
        if log.count() != before:
            found.append(f"{role} is logged to take {name}")
        close(response)
        if client.post(url).status_code < 400:
            found.append(f"{role} sends {name}")
        transaction.set_rollback(True)
    return found


@pytest.mark.deep(part="access")
@each_app
def test_whose_end_is_announced_sends_nothing_and_takes_nothing(apps):
    scene, found = EndingScene(), []
    for name, converters in addresses():
        if app_of(name) in apps and not KEPT.match(name):
            url = address_for(name, scene.arguments(name, converters), "donor")
            for role in ("partner", "donor", "embassy"):
                found += takes_or_sends(scene, role, name, url)
    assert found == []
