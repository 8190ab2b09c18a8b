from django.apps import AppConfig


class CommitteesConfig(AppConfig):
    name = "committees"

    def ready(self) -> None:
        from accounts.idle import add_live_sessions  # noqa: PLC0415  (models are loaded)
        from accounts.log_words import add_words  # noqa: PLC0415  (likewise)
        from accounts.mail_in.intake import add_answer_page, add_answer_taker  # noqa: PLC0415  (likewise)
        from accounts.recurrent import add_recurrent  # noqa: PLC0415  (likewise)
        from accounts.retention import add_retention  # noqa: PLC0415  (likewise)
        from committees.meetings.services.mail_in import (  # noqa: PLC0415  (likewise)
            is_invited,
            open_invitation,
            page_of_invitation,
            take_calendar_answer,
        )
        from committees.models import SeatTerm  # noqa: PLC0415  (likewise)
        from committees.permissions.meetings import follows_meeting  # noqa: PLC0415  (likewise)
        from committees.permissions.roles import roles_by_seat  # noqa: PLC0415  (likewise)
        from committees.plans.services.proposals import keep_as_remark  # noqa: PLC0415  (likewise)
        from committees.plans.services.reminders import RECURRENT  # noqa: PLC0415  (likewise)
        from committees.retention import RULES  # noqa: PLC0415  (likewise)
        from projects.mail_notes.services import (  # noqa: PLC0415  (likewise)
            add_guest_right,
            add_note_follower,
            add_open_question,
        )
        from projects.models.places import place_sources  # noqa: PLC0415  (likewise)
        from projects.permissions.roles import add_role_source  # noqa: PLC0415  (likewise)

        add_answer_taker(take_calendar_answer)
        add_answer_page(page_of_invitation)
        add_open_question(open_invitation)
        add_note_follower(keep_as_remark)
        add_guest_right(is_invited)
        add_recurrent(*RECURRENT)
        add_words("role", SeatTerm.Capacity)
        add_role_source(roles_by_seat)
        add_retention(*RULES)
        add_live_sessions(follows_meeting)
        place_sources.append(SeatTerm.objects.giving_a_place)
