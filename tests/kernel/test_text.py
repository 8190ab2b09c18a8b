"""Names in three languages, and Markdown that is harmless and quick whatever one types."""

import re
import time
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.template import Context, Template
from django.utils.translation import gettext_lazy, override
from hypothesis import example, given, strategies as st
from simple_history.models import HistoricalRecords

from kernel import text
from kernel.editing import EditingForm


class Topic(text.Multilingual):
    title = text.translated(models.CharField(gettext_lazy("title"), max_length=200))
    summary = text.translated(models.TextField(gettext_lazy("summary"), blank=True))
    started = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "kernel_tests"


class TopicForm(EditingForm):
    class Meta:
        model = Topic
        fields = ("title_fr", "title_es", "title_en")


def sentences(error):
    return [str(message) for message in error.value.messages]


# Names in three languages


def test_the_columns_of_names_are_those_of_all_languages():
    assert text.columns_of("title", "result__statement") == [
        *("title_fr", "title_es", "title_en"),
        *("result__statement_fr", "result__statement_es", "result__statement_en"),
    ]


def test_a_name_is_read_in_the_active_language():
    topic = Topic(title_fr="Bonjour", title_es="Hola", title_en="Hello")

    read = {}
    for language in ("fr", "es", "en", "fr-ca", "de", None):
        with override(language):
            read[language] = topic.title

    assert read == {
        "fr": "Bonjour",
        "es": "Hola",
        "en": "Hello",
        "fr-ca": "Bonjour",
        "de": "Bonjour",
        None: "Bonjour",
    }


@pytest.mark.parametrize(
    ("active", "filled", "expected"),
    [
        ("en", {"fr": "Bonjour", "es": "Hola"}, "fr"),
        ("en", {"es": "Hola"}, "es"),
        ("fr", {"es": "Hola", "en": "Hello"}, "es"),
        ("es", {"en": "Hello"}, "en"),
        ("es", {}, "es"),
    ],
)
def test_an_empty_language_falls_back_to_the_others_in_their_order(active, filled, expected):
    topic = Topic(**{f"title_{language}": words for language, words in filled.items()})

    with override(active):
        assert text.which_language(topic, "title") == expected
        assert topic.title == filled.get(expected, "")


def test_writing_a_name_writes_the_active_language():
    topic = Topic(title_fr="Bonjour")

    with override("es"):
        topic.title = "Hola"

    assert (topic.title_fr, topic.title_es, topic.title_en) == ("Bonjour", "Hola", "")


def test_no_language_is_required_more_than_another_and_labels_name_them():
    columns = [Topic._meta.get_field(f"title_{language}") for language in ("fr", "es", "en")]

    with override("en"):
        assert [(str(column.verbose_name), column.blank) for column in columns] == [
            ("title (French)", True),
            ("title (Spanish)", True),
            ("title (English)", True),
        ]


def test_what_may_be_empty_is_not_required():
    assert [name for name in text.translated_names(Topic) if text.is_required(Topic, name)] == [
        "title"
    ]


def test_migrations_see_plain_columns():
    _name, path, _args, kwargs = Topic._meta.get_field("title_es").deconstruct()

    assert path == "django.db.models.CharField"
    assert kwargs == {"verbose_name": "title", "max_length": 200, "blank": True}


def test_history_copies_the_columns_and_reads_them():
    assert {"title_fr", "title_es", "title_en"} < set(HistoricalRecords().copy_fields(Topic))
    row = SimpleNamespace(title_fr="Bonjour", title_es="Hola", title_en="")

    with override("es"):
        assert text.read(row, "title") == "Hola"
    with override("en"):
        assert text.read(row, "title") == "Bonjour"


def test_a_translation_is_stale_once_the_original_text_has_changed():
    topic = Topic(title_fr="Bonjour", title_es="Hola", title_en="Hello")
    topic.note_translations(["title_fr", "title_es", "title_en"])
    assert topic.stale_translations == []

    topic.title_fr = "Bonsoir"
    topic.note_translations(["title_fr"])
    assert topic.stale_translations == [("title", "es"), ("title", "en")]

    topic.title_es = "Buenas noches"
    topic.note_translations(["title_es", "started"])
    assert topic.stale_translations == [("title", "en")]

    topic.mark_translated("en", "title")
    assert topic.stale_translations == []


def test_a_translation_of_unknown_origin_is_stale_only_after_a_change():
    topic = Topic(title_fr="Bonjour", title_es="Hola")
    assert topic.stale_translations == []

    topic.title_fr = "Bonsoir"
    topic.note_translations(["title_fr"])

    assert topic.stale_translations == [("title", "es")]


def test_missing_translations_are_those_of_texts_that_exist():
    topic = Topic(title_fr="Bonjour", title_en="Hello", summary_fr="")

    assert topic.missing_translations == [("title", "es")]


def test_a_form_notes_what_was_translated_from_what():
    topic = Topic(title_fr="Bonjour", title_es="Hola")
    topic.note_translations(["title_es"])
    form = TopicForm({"title_fr": "Bonsoir", "title_es": "Hola"}, instance=topic)

    assert form.is_valid(), form.errors
    form.save(commit=False)

    assert topic.stale_translations == [("title", "es")]


def test_a_template_says_the_language_of_a_fallback_only():
    page = Template('{% load kernel_tags %}<h1{% lang_of topic "title" %}>{{ topic.title }}</h1>')
    topic = Topic(title_fr="Bonjour", title_es="Hola")

    with override("es"):
        assert page.render(Context({"topic": topic})) == "<h1>Hola</h1>"
    with override("en"):
        assert page.render(Context({"topic": topic})) == '<h1 lang="fr">Bonjour</h1>'


# Markdown


def test_markdown_becomes_html():
    source = "**Bonjour** _le_ monde\n\n- un\n- deux\n\n1. a\n2. b\n\n> dit"

    assert text.render_markdown(source) == (
        "<p><strong>Bonjour</strong> <em>le</em> monde</p>\n"
        "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>\n"
        "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"
        "<blockquote>\n<p>dit</p>\n</blockquote>\n"
    )


def test_table_heads_have_a_scope_and_numbers_a_class_instead_of_a_style():
    rendered = text.render_markdown("| a | b |\n|---|--:|\n| 1 | 2 |")

    assert '<th scope="col">a</th>' in rendered
    assert '<td class="text-end">2</td>' in rendered
    assert "style" not in rendered


@pytest.mark.parametrize(
    ("source", "top", "levels"),
    [
        ("# a\n## b\n# c", 3, ["h3", "h4", "h3"]),
        ("### a\n\n###### b\n\n##### c", 2, ["h2", "h3", "h3"]),
        ("## a\n\n# b", 3, ["h3", "h3"]),
        ("# a\n## b\n### c\n#### d\n##### e", 4, ["h4", "h5", "h6", "h6", "h6"]),
    ],
)
def test_headings_go_below_those_of_the_page_without_gaps(source, top, levels):
    assert re.findall(r"<(h\d)>", text.render_markdown(source, top=top)) == levels


@pytest.mark.parametrize("url", ["https://a.org/x", "http://a.org", "mailto:a@b.org"])
def test_links_to_pages_and_mailboxes_are_kept(url):
    assert text.render_markdown(f"[là]({url})") == (
        f'<p><a href="{url}" rel="noopener nofollow">là</a></p>\n'
    )


@pytest.mark.parametrize("url", ["#result-1100", "#resolution-2020-R1", "#indicator-1%2F2-a.1_b~"])
def test_links_to_a_thing_of_the_same_document_are_kept(url):
    assert text.render_markdown(f"[là]({url})") == (
        f'<p><a href="{url}" rel="noopener nofollow">là</a></p>\n'
    )


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "file:///etc/passwd", "/admin/",
     "//evil.org", "vbscript:x", "&#106;avascript:x", "java\tscript:x", "#top", "x.html",
     "#a-b\"onclick=x", "#a-b/c", "#a-b:c"],
)  # fmt: skip
def test_other_links_stay_text(url):
    assert "<a" not in text.render_markdown(f"[là]({url})")
    assert "<a" not in text.render_markdown(f"<{url}>")
    assert "<a" not in text.render_markdown(f"[là][1]\n\n[1]: {url}")


def test_html_and_pictures_stay_text():
    rendered = text.render_markdown(
        '<b onclick="x">a</b>\n\n<script>x</script>\n\n![i](https://a.b/c)'
    )

    assert "<b" not in rendered
    assert "<script" not in rendered
    assert "<img" not in rendered


PIECES = st.sampled_from(
    ["<script>", "</script>", "<img src=x onerror=alert(1)>", "[", "]", "(", ")", "![", "`", "```",
     "javascript:", "<a href=", "onclick=", '"', "'", "|", "|-|", "\n", "\n\n", "# ", "> ", "* ", "&lt;",
     "&#x6A;", "<!--", "-->", "<style>", "<svg onload=x>", "\\", "data:", "\u202e", "\x00", "https://"]
)  # fmt: skip
ALLOWED = re.compile(
    r"</?(p|br|strong|em|s|ul|ol|li|blockquote|code|pre|hr|table|thead|tbody|tr|th|td|h[3-6]|a)"
    r'( (href="(https?|mailto):[^"<>]*"|title="[^"<>]*"|rel="noopener nofollow"|start="\d+"'
    r'|scope="col"|class="text-(end|center)"))*>'
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join))
@example('[a](https://x "><script>alert(1)</script>")')
def test_whatever_is_typed_only_known_tags_and_attributes_come_out(source):
    rendered = text.render_markdown(source)

    assert "<" not in ALLOWED.sub("", rendered)


@pytest.mark.parametrize(
    "source",
    ["[" * 20_000, "[ " * 10_000, "![" * 10_000, "[" * 10_000 + "]" * 10_000, "[[]" * 6_600,
     "[" * 200 + "<" * 19_800, ("[" * 12 + "<" * 400 + "\n\n") * 48, "[a](<" * 4_000,
     "*_" * 10_000, "> " * 10_000, "- " * 10_000, "`" * 20_000, "|a" * 5_000 + "|\n" + "|-" * 4_999,
     "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "|\n" * 9_000, "a***" * 5_000, "<" * 20_000]
)  # fmt: skip
def test_nothing_of_the_allowed_length_keeps_the_renderer_busy(source):
    # The processor's time, and five times what it takes: a busy machine must not fail the test.
    before = time.process_time()
    text.render_markdown(source[: text.MAX_LENGTH])

    assert time.process_time() - before < 1


def test_a_text_that_is_too_costly_is_shown_as_plain_paragraphs():
    source = "[" * 600 + "\n<b>\n\nfin"

    assert text.render_markdown(source) == (f"<p>{'[' * 600}<br>&lt;b&gt;</p>\n<p>fin</p>")


def test_a_text_that_is_too_long_is_not_rendered():
    with pytest.raises(text.TextTooLong):
        text.render_markdown("a" * 20_001)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("a" * 20_001, "This text has 20001 characters; shorten it to at most 20000."),
        (
            "[" * 500,
            "This text has many square brackets “[” that are not closed; close or remove them.",
        ),
        (
            "|a" * 60 + "|\n" + "|-" * 60 + "|\n" + "|b" * 60 + "|\n" * 40,
            "The tables in this text are too large; attach them as a file instead.",
        ),
    ],
)
def test_the_validator_says_what_to_do(source, sentence):
    with override("en"), pytest.raises(ValidationError) as error:
        text.validate_markdown(source)

    assert sentences(error) == [sentence]


def test_an_ordinary_section_is_accepted():
    links = "\n".join(f"- [document {n}](https://example.org/{n})" for n in range(200))
    table = "| a | b | c |\n|---|---|---|\n" + "| 1 | 2 | 3 |\n" * 100
    source = f"# Titre\n\n{links}\n\n{table}\n\n[sic] et [ouvert"

    text.validate_markdown(source)

    assert text.render_markdown(source).count("<a ") == 200


def test_brackets_in_brackets_are_closed_however_many():
    source = "[[I 1110.1]] et [[D 2020-03|la décision]] " * 400

    text.validate_markdown(source)
    began = time.perf_counter()
    text.render_markdown(source)

    assert time.perf_counter() - began < 1


def test_marks_that_turn_or_hide_letters_are_removed():
    assert text.clean_text("a\u202eb\u200bc\x07d\r\ne\vf\tg") == "abcd\ne\nf\tg"
    assert text.render_markdown("a\u202eb") == "<p>ab</p>\n"


def test_plain_text_has_the_words_alone():
    source = "# Titre\n\nUn *mot* &amp; [lien](https://a.b) <b>\n\n| a | b |\n|--|--|\n| 1 | 2 |"

    assert text.plain_text(source) == "Titre\nUn mot & lien <b>\na · b\n1 · 2"


def test_words_are_counted_as_one_reads_them():
    assert text.count_words("**L’accord** de 3,5 ans est-il signé ?\n\n- oui") == 7


@given(st.text(alphabet="aéZ zy.1-+:;,!?()’'\"«»\xa0\t/@=^%$*_~#&<\n\v\x1c\x85\u2028\\`[]|"))
def test_a_text_of_words_alone_is_read_as_all_others_are(words):
    source = f"a{words}"

    # One that begins with an empty line is never taken for words alone.
    assert text.plain_text(source) == text.plain_text(f"\n{source}")
