"""Delete from the packages of an image what the portal never reads: `trim_image.py FOLDER`.

Translations, locales and hyphenation of other languages than the portal's, descriptions of services
of Amazon other than its object store, ways to sign in that nobody chose, tests of the packages
themselves, sources of compiled modules. Licences stay. Only the standard library, since it runs inside the build of the image.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

LANGUAGES = ("en", "es", "fr")
# Of botocore: what signs in to an object store and speaks to it.
SERVICES = {"s3", "sts", "sso", "sso-oidc"}
# Of allauth: what signs in with an account of the organisation, and what allauth itself imports.
PROVIDERS = {"base", "oauth", "oauth2", "openid", "openid_connect", "google", "microsoft", "dummy"}
# Each of these packages does without: maps, pictures in AVIF, a second build for newer processors,
# trees of objects.
PARTS = (
    "django/contrib/gis",
    "pillow.libs/libavif-*",
    "PIL/_avif.*.so",
    "rapidfuzz/**/*_avx2.*.so",
    "lxml/objectify.*.so",
)


def main(folder: str) -> None:
    (packages,) = Path(folder).glob("lib/python3*/site-packages")
    before = size(packages)
    for path in unneeded(packages):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    print(f"{before / 1e6:.0f} MB of packages are {size(packages) / 1e6:.0f} MB now.")


def unneeded(packages: Path) -> Iterator[Path]:
    yield from other_languages(packages)
    data = packages / "botocore" / "data"
    yield from (path for path in data.glob("*/") if path.name not in SERVICES)
    providers = packages / "allauth" / "socialaccount" / "providers"
    yield from (path for path in providers.glob("*/") if path.name not in PROVIDERS)
    for part in PARTS:
        yield from packages.glob(part)
    yield from (path for path in packages.glob("*/**/tests") if path.is_dir())
    yield from packages.glob("*/tests")
    for pattern in ("*.po", "*.pyx", "*.pxd", "*.pxi", "*.pyi", "*.c", "*.h", "*.hpp", "*.cpp"):
        yield from packages.glob(f"*/**/{pattern}")
    yield from packages.glob("**/__pycache__")


def other_languages(packages: Path) -> Iterator[Path]:
    """Django formats and catalogues (`locale/de/`), Babel's data, dictionaries of pyphen."""
    for folder in packages.glob("*/**/locale"):
        # Packages of Python may be called so as well: those of catalogues have a folder for each.
        catalogues = [each for each in folder.glob("*/") if (each / "LC_MESSAGES").is_dir()]
        yield from (each for each in catalogues if not is_ours(each.name))
    for pattern in ("babel/locale-data/*.dat", "pyphen/dictionaries/*.dic"):
        for file in packages.glob(pattern):
            language = file.stem.removeprefix("hyph_")
            if language != "root" and not is_ours(language):
                yield file


def is_ours(language: str) -> bool:
    return language.replace("-", "_").split("_")[0] in LANGUAGES


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main(*sys.argv[1:])
