"""Repairs by administrators: every list and form opens, and none is a door around the verbs."""

import pytest
from django.contrib import admin
from django.urls import reverse

from partners.models import Contact, Institution
from projects.models import (
    Activity,
    Amendment,
    Assignment,
    CallForProposals,
    DataPoint,
    Dimension,
    Expenditure,
    Grant,
    IatiImport,
    IatiPublication,
    Indicator,
    Project,
    ProjectSector,
    Result,
)
from tests.factories import (
    ActivityFactory,
    AmendmentFactory,
    CallFactory,
    CategoryFactory,
    DataPointFactory,
    ExpenditureFactory,
    GrantFactory,
)

MODELS = [
    Activity,
    Amendment,
    Assignment,
    CallForProposals,
    Contact,
    DataPoint,
    Dimension,
    Expenditure,
    Grant,
    IatiImport,
    IatiPublication,
    Indicator,
    Institution,
    Project,
    Result,
]


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_forms_open(client, world, sign_in, model):
    DataPointFactory(indicator=world.indicator, period=world.year)
    ActivityFactory(project=world.project)
    AmendmentFactory(project=world.project)
    CategoryFactory()
    ExpenditureFactory(category__project=world.project)
    ProjectSector.objects.create(project=world.project, code="15160", percentage=100)
    GrantFactory(project=world.project)
    CallFactory(project=world.project)
    IatiImport.objects.create(project=world.project, identifier="XX-1", file_name="a.xml")
    IatiPublication.objects.create(project=world.project, size=1, sha256="0" * 64)
    sign_in("administrator")
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    assert client.get(reverse(f"{name}_changelist"), {"q": "a"}).status_code == 200
    change = reverse(f"{name}_change", args=[model.objects.first().pk])
    assert client.get(change).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_no_form_writes_a_status_of_a_lifecycle(rf, world, model):
    request = rf.get("/")
    request.user = world.people["administrator"]
    form = admin.site.get_model_admin(model).get_form(request, model.objects.first())

    assert not hasattr(model, "STEPS") or "status" not in form.base_fields
    assert not {"original_end", "current_end"} & set(form.base_fields)


def test_roles_are_not_given_behind_the_back_of_the_log(client, world, sign_in):
    sign_in("administrator")
    assignment = world.project.assignments.first()

    assert client.get(reverse("admin:projects_assignment_add")).status_code == 403
    change = reverse("admin:projects_assignment_change", args=[assignment.pk])
    assert client.post(change, {"role": "auditor"}).status_code == 403
