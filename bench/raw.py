"""The documents to compare with: `python -m bench.raw VARIANT <HTML >PDF`, in a process of its own,
with WeasyPrint used as its manual shows.

- raw: our HTML as it is, tagged;

- naive: the same content as one would begin it: Bootstrap linked, automatic tables, no tags,
photographs as they were taken (`naive_html`).
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

BOOTSTRAP = Path(__file__).resolve().parent.parent / "static/vendor/bootstrap/bootstrap.min.css"
VARIANTS = {"raw": "pdf/ua-1", "naive": None}
STYLE = """
  @page { size: A4; margin: 20mm; @bottom-right { content: counter(page) " / " counter(pages) } }
  .toc a::after { content: " " target-counter(attr(href), page) }
  img { max-width: 100% }
"""
PICTURE = re.compile(r'(<img\b[^>]*?\bsrc=)"[^"]*"')


def naive_html(html: str, photographs: Sequence[Path]) -> str:
    """The same content without what we know of the engine. `photographs`: as they were taken."""
    html = re.sub(
        r"<style>.*?</style>",
        lambda _style: f'<link rel="stylesheet" href="{BOOTSTRAP.as_uri()}"><style>{STYLE}</style>',
        html,
        count=1,
        flags=re.DOTALL,
    )
    html = re.sub(r'<table(?: class="([^"]*)")?', r'<table class="table table-bordered \1"', html)
    as_taken = iter(photographs)
    return PICTURE.sub(
        lambda kept: f'{kept[1]}"{photo.as_uri()}"' if (photo := next(as_taken, None)) else kept[0],
        html,
    )


def main(variant: str) -> None:
    from weasyprint import HTML

    content = HTML(string=sys.stdin.buffer.read().decode()).write_pdf(pdf_variant=VARIANTS[variant])
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main(sys.argv[1])
