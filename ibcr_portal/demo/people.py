"""The accounts and institutions that all projects of the demonstration share."""

from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import invite_person
from ibcr_portal.demo.texts import Data, columns, day, read, save_translated
from ibcr_portal.models import DemonstrationThing
from ibcr_portal.starting.removing import made
from partners.models import Contact, Institution, InstitutionName
from projects.institutions.services.naming import record_choice
from projects.models import (
    Direction,
    NamingChoice,
    NeutralNumber,
    Participation,
    Project,
    Representation,
)

# Of every representation: what the coordination types in life.
REASON = "Exemple : lettre de l’institution"


class DemoPeople:
    """The accounts and institutions, each made once."""

    @transaction.atomic
    def __init__(self, *, is_open: bool) -> None:
        self.is_open = is_open
        self.institutions = {
            key: self._institution(data) for key, data in read("institutions").items()
        }
        accounts = read("people")
        self.users: dict[str, User] = {}
        # Hashed once: it is slow by design. Everyone knows this password, or it opens nothing.
        password = make_password(accounts["password"] if is_open else None)
        for account in accounts["account"]:
            self.users[account["role"]] = self._user(account, password)

    def _institution(self, data: Data) -> Institution:
        """Its own only: people are in the institution of the same name that somebody entered."""
        names = InstitutionName.objects.filter(institution__in=made(Institution))
        if name := names.filter(name_fr=data["fr"]).first():
            return name.institution
        institution = Institution.objects.create(
            kind=data["kind"],
            country=data.get("country", "HN"),
            identifier=data.get("identifier", ""),
            illustrative=data.get("illustrative", False),
        )
        self.note(institution)
        named = InstitutionName(
            institution=institution, acronym=data.get("acronym", ""), **columns("name", data)
        )
        save_translated(named)
        if said := data.get("naming"):
            choice = NamingChoice(
                institution=institution,
                said_on=day("-60"),
                channel=said["channel"],
                reason=said.get("reason", ""),
                excludes_state=said.get("excludes_state", False),
                **{f"to_{audience}": True for audience in said["to"]},
            )
            record_choice(choice, by=None)
        return institution

    def _user(self, data: Data, password: str) -> User:
        is_new = not User.objects.filter(email=data["email"]).exists()
        user = invite_person(
            full_name=data["name"], email=data["email"], language=data["language"], by=None
        )
        if is_new:
            self.note(user)
            user.password = password
            is_administrator = self.is_open and data["role"] == "administrator"
            user.is_staff = user.is_superuser = is_administrator
            user.save(update_fields=["password", "is_staff", "is_superuser"])
        if data["role"] == "direction":
            Direction.objects.get_or_create(user=user)
        if key := data.get("institution"):
            contact, is_new = Contact.objects.get_or_create(
                user=user,
                institution=self.institutions[key],
                defaults={
                    "full_name": user.full_name,
                    "email": user.email or "",
                    "language": user.language,
                },
            )
            if is_new:
                self.note(contact)
        return user

    def note(self, thing: models.Model) -> None:
        """Note that the demonstration made it, so that it goes with it."""
        kind = ContentType.objects.get_for_model(thing)
        DemonstrationThing.objects.create(content_type=kind, object_id=thing.pk)

    def represent(self, project: Project) -> None:
        """Let the people with an account represent their institutions; an administrator confirmed
        them. The embassy reads."""
        guarded = project.participations.filter(institution__is_guarded=True).order_by("pk")
        for position, place in enumerate(guarded):
            # Not drawn, so that documents of the demonstration are the same in every portal; and out
            # of order, as those that are drawn.
            NeutralNumber.objects.get_or_create(
                project=project,
                institution=place.institution,
                defaults={"number": 11 + position * 37 % 89},
            )
        administrator = self.users["administrator"]
        places = project.participations.filter(institution__contacts__user__in=self.users.values())
        for place in places.distinct():
            is_funding = place.role == Participation.Role.FUNDING
            for contact in place.institution.contacts.filter(user__in=self.users.values()):
                Representation.objects.create(
                    contact=contact,
                    participation=place,
                    right=Representation.Right.ACCEPTS if is_funding else "reads",
                    since=project.starts_on,
                    reason=REASON,
                    granted_by=self.users["coordinator"],
                    confirmed_by=administrator,
                    confirmed_at=timezone.now(),
                )

    def contact(self, key: str, *, minor: bool = False) -> Contact:
        """The contact who speaks for an institution: the account's, or a role without one."""
        institution = self.institutions[key]
        known = institution.contacts.filter(pk__in=made(Contact)).order_by("pk").first()
        if known:
            return known
        contact = Contact.objects.create(
            institution=institution,
            full_name=f"Membre 01 — {institution.short_name}",
            is_minor=minor,
        )
        self.note(contact)
        return contact
