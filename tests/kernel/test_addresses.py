"""Addresses of the rows of a list."""

from django.urls import reverse

from kernel.addresses import addresses


def test_the_address_of_each_row_is_that_of_reverse():
    action, edit = addresses("committees:action"), addresses("committees:action-edit", 7)

    assert action(12) == reverse("committees:action", args=[12])
    assert edit(12) == reverse("committees:action-edit", args=[7, 12])
