"""The organisation is one row, kept in the process for some seconds and read anew after a change."""

import math

import pytest
from django.db import IntegrityError

from kernel.languages import organisation_languages
from kernel.models import Organisation
from kernel.organisation import forget, home_time_zone, keep, organisation
from tests.organisations import example_organisation

pytestmark = pytest.mark.django_db


def test_it_is_asked_for_once_and_again_after_it_was_saved(django_assert_num_queries):
    Organisation.objects.all().delete()
    forget()

    with django_assert_num_queries(1):
        assert not organisation().is_entered
        assert organisation_languages() == ("fr", "es", "en")
        assert home_time_zone() == "UTC"

    row = example_organisation()
    row.languages, row.time_zone = ["es"], "America/Tegucigalpa"
    row.save()

    with django_assert_num_queries(1):
        assert organisation_languages() == ("es",)
        assert str(organisation().zone) == "America/Tegucigalpa"


def test_what_another_process_saved_is_seen_once_its_seconds_are_over():
    keep(example_organisation(), seconds=math.inf)
    Organisation.objects.update(controller="Another one")
    assert organisation().controller_name == "The office of the tests, 1 Example Road"

    keep(example_organisation(), seconds=-1)
    assert organisation().controller_name == "Another one"


def test_there_is_one():
    second = example_organisation()
    second.pk = 2

    with pytest.raises(IntegrityError, match="organisation_is_one"):
        second.save()
