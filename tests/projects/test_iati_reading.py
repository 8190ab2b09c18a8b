"""How the parts of a file by others are understood: languages, days, numbers, lists."""

from datetime import date
from decimal import Decimal

import pytest

from projects.iati.document import CodePercentage, PolicyMarker
from projects.iati.read import open_file, read_activity
from projects.iati.safe_xml import MAX_BYTES, MAX_DEPTH, UnreadableFile, parse
from tests.projects.test_iati_hostile import a_file

pytestmark = pytest.mark.usefixtures("in_english")


def reading_of(content):
    opened = open_file(content)
    return read_activity(opened, opened.activities[0])


def read(more="", **changes):
    """What is understood of it, and what is left out: (element, reason)."""
    content = a_file(more=more)
    for old, new in changes.values():
        assert old in content
        content = content.replace(old, new)
    reading = reading_of(content)
    return reading.document, [(each.element, each.why) for each in reading.left_out]


# Texts


LANGUAGE = (b' xml:lang="fr"', b"")


def test_without_a_language_texts_are_in_that_of_the_portal_s_own_files(organisation):
    document, _left = read(language=LANGUAGE)
    assert (document.language, document.title) == ("fr", {"fr": "Titre"})

    organisation.languages = ["es"]

    document, _left = read(language=LANGUAGE)
    assert (document.language, document.title) == ("es", {"es": "Titre"})


def narratives(*pairs):
    texts = "".join(f'<narrative xml:lang="{lang}">{text}</narrative>' for lang, text in pairs)
    return (b"<narrative>Titre</narrative>", texts.encode())


def test_a_text_has_one_narrative_a_language_and_the_first_counts():
    pairs = (("es-HN", "Uno"), ("EN", "One"), ("es", "Dos"), ("de", "Eins"))

    document, left = read(title=narratives(*pairs))

    assert document.title == {"es": "Uno", "en": "One"}
    assert left == [
        ("title/narrative", "The same language a second time."),
        ("title/narrative", "The portal has texts in French, Spanish and English."),
    ]


def test_a_language_that_the_portal_does_not_have_stands_in_for_the_french():
    document, left = read(title=narratives(("de", "Eins"), ("pt", "Um")))

    assert document.title == {"fr": "Eins"}
    assert left == [
        (
            "title/narrative",
            "Written in “de”; it is used as the text in French until it is translated.",
        ),
        ("title/narrative", "The portal has texts in French, Spanish and English."),
    ]


# Days


def test_of_two_days_of_one_kind_the_first_counts():
    more = "".join(
        f'<activity-date type="{kind}" iso-date="{day}"/>'
        for kind, day in (("1", "2021-05-05"), ("3", "2022-03-31"), ("3", "2023-03-31"), ("9", ""))
    )

    document, left = read(more)

    assert document.dates == {"1": date(2020, 1, 1), "3": date(2022, 3, 31)}
    assert left == [("activity-date", "A date of unknown type, or a second of the same.")]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("1900-01-01", date(1900, 1, 1)),
        ("1899-12-31", None),
        ("2200-12-31", date(2200, 12, 31)),
        ("2201-01-01", None),
        ("2020-02-30", None),
        ("2020-05-04T00:00:00Z", date(2020, 5, 4)),
        ("", None),
    ],
)
def test_a_day_is_of_this_age(said, day):
    document, left = read(f'<activity-date type="2" iso-date="{said}"/>')

    assert document.dates.get("2") == day
    assert left == (
        [] if day else [("activity-date", "This is not a day, or it is of another age.")]
    )


# Numbers


@pytest.mark.parametrize(
    ("said", "kept", "is_rounded"),
    [
        ("12.50", "12.5", False),
        ("0.005", "0.01", True),
        ("0.125", "0.13", True),
        ("0.115", "0.12", True),
        ("-0.125", "-0.13", True),
        ("0.1249", "0.12", True),
        ("99999999999999.99", "99999999999999.99", False),
        ("100000000000000", None, False),
        ("1e5", None, False),
        ("1,5", None, False),
        ("", None, False),
    ],
)
def test_a_number_is_rounded_half_away_from_zero_to_two_decimals(said, kept, is_rounded):
    more = (
        '<result type="1"><title><narrative>R</narrative></title><indicator measure="1"><title>'
        f'<narrative>I</narrative></title><baseline year="2019" value="{said}"/></indicator></result>'
    )

    document, left = read(more)

    (indicator,) = document.results[0].indicators
    values = [each.measured.value for each in indicator.baselines]
    assert values == ([] if kept is None else [Decimal(kept)])
    assert ("Rounded to two decimals." in [why for _element, why in left]) is is_rounded


@pytest.mark.parametrize(
    ("said", "share"),
    [("100", 100), ("0.01", Decimal("0.01")), ("0", None), ("100.01", None), ("-5", None)],
)
def test_a_share_lies_above_nothing_and_is_at_most_the_whole(said, share):
    document, left = read(f'<recipient-country code="hn" percentage="{said}"/>')

    assert document.countries == [CodePercentage("HN", share)]
    assert bool(left) is (share is None)


@pytest.mark.parametrize(("said", "is_kept"), [("0", True), ("100", True), ("100.01", False)])
def test_a_percentage_lies_between_nought_and_a_hundred(said, is_kept):
    more = (
        '<result type="1"><title><narrative>R</narrative></title><indicator measure="2"><title>'
        f'<narrative>I</narrative></title><baseline year="2019" value="{said}"/></indicator></result>'
    )

    document, _left = read(more)

    assert len(document.results[0].indicators[0].baselines) == is_kept


@pytest.mark.parametrize(
    ("start", "end", "is_kept"),
    [
        ("2019-04-01", "2019-04-01", False),
        ("2019-04-01", "2019-04-02", True),
        ("2019-04-01", "2020-04-01", True),
        ("2019-04-01", "2022-04-02", True),
        ("2019-04-02", "2019-04-01", False),
        ("2019-04-01", "", False),
    ],
)
def test_a_budget_is_taken_of_more_than_a_day(start, end, is_kept):
    more = (
        f'<budget type="2"><period-start iso-date="{start}"/><period-end iso-date="{end}"/>'
        '<value currency="hnl" value-date="2019-04-01">5</value></budget>'
    )

    document, left = read(more)

    assert [(each.money.currency, each.kind, each.status) for each in document.budgets] == (
        [("HNL", "2", "1")] if is_kept else []
    )
    why = "A budget needs an amount, a start and a later end."
    assert (("budget", why) in left) is not is_kept


# Lists


def test_sectors_of_the_dac_alone_and_none_that_was_withdrawn():
    more = "".join(
        f'<sector vocabulary="{vocabulary}" code="{code}"/>'
        for vocabulary, code in (
            ("1", "15180"),
            ("2", "151"),
            ("1", "15161"),
            ("1", "1516"),
            ("1", "05160"),
        )
    )

    document, left = read(more)

    assert [share.code for share in document.sectors] == ["15160", "15180"]
    assert [why for _element, why in left] == [
        "The portal keeps sectors of the DAC, with five digits.",
        "The code 15161 was withdrawn; use 15160.",
        "A sector has five digits, such as 15160.",
    ]


def test_markers_with_a_significance_that_they_have():
    said = [("1", "1", "2"), ("1", "1", "3"), ("1", "8", "3"), ("1", "9", "4"), ("1", "13", "1")]
    said += [("99", "youth", "1"), ("1", "youth", "1"), ("99", "1", "1")]
    more = "".join(
        f'<policy-marker vocabulary="{v}" code="{c}" significance="{s}"/>' for v, c, s in said
    )

    document, left = read(more)

    assert document.markers == [
        PolicyMarker("1", "1", "2"),
        PolicyMarker("8", "1", "3"),
        PolicyMarker("9", "1", "4"),
        PolicyMarker("youth", "99", "1"),
    ]
    assert sorted(left) == [
        ("policy-marker", "The portal does not know this policy marker."),
        ("policy-marker", "This marker does not have this significance."),
    ]


def test_persons_and_places_finer_than_a_country_are_not_read():
    more = (
        "<contact-info><organisation><narrative>IBCR</narrative></organisation>"
        "<person-name><narrative>Xochitl 01</narrative></person-name>"
        "<telephone>5551234</telephone><email>info@example.org</email></contact-info>"
        "<location><name><narrative>Aldea</narrative></name></location>"
    )

    document, left = read(more)

    assert document.contact.organisation == {"fr": "IBCR"}
    assert document.contact.email == "info@example.org"
    assert "Xochitl" not in str(document)
    assert sorted(left) == [
        ("contact-info/person-name", "Persons are never imported from a file."),
        ("contact-info/telephone", "Persons are never imported from a file."),
        (
            "location",
            "Places more precise than a country are not imported: they can endanger people.",
        ),
    ]


# The file


@pytest.mark.parametrize(("size", "is_read"), [(MAX_BYTES, True), (MAX_BYTES + 1, False)])
def test_a_file_has_five_million_bytes_at_most(size, is_read):
    content = a_file()
    padded = content + b" " * (size - len(content))

    if is_read:
        assert reading_of(padded).document.title == {"fr": "Titre"}
    else:
        with pytest.raises(UnreadableFile, match=r"5\.0 MB|MB"):
            open_file(padded)


@pytest.mark.parametrize(("depth", "is_read"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
def test_elements_are_nested_forty_deep_at_most(depth, is_read):
    content = b"<a>" * depth + b"</a>" * depth

    if is_read:
        assert parse(content).tag == "a"
    else:
        with pytest.raises(UnreadableFile, match="nested"):
            parse(content)
