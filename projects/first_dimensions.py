"""The first dimensions for breakdowns: sex, age, kind of institution, department.

A migration adds them; administrators add others in the portal.
"""

from typing import Any

SEX = [
    ("women", "Femmes et filles", "Mujeres y niñas", "Women and girls"),
    ("men", "Hommes et garçons", "Hombres y niños", "Men and boys"),
    ("other", "Autre ou non précisé", "Otro o no indicado", "Other or not stated"),
]
AGES = [
    ("0-11", "Moins de 12 ans", "Menos de 12 años", "Under 12"),
    ("12-17", "De 12 à 17 ans", "De 12 a 17 años", "12 to 17"),
    ("18-30", "De 18 à 30 ans", "De 18 a 30 años", "18 to 30"),
    ("31-59", "De 31 à 59 ans", "De 31 a 59 años", "31 to 59"),
    ("60", "60 ans et plus", "60 años o más", "60 and over"),
    ("unknown", "Âge inconnu", "Edad desconocida", "Age unknown"),
]
KINDS = [
    ("police", "Police", "Policía", "Police"),
    ("justice", "Justice", "Justicia", "Justice"),
    ("labour", "Travail", "Trabajo", "Labour"),
    (
        "other-state",
        "Autre institution de l’État",
        "Otra institución del Estado",
        "Other state institution",
    ),
    ("civil-society", "Société civile", "Sociedad civil", "Civil society"),
    ("other", "Autre", "Otra", "Other"),
]
DEPARTMENTS = [
    "Atlántida",
    "Choluteca",
    "Colón",
    "Comayagua",
    "Copán",
    "Cortés",
    "El Paraíso",
    "Francisco Morazán",
    "Gracias a Dios",
    "Intibucá",
    "Islas de la Bahía",
    "La Paz",
    "Lempira",
    "Ocotepeque",
    "Olancho",
    "Santa Bárbara",
    "Valle",
    "Yoro",
]
# Codes of ISO 3166-2:HN, in the order of the names.
CODES = [
    "at",
    "ch",
    "cl",
    "cm",
    "cp",
    "cr",
    "ep",
    "fm",
    "gd",
    "in",
    "ib",
    "lp",
    "le",
    "oc",
    "ol",
    "sb",
    "va",
    "yo",
]
PLACES = [
    *((f"hn-{code}", name, name, name) for code, name in zip(CODES, DEPARTMENTS, strict=True)),
    ("elsewhere", "Ailleurs ou inconnu", "Otro lugar o desconocido", "Elsewhere or unknown"),
]
DIMENSIONS = [
    ("sex", ("Sexe", "Sexo", "Sex"), SEX),
    ("age", ("Groupe d’âge", "Grupo de edad", "Age group"), AGES),
    (
        "institution-kind",
        ("Type d’institution", "Tipo de institución", "Kind of institution"),
        KINDS,
    ),
    ("department-hn", ("Département", "Departamento", "Department"), PLACES),
]


def bring(apps: Any) -> None:
    """Create them with the models of these apps: those of a migration, or the present ones."""
    Dimension = apps.get_model("projects", "Dimension")
    Category = apps.get_model("projects", "Category")
    for position, (code, names, categories) in enumerate(DIMENSIONS):
        dimension = Dimension.objects.create(code=code, position=position, **_columns(*names))
        Category.objects.bulk_create(
            Category(dimension=dimension, code=category, position=place, **_columns(*words))
            for place, (category, *words) in enumerate(categories)
        )


def _columns(fr: str, es: str, en: str) -> dict[str, str]:
    return {"name_fr": fr, "name_es": es, "name_en": en}
