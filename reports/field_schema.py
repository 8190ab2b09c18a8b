"""Which fields a Word template may name, apart from `reports.template_fields`, which imports jinja.

The names are given by a *schema*: "" is a text, [x] a list of x, {name: x} a group of parts.
"""

from typing import Any

Schema = Any
Names = dict[str, Schema]
TEXT = ""

# What a template contains that is not accepted: its code, and a part of the template.
Problem = dict[str, str]
