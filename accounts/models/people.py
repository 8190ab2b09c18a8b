"""People who sign in."""

import zoneinfo
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.languages import first_language
from kernel.organisation import home_time_zone, home_zone
from kernel.organisation_row import validate_time_zone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        """Create a person. Without a password they sign in by a code sent to their address."""
        user = self.model(email=self.normalize_email(email) or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the address in lower case, so that letter case never makes two people of one."""
        return (email or "").strip().lower()


# What the outside of messages, calendars and files shows. Nobody has to choose.
MAIL_TITLES = [
    (None, _("As usual: named for the team and the donor, neutral for everybody else")),
    (True, _("Name the project")),
    (False, _("Name neither project nor organisation")),
]


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do in each project follows from data of the other apps."""

    email = models.EmailField(_("e-mail address"), unique=True, null=True, blank=True)
    full_name = models.CharField(_("full name"), max_length=200)
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=settings.LANGUAGES,
        default=first_language,
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        default=home_time_zone,
        validators=[validate_time_zone],
    )
    titles_in_mail = models.BooleanField(
        _("subjects, senders and titles in calendars"),
        null=True,
        blank=True,
        choices=MAIL_TITLES,
        help_text=_("Telephones lie on tables, and others may see your calendar."),
    )
    # The address from which a message came back, and when. Another address has not.
    returned_address = models.EmailField(blank=True, editable=False)
    returned_at = models.DateTimeField(null=True, editable=False)
    is_staff = models.BooleanField(_("administrator"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    # Of the last news that they marked as read; opening a page or a message marks nothing.
    news_read_until = models.DateTimeField(null=True, editable=False)
    # Devices on which they signed in before that are strange ones again (accounts/identities.py).
    devices_forgotten_at = models.DateTimeField(null=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    NEWS_DAYS = 30  # new for somebody who has not marked any as read yet

    class Meta:
        ordering = ["full_name"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_is_one_persons",
                violation_error_message=_("Somebody else already uses this e-mail address."),
            )
        ]

    def __str__(self) -> str:
        return self.full_name

    def clean(self) -> None:
        super().clean()
        self.email = User.objects.normalize_email(self.email) or None
        self.full_name = " ".join(self.full_name.split())

    def has_usable_password(self) -> bool:
        """Nobody has one while the portal is without passwords, whatever was chosen before."""
        return settings.PASSWORD_SIGN_IN and super().has_usable_password()

    def check_password(self, raw_password: str | None) -> bool:
        return settings.PASSWORD_SIGN_IN and super().check_password(raw_password)

    def keep_language(self, language: str) -> None:
        """Keeps the language that the person chose, on every device."""
        self.language = language
        self.save(update_fields=["language"])

    @property
    def came_back_at(self) -> datetime | None:
        """When the last message to the present address came back, if none has arrived since then:
        the person reads none there."""
        is_present = bool(self.email) and self.returned_address == self.email
        return self.returned_at if is_present else None

    def mark_returned(self) -> None:
        self.returned_address, self.returned_at = self.email or "", timezone.now()
        self.save(update_fields=["returned_address", "returned_at"])

    def mark_reachable(self) -> None:
        """Note that the address is good: a message came from it."""
        if self.returned_at:
            self.returned_address, self.returned_at = "", None
            self.save(update_fields=["returned_address", "returned_at"])

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Their time zone, or the portal's if the name they chose no longer exists."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            return home_zone()

    @property
    def new_since(self) -> datetime:
        """The moment since which things are new to them: until which they marked the news as read,
        or some weeks ago. Nothing is new from before they had access."""
        weeks_ago = timezone.now() - timedelta(days=self.NEWS_DAYS)
        return self.news_read_until or max(self.date_joined, weeks_ago)

    @property
    def initials(self) -> str:
        words = [word for word in self.full_name.split() if word[0].isalnum()]
        return "".join(
            word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
        ).upper()
