from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from accounts.mail import add_envelopes, add_silence  # noqa: PLC0415  (models are loaded)
        from accounts.permissions import (  # noqa: PLC0415  (likewise)
            add_auditors,
            add_helpers,
            add_roles,
        )
        from accounts.reading import add_reading_context  # noqa: PLC0415  (likewise)
        from accounts.retention import add_reason_to_keep, add_retention  # noqa: PLC0415  (likewise)
        from projects.institutions.services.links import (  # noqa: PLC0415  (likewise)
            envelope_in_project,
            is_for_training,
            reading_in_project,
        )
        from projects.permissions.roles import (  # noqa: PLC0415  (likewise)
            coordinators_of,
            is_auditor,
            roles_anywhere,
        )
        from projects.retention import RULES, first_day_to_keep  # noqa: PLC0415  (likewise)

        add_auditors(is_auditor)
        add_reading_context(reading_in_project)
        add_envelopes(envelope_in_project)
        add_silence(is_for_training)
        add_helpers(coordinators_of)
        add_roles(roles_anywhere)
        add_reason_to_keep(first_day_to_keep)
        add_retention(*RULES)
        name_things_in_log()
        take_in_mail()
        look_at_what_is_sent()


def name_things_in_log() -> None:
    """Give the access log the names and words of what its events are about."""
    from accounts.log_words import add_names_in_log, add_words  # noqa: PLC0415  (models are loaded)
    from partners.reading import institutions_in_words  # noqa: PLC0415  (likewise)
    from projects.models import Assignment, Participation, Representation  # noqa: PLC0415  (likewise)
    from projects.reading import projects_in_words  # noqa: PLC0415  (likewise)

    add_names_in_log("partners.institution", institutions_in_words)
    add_names_in_log("projects.project", projects_in_words)
    add_words("role", Participation.Role, Assignment.Role)
    add_words("right", Representation.Right)


def take_in_mail() -> None:
    """Say what becomes of mail that comes in."""
    from accounts.mail_in import authentication_results, intake  # noqa: PLC0415  (models are loaded)
    from projects.mail_notes import services as notes  # noqa: PLC0415  (likewise)

    intake.add_reply_taker(notes.take_written_reply)
    intake.add_return_listener(notes.hear_of_return)
    intake.add_unconfirmed_listener(notes.hear_of_unconfirmed)
    authentication_results.add_addresses(notes.addresses_of_contacts)


def look_at_what_is_sent() -> None:
    """Say who may only read meanwhile, and which names in a text its readers may not know."""
    from accounts.acting import add_refusal  # noqa: PLC0415  (models are loaded)
    from kernel.typed_texts import add_guard  # noqa: PLC0415  (likewise)
    from projects.held_texts import GUARD  # noqa: PLC0415  (likewise)
    from projects.only_reading import refusal_about  # noqa: PLC0415  (likewise)

    add_refusal(refusal_about)
    add_guard(GUARD)
