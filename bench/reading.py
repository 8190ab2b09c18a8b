"""The pages whose cost is measured, with their readers and goals, and the data that they show."""

import io
from dataclasses import dataclass
from datetime import timedelta

from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLink, User
from bench.sizes import Size
from bench.synthetic import SyntheticProject, build, institutions, portfolio
from committees.meetings.services.convening import PURPOSE as INVITATION
from committees.meetings.services.session import open_meeting
from committees.models import ActionPlan, Committee, Invitation, Meeting
from ibcr_portal.obligations.writing import write_changed
from partners.models import Institution
from projects.models import Indicator, Project
from reports.models import Report

PORTFOLIO = 500
EMAIL = "synthetic@example.org"
HUNDREDS = Size(
    "300", indicators=60, activities=25, actions=300, seats=30, meetings=1, resolutions=30
)
FIFTY = Size("50", actions=50)

# Multiples of the bare page, statements, kB compressed.
MAIN, LONG, BY_LINK, OTHER = (6, 30, 8), (6, 30, 20), (6, 30, 8), (None, 30, 8)


@dataclass(frozen=True)
class PageToMeasure:
    name: str
    reader: User | None  # None: somebody who is not signed in
    address: str
    goals: tuple[float | None, int, int]

    def is_named(self, words: list[str]) -> bool:
        """Whether one of the words is in its name; no word names them all."""
        return not words or any(word.lower() in self.name.lower() for word in words)


def prepare(*, is_large: bool) -> None:
    """Make what is missing in the database: the demonstration and two synthetic projects; 500
    small ones with `is_large`."""
    call_command("migrate", verbosity=0)
    if not User.objects.filter(email=EMAIL).exists():
        call_command("load_demo", "--public-password", stdout=io.StringIO())
        by = User.objects.create(email=EMAIL, full_name="Synthetic coordinator", language="fr")
        partners = institutions(40)
        large = build(HUNDREDS, "PLAN-300", partners, by)
        build(FIFTY, "PLAN-50", partners, by)
        _sit(large, by)
    if is_large and not Project.objects.filter(code=f"SYN-{PORTFOLIO:03}").exists():
        partners = list(Institution.objects.filter(names__acronym__startswith="SYN"))
        portfolio(PORTFOLIO, partners, User.objects.get(email=EMAIL))
    write_changed(Project.objects.all(), Project.objects.count())  # as the worker does
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _sit(made: SyntheticProject, by: User) -> None:
    """Open a meeting of the synthetic committee."""
    now = timezone.now()
    committee = Committee.objects.get(project=made.project)
    meeting = Meeting.objects.create(
        committee=committee,
        number=9,
        mode=Meeting.Mode.ONLINE,
        starts_at=now,
        ends_at=now + timedelta(hours=3),
        status=Meeting.Status.FROZEN,
    )
    open_meeting(meeting, by=by, why="")


def pages() -> list[PageToMeasure]:
    """Return the pages of the main goals first, then others that are read."""
    people = {
        name: User.objects.get(email=f"{name}@example.org")
        for name in ("coordination", "membre", "collectif", "donateur", "synthetic")
    }
    return [*_main_pages(people), *_long_pages(people["synthetic"]), *_other_pages(people)]


def _main_pages(people: dict[str, User]) -> list[PageToMeasure]:
    coordinator, member, partner = people["coordination"], people["membre"], people["collectif"]
    donor, synthetic = people["donateur"], people["synthetic"]
    example, history = (Project.objects.get(code=code) for code in ("EXEMPLE-01", "HN-TRATA"))
    committee = Committee.objects.get(project=example)
    coming = Meeting.objects.get(committee=committee, number=2)
    synthetic_project = Project.objects.get(code="PLAN-300")
    meetings = Meeting.objects.filter(committee__project=synthetic_project).order_by("number")
    fifty = ActionPlan.objects.get(project__code="PLAN-50", status="in_execution")
    review = ActionPlan.objects.in_review().get(project=example)
    draft, published = Report.objects.get(project=example), Report.objects.get(project=history)
    rows = [
        ("Home, coordinator", coordinator, "/"),
        ("Home, member", member, "/"),
        ("Home, partner", partner, "/"),
        ("Home, donor", donor, "/"),
        ("Home, of all synthetic projects", synthetic, "/"),
        ("What is due, coordinator", coordinator, reverse("due")),
        ("What is due, partner", partner, reverse("due")),
        ("What is due, of all synthetic projects", synthetic, reverse("due")),
        ("Project, coordinator", coordinator, example.get_absolute_url()),
        ("Project, partner", partner, example.get_absolute_url()),
        ("Project with history", coordinator, history.get_absolute_url()),
        ("Project, synthetic", synthetic, synthetic_project.get_absolute_url()),
        ("Committee, coordinator", coordinator, committee.get_absolute_url()),
        ("Committee, member", member, committee.get_absolute_url()),
        ("Meeting convened, coordinator", coordinator, coming.get_absolute_url()),
        ("Meeting convened, member", member, coming.get_absolute_url()),
        ("Meeting of 30 items and 30 people", synthetic, meetings[0].get_absolute_url()),
        ("Live session", synthetic, reverse("committees:meeting-session", args=[meetings.get(number=9).pk])),
        ("Plan in review, coordinator", coordinator, review.get_absolute_url()),
        ("Plan in review, partner", partner, review.get_absolute_url()),
        ("Plan of 50 actions", synthetic, fifty.get_absolute_url()),
        ("Report in review, coordinator", coordinator, draft.get_absolute_url()),
        ("Report published, donor", donor, published.get_absolute_url()),
        ("Report, synthetic", synthetic, Report.objects.get(project=synthetic_project).get_absolute_url()),
    ]  # fmt: skip
    return [PageToMeasure(*row, MAIN) for row in rows]


def _long_pages(synthetic: User) -> list[PageToMeasure]:
    plan = ActionPlan.objects.get(project__code="PLAN-300", status="in_execution")
    timeline = reverse("committees:plan-timeline", args=[plan.pk])
    return [
        PageToMeasure("Plan of 300 actions", synthetic, plan.get_absolute_url(), LONG),
        PageToMeasure("Timeline of 300 actions", synthetic, timeline, LONG),
        *(PageToMeasure(name, None, address, BY_LINK) for name, address in _by_link()),
    ]


def _by_link() -> list[tuple[str, str]]:
    partner = User.objects.get(email="collectif@example.org")
    review = ActionPlan.objects.in_review().get(project__code="EXEMPLE-01")
    _link, plan_token = AccessLink.issue(partner, "review_plan", review, by=None)
    invitation = Invitation.objects.filter(
        meeting__committee__project__code="EXEMPLE-01", contact__user__isnull=False
    ).first()
    assert invitation is not None  # of the demonstration's next meeting
    person = invitation.contact.user
    assert person is not None  # as filtered
    _link, token = AccessLink.issue(person, INVITATION, invitation, by=None)
    return [
        ("By link: plan in review", reverse("committees:plan-link", args=[plan_token])),
        ("By link: invitation", reverse("committees:invitation-link", args=[token])),
    ]


def _other_pages(people: dict[str, User]) -> list[PageToMeasure]:
    coordinator, synthetic = people["coordination"], people["synthetic"]
    example = Project.objects.get(code="EXEMPLE-01")
    large = Project.objects.get(code="PLAN-300")
    coming = Meeting.objects.get(committee__project=example, number=2)
    thirty = Meeting.objects.filter(committee__project=large).order_by("number")[0]
    report = Report.objects.get(project=example)
    indicator = Indicator.objects.filter(result__project=example)[0]
    section = reverse("reports:section", args=[report.pk, "progress", "fr"])

    def of(name: str, code: str = example.code) -> str:
        return reverse(f"projects:{name}", args=[code])

    rows = [
        ("Projects", synthetic, reverse("projects:list")),
        ("Meetings", synthetic, reverse("committees:meetings")),
        ("Plans", synthetic, reverse("committees:plans")),
        ("Resolutions", synthetic, reverse("committees:resolutions")),
        ("My actions", people["collectif"], reverse("committees:actions")),
        ("Reports", synthetic, reverse("reports:list")),
        ("Partners", synthetic, reverse("partners:list")),
        ("Logic model", coordinator, of("logic-model")),
        ("Framework", coordinator, of("framework")),
        ("Framework of 60 indicators", synthetic, of("framework", "PLAN-300")),
        ("Indicator", coordinator, indicator.get_absolute_url()),
        ("Budget", coordinator, of("budget")),
        ("Spending", coordinator, of("expenditures")),
        ("Risks", coordinator, of("risks")),
        ("Activities", coordinator, of("activities")),
        ("Exchange", coordinator, of("exchange")),
        ("Editor of a section", coordinator, section),
        ("Due in a project", coordinator, of("due")),
        ("Invitations", coordinator, reverse("committees:meeting-invitations", args=[coming.pk])),
        ("Attendance of 30", synthetic, reverse("committees:meeting-attendance", args=[thirty.pk])),
        ("Decisions of a meeting", synthetic, reverse("committees:meeting-resolutions", args=[thirty.pk])),
        ("Documents of a report", coordinator, reverse("reports:documents", args=["report", report.pk])),
    ]  # fmt: skip
    return [PageToMeasure(*row, OTHER) for row in rows]
