"""Renders one document into a file: `manage.py render KIND ID --language fr --audience donor --output FILE`.

For operators. Nothing is queued and no rendition is kept; of what stands the frozen data is used, so
that its verification code is the one that the portal knows.
"""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model

from committees.models import ActionPlan, Audience
from partners.models import Institution
from reports import services
from reports.kinds import kind_of
from reports.models import THING_OF, About, Kind, Snapshot
from reports.pdf import RenderFailed, html_of, rendered


class Command(BaseCommand):
    help = "Render one document into a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=Kind.values)
        parser.add_argument("id", type=int, help="key of the report, meeting, plan, seat, …")
        parser.add_argument("--language", choices=dict(settings.LANGUAGES), default="fr")
        parser.add_argument("--audience", choices=Audience.values)
        parser.add_argument("--institution", type=int, help="for a letter: to whom it goes")
        parser.add_argument("--base", type=int, help="for differences: the earlier plan")
        parser.add_argument("--output", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        about = about_of(options)
        kind = kind_of(about)
        audience = options["audience"] or kind.audiences[0]
        if audience not in kind.audiences:
            raise CommandError(f"Choose the audience among: {', '.join(kind.audiences)}.")
        if not kind.applies(about):
            raise CommandError("There is nothing to tell of this thing in that document yet.")
        snapshot = services.snapshot_of(about, language=options["language"], audience=audience)
        document = snapshot.document(audience, options["language"])
        html = html_of(
            document,
            code=services.code_of(snapshot, document),
            is_draft=kind.is_draft(about),
        )
        try:
            with (
                rendered(html, lambda stage, page: None) as pdf,
                options["output"].open("wb") as file,
            ):
                shutil.copyfileobj(pdf.content, file)
        except RenderFailed as failure:
            raise CommandError(f"The renderer gave up: {failure.reason}.") from None
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}.") from None
        self.stdout.write(f"{options['output']}: {pdf.pages} pages")


def about_of(options: dict[str, Any]) -> About:
    kind = Kind(options["kind"])
    model = Snapshot._meta.get_field(THING_OF[kind]).related_model
    addressee = one_of(Institution, options["institution"])
    about = About(
        one_of(model, options["id"]), kind, addressee, one_of(ActionPlan, options["base"])
    )
    if kind_of(about).addressees and addressee is None:
        raise CommandError("Say to which institution it goes: --institution.")
    return about


def one_of(model: type[Model], pk: int | None) -> Model | None:
    if pk is None:
        return None
    thing = model._default_manager.filter(pk=pk).first()
    if thing is None:
        raise CommandError(f"There is no {model._meta.model_name} {pk}.")
    return thing
