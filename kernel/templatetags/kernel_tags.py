"""Formats of the reader's language, Markdown and languages of passages, for templates.

Filters for dates and numbers are the functions of `kernel.formats` under the same names.
"""

import datetime
import re
from typing import cast

from django import template
from django.db import models
from django.template.base import Node, NodeList, Parser, TextNode, Token
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kernel import filter_fields, formats, refused, text

register = template.Library()

register.filter("number", formats.number)
register.filter("percent", formats.percent)
register.filter("money", formats.money)
register.filter("filesize", formats.file_size)
register.filter("ordinal", formats.ordinal)
register.filter("day_short", formats.day_short)
register.filter("dayrange", formats.day_range)
register.filter("dayrange_short", formats.range_in_table)
register.filter("clock", formats.clock)
register.filter("moment", formats.moment)
register.filter("moment_short", formats.moment_in_table)
register.filter("listing", formats.join_list)

register.simple_tag(filter_fields.filter_field)


@register.filter
def day(date: datetime.date | None, form: str = "") -> str:
    """`{{ each.due_on|day }}`, and in a table of many columns `{{ each.due_on|day:"short" }}`: on one
    line of a narrow column; `{{ today|day:"full" }}` with the day of the week."""
    forms = {"short": formats.day_in_table, "full": formats.full_day}
    return forms.get(form, formats.day)(date)


@register.filter
def markdown(source: str, top: int = 3) -> SafeString:
    """`{{ section.body|markdown:2 }}`: its highest headings become `<h2>`."""
    return text.render_markdown(source or "", top=top)


@register.filter
def plain(source: str) -> str:
    """Return the words alone, for an excerpt: `{{ section.body|plain|truncatewords:30 }}`."""
    return text.plain_text(source or "")


_LINE_ENDS = re.compile(r"\s*\n\s*")


@register.filter(is_safe=True)
def lean(html: str) -> str:
    """`{% filter lean %}…{% endfilter %}` removes indentation from long lists, which costs time on
    slow lines. Do not use it around `<textarea>` or `<pre>`."""
    return _LINE_ENDS.sub("\n", html)


@register.tag("lean")
def lean_block(parser: Parser, token: Token) -> Node:
    """`{% lean %}…{% endlean %}` does the same for what is written between, without what it
    includes: once, when the template is read, instead of in each page."""
    nodes = parser.parse(("endlean",))
    parser.delete_first_token()
    for node in cast("list[TextNode]", nodes.get_nodes_by_type(TextNode)):
        node.s = _LINE_ENDS.sub("\n", node.s)
    return LeanNode(nodes)


class LeanNode(Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        return self.nodelist.render(context)


@register.simple_tag
def lang_of(thing: models.Model, name: str) -> SafeString:
    """`<h1{% lang_of project "title" %}>` gives the language if it is not the page's own."""
    language = text.which_language(thing, name)
    if language == text.active_language():
        return SafeString()
    return format_html(' lang="{}"', language)


@register.simple_tag
def lang_attribute(language: str) -> SafeString:
    """`<div{% lang_attribute note.language %}>`, for texts that exist in one language."""
    if language in ("", text.active_language()):
        return SafeString()
    return format_html(' lang="{}"', language)


@register.simple_tag
def error_summary(
    *forms: object, is_kept: bool = False, begins_page: bool = False, saves: bool = True
) -> SafeString:
    """`{% error_summary form %}`: what was refused, unless the page has said it already. `is_kept`:
    whether what was typed is kept as a draft. `begins_page`: whether a page that is loaded begins
    with it; what comes into a page and takes the focus is read once by that, and no alert. `saves`:
    whether the form would have saved something, unlike a password or a code."""
    if lines := refused.error_lines(refused.forms_in(forms)):
        context = {"lines": lines, "is_kept": is_kept, "begins_page": begins_page, "saves": saves}
        return render_to_string("components/error_summary.html", context)
    return SafeString()


@register.simple_tag(takes_context=True)
def refusals(context: Context, *, saves: bool = True) -> SafeString:
    """What was refused in the forms of this page, of which its beginning says it."""
    request = context.get("request")
    if request is None or request.method != "POST":  # filters are no refusal
        return SafeString()
    is_kept = bool(context.get("draft"))
    forms = context.flatten().values()
    return error_summary(*forms, is_kept=is_kept, begins_page=True, saves=saves)
