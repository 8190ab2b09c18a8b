"""One exception for everything that the portal refuses in words."""


class Refusal(Exception):
    """A request that cannot be met now: the text is a sentence that says what to do.

    The person who asked reads it, in their language. Subclass it only where some code must tell
    one refusal from another; pages catch this class and need no other (`kernel.pages.act`).
    """
