"""Repairs by administrators: every list and form opens, and none is a door around the verbs."""

import pytest
from django.contrib import admin
from django.urls import reverse

from partners.models import Contact, Institution
from projects.models import (
    Activity,
    Amendment,
    Assignment,
    DataPoint,
    Dimension,
    Expenditure,
    Indicator,
    Project,
    Result,
)
from tests.factories import (
    ActivityFactory,
    AmendmentFactory,
    CategoryFactory,
    DataPointFactory,
    ExpenditureFactory,
)

MODELS = [
    Activity,
    Amendment,
    Assignment,
    Contact,
    DataPoint,
    Dimension,
    Expenditure,
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
