"""Meaningless texts in three languages, with the length and line breaks of real ones."""

from random import Random

LANGUAGES = ("fr", "es", "en")
SYNTHETIC = {"fr": "Texte synthétique", "es": "Texto sintético", "en": "Synthetic text"}
WORDS = {
    "fr": (
        "le la les des une pour avec dans selon entre coordination renforcement communautaire "
        "institution protocole sensibilisation accompagnement mise en œuvre partenaire atelier "
        "diagnostic formation suivi évaluation résultat indicateur prévention protection droits "
        "participation gouvernance recommandation département municipalité capacité durable"
    ),
    "es": (
        "el la los las una para con en según entre coordinación fortalecimiento comunitario "
        "institución protocolo sensibilización acompañamiento implementación socio taller "
        "diagnóstico capacitación seguimiento evaluación resultado indicador prevención "
        "protección derechos participación gobernanza recomendación departamento municipio"
    ),
    "en": (
        "the a of for with within according between coordination strengthening community "
        "institution protocol awareness accompaniment implementation partner workshop "
        "assessment training monitoring evaluation result indicator prevention protection "
        "rights participation governance recommendation department municipality capacity"
    ),
}
_WORDS = {language: words.split() for language, words in WORDS.items()}


def sentence(chance: Random, language: str, words: int) -> str:
    """Returns a sentence of that many words, which also says that the text is synthetic."""
    some = chance.choices(_WORDS[language], k=words)
    return f"{SYNTHETIC[language]} {chance.randrange(10_000)} : {' '.join(some)}."


def title(chance: Random, language: str) -> str:
    return sentence(chance, language, 9).removesuffix(".")


def markdown(chance: Random, language: str, paragraphs: int) -> str:
    """Paragraphs of some hundred words; each fourth is a list, each seventh has a heading."""
    parts = []
    for n in range(paragraphs):
        if n % 7 == 3:
            parts.append(f"### {title(chance, language)}")
        if n % 4 == 2:
            parts.append("\n".join(f"- {sentence(chance, language, 14)}" for _line in range(4)))
        else:
            lines = [sentence(chance, language, 18) for _line in range(5)]
            lines[1] = f"**{lines[1]}**"
            parts.append(" ".join(lines))
    return "\n\n".join(parts)
