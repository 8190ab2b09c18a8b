"""One line of the list of gaps: a sentence, and the page where the gap is closed."""

Gap = dict[str, str]
