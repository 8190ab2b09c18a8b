"""How much of each thing is read from a file by others, and what is said of what is not read."""

import pytest
from lxml import etree

from projects.iati.document import ContactPoint
from projects.iati.read import open_file, read_activity
from projects.iati.reading import ElementReader, ReadingNotes, path_of
from tests.projects.test_iati_hostile import a_file

pytestmark = pytest.mark.usefixtures("in_english")

TITLE = b"<narrative>Titre</narrative>"
WHEN = '<value value-date="2020-05-04">{}</value>'
DAYS = '<period-start iso-date="2020-01-01"/><period-end iso-date="2020-06-30"/>'


def read(more="", *changes):
    content = a_file(more=more)
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    opened = open_file(content)
    reading = read_activity(opened, opened.activities[0])
    return reading.document, [(each.element, each.why) for each in reading.left_out]


def narrative(text):
    return f"<narrative>{text}</narrative>"


# Lengths: each is kept up to a limit, and cut with a note beyond it

INDICATOR = '<result type="1">{0}<indicator measure="1">{0}{1}</indicator></result>'
RESULT_TITLE = "<title><narrative>R</narrative></title>"
PAYMENT = (
    '<transaction ref="{}"><transaction-type code="{}"/>'
    '<transaction-date iso-date="2020-05-04"/>'
    '<value value-date="2020-05-04">5</value>{}</transaction>'
)


def transaction(ref="", code="1", more=""):
    return PAYMENT.format(ref, code, more)


def result_with(more):
    return INDICATOR.format(RESULT_TITLE, more)


def first_indicator(document):
    return document.results[0].indicators[0]


LIMITS = {
    "description": (
        5000,
        lambda said: f'<description type="4">{narrative(said)}</description>',
        lambda document: document.descriptions["4"]["fr"],
    ),
    "other identifier": (
        60,
        lambda said: f'<other-identifier type="A9" ref="{said}"/>',
        lambda document: document.other_identifiers[0][1],
    ),
    "type of an identifier": (
        3,
        lambda said: f'<other-identifier type="{said}" ref="1"/>',
        lambda document: document.other_identifiers[0][0],
    ),
    "name of an organisation": (
        200,
        lambda said: f'<participating-org role="4">{narrative(said)}</participating-org>',
        lambda document: document.participants[-1].organisation.names["fr"],
    ),
    "identifier of an organisation": (
        80,
        lambda said: f'<participating-org role="4" ref="{said}"/>',
        lambda document: document.participants[-1].organisation.ref,
    ),
    "type of an organisation": (
        3,
        lambda said: f'<participating-org role="4" ref="A" type="{said}"/>',
        lambda document: document.participants[-1].organisation.kind,
    ),
    "marker": (
        200,
        lambda said: (
            f'<policy-marker vocabulary="99" code="IBCR-1" significance="1">{narrative(said)}'
            "</policy-marker>"
        ),
        None,
    ),
    "office": (
        200,
        lambda said: f"<contact-info><organisation>{narrative(said)}</organisation></contact-info>",
        lambda document: document.contact.organisation["fr"],
    ),
    "reference of a payment": (
        100,
        lambda said: transaction(ref=said),
        lambda document: document.transactions[0].ref,
    ),
    "type of a payment": (
        3,
        lambda said: transaction(code=said),
        lambda document: document.transactions[0].kind,
    ),
    "description of a payment": (
        2000,
        lambda said: transaction(more=f"<description>{narrative(said)}</description>"),
        lambda document: document.transactions[0].description["fr"],
    ),
    "provider": (
        200,
        lambda said: transaction(more=f"<provider-org>{narrative(said)}</provider-org>"),
        lambda document: document.transactions[0].provider.names["fr"],
    ),
    "identifier of the provider": (
        80,
        lambda said: transaction(more=f'<provider-org ref="{said}"/>'),
        lambda document: document.transactions[0].provider.ref,
    ),
    "type of the provider": (
        3,
        lambda said: transaction(more=f'<provider-org ref="A" type="{said}"/>'),
        lambda document: document.transactions[0].provider.kind,
    ),
    "result": (
        1022,
        lambda said: f'<result type="1"><title>{narrative(said)}</title></result>',
        lambda document: document.results[0].title["fr"],
    ),
    "indicator": (
        322,
        lambda said: (
            f'<result type="1">{RESULT_TITLE}<indicator measure="1"><title>{narrative(said)}'
            "</title></indicator></result>"
        ),
        lambda document: first_indicator(document).title["fr"],
    ),
    "comment": (
        2000,
        lambda said: result_with(
            f'<baseline year="2019" value="5"><comment>{narrative(said)}</comment></baseline>'
        ),
        lambda document: first_indicator(document).baselines[0].measured.comment["fr"],
    ),
    "dimension": (
        60,
        lambda said: result_with(
            f'<baseline year="2019" value="5"><dimension name="{said}" value="x"/></baseline>'
        ),
        lambda document: first_indicator(document).baselines[0].measured.dimensions[0][0],
    ),
    "cell": (
        60,
        lambda said: result_with(
            f'<baseline year="2019" value="5"><dimension name="x" value="{said}"/></baseline>'
        ),
        lambda document: first_indicator(document).baselines[0].measured.dimensions[0][1],
    ),
}


@pytest.mark.parametrize("thing", [name for name in LIMITS if LIMITS[name][2]])
def test_a_text_is_kept_up_to_its_length_and_cut_beyond_it(thing):
    limit, written, kept = LIMITS[thing]

    whole, nothing = read(written("x" * limit))
    cut, told = read(written("x" * (limit + 1)))

    assert (kept(whole), nothing) == ("x" * limit, [])
    assert kept(cut) == "x" * limit
    assert [why for _element, why in told] == [f"Cut to {limit} characters."]


def test_a_title_has_three_hundred_signs_and_what_is_offered_as_many():
    text = b"<narrative>" + b"x" * 301 + b"</narrative>"
    document, told = read("", (TITLE, text))
    opened = open_file(a_file().replace(TITLE, text).replace(b"XX-A-1", b"X" * 201))

    assert len(document.title["fr"]) == 300
    assert told == [("title/narrative", "Cut to 300 characters.")]
    assert len(opened.activities[0].title) == 300
    assert len(opened.activities[0].identifier) == 200


def test_an_office_has_its_addresses_and_the_first_one_counts():
    more = (
        "<contact-info><organisation><narrative>Bureau</narrative></organisation>"
        "<email> a@example.org </email><website>https://example.org</website></contact-info>"
        "<contact-info><email>b@example.org</email><person-name/></contact-info>"
    )

    document, left = read(more)
    long, _left = read(
        f"<contact-info><email>{'x' * 201}</email><website>{'y' * 201}</website></contact-info>"
    )

    assert document.contact == ContactPoint(
        {"fr": "Bureau"}, "a@example.org", "https://example.org"
    )
    assert left == [("contact-info/person-name", "Persons are never imported from a file.")]
    assert (long.contact.email, long.contact.website) == ("x" * 200, "y" * 200)
    assert read()[0].contact is None


# What is not read, and why


@pytest.mark.parametrize(
    ("more", "element", "why"),
    [
        ("<location/>", "location", "Places more precise than a country are not imported: they can endanger people."),
        ("<recipient-region/>", "recipient-region", "The portal keeps countries, not regions."),
        ("<document-link/>", "document-link", "Documents of others are not imported; enter those you need."),
        ("<related-activity/>", "related-activity", "Activities are not linked to each other."),
        ("<conditions/>", "conditions", "Conditions are in the agreement."),
        ("<humanitarian-scope/>", "humanitarian-scope", "The portal has no place for it."),
        ('<x:note xmlns:x="urn:x"/>', "note", "A private extension of the standard."),
        ('<participating-org role="9" ref="A"/>', "participating-org", "An organisation whose role is unknown."),
        ('<participating-org role="1"/>', "participating-org", "An organisation without a name or an identifier."),
        ('<recipient-country code="HND"/>', "recipient-country", "This is not a country code."),
        ('<recipient-country code="H1"/>', "recipient-country", "This is not a country code."),
        ('<sector vocabulary="2" code="151"/>', "sector", "The portal keeps sectors of the DAC, with five digits."),
        ('<sector code="1516"/>', "sector", "A sector has five digits, such as 15160."),
        ('<sector code="05160"/>', "sector", "A sector has five digits, such as 15160."),
        ('<sector code="1516x"/>', "sector", "A sector has five digits, such as 15160."),
        ('<tag vocabulary="2" code="5"/>', "tag", "The portal keeps targets of the Sustainable Development Goals."),
        ('<tag code="5.1"/>', "tag", "The portal keeps targets of the Sustainable Development Goals."),
        ('<policy-marker vocabulary="1" code="99"/>', "policy-marker", "The portal does not know this policy marker."),
        ('<policy-marker vocabulary="1" code="1" significance="9"/>', "policy-marker", "This marker does not have this significance."),
        ('<activity-scope code="99"/>', "activity-scope", "The portal does not know this code."),
        ('<default-aid-type code="99"/>', "default-aid-type", "The portal does not know this code."),
        ('<description type="2"><narrative>x</narrative></description>', "description", "The portal has one description and one note."),
        ("<budget/>", "budget", "A budget needs an amount, a start and a later end."),
        (f"<budget>{DAYS}</budget>", "budget", "A budget needs an amount, a start and a later end."),
        ("<planned-disbursement/>", "planned-disbursement", "A payment needs its day and its amount."),
        ("<transaction/>", "transaction", "A payment needs its type, its day and its amount."),
        ("<result/>", "result", "A result without a title."),
        (f"<result type='1'>{RESULT_TITLE}<indicator measure='1'/></result>", "result/indicator", "An indicator without a title."),
        (f"<result type='1'>{RESULT_TITLE}<indicator measure='7'>{RESULT_TITLE}</indicator></result>", "result/indicator", "An indicator whose measure is unknown."),
        (result_with('<baseline value="5"/>'), "result/indicator/baseline", "A baseline without its year."),
        (result_with('<baseline year="20" value="5"/>'), "result/indicator/baseline", "A baseline without its year."),
        (result_with('<baseline year="2019"/>'), "result/indicator/baseline", "A value without its number."),
        (result_with("<period/>"), "result/indicator/period", "A period without a start before its end."),
        (result_with("<location/>"), "result/indicator/location", "Places more precise than a country are not imported: they can endanger people."),
        (f'<result type="1">{RESULT_TITLE}<description/></result>', "result/description", "Only the statement is kept."),
        (f'<result type="1">{RESULT_TITLE}<reference vocabulary="1" code="x"/></result>', "result/reference", "References to other frameworks are not kept."),
    ],
)  # fmt: skip
def test_what_is_left_out_is_told_with_its_place_and_its_reason(more, element, why):
    assert read(more)[1] == [(element, why)]


@pytest.mark.parametrize("part", ["budget", "planned-disbursement", "transaction"])
def test_parts_of_an_amount_that_nobody_reads_are_told(part):
    _document, left = read(f"<{part}><document-link/></{part}>")

    assert (
        f"{part}/document-link",
        "Documents of others are not imported; enter those you need.",
    ) in left


def test_what_is_of_no_sign_is_no_number_and_told_in_thirty_signs():
    budget = f"<budget>{DAYS}{WHEN.format('x' * 40)}</budget>"

    _document, left = read(budget)

    assert left[0] == ("budget/value", f"“{'x' * 30}” is not a number that can be kept.")


# ReadingNotes and places


def test_a_place_is_told_below_its_activity_by_local_names_of_sixty_signs():
    root = etree.fromstring(
        f'<iati-activities><iati-activity><result><x:{"n" * 70} xmlns:x="urn:x"/></result>'
        "</iati-activity></iati-activities>"
    )

    assert path_of(root[0][0][0]) == f"result/{'n' * 60}"
    deep = etree.fromstring(
        "<a>"
        + "".join(f"<{'e' * 50}>" for _n in range(5))
        + "".join(f"</{'e' * 50}>" for _n in range(5))
        + "</a>"
    )
    assert len(path_of(deep[0][0][0][0][0])) == 200


def test_notes_come_by_their_lines_and_tell_what_was_changed():
    root = etree.fromstring("<a>\n<b/>\n<c/>\n</a>")
    notes = ReadingNotes()
    notes.leave(root[1], "second")
    notes.change(root[0], "first")
    notes.leave(root[1], "second")
    notes.leave(root[0], "named", name="x/y")

    told = [(each.element, each.why, each.lines, each.count, each.is_changed) for each in notes]
    assert told == [
        ("a/b", "first", [2], 1, True),
        ("x/y", "named", [2], 1, False),
        ("a/c", "second", [3, 3], 2, False),
    ]


def test_a_number_may_be_read_to_other_lengths():
    reader = ElementReader("fr", ReadingNotes())
    element = etree.fromstring("<a/>")

    assert reader.number(element, "999", digits=3) == 999
    assert reader.number(element, "1000", digits=3) is None
    assert reader.number(element, " +5.00 ") == 5
    assert str(reader.number(element, "1000.00")) == "1000"
    assert reader.number(element, "1" * 21) is None
