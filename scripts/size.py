"""How many lines of code each subject has: `make size` prints them; `make lint` fails above the ceilings.

A line counts where it has a token that is no comment, no docstring and no part of an import. Tests,
migrations, `bench` and `scripts` are counted apart. `scripts/ceilings.toml` has the ceiling of each
subject: it only falls (`make size ARGS=--lower` writes lower ones), so that what is added makes room
for itself. Code that moves to another subject takes its part of the ceiling along, and the sum falls.
A new subject brings its own, with a sentence that says what it is for.
"""

import ast
import io
import subprocess
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

CEILINGS = Path(__file__).with_name("ceilings.toml")
APART = {"tests", "bench", "scripts"}
ROUNDED = 25  # a word more is no reason to touch the ceilings
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def main(options: list[str]) -> int:
    sizes = code_by_subject()
    ceilings = read_ceilings()
    if "--lower" in options:
        write_ceilings({name: rounded(size) for name, size in sizes.items()}, ceilings)
        return 0
    if "--check" in options:
        faults = [*too_large(sizes, ceilings)]
        print("".join(f"{fault}\n" for fault in faults), end="")
        return bool(faults)
    for name, size in sizes.most_common():
        print(f"{size:>7,}  {name}")
    print(f"{sum(sizes.values()):>7,}  in all")
    return 0


def code_by_subject() -> Counter[str]:
    """Return the lines of code of each subject, such as `committees/minutes`."""
    sizes: Counter[str] = Counter()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.py"], capture_output=True, text=True, check=True
    )
    for path in map(Path, listed.stdout.split("\0")[:-1]):
        if path.parts[0] not in APART and "migrations" not in path.parts and path.is_file():
            sizes[subject_of(path)] += lines_of_code(path.read_text())
    return sizes


def subject_of(path: Path) -> str:
    return "/".join(path.parts[:2]) if len(path.parts) > 2 else path.parts[0]


def lines_of_code(text: str) -> int:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {
        line
        for token in tokens
        if token.type not in NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(lines - {*lines_apart(ast.parse(text))})


def lines_apart(tree: ast.Module) -> Iterator[int]:
    """Yield the lines of imports and docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from range(node.lineno, (node.end_lineno or 0) + 1)
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield from range(first.lineno, (first.end_lineno or 0) + 1)


def too_large(sizes: Counter[str], ceilings: dict[str, int]) -> Iterator[str]:
    for name, size in sizes.items():
        if name not in ceilings:
            yield (
                f"{name} has no ceiling. Enter {rounded(size)} in {CEILINGS.name}, and in a comment "
                "what the subject is for."
            )
        elif size > ceilings[name]:
            yield (
                f"{name} has {size} lines of code, and its ceiling is {ceilings[name]}. Look for what "
                "can go: make size lists all subjects."
            )


def rounded(size: int) -> int:
    return -(-size // ROUNDED) * ROUNDED


def read_ceilings() -> dict[str, int]:
    with CEILINGS.open("rb") as file:
        ceilings: dict[str, int] = tomllib.load(file)
    return ceilings


def write_ceilings(sizes: dict[str, int], ceilings: dict[str, int]) -> None:
    """Write lower ceilings in their lines, whose comments stay; take out subjects that are gone."""
    lines = []
    for line in CEILINGS.read_text().splitlines():
        name = line.split('"')[1] if line.startswith('"') else ""
        if name in sizes:
            new = min(sizes[name], ceilings[name])
            line = line.replace(f"= {ceilings[name]}", f"= {new}")
        if not name or name in sizes:
            lines.append(line)
    CEILINGS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
