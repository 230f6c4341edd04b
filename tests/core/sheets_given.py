"""Spreadsheets as Excel, Google and LibreOffice save them, made by hand: no library of ours writes them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy hh:mm"/>'
    '<numFmt numFmtId="165" formatCode="0 &quot;days&quot;"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="165"/></cellXfs>'
)
DATE_TIME, DATE, DAYS = 1, 2, 3
"""Styles of the workbook below: a date with time, a date alone, and a number with the word days behind it."""


def zipped(members: Mapping[str, str]) -> bytes:
    data = io.BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return data.getvalue()


def xlsx(sheet: str, *, texts: Sequence[str] = (), book: str = "", hidden: bool = False) -> bytes:
    """A workbook whose (last) sheet holds these rows; with `hidden`, a hidden one stands before it."""
    sheets = '<sheet name="Old" sheetId="2" state="hidden" r:id="rId9"/>' if hidden else ""
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    return zipped(
        {
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{book}<sheets>{sheets}'
            '<sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Target="worksheets/people.xml"/>'
            '<Relationship Id="rId9" Target="worksheets/old.xml"/></Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{STYLES}</styleSheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
            "xl/worksheets/people.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
            "xl/worksheets/old.xml": f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>',
        }
    )


def row(*cells: str, r: int | None = None) -> str:
    return f"<row{f' r={quoteattr(str(r))}' if r else ''}>{''.join(cells)}</row>"


def shared(place: int, r: str = "") -> str:
    return f'<c t="s"{_at(r)}><v>{place}</v></c>'


def inline(text: str, r: str = "") -> str:
    return f'<c t="inlineStr"{_at(r)}><is><t>{escape(text)}</t></is></c>'


def number(text: str, style: int = 0, r: str = "") -> str:
    return f'<c s="{style}"{_at(r)}><v>{text}</v></c>'


def _at(r: str) -> str:
    return f' r="{r}"' if r else ""


OFFICE = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def ods(*rows: str, more: str = "") -> bytes:
    table = f'<table:table table:name="People">{"".join(rows)}</table:table>{more}'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {OFFICE}>{body}</office:document-content>",
        }
    )


def ods_row(*cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def ods_text(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>'


def ods_value(kind: str, value: str, shown: str) -> str:
    name = "date-value" if kind == "date" else "value"
    return (
        f'<table:table-cell office:value-type="{kind}" office:{name}="{value}"><text:p>{shown}</text:p>'
        "</table:table-cell>"
    )


def ods_blank(times: int = 1) -> str:
    return f'<table:table-cell table:number-columns-repeated="{times}"/>'
