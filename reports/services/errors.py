from kernel.refusal import Refusal


class WrittenMeanwhile(Refusal):
    """Somebody saved the section since it was opened: nothing is overwritten."""
