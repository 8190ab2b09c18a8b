"""The result of sending notices: how many people got a message, and who could not be reached."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from kernel.formats import join_list


@dataclass(frozen=True)
class NoticeReceipt:
    """How many people a message was sent to, and the seats whose people have no access yet."""

    people: int = 0
    without_access: list[str] = field(default_factory=list)

    def __add__(self, other: "NoticeReceipt") -> "NoticeReceipt":
        return NoticeReceipt(
            self.people + other.people, [*self.without_access, *other.without_access]
        )

    @property
    def sentence(self) -> str:
        if not self.people and not self.without_access:
            return ""
        sent = _("Messages sent: %(number)s.") % {"number": self.people}
        if not self.without_access:
            return sent
        unreached = _(
            "Without access to the portal, so please tell them yourself or invite them: %(seats)s."
        ) % {"seats": join_list(self.without_access)}
        return f"{sent} {unreached}"
