"""Writes the IATI file of a project to standard output, if it is valid."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from projects.exchange.services.importing import compose_file
from projects.models import Project


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="of the project, such as HN-TRATA")

    def handle(self, *, code: str, **options: object) -> None:
        project = Project.objects.filter(code=code).first()
        if project is None:
            raise CommandError(f"There is no project with the code {code}.")
        try:
            content = compose_file(project, updated=timezone.now())
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from None
        # The bytes themselves: what the terminal makes of text would be another file.
        out = getattr(self.stdout, "buffer", None)
        if out is None:
            self.stdout.write(content.decode(), ending="")
        else:
            out.write(content)
