"""What refuses, in sentences for the person."""


class ReportError(Exception):
    """A report cannot be treated so; the text is a sentence for the person."""


class WrittenMeanwhile(ReportError):
    """Somebody saved the section since it was opened: nothing is overwritten."""
