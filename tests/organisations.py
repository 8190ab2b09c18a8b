"""Whose portal the tests run: visibly no one that exists."""

from kernel.models import Organisation


def example_organisation() -> Organisation:
    return Organisation(
        name_fr="Le bureau des tests",
        name_es="La oficina de las pruebas",
        name_en="The office of the tests",
        controller="The office of the tests, 1 Example Road",
        privacy_contact="privacy@example.org",
        safeguarding_contact="safeguarding@example.org",
        country="HN",
        time_zone="America/Tegucigalpa",
        languages=["fr", "es", "en"],
        iati_identifier="XX-EXAMPLE-1",
    )
