"""Eight questions over the portfolio, answered from the page alone as a fresh reader would: the donor of
the demonstration. docs/rules/portfolio.md lists them with the way to each answer, in this order."""

import re

from django.test import Client
from lxml import html

from accounts.models import User


def answers():
    """Return the answer to each question."""
    everything = read("/portfolio/")
    latest, smallest, soonest = (
        rows(read(f"/portfolio/?{query}"))[0]
        for query in ("late=report&sort=-report", "sort=spent", "sort=next")
    )
    first, money = rows(everything)[0], totals(everything)
    return {
        "latest with its report": (latest[0], latest[1]["Report to the donor"]),
        "Canadian money spent": money["CAD"][2:4],
        "most late things": (first[0], first[1]["Late"].partition(" ")[0]),
        "projects in US dollars, and left of them": (money["USD"][0], money["USD"][4]),
        "indicators on track": stats(everything)["Indicators on track"],
        "smallest share spent": (smallest[0], smallest[1]["Spent"]),
        "people trained": trained(read("/portfolio/indicators/")),
        "next date": (soonest[0], soonest[1]["Next date"]),
    }


def read(address):
    """Return the page at an address, as the donor reads it in English."""
    client = Client()
    client.force_login(User.objects.get(email="donateur@example.org"))
    response = client.get(address)
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


def text(node):
    return re.sub(r"\s+", " ", node.text_content()).strip()


def rows(page):
    """The rows of the list: the title of each project, and its cells by their labels."""
    return [
        (
            text(row.cssselect("th a")[0]),
            {cell.get("data-l"): text(cell) for cell in row.cssselect("td")},
        )
        for row in page.cssselect("table.portfolio tbody tr")
    ]


def totals(page):
    """The money of all projects, by currency: projects, budget, spent, share spent, left."""
    return {
        text(row.cssselect("th")[0]): [text(cell) for cell in row.cssselect("td")]
        for row in page.cssselect("section:has(#totals) tbody tr")
    }


def stats(page):
    return {
        text(each.cssselect("dt")[0]): text(each.cssselect("dd")[0])
        for each in page.cssselect("section:has(#totals) dl > div")
    }


def trained(page):
    """How many projects are counted, and the sum."""
    [row] = [
        row
        for row in page.cssselect("#results tbody tr")
        if "FORM-01" in text(row.cssselect("th")[0])
    ]
    counted, total, *_rest = (text(cell) for cell in row.cssselect("td"))
    return counted.partition(" counted")[0], total
