import pytest
from django.urls import reverse

from tests.factories import PeriodFactory, ReportFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", ["report", "snapshot", "rendition"])
def test_administrators_look_and_change_nothing(client, world, submitted, model):
    client.force_login(world.people["administrator"])
    one = {
        "report": submitted,
        "snapshot": submitted.snapshot,
        "rendition": submitted.snapshot.renditions.first(),
    }[model]

    listed = client.get(reverse(f"admin:reports_{model}_changelist"))
    shown = client.get(reverse(f"admin:reports_{model}_change", args=[one.pk]))
    added = client.get(reverse(f"admin:reports_{model}_add"))
    deleted = client.post(reverse(f"admin:reports_{model}_delete", args=[one.pk]), {"post": "yes"})

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert (added.status_code, deleted.status_code) == (403, 403)


def test_the_list_of_reports_asks_as_often_for_many_as_for_one(
    client, world, django_assert_max_num_queries
):
    client.force_login(world.people["administrator"])
    counts = []
    for numbers in (range(1), range(1, 3)):
        for number in numbers:
            ReportFactory(period=PeriodFactory(project=world.project, number=number + 5))

        with django_assert_max_num_queries(15) as statements:
            client.get(reverse("admin:reports_report_changelist"))
        counts.append(len(statements))

    few, many = counts
    assert many <= few
