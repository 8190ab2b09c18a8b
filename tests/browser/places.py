"""Every page that a GET can reach, on the demonstration, as a role who may see it.

Which role that is says the table of `tests/test_access.py`, so that a new address is asked for
here from its first day.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLink, IncomingMail, User
from accounts.recurrent import choices_url
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Meeting,
    Minutes,
    Resolution,
    WrittenConsultation,
)
from ibcr_portal.demo.texts import read
from ibcr_portal.translating.queue import Queue
from kernel.jobs import Job
from partners.models import Agreement, Contact
from projects.exchange.services.importing import compose_file
from projects.iati.sources import FICTITIOUS
from projects.models import (
    Amendment,
    Contribution,
    DataPoint,
    IatiUpload,
    Indicator,
    MailNote,
    Participation,
    Project,
    Representation,
    ValueRequest,
)
from reports.models import FiledDocument, Rendition, Report, ReportPreset, SharedLink, WordTemplate
from reports.services.requesting import record_download
from reports.services.writing import start_new_version
from tests.browser.besides import Besides
from tests.factories import ProjectFactory
from tests.ibcr_portal.registers import registers
from tests.test_access import addresses, table

# Whom to send, if the table lets several in: first who sees the most tools on a page.
READERS = (
    *("coordinator", "administrator", "partner", "panel", "monitoring", "donor", "link", "visitor"),
)
# What nobody of these has in the table's world: its one report is published already, its partner
# has no seat.
READERS_BY_NAME = {
    "reports:section": "coordinator",
    "reports:section-versions": "coordinator",
    "reports:section-version": "coordinator",
    "reports:remark-answer": "coordinator",
    "reports:remark-create": "coordinator",
    "reports:outcome": "coordinator",
    "reports:differences": "coordinator",
    "reports:figure": "donor",
    "reports:read-part": "donor",
    "reports:seal": "visitor",
    "reports:verify-code": "visitor",
    "reports:verify-file": "visitor",
    "reports:shared": "link",
    "committees:consultation-answer": "partner",
    "committees:proposal-create": "partner",
    "projects:lock-lift": "finance",  # nobody else may
    # As who they are made for.
    "projects:proposal-interest": "panel",
    "projects:proposal-score": "panel",
    **dict.fromkeys(("calls:open", "calls:call", "calls:propose", "calls:sent"), "visitor"),
}
# Answers that are no page of the portal: files, parts of a page, and the way to another page.
NO_PAGES = {
    "search-quick",
    "due-export",
    "due-feed",
    "portfolio-export",
    "accounts:access-log-checkpoints",
    "accounts:incoming-message",
    "partners:agreement-file",
    "projects:duty-file",
    "accounts:still-here",
    "persons:forget",
    "persons:own-file",
    "persons:own-link",
    "persons:person-file",
    "committees:action-from-resolution",
    "committees:calendar-feed",
    "committees:create",
    "committees:document-download",
    "committees:invitation-paper",
    "committees:item-notes-typed",
    "committees:meeting-minutes",
    "committees:meeting-pulse",
    "committees:note-file",
    "committees:plan-sheet",
    "committees:plan-workbook-download",
    "committees:plan-workbook-problems",
    "projects:activities-export",
    "projects:evidence-file",
    "projects:mail-note-photo",
    "projects:framework-export",
    "projects:framework-workbook-download",
    "projects:intake-problems",
    "projects:intake-template",
    "projects:translations-export",
    "projects:framework-workbook-problems",
    "projects:value-file",
    "projects:expenditures-export",
    "projects:scan-file",
    "projects:advance-voucher-file",
    "projects:donor-form-usual",
    "projects:donor-form-example",
    "projects:donor-form-file",
    "projects:donor-form-filled",
    "projects:audit-log-export",
    "projects:audit-changes-export",
    "projects:sample-export",
    "projects:import-problems",
    "projects:amendment-file",
    "projects:amendments-export",
    "projects:risks-export",
    "projects:lessons-export",
    "iati-file",
    "projects:exchange-file",
    "calls:document",
    "calls:proposal-file",
    "projects:call-document",
    "projects:grant-report-file",
    "projects:proposal-file",
    "projects:proposals-export",
    "reports:document-text",
    "reports:filed-file",
    "reports:pack",
    "reports:guide",
    "reports:guide-word",
    "reports:published",
    "reports:seal-certificate",
    "reports:seal-certificate-pem",
    "reports:seal-earlier",
    "robots",
    "accounts:kept-worker",
    "sitemap",
    "reports:preset-template",
    "reports:preset-template-example",
    "reports:template",
    "reports:preset-preview",  # of a report that is named behind the question mark
    "reports:archive-download",
    "reports:archive-status",
    "reports:data",
    "reports:document-word",
    "reports:download",
    "reports:file",
    "reports:downloads-export",
    "reports:picture",
    "reports:figure-file",
    "reports:code",
    "reports:rendition-status",
    "demonstration-state",
    # A project with records leads back to its page.
    "projects:delete",
    # To the page of its committee.
    "projects:committee",
    "reports:shared-download",
    "reports:rendition-text",
    "health",
    "health-live",
    "health-ready",
    "metrics",
}
# The pages of allauth and whose they are.
ENTRANCE = (
    ("visitor", "account_login"),
    ("visitor", "account_request_login_code"),
    ("visitor", "account_reset_password"),
    ("visitor", "account_reset_password_done"),
    ("visitor", "account_signup"),
    ("coordinator", "account_change_password"),
    ("coordinator", "account_logout"),
    ("coordinator", "mfa_index"),
    ("coordinator", "account_reauthenticate"),
)


@dataclass(frozen=True)
class Place:
    name: str
    reader: str
    url: str
    status: int = 200
    # What it speaks whoever reads; none where that is the reader's own.
    language: str | None = None


class Demonstration:
    """The loaded demonstration, and the few things an address may name that it lacks."""

    def __init__(self) -> None:
        self.people = {
            account["role"]: User.objects.get(email=account["email"])
            for account in read("people")["account"]
        }
        self.history = Project.objects.get(code="HN-TRATA")
        self.example = Project.objects.get(code="EXEMPLE-01")
        self.over = ProjectFactory(status="closed", closed_on="2022-06-30")
        self.review = ActionPlan.objects.in_review().get(project=self.example)
        self.running = ActionPlan.objects.get(project=self.example, period__number=1)
        self.presented = ActionPlan.objects.get(project=self.history, period__number=2, version=2)
        self.held = Meeting.objects.get(committee__project=self.history, number=2)
        self.coming = Meeting.objects.get(committee__project=self.example, number=2)
        self.past = Meeting.objects.get(committee__project=self.example, number=1)
        self.sealed = Minutes.objects.filter(status="sealed").first()
        self.closed = WrittenConsultation.objects.filter(status="adopted").first()
        self.published = Report.objects.get(project=self.history)
        self.draft = Report.objects.get(project=self.example)
        self.agreement = Agreement.objects.get(reference="EXEMPLE-CC-02")
        self.indicator = Indicator.objects.get(result__project=self.example, code="1200.1")
        self.followed_activity = self.example.activities.get(title_fr__startswith="Atelier")
        self._enter_a_value()
        self._propose_an_amendment()
        self._make_a_preset()
        self._store_documents()
        self._speak_of_reports()
        self._settle_an_advance()
        self._ask_for_values()
        self._take_in_mail()
        self.plan_link, self.token = AccessLink.issue(
            self.people["partner"],
            "review_plan",
            self.review,
            by=self.people["coordinator"],
        )
        self._follow_an_action()
        self._wait_with_a_file()
        self._file_a_letter()
        self.besides = Besides(self.example, self.review, self.people)
        self.registers = registers(self.people["partner"], self.people["administrator"])

    def _file_a_letter(self) -> None:
        self.filed = FiledDocument.objects.create(
            project=self.example,
            kind="letter_in",
            title="Lettre de la direction régionale",
            on=self.example.starts_on,
            year=self.example.starts_on.year,
            number=1,
            language="fr",
            for_donor=True,
        )

    def _follow_an_action(self) -> None:
        """One for which the partner's institution answers, with the links that lead to it."""
        partner = self.people["partner"]
        self.followed = ActionTerms.objects.get(plan=self.running, action__reference="1.3")
        self.followed.responsible = partner.contacts.get().institution
        self.followed.save()
        _link, self.note_token = AccessLink.issue(
            partner, "note_progress", self.followed.action, by=None
        )
        recommendation = Resolution.objects.filter(
            committee__project=self.running.project,
            status="issued",
            agenda_item__audience="committee",
        ).first()
        recommendation.addressee = self.followed.responsible
        recommendation.save()
        _link, self.answer_token = AccessLink.issue(
            partner, "answer_recommendation", recommendation, by=None
        )
        self.participation = Participation.objects.get(
            project=self.running.project, institution=self.followed.responsible
        )
        _link, self.duties_token = AccessLink.issue(
            partner, "open_duties", self.participation, by=None
        )
        _link, self.seen_token = AccessLink.issue(
            partner, "seen_by_others", self.participation, by=None
        )
        self.duty = f"resolution-{recommendation.pk}"
        self.mail_token = choices_url(partner, "digest").split("/")[-2]

    def _wait_with_a_file(self) -> None:
        """An activity that the administrator may import: a neighbour's, under another name."""
        content = compose_file(Project.objects.get(code="BF-ENFANCE"))
        other = content.replace(FICTITIOUS.encode(), b"XX-OTHER-1")
        IatiUpload.keep(
            other.replace(
                b"</iati-activity>", b"<related-activity ref='A' type='1'/></iati-activity>"
            ),
            name="activity.xml",
            sha256="0" * 64,
            owner=self.people["administrator"],
        )

    def _enter_a_value(self) -> None:
        self.value = DataPoint.objects.create(
            indicator=self.indicator,
            kind="actual",
            period=self.example.periods.get(number=2),
            numerator=5,
            denominator=20,
            entered_by=self.people["coordinator"],
        )

    def _settle_an_advance(self) -> None:
        """A voucher that waits for approval, with its scan; an advance with a voucher that waits and
        one that came back, and its link."""
        self.voucher = self.example.expenditures.waiting().first()
        self.advance = self.example.advances.get(reference="Avance d’exemple 1")
        self.advance_voucher = self.advance.vouchers.get(status="submitted")
        self.returned_voucher = self.advance.vouchers.get(status="returned")
        _link, self.advance_token = AccessLink.issue(
            self.people["partner"], "settle_advance", self.advance, by=None
        )

    def _ask_for_values(self) -> None:
        """A request that waits, its link, and a value that waits for approval."""
        self.asked = ValueRequest.objects.get(project=self.example)
        _link, self.values_token = AccessLink.issue(
            self.people["partner"], "enter_values", self.asked, by=None
        )
        returned = DataPoint.objects.totals().get(
            indicator__result__project=self.example, indicator__code="1100.2", kind="actual"
        )
        self.by_cell = returned
        submitted = DataPoint.objects.create(
            indicator=returned.indicator,
            kind="target",
            period=self.example.periods.get(number=2),
            numerator=80,
            entered_by=self.people["coordinator"],
        )
        submitted.take("submit", by=self.people["coordinator"])

    def _propose_an_amendment(self) -> None:
        self.amendment = Amendment.objects.create(
            project=self.example,
            number=2,
            kind="extension",
            title_fr="Prolongation d’exemple",
            title_es="Prórroga de ejemplo",
            title_en="Example extension",
            end_before=self.example.original_end,
            end_after=self.example.original_end + timedelta(days=60),
        )
        self.approved = Amendment.objects.get(project=self.example, number=1)
        self.approved.take("approve", by=None, donor_decided_on=timezone.localdate())

    def _speak_of_reports(self) -> None:
        """A remark on the draft, and a later version of the report that is published."""
        coordinator = self.people["coordinator"]
        self.said = self.draft.remarks.create(
            origin="internal", section="summary", language="fr", text="…", by=coordinator
        )
        self.later = start_new_version(self.published, by=coordinator)

    def _take_in_mail(self) -> None:
        """A reply by mail, of which its author chooses the readers."""
        partner = self.people["partner"]
        note = MailNote.objects.create(
            project=self.example, by=partner, thing=self.review, text="D’accord.\n\nAvec une date."
        )
        _link, self.note_link_token = AccessLink.issue(partner, "mail_note", note, by=None)
        for outcome, reason in (("taken", ""), ("refused", "sender"), ("quarantined", "broken")):
            IncomingMail.objects.create(
                fingerprint=outcome, kind="reply", outcome=outcome, reason=reason, thing=note
            )

    def _make_a_preset(self) -> None:
        """One of ours that no report follows, so that it may be deleted, and with room for more."""
        self.preset = ReportPreset.objects.create(
            **dict.fromkeys(("name_fr", "title_fr"), "Rapport d’exemple"),
            **dict.fromkeys(("name_es", "title_es"), "Informe de ejemplo"),
            **dict.fromkeys(("name_en", "title_en"), "Example report"),
        )
        self.chapter = self.preset.sections.create(kind="summary", position=1)

    def _store_documents(self) -> None:
        document = {
            "snapshot": self.published.snapshot,
            "audience": "donor",
            "renderer": "test",
            "requested_by": self.people["coordinator"],
        }
        self.waiting = Rendition.objects.create(language="fr", **document)
        self.ready = Rendition.objects.create(
            language="en",
            state=Job.State.READY,
            file=ContentFile(b"%PDF-1.7", name="ready.pdf"),
            pages=21,
            size=800_000,
            sha256="0" * 64,
            **document,
        )
        self._share_a_document()
        self.form = WordTemplate(
            preset=self.preset,
            name="Formulaire d’exemple",
            kind="docx",
            size=40_000,
            added_by=self.people["administrator"],
        )
        self.form.file.save("x", ContentFile(b"x"))

    def _share_a_document(self) -> None:
        """A link that opens it, one that was revoked, and their downloads in the log."""
        coordinator, expires_at = self.people["coordinator"], timezone.now() + timedelta(days=30)
        for label in ("Ministère d’exemple", "Université d’exemple"):
            link, self.shared_token = SharedLink.issue(
                self.ready, label=label, expires_at=expires_at, by=coordinator
            )
            record_download(self.ready, by=None, link=link.pk)
        SharedLink.objects.order_by("pk").first().revoke()
        record_download(self.ready, by=self.people["donor"])

    # Pages

    def places(self) -> list[Place]:
        """Each address once, then the main pages as other people see them."""
        known = table()
        found = [
            Place(
                name,
                reader,
                reverse(name, kwargs=self.arguments(name, converters)),
                language=self.ready.language if name == "reports:shared" else None,
            )
            for name, converters in addresses()
            if name not in NO_PAGES and (reader := self.reader(name, known))
        ]
        entrance = [Place(name, reader, reverse(name)) for reader, name in ENTRANCE]
        return [*found, *entrance, *self._as_others_see_them(), *self._refusals()]

    @staticmethod
    def reader(name: str, known: dict) -> str | None:
        """Nobody has a page where only POST is answered."""
        if name in READERS_BY_NAME:
            return READERS_BY_NAME[name]
        row = known[name, "GET"]
        return next((role for role in READERS if row[role] == "yes"), None)

    def _as_others_see_them(self) -> list[Place]:
        meeting, plan = self.held.get_absolute_url(), self.presented.get_absolute_url()
        sitting = self.besides.sitting.get_absolute_url()
        return [
            Place("home", "partner", "/"),
            Place("home", "donor", "/"),
            Place("home", "monitoring", "/"),
            Place("due", "coordinator", "/due/?month=" + timezone.localdate().strftime("%Y-%m")),
            Place("due", "partner", "/due/"),
            Place("portfolio", "donor", "/portfolio/"),
            Place("portfolio", "partner", "/portfolio/?sort=-late"),
            Place("portfolio-indicators", "donor", "/portfolio/indicators/"),
            Place("projects:detail", "coordinator", self.history.get_absolute_url()),
            Place("projects:detail", "partner", self.example.get_absolute_url()),
            Place("projects:activity", "partner", self.followed_activity.get_absolute_url()),
            Place(
                "projects:activities-calendar",
                "donor",
                reverse("projects:activities-calendar", args=[self.history.code])
                + "?month=2019-10",
            ),
            Place(
                "projects:logic-model", "donor", f"{self.history.get_absolute_url()}logic-model/"
            ),
            Place("projects:budget", "finance", reverse("projects:budget", args=["HN-TRATA"])),
            Place("projects:budget", "donor", reverse("projects:budget", args=["HN-TRATA"])),
            Place("projects:locks", "finance", reverse("projects:locks", args=["HN-TRATA"])),
            Place("committees:meeting", "coordinator", self.past.get_absolute_url()),
            Place("committees:meeting", "coordinator", self.coming.get_absolute_url()),
            Place("committees:meeting", "coordinator", self.besides.planned.get_absolute_url()),
            Place("committees:meeting", "donor", meeting),
            Place("committees:minutes", "coordinator", self.sealed.get_absolute_url()),
            Place("committees:minutes", "donor", self.sealed.get_absolute_url()),
            Place("committees:minutes", "partner", self.besides.minutes.get_absolute_url()),
            Place("committees:consultation", "coordinator", self.closed.get_absolute_url()),
            Place("committees:consultation", "partner", self.besides.open.get_absolute_url()),
            Place("committees:meeting-session", "partner", f"{sitting}session/"),
            Place("committees:plan", "coordinator", plan),
            Place("committees:plan", "coordinator", self.running.get_absolute_url()),
            Place("committees:plan", "partner", self.review.get_absolute_url()),
            Place("reports:detail", "donor", self.published.get_absolute_url()),
            Place("reports:preset", "coordinator", self.draft.preset.get_absolute_url()),
            Place("projects:reports", "donor", reverse("projects:reports", args=["HN-TRATA"])),
            *(Place(name, role, url) for name, role, url in self.besides.calls.seen_by_others()),
        ]

    @staticmethod
    def _refusals() -> list[Place]:
        return [
            Place("ibcr_portal:404", "coordinator", "/no-such-page/", 404),
            Place("ibcr_portal:404", "visitor", "/verify/none/", 404),
            Place("ibcr_portal:404", "visitor", f"/verify/file/{'1' * 64}/", 404),
            Place("ibcr_portal:404", "visitor", "/shared/none/", 404),
            Place("ibcr_portal:403", "donor", reverse("projects:create"), 403),
        ]

    def arguments(self, name: str, converters: list[str]) -> dict:
        values = {
            "code": self.example.code,
            "pk": self.thing_of(name),
            "token": self.token,
            "who": f"u{self.people['partner'].pk}",
            "page": "home",
        }
        return {
            key: value for key, value in (values | self._more(name)).items() if key in converters
        }

    def _first_to_translate(self) -> dict:
        first = Queue(self.people["coordinator"], self.example).into("es")[0]
        return dict(zip(("to", "kind", "pk", "field"), first.address, strict=True))

    def _more(self, name: str) -> dict:
        """What an address takes beside the first thing."""
        tokens = self.besides.tokens
        return {
            **self._usual,
            **self._by_name.get(name, {}),
            **({"token": tokens[name]} if name in tokens else {}),
        }

    @cached_property
    def _usual(self) -> dict:
        contact = Contact.objects.filter(user=self.people["partner"]).get()
        terms = ActionTerms.objects.filter(plan=self.review).first()
        besides = self.besides
        return {
            "terms_pk": terms and terms.pk,
            "action_pk": besides.action.pk,
            "remark_pk": besides.remark.pk,
            "proposal_pk": besides.proposal.pk,
            "invitation_pk": besides.invitation.pk,
            "seat_pk": besides.seat.pk,
            "name_pk": contact.institution.names.first().pk,
            "contact_pk": contact.pk,
        }

    @cached_property
    def _by_name(self) -> dict:
        besides = self.besides
        return {
            "projects:activity-step": {"verb": "postpone"},
            "projects:amendment-step": {"verb": "submit"},
            "projects:logic-version": {"number": 2},
            "projects:logic-version-changes": {"number": 2},
            "projects:request-link": {"token": self.values_token},
            "projects:advance-link": {"token": self.advance_token},
            "projects:scan-delete": {"scan_pk": self.voucher.scans.first().pk},
            **{
                f"projects:advance-voucher{page}": {"voucher_pk": self.advance_voucher.pk}
                for page in ("", "-return")
            },
            "projects:advance-voucher-edit": {"voucher_pk": self.returned_voucher.pk},
            "projects:mail-note": {"pk": self.example.mail_notes.first().pk},
            "projects:mail-note-link": {"token": self.note_link_token},
            "projects:budget-comment": {"period_pk": self.example.periods.first().pk},
            "projects:risk-step": {"verb": "close"},
            "projects:closing-reopen": {"code": self.over.code},
            "projects:translation": self._first_to_translate(),
            "projects:duty-done": {"period_pk": self.example.periods.get(number=1).pk},
            **{
                f"partners:agreement{page}": {"agreement_pk": self.agreement.pk}
                for page in ("", "-edit", "-delete", "-file-create")
            },
            "committees:committee-step": {"verb": "suspend"},
            "committees:meeting-step": {"verb": "cancel"},
            "committees:resolution-step": {"verb": "accept"},
            "committees:action-shift": {"terms_pk": self.followed.pk},
            "committees:handover": {
                "institution_pk": self.example.committee.seats.first().institution_id
            },
            "committees:minutes-step": {"verb": "extend"},
            "committees:minutes-version": {"number": 1},
            "committees:minutes-translate": {"language": "es"},
            "committees:minutes-remark-settle": {"remark_pk": besides.minutes_remark.pk},
            "committees:minutes-remark-withdraw": {"remark_pk": besides.minutes_remark.pk},
            "committees:minutes-link-withdraw": {"remark_pk": besides.minutes_remark.pk},
            "committees:consultation-step": {"verb": "remind"},
            "committees:check-in": {"code": besides.sitting.sitting.check_in_code},
            "committees:action-link": {"token": self.note_token},
            "committees:action-ask": {"pk": self.followed.action_id},
            "committees:resolution-link": {"token": self.answer_token},
            "committees:invitation-paper": {"pk": besides.paper.pk},
            "due-link": {"token": self.duties_token},
            "seen-link": {"token": self.seen_token},
            "seen-link-hide": {"token": self.seen_token},
            "due-link-open": {"token": self.duties_token, "duty": self.duty},
            "projects:due-ask": {"pk": self.participation.pk},
            "projects:seen-ask": {"pk": self.participation.pk},
            "committees:plan-withdraw": {"kind": "remark", "answer_pk": besides.remark.pk},
            "committees:plan-link-revoke": {"link_pk": self.plan_link.pk},
            "committees:plan-link-withdraw": {"kind": "remark", "answer_pk": besides.remark.pk},
            "accounts:mail-choices": {"token": self.mail_token},
            "accounts:kept-page": {"rest": "a-key/"},
            "chain": {"kind": "indicator"},
            "reports:read-part": {"part": "annex_framework"},
            "reports:figure": {"figure": "table-1"},
            "reports:documents": {"thing": "meeting", "pk": self.held.pk},
            "reports:step": {"verb": "sign_off"},
            "reports:section": {"kind": "summary", "language": "fr"},
            "reports:preset-section": {"section_pk": self.chapter.pk},
            "reports:preset-template-edit": {"template_pk": self.form.pk},
            "reports:section-versions": {"kind": "summary", "language": "fr"},
            "reports:section-version": {"kind": "summary", "language": "fr", "number": 1},
            "reports:remark-answer": {"remark_pk": self.said.pk},
            "reports:downloads": {"thing": "report", "pk": self.published.pk},
            "reports:shared": {"token": self.shared_token},
            "reports:verify-code": {"code": self.published.snapshot.code},
            "reports:verify-file": {"sha256": "0" * 64},
            **besides.calls.arguments(),
        }

    def thing_of(self, name: str) -> int | None:
        """By the beginning of the address's name, the longest first."""
        things = self._things
        best = max((start for start in things if name.startswith(start)), key=len, default=None)
        return things[best].pk if best else None

    @cached_property
    def _things(self) -> dict:
        committee, besides = self.example.committee, self.besides
        seat = committee.seats.first()
        item = AgendaItem.objects.filter(meeting=self.past).last()
        recommendation = Resolution.objects.filter(
            committee=committee, kind="recommendation"
        ).last()
        things = {
            "partners:": self.people["partner"].contacts.get().institution,
            "partners:agreement": self.agreement.institution,
            "partners:precaution-take": besides.organisation,
            "projects:duty": self.example.reporting_duties.get(kind="financial"),
            "projects:period": self.example.periods.last(),
            "projects:participation": Participation.objects.filter(project=self.example).last(),
            "projects:representation": Representation.objects.filter(
                participation__project=self.example
            ).last(),
            "projects:representation-create": Participation.objects.filter(
                project=self.example
            ).last(),
            "projects:result": self.example.results.get(code="1200"),
            "projects:indicator": self.indicator,
            "projects:value": self.value,
            "projects:value-create": self.indicator,
            "projects:activity": self.followed_activity,
            "projects:activity-step": self.example.activities.get(title_fr__startswith="Deuxième"),
            "projects:deliverable": self.followed_activity.deliverables.first(),
            "projects:deliverable-create": self.followed_activity,
            "projects:evidence": self.followed_activity.proofs.first(),
            "projects:evidence-create": self.followed_activity,
            "projects:value-cells": self.by_cell,
            "projects:request": self.asked,
            "projects:amendment": self.amendment,
            "projects:budget-year": self.example.periods.last(),
            "projects:budget-lines": self.example.budget_categories.first(),
            "projects:budget-c": self.example.budget_categories.first(),
            "projects:expenditure": self.example.expenditures.first(),
            "projects:expenditure-return": self.voucher,
            "projects:scan": self.voucher,
            "projects:advance": self.advance,
            "projects:donor-form": self.example.donor_forms.first(),
            "projects:lock": self.example.accounting_locks.first(),
            "projects:rate": self.example.exchange_rates.first(),
            "projects:sample": self.besides.sample,
            "projects:contribution": Contribution.objects.filter(
                participation__project=self.example
            ).last(),
            "projects:risk": self.example.risks.get(number=2),
            "projects:lesson": self.example.lessons.first(),
            "projects:assignment": self.example.assignments.get(role="reader"),
            "committees:": committee,
            "committees:amendment-recommend": self.amendment,
            "committees:amendment-take-effect": self.approved,
            "committees:seat": seat,
            "committees:seat-create": committee,
            "committees:term-create": seat,
            "committees:term-end": seat.terms.first(),
            "committees:meeting": self.held,
            "committees:meeting-create": committee,
            "committees:meeting-edit": self.coming,
            "committees:meeting-step": self.coming,
            "committees:meeting-answer": self.coming,
            "committees:meeting-invit": self.coming,
            "committees:meeting-check-in": besides.sitting,
            "committees:meeting-declare": besides.sitting,
            "committees:meeting-feedback": besides.held,
            "committees:feedback-ask": besides.held,
            "committees:meeting-seat": besides.sitting,
            "committees:meeting-session": besides.sitting,
            "committees:attendance": besides.sitting,
            "committees:guest": besides.sitting,
            "committees:delegate": besides.sitting,
            "committees:item": item,
            "committees:item-answer": besides.item_proposed,
            "committees:item-create": self.coming,
            "committees:carry-over": besides.planned,
            "committees:template-item": besides.template_item,
            "committees:template-item-create": committee,
            "committees:document": besides.document,
            "committees:consultation": besides.open,
            "committees:consultation-create": committee,
            "committees:consultation-edit": besides.drafted,
            "committees:minutes": besides.minutes,
            "committees:minutes-create": besides.sitting,
            "committees:minutes-erratum": self.sealed,
            "committees:decision": item,
            "committees:recommendation": item,
            "committees:resolution": recommendation,
            "committees:resolution-ratify": besides.provisional,
            "committees:action-from-resolution": recommendation,
            "committees:plan": self.review,
            "committees:action": Action.objects.get(project=self.example, reference="1.3"),
            "committees:plan-changes": self.presented,
            "committees:plan-to-donor": besides.validated,
            "committees:plan-progress": self.running,
            "committees:plan-messages": self.running,
            "committees:action-shift": self.running,
            "committees:action-create": self.review,
            "committees:action-edit": self.review,
            "committees:action-remove": self.review,
            "chain": Indicator.objects.filter(result__project=self.history).first(),
            "reports:": self.draft,
            "reports:detail": self.draft,
            "reports:filed": self.filed,
            "reports:read": self.published,
            "reports:figure": self.published,
            "reports:outcome": self.published,
            "reports:preset": self.preset,
            "reports:differences": self.later,
            "reports:links": self.ready,
            "reports:rendition": self.waiting,
        }
        return things | besides.calls.things() | self.registers
