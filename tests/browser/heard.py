"""What a screen reader makes of a page, by the tree that Chromium hands to it: words that run into one
another, more landmarks than anybody moves by, facts that are announced as something to press."""

from itertools import pairwise

LANDMARKS = {
    *("banner", "complementary", "contentinfo", "form"),
    *("main", "navigation", "region", "search"),
}
MOST_LANDMARKS = 12
# Whose name is what is written in them, and which are read by it.
NAMED_BY_CONTENT = {"button", "columnheader", "DisclosureTriangle", "heading", "link"}
# Chromium takes all that is in it for something to press. Not forms: there htmx listens for the button
# that was pressed; and not the live session, which guards every press while items are exchanged.
PRESSED = """document.querySelector('main .live') ? [] : [window, document, ...document.querySelectorAll('*')].filter(
  one => !one.closest?.('a, button, summary, input, select, textarea, label, form, dialog')
    && ['click', 'mousedown', 'mouseup'].some(kind => kind in getEventListeners(one))
).map(one => one.outerHTML?.slice(0, 80) ?? 'the page')"""


def faults_heard(page) -> list[str]:
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    pressed = session.send(
        "Runtime.evaluate",
        {"expression": PRESSED, "includeCommandLineAPI": True, "returnByValue": True},
    )["result"]["value"]
    session.detach()
    tree = {node["nodeId"]: node for node in nodes}
    spoken = [node for node in nodes if not node["ignored"] and kind(node) != "StaticText"]
    marks = [node for node in spoken if is_landmark(node)]
    many = [f"landmarks: {len(marks)}"] if len(marks) > MOST_LANDMARKS else []
    glued = {pair for node in spoken for pair in glued_in(node, tree)}
    return [
        *many,
        *(f"heard as one word: {first}|{then}" for first, then in sorted(glued)),
        *(f"heard as something to press: {each}" for each in pressed),
    ]


def kind(node) -> str:
    return node["role"]["value"]


def name(node) -> str:
    return node.get("name", {}).get("value", "")


def is_landmark(node):
    """A form without a name is none."""
    return kind(node) in LANDMARKS and (kind(node) != "form" or name(node))


def glued_in(node, tree):
    """Neighbouring texts that are read as one: those of one object, and those of one name."""
    own = texts(node, tree, through=lambda below: below["ignored"])
    yield from ((first, then) for first, then in pairwise(own) if meet(first, then))
    if kind(node) in NAMED_BY_CONTENT:
        for first, then in pairwise(texts(node, tree, through=lambda _below: True)):
            if meet(first, then) and first.split()[-1] + then.split()[0] in name(node):
                yield first, then


def texts(node, tree, *, through):
    """The texts below a node; an empty one stands for what is an object of its own."""
    for below in (tree[each] for each in node.get("childIds", []) if each in tree):
        if kind(below) == "StaticText":
            if name(below):
                yield name(below)
        elif through(below):
            yield from texts(below, tree, through=through)
        else:
            yield ""


def meet(first: str, then: str) -> bool:
    return first[-1:].isalnum() and then[:1].isalnum()
