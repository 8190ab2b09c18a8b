import pytest
from django.urls import reverse

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
