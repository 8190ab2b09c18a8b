"""A partner reviews a plan on a telephone, without JavaScript, by the link of the message."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccessLink
from committees.models import ActionPlan, Position, Remark
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_partner_comments_and_endorses_by_link(open_page):
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_REVIEW, review_until=timezone.localdate() + timedelta(days=6)
    )
    _link, token = AccessLink.issue(world.people["partner"], "review_plan", world.plan, by=None)
    address = f"/plans/link/{token}/"

    page = open_page(address, width="phone", language="en", java_script_enabled=False)
    page.get_by_role("link", name="Comment " + world.action.reference, exact=True).click()
    page.get_by_label("Remark").fill("Novembre conviendrait mieux.")
    page.get_by_role("button", name="Send the remark").click()
    page.get_by_text("Novembre conviendrait mieux.").wait_for()
    page.get_by_role("link", name="Endorse", exact=True).click()
    page.get_by_role("button", name="Record the position").click()

    institution = world.institutions["partner"]
    page.get_by_text(f"Recorded for {institution}: Endorses.").wait_for()
    assert Remark.objects.get().action == world.action
    assert Position.objects.get().institution == institution
    assert [cookie["name"] for cookie in page.context.cookies()] in ([], ["csrftoken"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
