"""Forget a person: show every place affected, then, with --yes, do it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import Http404
from django.utils import translation

from accounts.models import User
from ibcr_portal.persons.forgetting import WHY_IT_REMAINS, forget, preview, refuse_forgetting
from ibcr_portal.persons.keeping import REASONS
from ibcr_portal.persons.searching import DataSubject
from kernel.refusal import Refusal
from partners.models import Contact


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="An e-mail address, or a key such as u12 or c5.")
        parser.add_argument(
            "--also",
            action="append",
            default=[],
            metavar="NAME",
            help="Another name, address or number under which texts may know the person.",
        )
        parser.add_argument("--yes", action="store_true", help="Forget, instead of showing what.")

    @translation.override("en")  # as all commands speak
    def handle(self, *, person: str, also: list[str], yes: bool, **options: object) -> None:
        subject = found(person)
        spellings = subject.spellings(also)
        try:
            if not yes:
                seen = preview(subject, spellings)
                refuse_forgetting(subject, seen["found"], by=None)
                self.show(seen)
                self.show_others(subject)
                return
            outcome = forget(subject, spellings, by=None)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        for name, count in sorted(outcome.changed.items()):
            if count:
                self.stdout.write(f"{count:>6}  {name}")
        for row, reason in outcome.remains:
            self.stdout.write(f"remains: {row}: {WHY_IT_REMAINS[reason]}")
        self.stdout.write(f"Forgotten. The pseudonym is {outcome.pseudonym}.")

    def show(self, seen: dict[str, Any]) -> None:
        facts = seen["found"]
        for tied in facts.rows:
            done = "deleted" if tied.is_deleted else "pseudonym"
            self.stdout.write(f"{tied.count:>6}  {tied.place.name}.{tied.tie}: {done}")
        for label, count in facts.texts_by_place:
            self.stdout.write(f"{count:>6}  {label}: texts")
        for label, count in {
            "files": len(facts.files),
            "files that no program reads": len(facts.unreadable),
            "single words, names of institutions and titles, to look at": len(facts.to_look_at),
            "documents": len(facts.documents),
            "messages with such a file": len(facts.mail),
            "messages in the mail folder": len(facts.letters),
            "sessions": len(facts.sessions),
        }.items():
            self.stdout.write(f"{count:>6}  {label}")
        for reason in seen["reasons"]:
            self.stdout.write(f"locked away until {seen['until']}: {REASONS[reason]}")
        for other in seen["namesakes"]:
            self.stdout.write(f"Somebody else has this name: {other}. Texts about them change too.")

    def show_others(self, subject: DataSubject) -> None:
        for entry in subject.others_at_address:
            self.stdout.write(
                f"The same address, another name: c{entry.pk}. Perhaps the same person."
            )
        self.stdout.write("Nothing was changed. Say --yes to forget this person.")


def found(person: str) -> DataSubject:
    if "@" in person:
        if user := User.objects.filter(email__iexact=person.strip()).first():
            return DataSubject.of_user(user)
        if contact := Contact.objects.filter(email__iexact=person.strip()).first():
            return DataSubject.of_contact(contact)
    try:
        return DataSubject.of_key(person)
    except Http404:
        raise CommandError(f"Nobody here is {person}.") from None
