"""Four journeys on a telephone of 360 px, at 100 kB a second and 400 ms: a women's collective, a member
of the committee, an organisation that proposes a project, and a visitor. Nobody of them has an account.

Each is played with JavaScript, without it, and over a line that is cut before and after each form. What
the pages cost is in docs/journeys.md.
"""

import io
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from PIL import Image
from playwright.sync_api import expect

from accounts.models import OutgoingMail
from committees.consultations.services import ask_seats
from committees.meetings.services.invitations import write_again
from committees.minutes.services.notices import notify_seats
from committees.models import (
    Ballot,
    Invitation,
    MinutesRemark,
    NoteFile,
    Position,
    ProgressNote,
    Remark,
)
from committees.plans.services.review import notify_institutions
from projects.models import Proposal
from reports.models import DocumentKind, SharedLink
from tests.browser.conftest import PHONE
from tests.browser.cut_line import Line
from tests.browser.journey_table import PAGE, JourneyTable
from tests.browser.slow_line import Phone
from tests.browser.test_kept import find_again, keep, lose, status
from tests.conftest import LOCALES
from tests.reports.shelves import final_document

pytestmark = [pytest.mark.browser, pytest.mark.deep(part="journeys")]

# Each in another language.
SCRIPTS, PLAIN, CUT = "with JavaScript", "without", "cut"
WAYS = {SCRIPTS: "es", PLAIN: "fr", CUT: "en"}
ONE_DUTY = (
    "This link is yours alone and opens this recommendation only. Nothing is recorded before you press "
    "the button."
)
table = JourneyTable()


@pytest.fixture
def transactional_db(demonstration):
    """The demonstration stays from one journey to the next: each says something of its own."""


@pytest.fixture(params=WAYS)
def way(request):
    with translation.override(WAYS[request.param]):
        yield request.param


@pytest.fixture
def phone(chromium, live_portal, way, demonstration):
    """A telephone whose owner is known by a link alone. What they complain about fails the journey."""
    for role in ("partner", "member"):
        person = demonstration.people[role]
        person.language = WAYS[way]
        person.save()
    line = Line(live_portal.url) if way == CUT else None
    context = chromium.new_context(
        base_url=line.url if line else live_portal.url,
        viewport=PHONE,
        locale=LOCALES[WAYS[way]],
        java_script_enabled=way != PLAIN,
        accept_downloads=True,
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    phone = Phone(page, line)
    yield phone
    context.close()
    if line:
        line.close()
    assert [(one.name, one.faults) for one in phone.shown if one.faults] == []
    assert phone.complaints == []


@pytest.fixture
def says(way):
    """Texts of this way alone, by which what was sent is found."""
    return lambda text: f"{text} ({way})"


@pytest.fixture(scope="module")
def links(demonstration, django_db_blocker):
    """`links("partner", "/plans/link/")`: the path of the link in a message that the portal sent."""
    people, besides = demonstration.people, demonstration.besides
    by, institution = people["coordinator"], people["partner"].contacts.get().institution
    invitation = Invitation.objects.get(
        meeting=demonstration.coming, contact__user=people["member"]
    )
    with django_db_blocker.unblock():
        notify_institutions(demonstration.review, [institution], by=by)
        write_again(invitation, by=by)
        ask_seats(besides.open, by=by)
        notify_seats(besides.minutes, by=by)
        sent = [(message.to[0], message.body) for message in mail.outbox]

    def link(role, path):
        texts = [text for to, text in sent if people[role].email in to]
        found = (re.search(rf"https?://[^/\s]+({path}\S+)", text) for text in texts)
        return next(match[1] for match in found if match)

    return link


# A collective


def test_a_collective_reviews_its_plan_and_notes_progress(phone, demonstration, links, says, way):
    collective = demonstration.people["partner"]
    phone.open(links("partner", "/plans/link/"))
    phone.shows("Its plan, by the link of the e-mail", _("Your position"))
    take_a_position(phone, demonstration.review, says("Un mois de plus."))
    remark_and_withdraw(phone, says("Novembre conviendrait mieux."))
    note_progress(phone, demonstration, says("Deux ateliers."), way)
    open_a_duty(phone, demonstration, collective)
    if way == CUT:
        answer_without_a_connection(phone, links("partner", "/plans/link/"), says("Plus tard."))

    position = Position.objects.get(plan=demonstration.review, text=says("Un mois de plus."))
    remark = Remark._base_manager.get(text=says("Novembre conviendrait mieux."))
    note = ProgressNote.objects.get(text=says("Deux ateliers."))
    assert (position.stance, position.channel, position.by) == ("asks", "link", collective)
    assert remark.withdrawn_at
    assert (note.share_done, note.by) == (40, collective)
    assert no_session(phone)
    table.note("A women's collective", way, phone.shown)


def take_a_position(phone, plan, text):
    phone.follow("a[href*='/position/']")
    phone.shows("Position", _("Reason or remark"))
    phone.send("form .btn-primary", stance="asks", text=text)
    phone.shows("The plan with the position", text)


def remark_and_withdraw(phone, text):
    phone.follow("a[href$='/remark/']")
    phone.shows("Remark", _("Send the remark"))
    phone.send("form .btn-primary", text=text)
    phone.shows("The plan with the remark", text)
    remark = Remark.objects.get(text=text)
    phone.follow(f"#remark-{remark.pk} a[href*='/withdraw/']")
    phone.shows("Withdraw it?", _("Withdraw it?"))
    phone.send("form .btn-danger", again=False)
    phone.shows("The plan without the remark", _("Comment on the whole plan"))
    expect(phone.page.get_by_text(text)).to_have_count(0)


def note_progress(phone, demonstration, text, way):
    """With a photograph, which the browser makes smaller where it can."""
    phone.open(reverse("committees:action-link", args=[demonstration.note_token]))
    phone.shows("Progress", _("Share done (%)"))
    taken = photograph()
    give = {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": taken}
    phone.page.locator("[name=file_1]").set_input_files(give)
    given = phone.page.locator("[name=file_1]")
    is_whole = wait_for_the_size(given, len(taken), way)
    phone.send("#page-form .btn-primary", share_done="40", text=text)
    phone.shows("The progress that was noted", text, with_file=True)
    with NoteFile.objects.get(note__text=text).file as file, Image.open(file) as kept:
        assert kept.size == (1600, 1200)
    # The portal makes it smaller, too, but then all of it went over the line.
    assert is_whole is (way == PLAIN)


def wait_for_the_size(given, taken, way) -> bool:
    """Whether the whole photograph is going to be sent, once a script had time to make it smaller."""
    for _attempt in range(100):
        is_whole = given.evaluate("node => node.files[0].size") == taken
        if is_whole is (way == PLAIN):
            break
        given.page.wait_for_timeout(100)
    return is_whole


def photograph() -> bytes:
    made = io.BytesIO()
    Image.effect_noise((2400, 1800), 20).convert("RGB").save(made, "JPEG", quality=70)
    return made.getvalue()


def open_a_duty(phone, demonstration, person):
    phone.open(reverse("due-link", args=[demonstration.duties_token]))
    phone.shows("Open duties", _("Open duties"))
    phone.follow(f"a[href*='{demonstration.duty}']")
    phone.shows("A duty asks for a code", _("Send me the code"))
    phone.send("[name=send]")
    phone.shows("The code was sent", _("Send a new code"))
    if phone.line:
        return  # the code leads to the address of the portal itself, past the line
    message = OutgoingMail.objects.filter(person=person).latest("pk")
    code = re.search(r"^\d{6}$", message.text, re.MULTILINE)[0]
    phone.send("#page-form .btn-primary", unanswered=False, code=code)
    phone.shows("The duty itself", _(ONE_DUTY))


def answer_without_a_connection(phone, url, text):
    """Kept on the telephone, written while there is no line, and sent once when it is back."""
    page, line = phone.page, phone.line
    kept = keep(page, url)
    lose(page, line)
    page.goto(f"{kept}remark/")
    page.locator("[name=text]").fill(text)
    page.locator("main form .btn-primary").click()
    expect(status(page)).to_have_text("1 waiting to be sent.")
    assert not Remark.objects.filter(text=text).exists()
    find_again(page, line)
    page.goto(kept)
    expect(status(page)).to_contain_text("Sent ")
    assert Remark.objects.get(text=text).channel == "link"


def no_session(phone) -> bool:
    return "sessionid" not in {cookie["name"] for cookie in phone.page.context.cookies()}


# A member


def test_a_member_answers_reads_votes_and_comments(phone, demonstration, links, says, way):
    member = demonstration.people["member"]
    phone.open(links("member", "/meetings/invitation/"))
    answer_the_invitation(phone, says("Avec une collègue."))
    phone.open(links("member", "/written/link/"))
    vote(phone, member, says("D’accord avec la couverture."))
    phone.open(links("member", "/minutes/link/"))
    comment_on_a_sentence(phone, says("Le plan est discuté et salué."))

    invitation = Invitation.objects.get(meeting=demonstration.coming, contact__user=member)
    ballot = Ballot.objects.get(reason=says("D’accord avec la couverture."))
    remark = MinutesRemark.objects.get(suggestion=says("Le plan est discuté et salué."))
    assert (invitation.answer, invitation.channel) == ("accepted", "link")
    assert invitation.note == says("Avec une collègue.")
    assert (ballot.choice, ballot.by, ballot.channel) == ("agree", member, "link")
    assert (remark.sentence, remark.by) == ("Le plan est discuté.", member)
    assert no_session(phone)
    table.note("A member without an account", way, phone.shown)


def answer_the_invitation(phone, note):
    phone.shows("The invitation", _("Your answer"))
    phone.take("a[href*='/papers/']")
    phone.send("button[value=accepted]", note=note)
    recorded = _("Your answer was recorded: %(answer)s.").partition("%")[0]
    phone.shows("The invitation, answered", recorded if phone.line is None else _("Your answer"))


def vote(phone, member, reason):
    phone.shows("A written procedure", _("Proposed decision"))
    phone.follow("a[href$='/answer/']")
    phone.shows("The vote", _("Record the answer"))
    before = OutgoingMail.objects.filter(person=member).count()
    phone.send("#page-form .btn-primary", choice="agree", reason=reason)
    phone.shows("The receipt of the vote", reason)
    assert OutgoingMail.objects.filter(person=member).count() == before + 1  # the same by e-mail


def comment_on_a_sentence(phone, words):
    phone.shows("The minutes", _("Comment on a sentence"))
    sentence = phone.page.locator("main details li a", has_text="Le plan est discuté.")
    phone.page.locator("main details:has(li a) > summary").last.click()
    sentence.click()
    phone.shows("A sentence of the minutes", _("How it should read"))
    phone.send("#page-form .btn-primary", suggestion=words)
    phone.shows("The minutes with the comment", _("Your comment was recorded."))


# An organisation


def test_an_organisation_asks_proposes_and_reads_the_answer(phone, demonstration, says, way):
    call, address = demonstration.besides.calls.open, f"{WAYS[way]}@example.org"
    find_the_call(phone, call)
    begin_a_proposal(phone, address, says("Colectivo"))
    write_the_proposal(phone, says("Radio contra la trata"))
    read_the_answer(phone, call, says)

    proposal = Proposal.objects.get(contact_email=address)
    assert (proposal.status, str(proposal.total)) == ("submitted", "9500.50")
    assert proposal.title == says("Radio contra la trata")
    assert OutgoingMail.objects.filter(address=address).count() == 2  # the link, and the receipt
    assert no_session(phone)
    table.note("An organisation that proposes a project", way, phone.shown)


def find_the_call(phone, call):
    phone.open("/")
    phone.shows("The portal", call.title)
    phone.follow(f"a[href*='{call.code}/']")
    phone.shows("The call", _("Guide to download"))
    assert phone.take("a[href*='/guides/'][href$='.docx']")[:2] == b"PK"  # a Word file
    # A question goes to the address of the call, and is answered for everybody.
    expect(phone.page.locator(f"a[href='mailto:{call.contact_email}']")).to_be_visible()


def begin_a_proposal(phone, address, organisation):
    phone.follow("a[href$='/propose/']")
    phone.shows("The first step of a proposal", _("Send me the link"))
    phone.send(
        "form .btn-primary",
        organisation=organisation,
        contact_name="Persona 01",
        contact_email=address,
        consent="on",
    )
    phone.shows("The link was sent", _("Ask again"))
    message = OutgoingMail.objects.get(address=address)
    phone.open(re.search(r"https?://[^/\s]+(/\S+/propose/\S+)", message.text)[1])
    phone.shows("The proposal", _("Save as a draft"))


def write_the_proposal(phone, title):
    """Saved while it is incomplete, opened another time, and submitted."""
    phone.send("button[value=save]", title=title, summary="Radio.")
    saved = phone.said(_("Saved as a draft. Submit it before the deadline."))
    phone.shows("The proposal, saved", saved)
    phone.open(phone.page.url)
    phone.shows("The proposal, another day", _("Save as a draft"))
    expect(phone.page.locator("[name=title]")).to_have_value(title)
    phone.send("button[value=submit]")
    phone.shows(
        "What the proposal lacks", _("Saved as a draft. It is not submitted yet: see below.")
    )
    texts = dict.fromkeys(("problem", "activities", "expected"), "Radio en tres municipios.")
    phone.send(
        "button[value=submit]",
        kind="collective",
        **texts,
        beneficiaries="400",
        months="6",
        label_1="Grabación",
        amount_1="9,500.50",
        no_victim_data="on",
    )
    phone.shows("The proposal, submitted", re.compile(r"APP-EXEMPLE-\d+"))


def read_the_answer(phone, call, says):
    call.questions.create(
        **{f"question_{each}": says("¿Dos juntas?") for each in LOCALES},
        **{f"answer_{each}": says("Sí.") for each in LOCALES},
    )
    phone.open(call.get_public_url())
    phone.shows("The answer to the question", says("Sí."))


# A visitor


@pytest.fixture
def listed(demonstration):
    """The record of a meeting that anybody may read."""
    document = final_document(demonstration.held, DocumentKind.RECORD, audience="public")
    facts = {"label": "Public", "by": demonstration.people["coordinator"], "is_listed": True}
    SharedLink.issue(document, expires_at=timezone.now() + timedelta(days=9), **facts)
    return document


def test_a_visitor_reads_calls_checks_a_document_and_finds_the_way_in(phone, listed, way):
    phone.open("/")
    phone.shows("The portal", _("Published reports and documents"))
    with listed.file as file:
        assert phone.take("a[href*='/published/']") == file.read()
    phone.follow(f"a[href^='{reverse('calls:open')}']")
    phone.shows("Calls", _("Calls for projects"))
    phone.open("/")
    phone.shows("The portal again", _("Check a document"))
    code = listed.snapshot.code
    phone.send("form[action$='/verify/'] button", unanswered=False, code=code)
    phone.shows("A document that is genuine", _("This code is that of a document of this portal"))
    phone.open(reverse("reports:verify"))
    phone.shows("A check by the file", _("By the file itself"))
    phone.open("/")
    phone.shows("The portal once more", _("Sign in"))
    phone.follow(f"a[href^='{reverse('account_login')}']")
    phone.shows("Sign-in", _("Password"))

    assert no_session(phone)
    table.note("A visitor", way, phone.shown)


# What it cost


def test_the_table_of_the_journeys_says_what_was_measured(request, demonstration):
    """Of all journeys: whoever plays one alone measures nothing else."""
    if request.config.getoption("write_journeys"):
        PAGE.write_text(table.page())
    if table.is_whole:
        assert table.faults(PAGE.read_text()) == []
