"""What the page says after a step of the committee, of a meeting or of its minutes, by its verb."""

from django.utils.translation import gettext_lazy as _

from kernel.text import StrOrPromise

COMMITTEE: dict[str, StrOrPromise] = {
    "constitute": _("The committee is constituted. Now plan its first meeting."),
    "suspend": _("The committee is suspended."),
    "resume": _("The committee works again."),
    "dissolve": _("The committee is dissolved."),
}
MEETING: dict[str, StrOrPromise] = {
    "convene": _("The meeting is convened."),
    "freeze": _("The agenda is frozen."),
    "open": _("The meeting is open. Check the seats in first."),
    "close": _("The meeting is closed. Next: its minutes."),
    "record_afterwards": _("Now write down who was there, the notes and the decisions."),
    "adjourn": _("The meeting is adjourned for want of a quorum."),
    "reconvene": _("The meeting is convened on second call."),
    "postpone": _("The meeting is postponed."),
    "cancel": _("The meeting is cancelled."),
}
MINUTES: dict[str, StrOrPromise] = {
    "circulate": _("The minutes are with the members."),
    "finalise": _("The final draft is ready."),
    "extend": _("The members have more time."),
    "adopt": _("The minutes are adopted. Now seal them."),
    "silence": _("The minutes are adopted. Now seal them."),
    "seal": _("The minutes are sealed."),
    "revise": _("The minutes are a draft again."),
}
