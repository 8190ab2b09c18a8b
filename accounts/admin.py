"""Pages on which administrators repair data. Invitations and roles have pages of their own."""

# Imported first, since they register admin pages that are removed below.
import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.identities import identity_changes
from accounts.models import AccessEvent, AccessLink, OutgoingMail, User
from accounts.services import confirm_address, notify_old_address

# An address is changed at its account; roles follow from data, not groups; secrets stay secret, and
# each person sees their own sessions.
admin.site.unregister([EmailAddress, Group, Authenticator, UserSession])


def person(request: HttpRequest) -> User:
    """Return the administrator, whom the admin site has made sign in."""
    assert isinstance(request.user, User)
    return request.user


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows without letting anybody change them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Somebody who leaves is deactivated, never deleted: their decisions keep their name."""

    list_display = ["full_name", "email", "language", "is_staff", "is_active", "last_login"]
    list_filter = ["is_active", "is_staff", "language"]
    search_fields = ["full_name", "email"]
    fields = [
        *("full_name", "email", "language", "time_zone"),
        *("is_active", "is_staff", "is_superuser"),
        *("date_joined", "last_login", "news_read_until"),
    ]
    readonly_fields = ["date_joined", "last_login", "news_read_until"]
    POWERS = ("is_active", "is_staff", "is_superuser")

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> list[str] | tuple[str, ...]:
        """Let nobody give themselves or others powers that they do not have."""
        if request.user.is_superuser:
            return self.readonly_fields
        own_kind = obj is None or not (obj.is_staff or obj.is_superuser)
        powers = self.POWERS[1:] if own_kind else (*self.POWERS, "email")
        return [*self.readonly_fields, *powers]

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        if not change:
            obj.set_unusable_password()  # they sign in by a code and may choose a password later
        with identity_changes(obj, by=person(request)):
            super().save_model(request, obj, form, change)
        confirm_address(obj)
        if change and "email" in form.changed_data:
            notify_old_address(obj, form.initial["email"], by=person(request))
        changed = {name: getattr(obj, name) for name in self.POWERS if name in form.changed_data}
        if changed or not change:
            AccessEvent.record(
                AccessEvent.Kind.ROLE, user=person(request), thing=obj, change=changed or "invited"
            )


@admin.register(AccessLink)
class AccessLinkAdmin(ReadOnlyAdmin):
    """Leaves the token out, so that nobody who reads this page can open the link."""

    list_display = ["user", "purpose", "object_id", "created_at", "expires_at", "revoked_at"]
    list_filter = ["purpose", "content_type"]
    list_select_related = ["user"]
    search_fields = ["user__full_name"]
    fields = [
        *("user", "purpose", "content_type", "object_id"),
        *("created_at", "created_by", "expires_at", "revoked_at"),
    ]
    actions = ["revoke"]

    @admin.action(description=_("Revoke the selected links"), permissions=["view"])
    def revoke(self, request: HttpRequest, links: models.QuerySet[AccessLink]) -> None:
        for link in links:
            link.revoke(by=person(request))


@admin.register(AccessEvent)
class AccessEventAdmin(ReadOnlyAdmin):
    list_display = ["number", "at", "kind", "key", "thing_label", "thing_key"]
    list_filter = ["kind"]
    date_hierarchy = "at"
    fields = ["number", "kind", "key", "thing_label", "thing_key", "details", "at", "hash"]


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Shows who has a second factor, without secrets. Two people remove a lost one, on a page of its
    own (accounts/second_factor.py)."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__full_name", "user__email"]
    fields = ["user", "type", "created_at", "last_used_at"]


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """Shows what happened to each message, but not its text: it holds links for one person."""

    list_display = [
        *("pk", "person", "subject", "state", "failure"),
        *("attempt", "requested_at", "sent_at", "bounced_at"),
    ]
    list_filter = ["state", "failure"]
    list_select_related = ["person"]
    fields = [
        *("person", "subject", "state", "failure"),
        *("attempt", "requested_at", "sent_at", "bounced_at"),
        *("next_attempt_at", "handed_over_at", "bounce_reason"),
    ]
