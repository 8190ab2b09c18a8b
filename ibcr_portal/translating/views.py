"""The gist of a text that somebody reads in another language. It is not kept anywhere."""

from allauth.core import ratelimit
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ibcr_portal.translating.translate import LONGEST, translate
from kernel.apertium import is_installed
from kernel.pages import Request
from kernel.text import LANGUAGES, active_language

REFUSED = 422


@require_POST
def gist(request: Request) -> HttpResponse:
    """Answer with the text in the reader's language, marked as made by a machine."""
    text, source = request.POST.get("text", ""), request.POST.get("source", "")
    target = active_language()
    if not ratelimit.consume(request, action="gist", user=request.user):
        return _refused(_("Many texts were translated for you. Please wait a minute."))
    if not is_installed():
        return _refused(_("This server has no translator. Whoever runs it can install Apertium."))
    if source not in LANGUAGES or source == target or not text.strip():
        return _refused(_("There is nothing to translate."))
    if len(text) > LONGEST:
        return _refused(
            _(
                "This text is too long to be translated here: please choose one of at most "
                "%(most)s characters."
            )
            % {"most": LONGEST}
        )
    if (said := translate(text, source, target)) is None:
        return _refused(_("The translator did not answer. Please try again."))
    marked = _("Translated by a machine, and not checked: %(text)s") % {"text": said}
    return HttpResponse(marked, content_type="text/plain; charset=utf-8")


def _refused(sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=REFUSED, content_type="text/plain; charset=utf-8")
