"""What an address may name and the demonstration lacks, put beside its example project: each
thing in the state in which its pages show most."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import AccessLink
from committees.consultations.services import record_provisional
from committees.meetings.services.attendance_import import keep_upload
from committees.meetings.services.session import go_to_item, new_check_in_code, open_meeting
from committees.minutes.services.minutes import circulate, start_minutes
from committees.models import (
    ActionPlan,
    Attendance,
    Feedback,
    InterestDeclaration,
    Invitation,
    Minutes,
    MinutesRemark,
    Position,
    ProposedChange,
    Remark,
    Resolution,
    TemplateItem,
    WrittenConsultation,
)
from committees.plans.services.review import AnswerOrigin, give_remark
from committees.plans.services.workbooks import keep_workbook, workbook_of
from ibcr_portal.intake.file import keep_upload as keep_intake, pasted_file
from kernel.files import CheckedFile
from projects.framework.services.workbooks import (
    keep_workbook as keep_framework,
    workbook_of as framework_of,
)
from projects.money.services.spending_import import keep_upload as keep_books
from tests.browser.beside_calls import BesideCalls
from tests.factories import (
    ActionPlanFactory,
    AgendaItemFactory,
    DocumentFactory,
    MeetingFactory,
    ParticipationFactory,
)
from tests.projects.samples import drawn_from

CALL = """Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest
Personne 07 (Membre 07),,{day} 09:00:00,{day} 10:00:00,60,No
"""


class Besides:
    def __init__(self, example, review, people) -> None:
        self.committee, self.review = example.committee, review
        self.coordinator, self.partner = people["coordinator"], people["partner"]
        self.contact = self.partner.contacts.get()
        self.seat = self.committee.seats.get(institution=self.contact.institution)
        self.now = timezone.now()
        self.tokens: dict[str, str] = {}
        self._sit()
        self._plan_a_meeting()
        self._write_minutes()
        self._decide_in_writing()
        self._invite()
        self._review()
        self._validate()
        self._import(example)
        place = ParticipationFactory(project=example, institution__kind="civil_society")
        self.organisation = place.institution  # which said nothing about its name
        self.sample = drawn_from(example, by=self.coordinator)
        self._fill_in(example)
        self.calls = BesideCalls(example, people)
        self.tokens |= self.calls.tokens

    def link(self, purpose, thing, *names) -> None:
        """One for the partner, which these addresses take."""
        _link, token = AccessLink.issue(self.partner, purpose, thing, by=self.coordinator)
        self.tokens |= {f"committees:{name}": token for name in names}

    def _meeting(self, number, starts_at, status):
        return MeetingFactory(
            committee=self.committee,
            number=number,
            mode="hybrid",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=3),
            status=status,
        )

    def _sit(self) -> None:
        """A meeting in session: an item under way, a seat there, an interest, a code on the wall,
        and the participants file of its call."""
        self.sitting = self._meeting(5, self.now - timedelta(minutes=5), "frozen")
        open_meeting(self.sitting, by=self.coordinator, why="")
        self.item = AgendaItemFactory(meeting=self.sitting, title_fr="Plan", purpose="decide")
        AgendaItemFactory(meeting=self.sitting, title_fr="Divers")
        go_to_item(self.sitting, self.item, by=self.coordinator)
        Attendance.objects.create(
            meeting=self.sitting, seat=self.seat, presence="online", arrived_at=self.now
        )
        Attendance.objects.create(
            meeting=self.sitting,
            guest_name="Délégation 01",
            presence="online",
            accreditation_due=timezone.localdate(),
        )
        declared = InterestDeclaration.objects.create(
            meeting=self.sitting, seat=self.seat, text="…", recused=False
        )
        declared.items.add(self.item)
        new_check_in_code(self.sitting)
        call = CALL.format(day=timezone.localdate()).encode()
        keep_upload(self.sitting, ContentFile(call, name="call.csv"), owner=self.coordinator)

    def _plan_a_meeting(self) -> None:
        """An agenda that is still written, to which a seat proposes an item; and the template."""
        self.planned = self._meeting(6, self.now + timedelta(days=60), "planned")
        self.item_planned = AgendaItemFactory(meeting=self.planned, minutes_planned=20)
        AgendaItemFactory(meeting=self.planned, minutes_planned=30)
        self.item_proposed = AgendaItemFactory(
            meeting=self.planned, status="proposed", proposed_seat=self.seat
        )
        self.document = DocumentFactory(meeting=self.planned, agenda_item=self.item_planned)
        for title in ("Ouverture", "Divers"):
            self.template_item = TemplateItem.objects.create(
                committee=self.committee, title_fr=title
            )

    def _write_minutes(self) -> None:
        """A meeting that was held: its minutes wait for comments, its members said how it was."""
        self.held = self._meeting(4, self.now - timedelta(days=2), "held")
        AgendaItemFactory(meeting=self.held, notes="Le plan est discuté.")
        self.minutes: Minutes = start_minutes(self.held, language="fr")
        until = timezone.localdate() + timedelta(days=7)
        circulate(self.minutes, by=self.coordinator, until=until)
        self.minutes_remark = MinutesRemark.objects.create(
            minutes=self.minutes, seat=self.seat, text="Un mot manque.", by=self.partner
        )
        for mark in (1, 2, 3, 4, 4):
            Feedback.objects.create(
                meeting=self.held, prepared=mark, heard=mark, useful=mark, text="Plus de temps."
            )
        self.link(
            "read_minutes",
            self.minutes,
            "minutes-link",
            "minutes-link-remark",
            "minutes-link-withdraw",
        )
        self.link("give_feedback", self.held, "feedback-link")

    def _decide_in_writing(self) -> None:
        """A procedure that is written, one that is open, and what was agreed by telephone."""
        self.drafted = WrittenConsultation.objects.create(
            committee=self.committee,
            title_fr="Par écrit",
            text_fr="Le plan est validé.",
            why_written="Urgence",
            rule="consensus",
            answers_until=timezone.localdate() + timedelta(days=7),
        )
        self.open = WrittenConsultation.objects.get(committee=self.committee, status="open")
        self.provisional = record_provisional(
            Resolution(
                committee=self.committee,
                text_fr="La salle est réservée.",
                agreed_on=timezone.localdate(),
                agreed_by="Trois sièges",
                urgency="Urgence",
                illustrative=True,
            ),
            by=self.coordinator,
        )
        names = ("consultation-link", "consultation-link-answer")
        self.link("answer_consultation", self.open, *names)

    def _invite(self) -> None:
        meeting = self.committee.meetings.get(number=2)
        self.invitation = Invitation.objects.get(meeting=meeting, contact=self.contact)
        self.link("invitation", self.invitation, "invitation-link", "invitation-paper")
        self.paper = DocumentFactory(meeting=meeting, audience="public")

    def _import(self, example) -> None:
        """The accounting system's file waits, with a row that is wrong and a word to be asked."""
        table = "Fecha,Rubro,Monto\n2020-01-02,Personnel,5.00\nhier,Inconnue,1.005\n"
        book = ContentFile(table.encode(), name="books.csv")
        checked = CheckedFile(book, "books.csv", "csv", book.size, "0" * 64)
        keep_books(example, checked, owner=self.coordinator)

    def _fill_in(self, example) -> None:
        """A workbook of the framework waits."""
        book = ContentFile(framework_of(example, self.coordinator), name="framework.xlsx")
        checked = CheckedFile(book, "framework.xlsx", "xlsx", book.size, "0" * 64)
        keep_framework(example, checked, owner=self.coordinator)
        rows = {"institutions": "Municipalidad A\nMunicipalidad A", "results": "3900"}
        keep_intake(example, pasted_file(rows), owner=self.coordinator)

    def _validate(self) -> None:
        """A plan that may go to the donor."""
        self.validated = ActionPlanFactory(
            period=self.review.period,
            version=9,
            status=ActionPlan.Status.VALIDATED,
            validated_by=self.provisional,
        )

    def _review(self) -> None:
        """Of the plan in review: a remark and a proposal of the partner, a workbook that waits."""
        terms = self.review.terms.select_related("action").first()
        institution = self.contact.institution
        self.action = terms.action
        self.remark: Remark = give_remark(
            self.review,
            institution,
            text="Novembre conviendrait mieux.",
            action=self.action,
            origin=AnswerOrigin(by=self.partner),
        )
        self.proposal = ProposedChange.objects.create(
            plan=self.review,
            action=self.action,
            institution=institution,
            by=self.partner,
            field="title_fr",
            old_value=terms.title_fr,
            new_value="Ateliers en ligne",
            reason="La salle est fermée.",
        )
        Position.objects.create(
            plan=self.review, institution=institution, by=self.partner, stance="endorses"
        )
        book = ContentFile(workbook_of(self.review), name="plan.xlsx")
        terms.title_fr = f"{terms.title_fr} (changé)"
        terms.save()
        checked = CheckedFile(book, "plan.xlsx", "xlsx", book.size, "0" * 64)
        keep_workbook(self.review, checked, owner=self.coordinator)
