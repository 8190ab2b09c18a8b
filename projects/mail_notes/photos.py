"""Photographs that came with a message: written anew as uploads are, without the place where they were
taken, and held for the coordination."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from accounts.mail_in.reading import MailPicture
from kernel.files import PICTURES, CheckedFile, check_upload
from kernel.text import clean_text
from projects.models import MailNote, MailPhoto

LONGEST_NAME = 60


def keep_pictures(note: MailNote, pictures: Sequence[MailPicture]) -> list[str]:
    """Keep what can be kept; return for each of the others its name, and why not."""
    refused = []
    for number, picture in enumerate(pictures, start=1):
        extension = picture.name.rpartition(".")[2].lower()
        # Their own names may say who is shown.
        uploaded = SimpleUploadedFile(f"{number}.{extension}", picture.content)
        try:
            keep_photo(
                note, check_upload(uploaded, allowed=PICTURES, max_bytes=MailPhoto.MAX_BYTES)
            )
        except ValidationError as error:
            name = clean_text(picture.name)[-LONGEST_NAME:] or _("photograph")
            refused.append(f"{name}: {' '.join(error.messages)}")
    return refused


def keep_photo(note: MailNote, checked: CheckedFile) -> None:
    photo = MailPhoto(note=note)
    photo.keep(checked)
    photo.save()
