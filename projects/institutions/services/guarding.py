"""What follows once an institution may be named to fewer: its neutral numbers, and other files."""

from accounts.made_files import made_files
from partners.models import Institution
from projects.models import NeutralNumber, Project
from projects.permissions.hidden_names import names_ever


def replace_files(institution: Institution, project: Project | None, why: str = "naming") -> int:
    """Have each file replaced whose readers may no longer know the name, and return how many there
    were. Superseding looks at the audience of each. `why` is a `Rendition.Reason`."""
    words = {word for _key, *spelt in names_ever([institution.pk]) for word in spelt}
    words = {word for word in words if len(word) > 1}
    found = made_files().renditions_that_name(words, project=project)
    return len(made_files().supersede(found, why))


def guard(institution: Institution, project: Project | None) -> None:
    """Give it what it is called where it may not be named: in the project, or in all."""
    if not institution.is_guarded:
        institution.is_guarded = True
        institution.save(update_fields=["is_guarded"])
    NeutralNumber.draw(institution, project)
