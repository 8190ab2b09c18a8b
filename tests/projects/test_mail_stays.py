"""Pages that others read, too, say only to whoever sends from there that no message goes out."""

import pytest
from django.utils import timezone

from projects.models import ValueRequest

pytestmark = pytest.mark.django_db

SAYS = "This portal does not send e-mail yet"


@pytest.mark.parametrize(
    ("who", "reads"), [("coordinator", True), ("partner", False), ("reader", False)]
)
def test_only_whoever_sends_from_a_page_reads_it(client, world, settings, who, reads):
    settings.SENDS_MAIL = False
    asked = ValueRequest.objects.create(
        project=world.project,
        institution=world.institutions["partner"],
        period=world.year,
        due_on=timezone.localdate(),
    )
    client.force_login(world.people[who])

    assert (SAYS in client.get(asked.get_absolute_url()).content.decode()) is reads
