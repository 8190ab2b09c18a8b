"""What a coordinator has in her lists already, and fills into the workbook that the portal gives."""

import io

from openpyxl import load_workbook

# Name, acronym, kind and role of the institutions, all invented.
INSTITUTIONS = [
    ("Fundación Puente Abierto", "FPA", "Sociedad civil", "Rinde cuentas"),
    ("Fondo Ejemplo de Cooperación", "FEC", "Donante", "Donante (financia)"),
    ("Secretaría de Ejemplo", "SDE", "Institución del Estado", "Ejecuta"),
    ("Fiscalía de Ejemplo", "FDE", "Institución del Estado", "Ejecuta"),
    ("Policía Comunitaria de Ejemplo", "PCE", "Institución del Estado", "Institución socia"),
    ("Red de Mujeres de Ejemplo", "RME", "Sociedad civil", "Ejecuta"),
    ("Casa Refugio de Ejemplo", "CRE", "Sociedad civil", "Ejecuta"),
    ("Universidad de Ejemplo", "UDE", "Sociedad civil", "Institución socia"),
]
ACRONYMS = [acronym for _name, acronym, _kind, _role in INSTITUTIONS]
OFFICES = {"SDE": "Presidencia", "FPA": "Secretaría técnica"}
RESULT = "Los equipos atienden con un protocolo común"


def person(acronym):
    return f"Persona {ACRONYMS.index(acronym) + 1:02} de {acronym}"


def address(acronym):
    return f"{acronym.lower()}@example.org"


SHEETS = {
    "institutions": [
        {"name_es": name, "acronym": acronym, "kind": kind, "role": role}
        for name, acronym, kind, role in INSTITUTIONS
    ],
    "contacts": [
        {"institution": each, "full_name": person(each), "email": address(each)}
        for each in ACRONYMS
    ],
    "seats": [
        {
            "institution": each,
            "holder": person(each),
            "office": OFFICES.get(each),
            "is_voting": "No" if each == "FEC" else None,
        }
        for each in ACRONYMS
    ],
    "results": [
        {"code": 1000, "statement_es": "Menos personas sufren la trata"},
        {"code": 1100, "parent": 1000, "statement_es": "Las instituciones protegen mejor"},
        {"code": 1110, "parent": 1100, "statement_es": RESULT},
    ],
    "indicators": [
        {
            "result": 1110,
            "code": f"1110.{number}",
            "name_es": f"Equipos formados en el tema {number}",
            "baseline": 0,
            "target_1": 5,
        }
        for number in (1, 2, 3)
    ],
}


def filled(template):
    """The workbook of the portal with these rows, and how many cells they are."""
    book, cells = load_workbook(io.BytesIO(template)), 0
    for sheet in book:
        key = str(sheet["A1"].value).rpartition(":")[2]
        columns = {cell.value: cell.column for cell in sheet[1]}
        for number, row in enumerate(SHEETS.get(key, []), start=4):
            for name, value in row.items():
                if value is not None:
                    sheet.cell(number, columns[name], value)
                    cells += 1
    content = io.BytesIO()
    book.save(content)
    return content.getvalue(), cells
