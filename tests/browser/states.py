"""States of pages that an address alone does not show: errors, open menus, long words, nothing at all,
refusals, and what waits on a telephone. Each in one language, all together evenly."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import AccessLink
from committees.models import ActionPlan
from projects.calls.services.proposals import send_link
from tests.browser.extremes import Extremes
from tests.factories import ProposalFactory

# A telephone; a desk at 400 %, where 1280 × 1024 pixels are 320 × 256 of CSS; a desk.
PHONE, ZOOMED, DESK = (360, 740), (320, 256), (1280, 900)
ERRORS = ".error-summary"
Do = Callable[[Page], None]


@dataclass(frozen=True)
class State:
    """A page and what brings it into its state; `has` is visible then, and not before."""

    name: str
    reader: str
    language: str
    url: str
    has: str
    do: Do = lambda page: None
    status: int = 200
    size: tuple[int, int] = PHONE


# What people do


def sent(button: str = "form[method=post] .btn-primary", **typed: str) -> Do:
    """Type into fields of these names, and press."""

    def do(page: Page) -> None:
        for name, text in typed.items():
            box = page.locator(f"main [name={name}]:not([type=hidden])").first
            kind = box.evaluate("node => node.type")
            if kind == "radio":
                page.locator(f"main [name={name}][value='{text}']").check()
            elif kind.startswith("select"):
                box.select_option(text)
            else:
                box.fill(text)
        page.locator("main").locator(button).first.click()

    return do


def pressed(*selectors: str) -> Do:
    def do(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.click()

    return do


def unfolded(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")


def chosen_file(page: Page) -> None:
    """A program, under the name of a picture."""
    file = {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" + b"\0" * 500}
    page.locator("main input[type=file]").first.set_input_files(file)
    page.locator("main form[method=post] .btn-primary").first.click()


def meanwhile(model, key: int, **values: str) -> Do:
    """Somebody else saves other values while the page is open; what is typed over them is refused."""

    def do(page: Page) -> None:
        model.objects.filter(pk=key).update(**values)
        sent(**{name: f"{value} *" for name, value in values.items()})(page)

    return do


def without_connection(do: Do) -> Do:
    def without(page: Page) -> None:
        page.context.set_offline(True)
        do(page)

    return without


def kept(do: Callable[[Page, str], None], page: Page) -> None:
    """Keep the page on the telephone, then lose the line."""
    if page.locator("#keep details:not([open])").count():
        page.locator("#keep summary").click()
    page.locator("#keep button").click()
    page.wait_for_url("**/kept/*/")
    expect(page.locator("#kept")).to_be_visible()
    page.context.set_offline(True)
    do(page, page.url)


def written_without_connection(page: Page, url: str) -> None:
    page.goto(f"{url}remark/")
    sent(text="Texto que espera.")(page)


def not_kept(page: Page, url: str) -> None:
    page.goto(f"{url}actions/0/propose/")


def only_kept(page: Page, url: str) -> None:
    page.goto(url)


def sent_twice(page: Page) -> None:
    """The first press arrived, its answer did not."""
    page.locator("main [name=text]").fill("Dos veces.")
    page.evaluate(
        """async () => {
        const form = document.querySelector('main form[data-draft]')
        await fetch(location.href, { method: 'POST', body: new FormData(form), redirect: 'manual' })
        }"""
    )
    page.locator("main form .btn-primary").first.click()


def without_its_token(page: Page) -> None:
    page.evaluate(
        "document.querySelectorAll('main [name=csrfmiddlewaretoken]').forEach(one => one.remove())"
    )
    sent()(page)


# Where


class States:
    """Of the demonstration and what is beside it."""

    def __init__(self, demonstration) -> None:
        self.demonstration, self.people = demonstration, demonstration.people
        self.besides = demonstration.besides
        self.extremes = Extremes(self.people)
        self.tokens = self.besides.tokens
        self.example = demonstration.example.code

    def all(self) -> list[State]:
        return [
            *self.refused(),
            *self.asked_again(),
            *self.open(),
            *self.long(),
            *self.empty(),
            *self.not_allowed(),
            *self.over(),
            *self.offline(),
        ]

    def of(self, project, page: str) -> str:
        return reverse(f"projects:{page}", args=[project.code])

    def by_link(self, page: str, **more) -> str:
        return reverse(page, kwargs={"token": self.tokens[page]} | more)

    def refused(self) -> list[State]:
        """Forms with errors of several kinds."""
        example, plan = self.demonstration.example, partial(self.by_link_of_plan)
        proposal = self.by_link("calls:proposal", code=self.besides.calls.open.code)
        answer = self.by_link("committees:consultation-link-answer")
        invitation = self.by_link("committees:invitation-link")
        comment = self.by_link("committees:minutes-link-remark")
        duty = reverse(
            "due-link-open", args=[self.demonstration.duties_token, self.demonstration.duty]
        )
        wrong = sent(login="nadie@example.org", password="x")
        evidence = reverse(
            "projects:evidence-create", args=[example.code, self.demonstration.followed_activity.pk]
        )
        meeting = reverse("committees:meeting-create", args=[example.committee.pk])
        propose = reverse("calls:propose", args=[self.besides.calls.open.code])
        coordinator = "coordinator"
        return [
            State(
                "a wrong password",
                "visitor",
                "es",
                reverse("account_login"),
                ".alert-danger",
                wrong,
            ),
            State(
                "nothing typed",
                "visitor",
                "fr",
                reverse("account_login"),
                ERRORS,
                sent(),
                size=ZOOMED,
            ),
            State(
                "no address",
                "visitor",
                "en",
                reverse("account_request_login_code"),
                ERRORS,
                sent(email="x"),
            ),
            State(
                "no address either",
                "visitor",
                "es",
                reverse("account_reset_password"),
                ERRORS,
                sent(email="x"),
            ),
            State(
                "an unknown code",
                "visitor",
                "fr",
                "/verify/?code=AAAA-AAAA-AAAA",
                ".alert-danger, .invalid-feedback, .error-summary",
                status=404,
            ),
            State("an empty first step", "visitor", "en", propose, ERRORS, sent(), size=ZOOMED),
            State(
                "a proposal that lacks much",
                "visitor",
                "es",
                proposal,
                ERRORS,
                sent("[value=submit]", label_1=""),
            ),
            State(
                "an amount that may mean two things",
                "visitor",
                "fr",
                proposal,
                ERRORS,
                sent("[value=save]", amount_1="1.234", label_1="A"),
            ),
            State(
                "changes without a reason",
                "link",
                "en",
                plan("position"),
                ERRORS,
                sent(stance="asks"),
            ),
            State("no answer chosen", "link", "es", answer, ERRORS, sent()),
            State(
                "no alternate named",
                "link",
                "fr",
                invitation,
                ERRORS,
                sent("button[value=alternate]"),
            ),
            State("an empty comment", "link", "en", comment, ERRORS, sent(text="")),
            State(
                "a wrong code",
                "link",
                "es",
                duty,
                ".alert-danger",
                pressed("main [name=send]", "main .btn-primary"),
            ),
            State(
                "an activity that ends first",
                coordinator,
                "fr",
                self.of(example, "activity-create"),
                ERRORS,
                sent(title_fr="Atelier", planned_start="2026-05-02", planned_end="2026-05-01"),
                size=DESK,
            ),
            State(
                "an empty activity",
                coordinator,
                "en",
                self.of(example, "activity-create"),
                ERRORS,
                sent(),
                size=ZOOMED,
            ),
            State(
                "an empty risk", coordinator, "es", self.of(example, "risk-create"), ERRORS, sent()
            ),
            State("an empty meeting", coordinator, "fr", meeting, ERRORS, sent(day="")),
            State("a program as a picture", coordinator, "en", evidence, ERRORS, chosen_file),
            State(
                "two passwords",
                coordinator,
                "es",
                reverse("account_change_password"),
                ERRORS,
                sent(oldpassword="x", password1="a", password2="b"),
            ),
        ]

    def by_link_of_plan(self, page: str) -> str:
        return reverse(f"committees:plan-link-{page}", args=[self.demonstration.token])

    def asked_again(self) -> list[State]:
        """What somebody else saved, what was sent twice, and what may be about a person."""
        example, activity = self.demonstration.example, self.demonstration.followed_activity
        risk = example.risks.get(number=2)
        edit = reverse("projects:activity-edit", args=[example.code, activity.pk])
        risk_edit = reverse("projects:risk-edit", args=[example.code, risk.pk])
        remark = self.by_link_of_plan("remark")
        return [
            State(
                "a project that somebody changed",
                "coordinator",
                "en",
                self.of(example, "edit"),
                ERRORS,
                meanwhile(type(example), example.pk, short_title_en="Changed"),
                size=DESK,
            ),
            State(
                "an activity that somebody changed",
                "coordinator",
                "es",
                edit,
                ERRORS,
                meanwhile(type(activity), activity.pk, title_es="Cambiado"),
            ),
            State(
                "a risk that somebody changed",
                "coordinator",
                "fr",
                risk_edit,
                ERRORS,
                meanwhile(type(risk), risk.pk, definition_fr="Changé"),
                size=ZOOMED,
            ),
            State(
                "a telephone number in a text",
                "link",
                "es",
                remark,
                ERRORS,
                sent(text="Llame al 9999-1234."),
            ),
            State(
                "a remark that was sent twice", "link", "fr", remark, ".messages .alert", sent_twice
            ),
        ]

    def open(self) -> list[State]:
        """Menus, dialogs, help, and what folds."""
        demonstration, example = self.demonstration, self.demonstration.example
        plan, coming = (
            demonstration.review.get_absolute_url(),
            demonstration.coming.get_absolute_url(),
        )
        session = f"{self.besides.sitting.get_absolute_url()}session/"
        section = reverse(
            "reports:section",
            kwargs={"pk": demonstration.draft.pk, "kind": "summary", "language": "es"},
        )
        call = self.besides.calls.open.get_public_url()
        minutes = self.besides.minutes.get_absolute_url()
        coordinator = "coordinator"
        return [
            State(
                "the menu of the account",
                coordinator,
                "fr",
                "/",
                "header details.menu[open] [data-forget]",
                pressed("header details.menu:last-of-type > summary"),
            ),
            State(
                "the menu of languages",
                "visitor",
                "es",
                "/",
                "header details.menu[open] button",
                pressed("header details.menu > summary"),
                size=ZOOMED,
            ),
            State(
                "a question before what matters",
                coordinator,
                "en",
                demonstration.running.get_absolute_url(),
                "dialog.ask",
                pressed("main form[data-confirm] button, main button[data-confirm]"),
            ),
            State(
                "help",
                coordinator,
                "es",
                plan,
                "main > details.card[open]",
                pressed("main > a[hx-get]"),
            ),
            State(
                "minutes, all unfolded", "partner", "fr", minutes, "main details[open]", unfolded
            ),
            State(
                "a meeting, all unfolded",
                coordinator,
                "en",
                coming,
                "main details[open]",
                unfolded,
                size=ZOOMED,
            ),
            State(
                "a plan by link, all unfolded",
                "link",
                "es",
                reverse("committees:plan-link", args=[demonstration.token]),
                "main details[open]",
                unfolded,
            ),
            State(
                "a preview",
                coordinator,
                "es",
                section,
                ".md-preview:not([hidden]) strong",
                lambda page: (
                    page.locator("main textarea").first.fill("Un **texto**."),
                    page.locator("[data-md-preview]").first.click(),
                ),
            ),
            State(
                "a decision that is being written",
                coordinator,
                "fr",
                session,
                ".sit.now .in-place form",
                pressed(".sit.now [id^=decide-]"),
                size=DESK,
            ),
            State(
                "a live session, all unfolded",
                coordinator,
                "en",
                session,
                "main details[open]",
                unfolded,
            ),
            State("a call, all unfolded", "visitor", "fr", call, "main", unfolded, size=ZOOMED),
            State(
                "a table that is sorted",
                coordinator,
                "en",
                self.of(example, "team"),
                "th[aria-sort]",
                pressed("main [data-sort] .sort"),
                size=DESK,
            ),
        ]

    def long(self) -> list[State]:
        """Words that nothing breaks, and sixty rows."""
        extremes, project = self.extremes, self.extremes.long
        coordinator = "coordinator"
        _link, token = AccessLink.issue(
            extremes.contact.user, "review_plan", extremes.plan, by=self.people["coordinator"]
        )
        ActionPlan.objects.filter(pk=extremes.plan.pk).update(
            status="in_review", review_until=timezone.localdate()
        )
        by_link = reverse("committees:plan-link", args=[token])
        meeting = extremes.meeting.get_absolute_url()
        return [
            State("a project of long words", coordinator, "es", project.get_absolute_url(), "h1"),
            State(
                "partners of long names",
                coordinator,
                "fr",
                self.of(project, "participations"),
                "table",
            ),
            State(
                "an institution of a long name",
                coordinator,
                "en",
                extremes.institution.get_absolute_url(),
                "h1",
                size=ZOOMED,
            ),
            State(
                "a framework of long words",
                coordinator,
                "es",
                self.of(project, "framework"),
                "main",
            ),
            State(
                "sixty risks", coordinator, "fr", self.of(project, "risks"), "table", size=ZOOMED
            ),
            State("sixty activities", coordinator, "en", self.of(project, "activities"), "main"),
            State(
                "sixty expenditures",
                coordinator,
                "es",
                self.of(project, "expenditures"),
                "main",
                size=DESK,
            ),
            State("sixty actions", coordinator, "fr", extremes.plan.get_absolute_url(), "table"),
            State("sixty actions by link", "link", "en", by_link, "table"),
            State("sixty items", coordinator, "es", meeting, "main", size=ZOOMED),
        ]

    def empty(self) -> list[State]:
        project, coordinator = self.extremes.empty, "coordinator"
        return [
            State("an empty project", coordinator, "fr", project.get_absolute_url(), "h1"),
            State("no framework", coordinator, "en", self.of(project, "framework"), "main"),
            State("no risk", coordinator, "es", self.of(project, "risks"), ".empty"),
            State(
                "no activity",
                coordinator,
                "fr",
                self.of(project, "activities"),
                ".empty",
                size=ZOOMED,
            ),
            State("no plan", coordinator, "en", self.of(project, "plans"), ".empty"),
            State("no budget", coordinator, "es", self.of(project, "budget"), "main"),
            State("no committee", coordinator, "fr", self.of(project, "committee"), "main"),
            State("nothing for somebody", "outsider", "en", "/", "main"),
            State("nothing new", "outsider", "es", "/news/", "main", size=ZOOMED),
            State(
                "nothing found",
                coordinator,
                "fr",
                self.of(self.demonstration.example, "risks") + "?q=zzzzzz",
                "main",
            ),
        ]

    def not_allowed(self) -> list[State]:
        propose = reverse("calls:propose", args=[self.besides.calls.open.code])
        return [
            State("no such page", "visitor", "fr", "/no-such-page/", "h1", status=404, size=ZOOMED),
            State("no such project", "coordinator", "es", "/projects/NADA/", "h1", status=404),
            State(
                "not for this person", "donor", "en", reverse("projects:create"), "h1", status=403
            ),
            State("a link that is over", "visitor", "es", "/plans/link/none/", "h1", status=404),
            State("a form without its token", "visitor", "en", propose, "h1", without_its_token),
            State(
                "a file that is unknown",
                "visitor",
                "es",
                f"/verify/file/{'1' * 64}/",
                ".alert-danger",
                status=404,
                size=ZOOMED,
            ),
        ]

    def over(self) -> list[State]:
        """Sealed, closed, withdrawn, withheld."""
        demonstration, calls = self.demonstration, self.besides.calls
        judged = calls.judged
        withdrawn = send_link(ProposalFactory(call=calls.open, status="withdrawn", language="fr"))
        late = send_link(calls.late)
        framework = self.of(demonstration.example, "framework")
        return [
            State(
                "sealed minutes",
                "coordinator",
                "es",
                demonstration.sealed.get_absolute_url(),
                "article.minutes",
            ),
            State(
                "a written procedure that is closed",
                "coordinator",
                "fr",
                demonstration.closed.get_absolute_url(),
                "h1",
                size=ZOOMED,
            ),
            State(
                "a report that is published",
                "donor",
                "en",
                demonstration.published.get_absolute_url(),
                "h1",
            ),
            State(
                "years that are locked",
                "finance",
                "fr",
                self.of(demonstration.history, "locks"),
                "main",
            ),
            State("a call that is closed", "visitor", "es", judged.get_public_url(), "h1"),
            State(
                "too late to propose",
                "visitor",
                "en",
                reverse("calls:propose", args=[judged.code]),
                ".alert-warning",
            ),
            State(
                "a proposal that was withdrawn",
                "visitor",
                "fr",
                reverse("calls:proposal", args=[calls.open.code, withdrawn]),
                ".alert",
            ),
            State(
                "a proposal that was too late",
                "visitor",
                "es",
                reverse("calls:proposal", args=[judged.code, late]),
                ".alert-warning",
                size=ZOOMED,
            ),
            State("counts that are withheld", "donor", "en", framework, "main"),
        ]

    def offline(self) -> list[State]:
        plan = reverse("committees:plan-link", args=[self.demonstration.token])
        remark = self.by_link_of_plan("remark")
        return [
            State(
                "no connection",
                "link",
                "en",
                remark,
                ".toast-line",
                without_connection(sent(text="Texto.")),
            ),
            State(
                "a page kept on the telephone",
                "link",
                "es",
                plan,
                "#kept",
                partial(kept, only_kept),
            ),
            State(
                "what waits to be sent",
                "link",
                "fr",
                plan,
                "#kept .chip.warn",
                partial(kept, written_without_connection),
            ),
            State("a part that is not kept", "link", "en", plan, "main", partial(kept, not_kept)),
        ]
