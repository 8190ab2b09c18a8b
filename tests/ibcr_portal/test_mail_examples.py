"""Every kind of message, with the demonstration's data, in each language, as the team and as others
read it."""

import ast
import re

import lxml.html
from django.conf import settings
from django.utils import translation

from accounts.models import User
from ibcr_portal.mail_kinds.examples import EXAMPLES, examples_for
from ibcr_portal.mail_kinds.of_committees import TOKEN

# In the words of any message they are a mistake of ours: Python's objects, templates' commands, and
# places of translations that nobody filled.
MISTAKES = re.compile(r"<|>|None\b|\{\{|\{%|%\(|%%| at 0x|gettext|\[\]|\(\)|  ")
# Of the English source, in no text of the demonstration and no name.
ENGLISH = re.compile(
    r"\b(the|you|your|this|that|with|please|which|from|until|when|where|nobody|opening)\b",
    re.IGNORECASE,
)


def letter_functions():
    """Return the names of all functions that write a letter."""
    found = set()
    for app in ("accounts", "committees", "projects", "reports", "ibcr_portal"):
        for path in (settings.BASE_DIR / app).rglob("*letters.py"):
            found |= {
                node.name
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.FunctionDef) and node.name.endswith("_letter")
            }
    return found


def test_there_is_an_example_of_every_letter():
    files = (settings.BASE_DIR / "ibcr_portal" / "mail_kinds").glob("*.py")
    source = "".join(path.read_text() for path in files)

    assert len(letter_functions()) > 40
    assert {name for name in letter_functions() if not re.search(rf"\b{name}\b", source)} == set()


def check_every_letter():
    team = User.objects.get(email="coordination@example.org")
    partner = User.objects.get(email="collectif@example.org")
    seen = set()
    for language in ("fr", "es", "en"):
        for reader in (team, partner):
            reader.language, reader.full_name = language, "Ana Flores"
            with translation.override(language):
                for name, example in examples_for(reader):
                    assert example, f"The demonstration has nothing to show {name} with."
                    check(name, language, example.words_for(reader), is_named=reader == team)
                    seen.add(name)
    assert seen == set(EXAMPLES)


def check(name, language, words, *, is_named):
    where = f"{name} in {language}"
    without_addresses = re.sub(r"https?://\S+", "", words.text)
    for text in (words.subject, words.sender, without_addresses):
        assert not (found := MISTAKES.search(text)), f"{where}: {found[0]!r} in {text}"
        if language != "en":
            assert not (found := ENGLISH.search(text)), f"{where}: {found[0]!r} in {text}"
    tree = lxml.html.fromstring(words.html)
    shown = " ".join(tree.xpath("//body")[0].text_content().split())
    assert not (found := MISTAKES.search(shown.replace("  ", " "))), f"{where}: {found[0]!r}"
    assert "http" not in shown, where
    assert TOKEN not in shown, where
    assert len(tree.find_class("button")) <= 1, where
    for address in re.findall(r"https?://\S+", words.text):
        assert f"\n{address}\n" in f"{words.text}\n", f"{where}: not alone on its line"
    if not is_named:
        assert " · " not in words.subject, where
        assert " · " not in words.sender, where
