"""Formatting for every page: icons, the tone of a state, a button that posts."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from django import forms, template
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page
from django.template.base import Parser, Token
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.models import User
from accounts.recurrent import choices_url
from kernel.charts import Chart
from kernel.undo import is_news, undo_of

register = template.Library()

# Which colour a state has, whichever thing it belongs to; words never depend on it alone.
TONES = {
    "ok": "sent met active held adopted sealed approved validated effective executed implemented accepted"
    " published ready done verified awarded present conforms agrees delivered reached answered endorses"
    " with_remarks down",
    "warn": "unclear alternate close in_session draft drafted in_progress presented submitted provisional adjourned"
    " requests_changes changes_requested final_draft proposed queued rendering partly postponed suspended asks"
    " consulting unsigned high up",
    "bad": "bounced not_sent behind cancelled rejected refused failed blocked late overdue lapsed declined dissolved"
    " without_quorum expired revoked absent very_high materialised",
    "info": "expected waiting open planned convened frozen in_review review in_execution issued recommended"
    " signed_off shortlisted",
}
TONE_OF = {state: tone for tone, states in TONES.items() for state in states.split()}


@register.filter
def tone_class(status: object) -> str:
    """The tone of a state, or a tone itself: ok, warn, bad, info; neutral for all else."""
    return str(status) if str(status) in TONES else TONE_OF.get(str(status), "neutral")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing of `templates/components/icons/`, inlined; always beside a word or a label."""
    return drawing(name)


@register.simple_tag
def layout_icon(name: str) -> SafeString:
    """The same for what many pages show, such as the bar at the top: out of a file that browsers
    keep."""
    url = static("img/layout.svg")
    return format_html(
        '<svg class="icon" width="16" height="16" fill="currentColor" aria-hidden="true"'
        ' focusable="false"><use href="{}#{}"/></svg>',
        url,
        name,
    )


@register.simple_tag
def bar(percent: int, label: str = "") -> SafeString:
    """The bar of a share done, `components/bar.html`, rendered once for each percentage."""
    return _bar(get_language() or "", percent, label)


@lru_cache(maxsize=1000)
def _bar(language: str, percent: int, label: str) -> SafeString:
    html = get_template("components/bar.html").render({"percent": percent, "label": label})
    return SafeString(html)


@cache
def drawing(name: str) -> SafeString:
    svg = get_template(f"components/icons/{name}.svg").render()
    return mark_safe(svg)  # noqa: S308  our own files


@register.simple_tag
def figure(chart: Chart) -> SafeString:
    """A chart with its table (`components/chart.html`), which is rendered once as long as the
    chart is kept (`kernel.charts.drawn_once`)."""
    language = get_language() or ""
    if language not in chart.figures:
        html = get_template("components/chart.html").render({"chart": chart})
        chart.figures[language] = SafeString(html)
    return chart.figures[language]


@register.inclusion_tag("components/choices.html")
def choices(form: forms.Form) -> dict[str, Any]:
    """`{% choices form %}` writes a form that was not sent yet and asks only for choices, on pages
    that have many of them."""
    return {"fields": [_choice_field(form, name) for name in form.fields]}


def _choice_field(form: forms.Form, name: str) -> dict[str, Any]:
    field, bound = form.fields[name], form[name]
    initial = bound.initial
    chosen = {str(one) for one in (initial if isinstance(initial, list) else [initial])}
    is_hidden = field.widget.is_hidden
    options = [] if is_hidden else getattr(field, "choices", [])
    return {
        "id": bound.auto_id,
        "name": bound.html_name,
        "label": bound.label,
        "help": field.help_text,
        "value": initial,
        "is_hidden": is_hidden,
        "is_many": isinstance(field.widget, forms.CheckboxSelectMultiple),
        "options": [
            {
                "id": f"{bound.auto_id}_{place}",
                "value": str(value),
                "label": label,
                "chosen": str(value) in chosen,
            }
            for place, (value, label) in enumerate(options)
        ],
    }


class FixedNode(template.Node):
    """Knows nothing of the page, so that nothing of a page can be kept for another one."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist
        self.kept: dict[str, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        language = get_language() or ""
        if language not in self.kept:
            inside = template.Context()
            page = context.template
            assert page is not None  # it is being rendered
            inside.template = page
            with inside.render_context.push_state(page):
                self.kept[language] = self.nodelist.render(inside)
        return self.kept[language]


@register.tag
def fixed(parser: Parser, token: Token) -> FixedNode:
    """`{% fixed %}…{% endfixed %}`: what is the same on every page of a language, and rendered
    once. No variable of the page is known inside."""
    nodelist = parser.parse(("endfixed",))
    parser.delete_first_token()
    return FixedNode(nodelist)


@register.inclusion_tag("components/confirm_button.html")
def confirm_button(url: str, label: str, **options: Any) -> dict[str, Any]:
    """A form of one button. A tag, because `include … only` would lose the CSRF token."""
    return {"url": url, "label": label, **options}


@register.simple_tag
def mail_choices(person: User) -> str:
    """The address where somebody who came by a link chooses about their messages."""
    return choices_url(person)


register.filter("undo_of", undo_of)


@register.filter
def has_news(messages: Iterable[Message]) -> bool:
    return any(map(is_news, messages))


@register.filter
def message_tone(tags: str) -> str:
    """The alert of a message of django.contrib.messages."""
    for level, alert in {
        "error": "danger",
        "warning": "warning",
        "success": "success",
    }.items():
        if level in tags.split():
            return alert
    return "info"


@register.simple_tag(takes_context=True)
def turned_to(context: template.RequestContext, number: int, page_key: str = "") -> str:
    """The address of another page of a list, which keeps everything else that was asked for."""
    query = context["request"].GET.copy()
    query[page_key or "page"] = str(number)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_head(
    context: template.RequestContext, name: str, label: str, kind: str = ""
) -> SafeString:
    """`{% sort_head "day" label %}`: the head of a column by which the list is sorted with
    `sorting` of the page (`kernel.sorting`), or without it a plain one. `kind`: its class. A column
    of buttons has no head."""
    if not label:
        return SafeString("<td></td>")
    sorting = context.get("sorting")
    classes = format_html(' class="{}"', kind) if kind else ""
    if not sorting or name not in sorting.columns:
        return format_html('<th scope="col"{}>{}</th>', classes, label)
    # Of the context itself: pieces that are included with "only" know no variable "request".
    query = context.request.GET.copy()
    query.pop("page", None)
    is_sorted = sorting.name == name
    query["sort"] = f"-{name}" if is_sorted and not sorting.descends else name
    direction = "descending" if sorting.descends else "ascending"
    return format_html(
        '<th scope="col"{}{}><a class="sort" id="sort-{}" href="?{}">{}</a></th>',
        classes,
        format_html(' aria-sort="{}"', direction) if is_sorted else "",
        name,
        query.urlencode(),
        label,
    )


@register.simple_tag
def sortable(page: Page[Any] | None = None, *, in_groups: bool = False) -> SafeString:
    """`<thead{% sortable page %}>`: the browser sorts what is shown whole; the columns of a list of
    several pages, or one whose rows are `in_groups`, are links to the same list in another order."""
    if in_groups or (page and page.has_other_pages()):
        return SafeString(
            ' hx-boost="true" hx-target="#results" hx-select="#results" hx-swap="outerHTML"'
        )
    return SafeString(" data-sort")
