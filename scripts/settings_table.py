"""Write docs/operations/settings.md: what the code reads from the environment (`make settings`).

Names and defaults come from the code and from docker-compose.yml, the meaning from the comment above
the name in `.env.example`, which therefore has to name all of them.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / ".env.example"
COMPOSE = ROOT / "docker-compose.yml"
TABLE = ROOT / "docs" / "operations" / "settings.md"
APPS = ("ibcr_portal", "reports", "committees", "projects", "partners", "accounts", "kernel")

# Elsewhere these functions read a name; in the files of settings, any that takes one first.
READERS = {"env", "flag", "number"}
OF_SETTINGS = {"settings.py", "environment.py", "sign_in_environment.py"}
# What systems and libraries set for every program, and what a mail server says of one message.
NOT_OURS = {
    *("CELERY_SKIP_CHECKS", "DJANGO_SETTINGS_MODULE", "LD_LIBRARY_PATH", "PATH", "XDG_CACHE_HOME"),
    *("ORIGINAL_RECIPIENT", "PROMETHEUS_MULTIPROC_DIR", "RECIPIENT"),
}
OF_A_LIBRARY = ("AWS_",)  # which reads them by itself; the example may name them
# Named only to be refused.
GONE = {"REQUIRE_SECOND_FACTOR"}
# Production does not start without them.
REQUIRED = ("SITE_URL", "SECRET_KEY", "ACCESS_LOG_KEY", "DATABASE_URL", "REDIS_URL")
# Computed by more than one expression.
COMPUTED = {
    "LOG_FORMAT": "json",
    "SECOND_FACTOR_ROLES": "administrator,coordinator,monitoring,finance,donor",
}
NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
ROW = re.compile(rf"(?P<out># )?(?P<name>{NAME.pattern})=(?P<value>.*)")


@dataclass
class Setting:
    name: str
    section: str
    meaning: str
    is_filled_in: bool
    value: str


def main() -> None:
    text = table()
    if sys.argv[1:] == ["--check"]:
        sys.exit(TABLE.read_text("utf-8") != text and f"{TABLE} is not of this code: make settings")
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(text, "utf-8")


def table() -> str:
    reads, composed = read_by_code(), read_by_compose()
    lines = [
        "# Settings",
        "",
        "All settings come from the environment: in compose from `.env`, into which `.env.example` is",
        "copied. Secrets may come from files: `NAME_FILE` is then the path of the file of `NAME`; here",
        "they are marked with *file*. A wrong value is refused at start, in a sentence. Written by",
        "`make settings` from the code and the comments of `.env.example`.",
    ]
    section = ""
    for setting in settings():
        if setting.section != section:
            section = setting.section
            lines += [
                "",
                f"## {section}",
                "",
                "| Name | Default | Meaning |",
                "| --- | --- | --- |",
            ]
        file = " *file*" if setting.name in in_files() else ""
        default = default_of(setting.name, reads, composed)
        lines.append(f"| `{setting.name}`{file} | {default} | {setting.meaning} |")
    return "\n".join(lines) + "\n"


def default_of(name: str, reads: dict[str, str], composed: dict[str, str]) -> str:
    if name in REQUIRED:
        return "required"
    default = COMPUTED.get(name) or plain(reads.get(name, "")) or composed.get(name, "")
    return f"`{default}`" if default else "–"


def plain(written: str) -> str:
    """Return a literal as it is written into `.env`, and an expression, such as a path, as it is."""
    try:
        value = ast.literal_eval(written)
    except (ValueError, SyntaxError):
        text = re.sub(r"^(?:str\((.*)\)|f(.*))$", r"\1\2", written).replace("'", "")
        return text.replace(" / ", "/").replace("BASE_DIR/", "").replace("VAR/", "PORTAL_VAR/")
    return str(int(value)) if isinstance(value, bool) else str(value)


def settings() -> list[Setting]:
    """The rows of `.env.example` with the comment above each; rows below each other share theirs."""
    found, section, comment, is_open = [], "", list[str](), False
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"# --- (.+?) -+", line):
            section, comment = heading[1], []
        elif row := ROW.fullmatch(line):
            meaning = " ".join(comment).replace("|", "\\|")
            found.append(Setting(row["name"], section, meaning, not row["out"], row["value"]))
            is_open = False
        elif line.startswith("#"):
            comment = [*comment, line[1:].strip()] if is_open else [line[1:].strip()]
            is_open = True
        else:
            comment, is_open = [], False
    return found


@cache
def read_by_code() -> dict[str, str]:
    """Return the names that the code reads, each with its default as Python writes it."""
    found: dict[str, str] = {}
    left_out = NOT_OURS | GONE | {f"{name}_FILE" for name in in_files()}
    for file in sorted(file for app in APPS for file in (ROOT / app).rglob("*.py")):
        if "migrations" in file.parts or file.name == "settings_test.py":
            continue
        tree = ast.parse(file.read_text("utf-8"))
        for name, default in names_in(tree, any_reader=file.name in OF_SETTINGS):
            if NAME.fullmatch(name) and not name.startswith(OF_A_LIBRARY) and name not in left_out:
                found[name] = found.get(name) or default
    return found


def names_in(tree: ast.Module, *, any_reader: bool = False) -> Iterator[tuple[str, str]]:
    environments = {"os.environ", "environ"} | {
        ast.unparse(node.targets[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Attribute)
        and ast.unparse(node.value) == "os.environ"
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=reader), args=[ast.Constant(value=str(name)), *rest]):
                if reader in READERS or (any_reader and NAME.fullmatch(name)):
                    yield name, default_in(node, rest)
            case ast.Call(
                func=ast.Attribute(value=source, attr="get" | "pop"),
                args=[ast.Constant(value=str(name)), *rest],
            ):
                if ast.unparse(source) in environments:
                    yield name, default_in(node, rest)
            case ast.Subscript(value=source, slice=ast.Constant(value=str(name)), ctx=ast.Load()):
                if ast.unparse(source) in environments:
                    yield name, ""


def default_in(call: ast.Call, rest: list[ast.expr]) -> str:
    reader = ast.unparse(call.func)
    if reader in {"address", "optional_address", "secret"}:  # an example or a place comes second
        return ""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "default"]
    written = [ast.unparse(value) for value in named or rest]
    if not written and reader == "flag":
        return "False"
    return written[0] if written and written[0] not in {"''", "None"} else ""


def in_files() -> set[str]:
    """Return the names that may come from a file."""
    tree = ast.parse((ROOT / "ibcr_portal" / "environment.py").read_text("utf-8"))
    (names,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "IN_FILES"
    )
    return {str(node.value) for node in ast.walk(names) if isinstance(node, ast.Constant)}


def read_by_compose() -> dict[str, str]:
    """The names that docker-compose.yml takes from `.env` by itself, with their defaults."""
    text = COMPOSE.read_text("utf-8")
    found = {"COMPOSE_PROFILES": ""}
    for name, kind, default in re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)(?::([-?])([^}]*))?\}", text):
        found.setdefault(name, default.removeprefix("${") if kind == "-" else "")
    return found


if __name__ == "__main__":
    main()
