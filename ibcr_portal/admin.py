import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class PortalAdminSite(admin.AdminSite):
    """The admin site, for repairs by staff. People sign in through allauth, so that one rate limit
    holds for both."""

    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return page

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        return super().admin_view(refusing_nonsense(view), cacheable)


def refusing_nonsense(view: View) -> View:
    """Refuse what the pages of the admin hand on as it came: a NUL, which PostgreSQL takes in no text,
    an invalid pattern, an unbounded year, and a key of another kind than the model's."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        for name, values in request.GET.lists():
            if not may_be_filter(name, values):
                raise BadRequest(f"A filter of the admin that is not taken: {name!r}")
        owner = getattr(view, "__self__", None)
        if isinstance(owner, admin.ModelAdmin):
            keys = [*args, *kwargs.values(), *request.POST.getlist(ACTION_CHECKBOX_NAME)]
            if not all(may_be_key(owner, key) for key in keys if isinstance(key, str)):
                raise Http404
        return view(request, *args, **kwargs)

    return cast("View", guarded)


def may_be_filter(name: str, values: list[str]) -> bool:
    if name.endswith(("__regex", "__iregex")) or "\x00" in "".join([name, *values]):
        return False
    is_year = name.endswith(("__year", "__iso_year"))
    return not is_year or all(re.fullmatch(r"[1-9][0-9]{3}", value) for value in values)


def may_be_key(owner: admin.ModelAdmin, text: str) -> bool:
    """Whether a row of the model, or a version of one, could have this key."""
    try:
        owner.model._meta.pk.to_python(unquote(text))
    except ValidationError:
        return False
    return "\x00" not in text
