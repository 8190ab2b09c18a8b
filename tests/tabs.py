"""The tabs of a project's pages: groups, and the pages of each."""


def current_tabs(tabs):
    """The labels of the group and of the page that are current."""
    [group] = [group for group in tabs if group["current"]]
    [page] = [tab for tab in group["tabs"] if tab["current"]]
    return [str(group["label"]), str(page["label"])]


def labels(tabs):
    return {str(group["label"]): [str(tab["label"]) for tab in group["tabs"]] for group in tabs}
