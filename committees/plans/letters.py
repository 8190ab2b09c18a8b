"""Messages about an action plan: its review, progress, reminders and the weekly summary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from accounts.letters import Button, Detail, Details, Letter, Line, Lines
from accounts.links import absolute_url
from committees.models import (
    ActionPlan,
    ActionTerms,
    Position,
    ProgressNote,
    ProposedChange,
    Remark,
    Reminder,
)
from committees.plans.services.due_actions import COMING, DueActions
from kernel.formats import day, day_short, percent
from projects.models import Project


def plan_review_letter(
    plan: ActionPlan, url: str, *, until: date | None = None, why: str = ""
) -> Letter:
    """`until` and `why` are given for an institution whose deadline was extended alone."""
    until = until or plan.review_until
    return Letter(
        subject=_("Plan to review until %(day)s") % {"day": day_short(until)},
        body=[
            _(
                "Please read the action plan of year %(year)s (version %(version)s) of "
                "the project “%(project)s” and give the position of your institution by "
                "%(day)s."
            )
            % {
                "year": plan.period.number,
                "version": plan.version,
                "project": plan.project,
                "day": day(until),
            },
            Details([Detail(_("Reason"), why)]),
            _("The page opens without signing in."),
        ],
        button=Button(_("Read the plan and answer"), url),
        after=[
            _(
                "You can comment on each action, propose other dates or wording, and "
                "give your institution's position. You can change it until that day."
            ),
            _(
                "Opening the page changes nothing; only what you confirm there counts, in the name "
                "of your institution. If your institution does not answer, this is recorded as "
                "silence, never as consent."
            ),
            _("The link is only for you. Please do not pass it on."),
        ],
    )


def plan_for_donor_letter(plan: ActionPlan, may_answer: bool = True) -> Letter:
    return Letter(
        subject=_("An action plan is submitted to you"),
        body=[
            _(
                "The committee validated this action plan, which is now submitted to you. You can read "
                "it, and answer, after signing in."
            )
            if may_answer
            else _(
                "The committee validated this action plan, which is now submitted to the donor. You can "
                "read it after signing in."
            ),
            Details([Detail(_("Action plan"), plan), Detail(_("Project"), plan.project.title)]),
        ],
        button=Button(_("Read the plan"), absolute_url(plan.get_absolute_url())),
    )


def plan_answer_entered_letter(answer: Position | Remark | ProposedChange) -> Letter:
    plan = answer.plan
    facts = []
    if isinstance(answer, Position):
        facts.append(Detail(_("Position"), answer.get_stance_display()))
    if isinstance(answer, ProposedChange):
        facts.append(Detail(f"{answer.action} · {answer.label}", answer.new_value))
    return Letter(
        subject=_("An answer was entered for you"),
        body=[
            _(
                "The coordination entered an answer of your institution (%(institution)s) on the "
                "action plan of year %(year)s of the project “%(project)s”."
            )
            % {
                "institution": answer.institution,
                "year": plan.period.number,
                "project": plan.project,
            },
            Details(
                [
                    *facts,
                    Detail(
                        _("Channel"), f"{answer.get_channel_display()} ({day(answer.given_on)})"
                    ),
                    Detail(_("Evidence"), answer.evidence),
                ]
            ),
            answer.text,
            _(
                "If this is not what your institution said, please inform the "
                "coordination, or correct it yourself after signing in."
            ),
        ],
        button=Button(_("See the answer"), absolute_url(plan.get_absolute_url())),
    )


def note_entered_letter(note: ProgressNote) -> Letter:
    action = note.action
    return Letter(
        subject=_("Progress was noted for you"),
        body=[
            _(
                "The coordination noted the progress of action %(reference)s of the project "
                "“%(project)s” for your institution (%(institution)s)."
            )
            % {
                "reference": action.reference,
                "project": action.project,
                "institution": note.institution,
            },
            Details(
                [
                    Detail(_("Share done"), percent(note.share_done / 100)),
                    Detail(_("Channel"), f"{note.get_channel_display()} ({day(note.noted_on)})"),
                    Detail(_("Evidence"), note.evidence),
                ]
            ),
            note.text,
            _(
                "If this is not what your institution said, please inform the "
                "coordination, or note it yourself after signing in."
            ),
        ],
        button=Button(_("See the action"), absolute_url(action.get_absolute_url())),
    )


# What the portal writes by itself


@dataclass(frozen=True)
class ActionLine:
    """An action to remind of, and the page where its progress is noted."""

    kind: str
    terms: ActionTerms
    url: str


def action_reminder_letter(lines: Sequence[ActionLine]) -> Letter:
    subject = ngettext("Reminder: an action to note", "Reminder: actions to note", len(lines))
    last = _(
        "Opening a page changes nothing; only what you confirm there is noted. A link is "
        "only for you: please do not pass it on."
    )
    if len(lines) == 1:
        words = [title_of(lines[0].terms), state_of(lines[0])]
        button = Button(_("Note how far it is"), lines[0].url)
        return Letter(subject=subject, body=words, button=button, after=[last])
    rows = [Line(title_of(line.terms), line.url, state_of(line)) for line in lines]
    return Letter(
        subject=subject,
        body=[Lines(_("Note how far they are"), rows, most=100)],
        button=Button(_("See all my actions"), absolute_url(reverse("committees:actions"))),
        after=[last],
    )


def title_of(terms: ActionTerms) -> str:
    return f"{terms.action.reference} {terms.title} ({terms.responsible})"


def state_of(line: ActionLine) -> str:
    words = {"day": day(line.terms.ends_on), "done": line.terms.action.share_done}
    if line.kind == Reminder.Kind.BEFORE:
        sentence = _("This action is due by %(day)s.") % words
    else:
        sentence = _("This action was due by %(day)s.") % words
    return f"{sentence} {_('Progress noted: %(done)s %% done.') % words}"


class DueThing(Protocol):
    """What else a person has to do."""

    @property
    def title(self) -> str: ...
    @property
    def project(self) -> Project: ...
    @property
    def on(self) -> date | None: ...


def digest_letter(due: DueActions, also: Sequence[DueThing], also_url: str) -> Letter:
    coming = _("To be done within %(days)s days") % {"days": COMING.days}
    rest = [
        Line(f"{one.title} ({one.project})", note=_("due on %(day)s") % {"day": day(one.on)})
        for one in also
    ]
    url = absolute_url(reverse("committees:actions")) if due else also_url
    return Letter(
        subject=_("Your week: what is due"),
        body=[
            Lines(
                _("Overdue actions of your institution"), [late_line(one) for one in due.overdue]
            ),
            Lines(coming, [coming_line(one) for one in due.coming]),
            Lines(_("Also due") if due else _("What is due"), rest),
        ],
        button=Button(_("See all and note the progress") if due else _("See all"), url),
        reason=_("You receive this summary each week while there is something to do."),
    )


def late_line(terms: ActionTerms) -> Line:
    words = {
        "day": day(terms.ends_on),
        "days": terms.days_late,
        "done": terms.action.share_done,
    }
    note = ngettext(
        "due on %(day)s, %(days)s day late, %(done)s %% done",
        "due on %(day)s, %(days)s days late, %(done)s %% done",
        terms.days_late,
    )
    return Line(title_of(terms), note=note % words)


def coming_line(terms: ActionTerms) -> Line:
    words = {"day": day(terms.ends_on), "done": terms.action.share_done}
    return Line(title_of(terms), note=_("due on %(day)s, %(done)s %% done") % words)
