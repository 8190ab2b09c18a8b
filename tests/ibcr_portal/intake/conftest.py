"""The project to which data is brought, and who coordinates it."""

from datetime import date

import pytest
from django.utils import translation

from kernel.languages import working_in
from tests.factories import (
    PeriodFactory,
    ProjectFactory,
)
from tests.ibcr_portal.intake.rows import coordinator_of


@pytest.fixture
def project():
    """A project that works in Spanish only, with two years."""
    project = ProjectFactory(code="HN-9", languages=["es"])
    PeriodFactory(project=project)
    PeriodFactory(project=project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31))
    with working_in(project), translation.override("es"):
        yield project


@pytest.fixture
def coordinator(project):
    return coordinator_of(project)
