"""One line of the list: a sentence, and the page where it is mended."""

Gap = dict[str, str]
