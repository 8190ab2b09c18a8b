"""Institutions with their names and agreements, and the directory of their people."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower, NullIf
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from simple_history.models import HistoricalRecords

from kernel.files import DOCUMENTS, StoredFile
from kernel.keys import by_whom
from kernel.languages import LANGUAGES, active_language, first_language, reading_order
from kernel.names import plain
from kernel.organisation import home_country
from kernel.text import Multilingual, columns_of, translated
from partners import naming
from partners.logo import InstitutionLogo as InstitutionLogo


class InstitutionQuerySet(models.QuerySet["Institution"]):
    def with_names(self) -> Self:
        """Fetch the names with the institutions, since every page shows them."""
        return self.prefetch_related(Prefetch("names", InstitutionName.objects.shown()))

    def with_present_name(self) -> Self:
        """Add `present_name` in the reader's language, to sort by."""
        order = dict.fromkeys([active_language(), *reading_order()])
        names = InstitutionName.objects.filter(institution=OuterRef("pk"))
        shown = names.annotate(
            shown=Coalesce(*(NullIf(f"name_{language}", Value("")) for language in order)),
            begun=Case(When(Q(since=None) | Q(since__lte=timezone.localdate()), then=1), default=0),
        ).order_by("-begun", F("since").desc(nulls_last=True))
        return self.annotate(present_name=Subquery(shown.values("shown")[:1]))

    def named_like(self, text: str) -> Self:
        """Find institutions by any name they have or had, in any language, or by acronym.

        “policia” finds “Policía”. Neither database compares without accents by itself, and a
        register of partners is short, so the names are compared here.
        """
        wanted = plain(text)
        columns = ["acronym", *(f"name_{language}" for language in LANGUAGES)]
        rows = InstitutionName.objects.filter(institution__in=self).values_list(
            "institution", *columns
        )
        found = {pk for pk, *names in rows if wanted in plain(" ".join(names))}
        return self.filter(pk__in=found)


class Institution(models.Model):
    """A partner: a ministry, a collective, a donor. Its names are dated, see `InstitutionName`."""

    class Kind(models.TextChoices):
        STATE = "state", _("State institution")
        CIVIL_SOCIETY = "civil_society", _("Civil society")
        DONOR = "donor", _("Donor")
        EMBASSY = "embassy", _("Embassy")
        MULTILATERAL = "multilateral", _("Multilateral organisation")
        ACADEMIC = "academic", _("Academic institution")
        IMPLEMENTER = "implementer", _("Implementer")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    country = CountryField(_("country"), default=home_country)
    identifier = models.CharField(
        _("organisation identifier"),
        max_length=80,
        blank=True,
        help_text=_("From a register of organisations, such as CA-CRA_ACR-…; never invented."),
    )
    safeguarding_signed_on = models.DateField(
        _("safeguarding policy signed on"), null=True, blank=True
    )
    # Whether it ever said where it may be named (`projects.models.NamingChoice`). So names of the
    # others are printed without asking the database.
    is_guarded = models.BooleanField(default=False, editable=False)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    # Filled by `partners.reading` for pages that only show them.
    names_read: "Sequence[InstitutionName]" = ()

    objects = InstitutionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["kind", "pk"]
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")

    def __str__(self) -> str:
        return self.short_name

    def get_absolute_url(self) -> str:
        return reverse("partners:detail", args=[self.pk])

    def name_on(self, day: date | None = None) -> "InstitutionName | None":
        """Return the name on that day (today by default): documents print the names of their
        time. If the present readers may not know it, return a neutral designation."""
        if naming.is_hidden(self):
            words = naming.designations(self)
            return InstitutionName(**{f"name_{language}": text for language, text in words.items()})
        day = day or timezone.localdate()
        names = sorted(
            self.names_read or self.names.all(),
            key=lambda name: name.since or date.min,
        )
        past = [name for name in names if (name.since or date.min) <= day]
        if past:
            return past[-1]
        return names[0] if names else None

    @property
    def is_named(self) -> bool:
        """Whether the present readers may know its name, and open its page."""
        return not naming.is_hidden(self)

    @property
    def safeguarding_expires_on(self) -> date | None:
        """The day from which a new policy is due: SAFEGUARDING_YEARS after the last signature, or
        None if none was signed. February 29 becomes March 1 in years that do not have it."""
        signed = self.safeguarding_signed_on
        if signed is None:
            return None
        year = signed.year + settings.SAFEGUARDING_YEARS
        try:
            return signed.replace(year=year)
        except ValueError:
            return date(year, 3, 1)

    @property
    def safeguarding_is_over(self) -> bool:
        expires = self.safeguarding_expires_on
        return expires is not None and expires <= timezone.localdate()

    @property
    def name(self) -> str:
        return str(self.name_on() or "–")

    @property
    def short_name(self) -> str:
        name = self.name_on()
        return (name.acronym or name.name) if name else "–"


class InstitutionNameQuerySet(models.QuerySet["InstitutionName"]):
    def newest_first(self) -> Self:
        return self.order_by(F("since").desc(nulls_last=True))

    def shown(self, *others: str) -> Self:
        """The newest first, and only what is shown of a name, with these other columns."""
        columns = ("institution", *columns_of("name"), "acronym", "since")
        return self.newest_first().only(*columns, *others)


class InstitutionName(Multilingual):
    """The name of an institution from a day on; without a day, from the beginning."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="names")
    name = translated(models.CharField(_("name"), max_length=200))
    acronym = models.CharField(_("acronym"), max_length=30, blank=True)
    since = models.DateField(_("since"), null=True, blank=True)

    objects = InstitutionNameQuerySet.as_manager()
    # Spellings that were corrected may be in older texts, from which a name has to go too.
    history = HistoricalRecords()

    class Meta:
        ordering = ["institution", "since"]
        verbose_name = _("name of an institution")
        verbose_name_plural = _("names of institutions")
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "since"],
                name="institutionname_one_a_day",
                violation_error_message=_("This institution already has a name from that day on."),
            ),
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(since=None),
                name="institutionname_one_first",
                violation_error_message=_("This institution already has a name from that day on."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ContactQuerySet(models.QuerySet["Contact"]):
    def current(self) -> Self:
        return self.filter(ended_on=None)


class Contact(models.Model):
    """A person of an institution: an entry of the directory, which gives access to nothing.

    Access comes from a representation, one project at a time (`projects.models.Representation`), or
    from a seat in a committee. Shown only to those who need to know them.
    """

    class Sex(models.TextChoices):
        WOMAN = "woman", _("Woman")
        MAN = "man", _("Man")
        OTHER = "other", _("Other")
        UNSAID = "unsaid", _("Not said")

    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="contacts",
        verbose_name=_("institution"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="contacts",
    )
    full_name = models.CharField(_("full name"), max_length=200)
    title = models.CharField(_("title or function"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=settings.LANGUAGES,
        default=first_language,
    )
    sex = models.CharField(_("sex"), max_length=10, choices=Sex, default=Sex.UNSAID)
    is_minor = models.BooleanField(_("is a minor"), default=False)
    is_pseudonymous = models.BooleanField(_("pseudonymous"), default=False)
    may_be_named = models.BooleanField(
        _("may be named in documents"),
        default=False,
        help_text=_("Only with the person's consent. Minors are never named."),
    )
    ended_on = models.DateField(_("left on"), null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["full_name"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.CheckConstraint(
                name="contact_minor_is_never_named",
                condition=Q(is_minor=False) | Q(may_be_named=False),
                violation_error_message=_("A minor is never named in documents."),
            ),
            # A form sent twice makes one contact. A person who left and came back has another row.
            models.UniqueConstraint(
                "institution",
                Lower("full_name"),
                Lower("email"),
                condition=Q(ended_on=None),
                name="contact_is_entered_once",
                violation_error_message=_("The institution already has this contact."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def gets_account(self) -> bool:
        """Whether a message to the person gives them an account. A minor gets none in any way."""
        return bool(self.email) and not self.is_minor and self.ended_on is None

    @property
    def reached_at(self) -> str:
        """Where a message reaches the person, or nothing. Who has no account yet gets one with it."""
        if self.user:
            is_open = self.user.is_active and self.ended_on is None
            return (self.user.email or "") if is_open else ""
        return self.email if self.gets_account else ""

    def clean(self) -> None:
        if self.is_pseudonymous and self.may_be_named:
            raise ValidationError(_("A pseudonymous person cannot be named in documents."))


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def in_force(self, day: date | None = None) -> Self:
        day = day or timezone.localdate()
        begun = Q(starts_on=None) | Q(starts_on__lte=day)
        return self.filter(begun, Q(ends_on=None) | Q(ends_on__gte=day))


class Agreement(models.Model):
    """A signed agreement with an institution. Projects refer to it where they name its role."""

    class Kind(models.TextChoices):
        CONTRIBUTION = "contribution", _("Contribution agreement")
        COOPERATION = "cooperation", _("Cooperation agreement")
        GRANT = "grant", _("Grant agreement")
        OTHER = "other", _("Other agreement")

    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="agreements",
        verbose_name=_("institution"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    reference = models.CharField(_("reference"), max_length=100)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    # By what the donor's own books find the agreement; a report repeats it on its first page.
    purchase_order = models.CharField(_("purchase order"), max_length=60, blank=True)
    vendor_number = models.CharField(_("vendor number"), max_length=60, blank=True)
    fund_code = models.CharField(_("fund or cost centre"), max_length=60, blank=True)
    starts_on = models.DateField(_("in force from"), null=True, blank=True)
    ends_on = models.DateField(_("in force until"), null=True, blank=True)
    tells_small_counts = models.BooleanField(
        _("small counts are disclosed to the donor"),
        default=False,
        help_text=_(
            "Whether this institution receives counts of fewer than five persons. Only "
            "if the agreement requires it."
        ),
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = AgreementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["institution", "starts_on", "pk"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.CheckConstraint(
                name="agreement_ends_after_it_starts",
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The agreement ends before it begins."),
            ),
            models.UniqueConstraint(
                fields=["institution", "kind", "reference"],
                name="agreement_is_entered_once",
                violation_error_message=_(
                    "The institution already has an agreement with this kind and reference."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"

    def get_absolute_url(self) -> str:
        return reverse("partners:agreement", args=[self.institution_id, self.pk])

    @property
    def is_over(self) -> bool:
        return self.ends_on is not None and self.ends_on < timezone.localdate()


class AgreementFile(StoredFile):
    """The signed agreement, or an annex to it."""

    ACCEPTED = DOCUMENTS
    MAX_BYTES = 20_000_000

    # Protected, so that people remove the files one by one first and see what they delete.
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="files", verbose_name=_("agreement")
    )
    added_by = by_whom()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("file of an agreement")
        verbose_name_plural = _("files of agreements")
        constraints = [
            # A form sent twice keeps one file.
            models.UniqueConstraint(
                fields=["agreement", "sha256"],
                name="agreementfile_is_kept_once",
                violation_error_message=_("This file is already kept with the agreement."),
            )
        ]

    def __str__(self) -> str:
        return self.original_name
