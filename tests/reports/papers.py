"""A project with something in every field that a document may tell, each text naming who may read
it: so a document can be searched for what is not for its readers."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from committees.minutes.services.minutes import circulate, finalise, seal_minutes, start_minutes
from committees.models import ActionPlan, Committee, Document, Meeting, Minutes
from partners.models import Contact
from projects.models import Period
from reports.models import About, DocumentKind
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    AgendaItemFactory,
    AttendanceFactory,
    MeetingFactory,
    PositionFactory,
    RecommendationFactory,
    RemarkFactory,
    ResolutionFactory,
    SeatFactory,
    SeatTermFactory,
    SubjectFactory,
)
from tests.world import World

ALL = frozenset({"coordination", "voting", "committee", "partners", "donor", "public"})
INSIDE = frozenset({"coordination"})
VOTING = frozenset({"coordination", "voting"})
SEATED = frozenset({"coordination", "voting", "committee"})
PAYERS = frozenset({"coordination", "donor"})
NOBODY: frozenset[str] = frozenset()

# What each secret is written as, and the audiences that may read it.
SECRETS = {
    "RESERVE-COORD": INSIDE,
    "NOTES-COORD": INSIDE,
    "DECISION-COORD": INSIDE,
    "PAPIER-COORD": INSIDE,
    "RESERVE-VOIX": VOTING,
    "DECISION-VOIX": VOTING,
    "MOTS-COORD": INSIDE,
    "MOTS-COMITE": SEATED,
    "987 654": PAYERS,
    "REMARQUE-PLAN": NOBODY,
    "REPONSE-RECO": NOBODY,
    "PREUVE-APPEL": NOBODY,
    "https://appel.example.org": NOBODY,
    "secret@example.org": NOBODY,
    "+504 0000": NOBODY,
}
# Names of persons: only in the documents that are made of them.
NAMES = ("Membre Secret", "Suppléante Secrète", "Invité Secret")
MINOR = "Enfant Secret"
WITH_NAMES = frozenset(
    {
        DocumentKind.SHEET,
        DocumentKind.ANNEX,
        DocumentKind.NAMED_MINUTES,
        DocumentKind.CERTIFICATE,
    }
)


class Papers(World):
    """Two meetings, the first with minutes, and a plan in two versions."""

    # What `bench/chaos_stage.py` reads, whose types are checked.
    committee: Committee
    coordinator: User
    next: Meeting
    year: Period

    def __init__(self) -> None:
        super().__init__()
        self.coordinator = self.people["coordinator"]
        self._write_people()
        self._write_agenda(self.meeting)
        self._validate_plan()
        self.next = MeetingFactory(
            committee=self.committee,
            number=2,
            status=Meeting.Status.CONVENED,
            convened_on=date(2026, 11, 1),
            starts_at=datetime(2026, 12, 3, 15, 0, tzinfo=UTC),
            ends_at=datetime(2026, 12, 3, 17, 0, tzinfo=UTC),
            call_link="https://appel.example.org/x",
        )
        self._write_agenda(self.next)
        SubjectFactory(agenda_item=self.next.items.first(), plan=self.second)
        self.minutes = start_minutes(self.meeting, language="fr")
        Minutes.objects.filter(pk=self.minutes.pk).update(opening="Bienvenue.", closing="Fin.")
        self.minutes.refresh_from_db()

    def _write_people(self) -> None:
        self.holder = self.people["member"].contacts.get()
        Contact.objects.filter(pk=self.holder.pk).update(
            full_name=NAMES[0], email="secret@example.org", phone="+504 0000", title="Direction"
        )
        self.holder.refresh_from_db()
        child = SeatFactory(committee=self.committee, institution=self.institutions["partner"])
        contact = self.institutions["partner"].contacts.get()
        Contact.objects.filter(pk=contact.pk).update(full_name=MINOR, is_minor=True)
        contact.refresh_from_db()
        SeatTermFactory(seat=child, contact=contact)
        self.attendance = AttendanceFactory(
            meeting=self.meeting, seat=self.seat, contact=self.holder
        )
        self.minor = AttendanceFactory(meeting=self.meeting, seat=child, contact=contact)
        AttendanceFactory(meeting=self.meeting, seat=None, guest_name=NAMES[2])
        other = SeatFactory(committee=self.committee, institution=self.institutions["embassy"])
        stand_in = self.institutions["embassy"].contacts.get()
        Contact.objects.filter(pk=stand_in.pk).update(full_name=NAMES[1])
        AttendanceFactory(meeting=self.meeting, seat=other, contact=stand_in, by_alternate=True)

    def _write_agenda(self, meeting: Meeting) -> None:
        number = meeting.number
        for audience, mark in (("coordination", "COORD"), ("voting", "VOIX")):
            item = AgendaItemFactory(
                meeting=meeting,
                audience=audience,
                title_fr=f"RESERVE-{mark}",
                notes=f"NOTES-{mark}",
                presenter=f"RESERVE-{mark}",
            )
            ResolutionFactory(
                agenda_item=item, number=f"2020-9{number}{audience[0]}", text_fr=f"DECISION-{mark}"
            )
            RecommendationFactory(
                agenda_item=item,
                number=f"2020-R9{number}{audience[0]}",
                text_fr=f"DECISION-{mark}",
                addressee=self.institutions["member"],
            )
            if audience == "coordination":
                self._paper(meeting, "PAPIER-COORD", audience="coordination")
                self._paper(meeting, "PAPIER-COORD", item=item)
        item = AgendaItemFactory(
            meeting=meeting, title_fr="Plan d’action de l’année", minutes_planned=45, notes="Débat."
        )
        RecommendationFactory(
            agenda_item=item,
            number=f"2020-R8{number}",
            text_fr="Former les équipes.",
            status="accepted",
            addressee=self.institutions["member"],
            answer="REPONSE-RECO",
            answer_evidence="PREUVE-APPEL",
            due_on=date(2021, 1, 31),
        )
        self._paper(meeting, "Note de cadrage", item=item)

    def _paper(self, meeting: Meeting, title: str, *, audience="committee", item=None) -> None:
        Document.objects.create(
            committee=self.committee,
            meeting=meeting,
            agenda_item=item,
            title=title,
            audience=audience,
            file="x",
            original_name=f"{title}.pdf",
            kind="pdf",
            size=123_000,
            sha256="0" * 64,
        )

    def _validate_plan(self) -> None:
        self.terms.budget = Decimal("987654.00")
        self.terms.deliverable_fr = "Rapport d’atelier"
        self.terms.save()
        self.small = ActionFactory(project=self.project, reference="1.9")
        self._cost_a_little(self.plan)
        type(self.action).objects.filter(pk=self.action.pk).update(
            origin=self.meeting.items.filter(audience="coordination").get().resolutions.first()
        )
        PositionFactory(
            plan=self.plan,
            institution=self.institutions["member"],
            by=self.people["member"],
            stance="with_remarks",
            text="MOTS-COORD",
            audience="coordination",
        )
        PositionFactory(
            plan=self.plan,
            institution=self.institutions["partner"],
            by=self.people["partner"],
            text="MOTS-COMITE",
            audience="committee",
            channel="telephone",
            evidence="PREUVE-APPEL",
        )
        RemarkFactory(
            plan=self.plan,
            institution=self.institutions["partner"],
            by=self.people["partner"],
            text="REMARQUE-PLAN",
        )
        ActionPlan.objects.filter(pk=self.plan.pk).update(
            status="in_execution", validated_by=self.decision
        )
        self.plan.refresh_from_db()
        self._write_second_version()

    def _cost_a_little(self, plan: ActionPlan) -> None:
        """Add an action, so that the total of its result, which members and partners read, is the
        amount of no action."""
        ActionTermsFactory(
            plan=plan,
            action=self.small,
            result=self.result,
            responsible=self.terms.responsible,
            title_fr="Petite action",
            budget=13,
        )

    def _write_second_version(self) -> None:
        self.second = ActionPlanFactory(
            period=self.year, version=2, status="in_review", review_until=timezone.localdate()
        )
        later = {
            "plan": self.second,
            "action": self.action,
            "responsible": self.terms.responsible,
            "result": self.result,
            "ends_on": self.terms.ends_on + timedelta(days=30),
            "title_fr": self.terms.title_fr,
            "budget": self.terms.budget,
        }
        ActionTermsFactory(**later)
        self._cost_a_little(self.second)
        new = ActionFactory(project=self.project, reference="9.1")
        ActionTermsFactory(
            plan=self.second,
            action=new,
            result=self.result,
            title_fr="Action nouvelle",
            budget=Decimal("987654.00"),
        )
        PositionFactory(
            plan=self.second,
            institution=self.institutions["member"],
            by=self.people["member"],
            text="MOTS-COORD",
            audience="coordination",
        )

    def seal(self) -> None:
        """Circulated, final, adopted and sealed, as the committee's life would have it."""
        minutes = self.minutes
        circulate(minutes, by=self.coordinator, until=timezone.localdate() + timedelta(days=9))
        minutes.refresh_from_db()
        finalise(minutes, by=self.coordinator)
        minutes.refresh_from_db()
        minutes.take(
            "adopt",
            by=self.coordinator,
            adopted_how="meeting",
            adopted_on=date(2026, 11, 20),
            adopted_by=self.decision,
        )
        seal_minutes(minutes, by=self.coordinator)
        self.minutes = Minutes.objects.get(pk=minutes.pk)

    def abouts(self) -> list[About]:
        """One of each kind, but reports."""
        of_next = [
            DocumentKind.AGENDA,
            DocumentKind.PACK,
            DocumentKind.WHOLE_PACK,
            DocumentKind.SHEET,
        ]
        of_last = [
            DocumentKind.MINUTES,
            DocumentKind.NAMED_MINUTES,
            DocumentKind.ANNEX,
            DocumentKind.RECORD,
        ]
        return [
            *(About(self.next, kind) for kind in of_next),
            About(self.next, DocumentKind.LETTER, addressee=self.institutions["member"]),
            *(About(self.meeting, kind) for kind in of_last),
            About(self.attendance, DocumentKind.CERTIFICATE),
            About(self.seat, DocumentKind.HANDOVER),
            About(self.committee, DocumentKind.REGISTER),
            About(self.plan, DocumentKind.PLAN),
            About(self.plan, DocumentKind.PROGRESS),
            About(self.second, DocumentKind.DIFFERENCES, base=self.plan),
        ]
