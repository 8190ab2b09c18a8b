"""Django's reports of errors, for an operator who has them mailed."""

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from kernel.logs import mask_tokens


class MaskingReporter(ExceptionReporter):
    """Leaves the tokens of links out: they are in the address of the request, in its referrer and
    in local variables."""

    def get_traceback_html(self) -> SafeString:
        return SafeString(mask_tokens(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(mask_tokens(super().get_traceback_text()))
