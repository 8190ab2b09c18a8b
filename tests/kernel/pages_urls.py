"""The portal with a few pages more, each of which uses one piece of `kernel.pages`."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.models import User
from ibcr_portal import urls as portal
from kernel import pages
from kernel.refusal import Refusal
from kernel.stamps import StampedForm
from partners.models import Institution
from tests.factories import InstitutionFactory

REFUSALS = {
    "Refused": Refusal("Choose another name."),
    "Field": ValidationError({"name": ["Too short.", "Too plain."]}),
    "Elsewhere": ValidationError({"country": ["Unknown."], "name": ["Wrong."]}),
    "Plain": ValidationError(["One.", "Two."]),
}


class NameForm(forms.Form):
    name = forms.CharField(required=False)
    upload = forms.FileField(required=False)


def rename(person, name):
    """Returns what was there before: nothing, for a person without a name."""
    if name in REFUSALS:
        raise REFUSALS[name]
    before, person.full_name = person.full_name, name
    person.save()
    return before


def take_name(form):
    return lambda: form.add_error("name", "Taken.")


@pages.READ_OR_SAVE
def name(request: pages.Request) -> HttpResponse:
    pages.ask("barred" not in request.GET)
    pages.ask("closed" not in request.GET, "The project is closed.")
    form = NameForm(pages.posted(request), pages.posted_files(request))
    if form.is_valid():
        text = form.cleaned_data["name"]
        action = take_name(form) if text == "Own" else lambda: rename(request.user, text)
        if made := pages.act(form, action):
            return pages.saved(request, f"Before: {made.result!r}.", "named", request.user.pk)
    crumbs = pages.trail(*Institution.objects.all(), ("People", "/people/"))
    return pages.form_page(
        request, form, title="A name", back="/people/", crumbs=crumbs, submit="Rename"
    )


@require_POST
def press(request: pages.Request) -> HttpResponse:
    if done := pages.act(request, lambda: rename(request.user, request.POST["name"])):
        return pages.saved(request, f"Before: {done.result!r}.", "name")
    return redirect("name")


@pages.READ_OR_SAVE
def rename_all(request: pages.Request) -> HttpResponse:
    people = list(pages.locked(request, User.objects.filter(full_name="")))
    for person in people:
        person.full_name = "Everybody"
        person.save()
        if "fail" in request.POST:
            raise RuntimeError
    return HttpResponse(str(len(people)))


@pages.READ_OR_SAVE
def new(request: HttpRequest, token: str = "") -> HttpResponse:
    if request.method == "POST" and "too-late" in request.GET:
        messages.error(request, "Too late.")
        return redirect("/people/")
    form = NameForm(pages.posted(request))
    if form.is_valid() and (made := pages.act(form, lambda: register(form.cleaned_data["name"]))):
        to = f"/try/link/{token}/?done" if token else f"/try/new/?made={made.result.pk}"
        return pages.saved(request, "Made.", to)
    return pages.form_page(request, form, title="new one", back="/people/")


def register(name):
    if name in REFUSALS:
        raise REFUSALS[name]
    return InstitutionFactory()


class InstitutionForm(StampedForm):
    class Meta:
        model = Institution
        fields = ["country", "kind", "illustrative"]


@pages.READ_OR_SAVE
def edit(request: pages.Request, pk: int) -> HttpResponse:
    form = InstitutionForm(pages.posted(request), instance=get_object_or_404(Institution, pk=pk))
    if form.is_valid() and pages.act(form, form.save):
        return pages.saved(request, "Kept.", "/try/new/")
    return pages.form_page(request, form, title="An old one", back="/people/")


def delete(request: pages.Request, pk: int) -> HttpResponse:
    institution = get_object_or_404(Institution, pk=pk)
    return pages.delete_page(request, institution, back="/health/?back", done="/health/?done")


def numbers(request: pages.Request) -> HttpResponse:
    page = pages.page_of(request, list(range(60)))
    return render(request, "components/pagination.html", {"page": page})


urlpatterns = [
    *portal.urlpatterns,
    path("try/name/", name, name="name"),
    path("try/named/<int:pk>/", name, name="named"),
    path("try/press/", press, name="press"),
    path("try/new/", new),
    path("try/link/<str:token>/", new),
    path("try/edit/<int:pk>/", edit),
    path("try/rename-all/", rename_all),
    path("try/delete/<int:pk>/", delete),
    path("try/numbers/", numbers),
]
handler403 = portal.handler403
