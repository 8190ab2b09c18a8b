"""What is made of the other rows, once there are secrets in them."""

from datetime import date

from committees.minutes.services.text import in_all_languages, names_of
from committees.models import (
    Erratum,
    Meeting,
    Minutes,
    MinutesRemark,
    MinutesTranslation,
    MinutesVersion,
)
from projects.models import LogicModelVersion
from reports.evidence import CitationCode, code_for
from reports.models import Section
from reports.permissions.evidence import visible_evidence
from reports.services.writing import save_section
from tests.factories import LogicModelVersionFactory
from tests.reports.leaks.given import CITING
from tests.reports.leaks.planting import Garden, filled, name_of, texts_of
from tests.reports.leaks.rich import Rich


def afterwards(rich: Rich, garden: Garden) -> None:
    _logic_model(rich, garden)
    _minutes(rich, garden)
    _citations(rich, garden)


def _logic_model(rich: Rich, garden: Garden) -> None:
    """An approved version is never changed again: its own texts come with it."""
    for number in (1, 2):
        texts = {
            field.name: garden.words(LogicModelVersion, "", field)
            for field in texts_of(LogicModelVersion)
            if name_of(field) in ("reference", "donor_reference", "reason")
        }
        LogicModelVersionFactory(
            project=rich.project,
            number=number,
            approver="committee",
            donor_approved_on=date(2019, 8, 1),
            **texts,
        )


def _minutes(rich: Rich, garden: Garden) -> None:
    """Those of the meeting that was held, sealed; what was said of them on the way."""
    meeting = Meeting.objects.get(pk=rich.world.meeting.pk)
    words = {name: garden.seed(Minutes, "", name) for name in ("opening", "closing")}
    minutes = Minutes.objects.create(meeting=meeting, language="fr", **words)
    told = {name: garden.seed(MinutesTranslation, "", "texts") for name in words}
    for item in meeting.items.all():
        case = rich.case_of(item)
        told[f"item-{item.pk}"] = garden.seed(MinutesTranslation, case, "texts")
    known = {Minutes: minutes, type(rich.world.people["member"]): rich.world.people["member"]}
    filled(MinutesTranslation, known, language="es", texts=told)
    for name in ("text", "evidence", "sentence", "suggestion"):
        told = {"text": "x", "sentence": "y", name: garden.seed(MinutesRemark, "", name)}
        filled(MinutesRemark, known, **told)
    remark = filled(MinutesRemark, known, text="x")
    MinutesRemark.objects.filter(pk=remark.pk).update(reply=garden.seed(MinutesRemark, "", "reply"))
    content = in_all_languages(minutes)
    filled(MinutesVersion, known, content=content)
    Minutes.objects.filter(pk=minutes.pk).update(
        status="sealed",
        content=content,
        annex=names_of(meeting),
        sha256="7f3a91c2d04e" + "0" * 52,
        sealed_on=date(2020, 9, 20),
        adopted_how="silence",
        adopted_on=date(2020, 9, 18),
    )
    filled(Erratum, known, text=garden.seed(Erratum, "", "text"))


def _citations(rich: Rich, garden: Garden) -> None:
    """A section that cites a thing of each kind and case with words of its own, and one that
    said something else before."""
    report, writer = rich.told[0], rich.world.people["coordinator"]
    texts = []
    for name, things in visible_evidence(writer, rich.project).items():
        for thing in things:
            code = code_for(thing)
            case = f"words about {name}: {rich.case_of(thing)}"
            secret = garden.seed(Section, case, "text")
            texts.append(str(CitationCode(code.name, code.key, secret)))
    texts.append(f"With {rich.at_risk.names.get().acronym}.")
    earlier = garden.seed(Section, "earlier words", "text")
    version = 0
    for text in (earlier, "\n\n".join(texts)):
        section = save_section(report, CITING, "en", text, seen_version=version, by=writer)
        version = section.version
