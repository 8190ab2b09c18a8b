"""What templates use of the kernel."""

from django.template import Context, Template


def test_a_long_list_loses_its_indentation_and_none_of_its_words():
    source = "{% load kernel_tags %}{% filter lean %}<td>\n\n      <b>1.1</b>\n   {{ title }}\n</td>{% endfilter %}"

    shown = Template(source).render(Context({"title": "A & B  <i>"}))

    assert shown == "<td>\n<b>1.1</b>\nA &amp; B  &lt;i&gt;\n</td>"
