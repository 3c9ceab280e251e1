"""Files made by code: good ones of every kind, and hostile ones of every kind we could think of.

`GOOD` holds name, bytes and what the portal takes it for. `HOSTILE` holds what it is, the name
under which it is sent, its bytes and the reason with which it is refused.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from functools import cache
from typing import NamedTuple

from PIL import Image

from send_portal.uploads import LARGEST, FileType, kinds

# ---- Good files --------------------------------------------------------------------------------

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAINS = {
    "docx": (f"{kinds.OOXML}.wordprocessingml.document.main+xml", "word/document.xml"),
    "xlsx": (f"{kinds.OOXML}.spreadsheetml.sheet.main+xml", "xl/workbook.xml"),
    "pptx": (f"{kinds.OOXML}.presentationml.presentation.main+xml", "ppt/presentation.xml"),
}


def zipped(parts: dict[str, bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            how = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), body, how)
    return made.getvalue()


def types(main: str, place: str, more: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{place}" ContentType="{main}"/>{more}</Types>'
    ).encode()


def relations(*rows: str) -> bytes:
    return f'<Relationships xmlns="{RELATIONS}">{"".join(rows)}</Relationships>'.encode()


def relation(kind: str, target: str, *, external: bool = False) -> str:
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="r1" Type="{KIND}/{kind}" Target="{target}"{mode}/>'


def office(kind: str = "docx", *, main: str = "", more_types: str = "", **parts: bytes) -> bytes:
    """An Office file; further parts by path, with `__` for a slash and `_dot_` for a full stop."""
    usual, place = MAINS[kind]
    found = {
        "[Content_Types].xml": types(main or usual, place, more_types),
        "_rels/.rels": relations(relation("officeDocument", place)),
        place: b"<w:document xmlns:w='urn:w'><w:t>Minutes of the board.</w:t></w:document>",
    }
    for name, body in parts.items():
        found[name.replace("__", "/").replace("_dot_", ".")] = body
    return zipped(found)


def open_document(kind: str = "text", content: bytes = b"", **parts: bytes) -> bytes:
    found = {
        "mimetype": f"{kinds.ODF}.{kind}".encode(),
        "content.xml": content or b"<office:document-content xmlns:office='urn:o'/>",
        "META-INF/manifest.xml": b"<m:manifest xmlns:m='urn:m'/>",
    }
    found |= {name.replace("__", "/").replace("_dot_", "."): body for name, body in parts.items()}
    return zipped(found, stored=("mimetype",))


def pdf(body: bytes = b"", *, catalog: bytes = b"", trailer: bytes = b"") -> bytes:
    """A one-page PDF with its table of places."""
    page = b"BT /F1 12 Tf 72 720 Td (Minutes of the board) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 6 0 R>>",
        b"<</Length %d>>\nstream\n%b\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Font<</F1 5 0 R>>>>",
    ]
    made, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate([*objects, *([body] if body else [])], start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<</Size %d/Root 1 0 R%b>>\n" % (len(places) + 1, trailer)
    return made + b"startxref\n%d\n%%%%EOF\n" % start


def packed_objects(inside: bytes) -> bytes:
    """Objects as newer PDFs keep them: packed in a stream."""
    body = zlib.compress(b"7 0 " + inside)
    return b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (
        len(body),
        body,
    )


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    made = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(made, kind)
    return made.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


def png_of_size(width: int, height: int) -> bytes:
    """A PNG whose head promises more than its body holds."""
    head = struct.pack(">2L5B", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\x00" * 1000)
    mark = b"\x89PNG\r\n\x1a\n"
    return mark + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


CSV = "area,places,note\nNorth,12,“full”\nSouth,8,£4\n"


class Good(NamedTuple):
    name: str
    content: bytes
    type: FileType


@cache
def good_files() -> dict[str, Good]:
    sheet = office("xlsx")
    link = relations(relation("hyperlink", "https://area.example/minutes", external=True))
    found = [
        Good("Minutes.pdf", pdf(), FileType.PDF),
        Good("Packed.pdf", pdf(packed_objects(b"<</Type/Outlines>>")), FileType.PDF),
        Good("Minutes.docx", office("docx"), FileType.DOCX),
        Good("Links.docx", office(word___rels__document_dot_xml_dot_rels=link), FileType.DOCX),
        Good("Chart.pptx", office("pptx", ppt__embeddings__Sheet1_dot_xlsx=sheet), FileType.PPTX),
        Good("Figures.xlsx", sheet, FileType.XLSX),
        Good("Slides.pptx", office("pptx"), FileType.PPTX),
        Good("Minutes.odt", open_document("text"), FileType.ODT),
        Good("Figures.ods", open_document("spreadsheet"), FileType.ODS),
        Good("Slides.odp", open_document("presentation"), FileType.ODP),
        Good("Photo.png", picture("PNG"), FileType.PNG),
        Good("Photo.jpeg", picture("JPEG"), FileType.JPEG),
        # As telephones write them: a second picture behind the first.
        Good("Two.jpg", picture("JPEG") + picture("JPEG", (8, 8)), FileType.JPEG),
        Good("Figures.csv", CSV.encode(), FileType.CSV),
        Good("Excel.csv", CSV.encode("cp1252"), FileType.CSV),
        Good("Semicolons.csv", "\ufeffa;b\n1;2\n".encode(), FileType.CSV),
        Good("BMI.csv", b"BMI,MZ\n20,1\n", FileType.CSV),
        # Taken: nobody opens it here, and it goes back byte for byte as an attachment.
        Good("Formula.csv", b"name,sum\n=cmd|' /C calc'!A0,=1+1\n", FileType.CSV),
    ]
    return {row.name: row for row in found}


# ---- Hostile files -----------------------------------------------------------------------------


class Hostile(NamedTuple):
    name: str
    content: bytes
    reason: str


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
MACRO_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-" + b"TEST-FILE!$H+H*"
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 120 + b"PE\x00\x00"
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
MHT = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
LNK = b"L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F" + b"\x00" * 60


def locked_zip(content: bytes) -> bytes:
    """Marks every part as one with a password, in the list and at the part."""
    made = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(mark)
        while at >= 0:
            made[at + place] |= 1
            at = made.find(mark, at + 4)
    return bytes(made)


def overlapping() -> bytes:
    """A part inside another part, both in the list: what is sent once unpacks twice, and so on."""
    inner = zipped({"word/inner.xml": b"<a/>" * 9000})
    entry_at = inner.rfind(b"PK\x01\x02")
    outer = bytearray(office(word__xx_dot_bin=b"x"))
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bytes(outer))) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.infolist():
            new.writestr(part, old.read(part))
        new.writestr("word/outer.bin", inner[:entry_at])
    outer = bytearray(made.getvalue())
    end = outer.rfind(b"PK\x05\x06")
    *rest, count, length, start, comment = struct.unpack("<4s4H2LH", outer[end:])
    entry = bytearray(inner[entry_at : inner.rfind(b"PK\x05\x06")])
    entry[42:46] = struct.pack("<L", outer.find(inner[:40]))
    tail = struct.pack(
        "<4s4H2LH", *rest[:3], count + 1, count + 1, length + len(entry), start, comment
    )
    return bytes(outer[:end]) + bytes(entry) + tail


def packed_otherwise() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
    return made.getvalue()


def shifted(content: bytes, before: bytes) -> bytes:
    """The same archive with bytes before it, and every place in its list moved on."""
    made = bytearray(before + content)
    at = made.find(b"PK\x01\x02")
    while at >= 0:
        place = struct.unpack_from("<L", made, at + 42)[0]
        struct.pack_into("<L", made, at + 42, place + len(before))
        at = made.find(b"PK\x01\x02", at + 4)
    end = made.rfind(b"PK\x05\x06")
    struct.pack_into(
        "<L", made, end + 16, struct.unpack_from("<L", made, end + 16)[0] + len(before)
    )
    return bytes(made)


def on_disks(content: bytes) -> bytes:
    made = bytearray(content)
    made[made.rfind(b"PK\x05\x06") + 4] = 1
    return bytes(made)


def broken_part() -> bytes:
    made = bytearray(office(word__media__a_dot_png=b"\x89PNG" + bytes(range(200))))
    at = made.find(b"a.png") + len(b"a.png")
    made[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(made)


def lying_about_size() -> bytes:
    made = bytearray(office(word__a_dot_xml=b"<a/>" * 9000))
    at = made.rfind(b"PK\x03\x04")
    made[at + 22 : at + 26] = struct.pack("<L", 5)
    return bytes(made)


def renamed_part(old: bytes, new: bytes) -> bytes:
    """An Office file in which a part has another name, in its list and at the part."""
    return office(word__xx_dot_bin=b"x").replace(old, new)


def many_elements() -> bytes:
    """With enough noise in it that it does not look like a bomb by its size."""
    noise = random.Random(1).randbytes(80_000).hex().encode()
    return b"<a><!--" + noise + b"-->" + b"<a/>" * 3_000_001 + b"</a>"


@cache
def hostile_files() -> dict[str, Hostile]:
    return (
        _archives()
        | _office_files()
        | _open_documents()
        | _pdfs()
        | _pictures()
        | _texts_and_more()
    )


def _archives() -> dict[str, Hostile]:
    bomb = b"\x00" * (30 * 1024 * 1024)
    return {
        "zip": Hostile("papers.zip", zipped({"a.txt": b"a"}), kinds.ARCHIVE),
        "zip named docx": Hostile("papers.docx", zipped({"a.txt": b"a"}), kinds.ARCHIVE),
        "empty zip": Hostile("papers.docx", zipped({}), kinds.ARCHIVE),
        "zip bomb": Hostile("a.docx", office(word__b_dot_xml=bomb), kinds.PACKED),
        "zip bomb of many parts": Hostile(
            "a.xlsx",
            office("xlsx", **{f"xl__p{n}_dot_xml": b"\x00" * 9_999_999 for n in range(22)}),
            kinds.PACKED,
        ),
        "zip with more parts than a document has": Hostile(
            "a.docx", office(**{f"w__p{n}": b"" for n in range(5100)}), kinds.PACKED
        ),
        "parts that overlap": Hostile("a.docx", overlapping(), kinds.PACKED),
        "part that lies about its size": Hostile("a.docx", lying_about_size(), kinds.DAMAGED),
        "zip in a zip": Hostile(
            "a.docx", office(word__media__a_dot_zip=zipped({"a": b"a"})), kinds.EMBEDDED
        ),
        "bomb in an embedded workbook": Hostile(
            "a.pptx",
            office("pptx", ppt__embeddings__s_dot_xlsx=office("xlsx", xl__b_dot_xml=bomb)),
            kinds.PACKED,
        ),
        "workbook in a workbook in a presentation": Hostile(
            "a.pptx",
            office(
                "pptx",
                ppt__embeddings__s_dot_xlsx=office(
                    "xlsx", xl__embeddings__t_dot_xlsx=office("xlsx")
                ),
            ),
            kinds.EMBEDDED,
        ),
        "path that climbs out": Hostile(
            "a.docx", renamed_part(b"word/xx.bin", b"../../x.bin"), kinds.MIXED
        ),
        "path with backslashes": Hostile(
            "a.docx", renamed_part(b"word/xx.bin", b"word\\xx.bin"), kinds.MIXED
        ),
        "NUL in a part's name": Hostile(
            "a.docx", renamed_part(b"word/xx.bin", b"word/x\x00.bin"), kinds.MIXED
        ),
        "zip with a password": Hostile("a.docx", locked_zip(office()), kinds.PASSWORD),
        "program behind a document": Hostile("a.docx", office() + EXE, kinds.MIXED),
        "document behind a program": Hostile("a.docx", EXE + office(), kinds.PROGRAM),
        "one part twice": Hostile(
            "a.docx", office(word__a_dot_xml=b"<a/>", word__A_dot_xml=b"<a/>"), kinds.MIXED
        ),
        "parts packed in an unusual way": Hostile("a.docx", packed_otherwise(), kinds.DAMAGED),
        "something before the first part": Hostile(
            "a.docx", shifted(office(), b"PK\x03\x04 hidden"), kinds.MIXED
        ),
        "list of parts that is no list": Hostile(
            "a.docx", office().replace(b"PK\x01\x02", b"PK\x01\x09"), kinds.DAMAGED
        ),
        "archive on several disks": Hostile("a.docx", on_disks(office()), kinds.MIXED),
        "truncated document": Hostile("a.docx", office()[:-30], kinds.DAMAGED),
        "rar": Hostile("a.docx", b"Rar!\x1a\x07\x01\x00", kinds.ARCHIVE),
        "gzip": Hostile("a.csv", b"\x1f\x8b\x08\x00", kinds.ARCHIVE),
    }


def _office_files() -> dict[str, Hostile]:
    macro = '<Override PartName="/word/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    rels = "word___rels__document_dot_xml_dot_rels"
    dde = b"<w:p xmlns:w='w'><w:instrText xml:space='preserve'> DDEAUTO c:\\\\cmd.exe </w:instrText></w:p>"
    laughs = b'<!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><t>&b;</t>'
    return {
        "docm named docx": Hostile("a.docx", office(main=MACRO_MAIN), kinds.MACROS),
        "docm": Hostile("a.docm", office(main=MACRO_MAIN), kinds.MACROS),
        "VBA declared in a docx": Hostile("a.docx", office(more_types=macro), kinds.MACROS),
        "VBA hidden in a docx": Hostile(
            "a.docx", office(word__vbaProject_dot_bin=b"Attribute VB"), kinds.MACROS
        ),
        "ActiveX": Hostile("a.docx", office(word__activeX__activeX1_dot_xml=b"<a/>"), kinds.MACROS),
        "Excel 4 macro sheet": Hostile(
            "a.xlsx",
            office(
                "xlsx",
                more_types='<Override PartName="/xl/m.xml" '
                'ContentType="application/vnd.ms-excel.intlmacrosheet+xml"/>',
            ),
            kinds.MACROS,
        ),
        "word template": Hostile(
            "a.docx",
            office(main=f"{kinds.OOXML}.wordprocessingml.template.main+xml"),
            kinds.OTHER_OFFICE,
        ),
        "embedded OLE object": Hostile(
            "a.docx", office(word__embeddings__oleObject1_dot_bin=OLE), kinds.EMBEDDED
        ),
        "program as a picture": Hostile(
            "a.docx", office(word__media__image1_dot_png=EXE), kinds.EMBEDDED
        ),
        "web page as a part": Hostile("a.docx", office(word__afchunk_dot_mht=MHT), kinds.EMBEDDED),
        "template from elsewhere": Hostile(
            "a.docx",
            office(
                **{
                    rels: relations(
                        relation("attachedTemplate", "https://x.example/t.dotm", external=True)
                    )
                }
            ),
            kinds.OUTSIDE,
        ),
        "picture from elsewhere": Hostile(
            "a.docx",
            office(**{rels: relations(relation("image", "\\\\x.example\\a", external=True))}),
            kinds.OUTSIDE,
        ),
        "xlsx with an external link": Hostile(
            "a.xlsx",
            office(
                "xlsx",
                xl___rels__workbook_dot_xml_dot_rels=relations(
                    relation("externalLink", "externalLinks/externalLink1.xml")
                ),
                xl__externalLinks__externalLink1_dot_xml=b"<externalLink><ddeLink ddeService='cmd'/></externalLink>",
            ),
            kinds.OUTSIDE,
        ),
        "xlsx with a data connection": Hostile(
            "a.xlsx",
            office(
                "xlsx",
                xl___rels__workbook_dot_xml_dot_rels=relations(relation("connections", "c.xml")),
            ),
            kinds.OUTSIDE,
        ),
        "DDE field": Hostile("a.docx", office(word__header1_dot_xml=dde), kinds.OUTSIDE),
        "entities that explode": Hostile("a.docx", office(**{rels: laughs}), kinds.PACKED),
        "broken XML": Hostile("a.docx", office(**{rels: b"<a"}), kinds.DAMAGED),
        "Office file without a main part": Hostile(
            "a.docx", office(main="application/xml"), kinds.UNKNOWN
        ),
        "Word and Excel at once": Hostile(
            "a.docx",
            office(more_types=f'<Override PartName="/x" ContentType="{MAINS["xlsx"][0]}"/>'),
            kinds.DAMAGED,
        ),
        "part whose bytes are broken": Hostile("a.docx", broken_part(), kinds.DAMAGED),
        "old .doc": Hostile("a.doc", OLE + b"W\x00o\x00r\x00d\x00", kinds.OLD_OFFICE),
        "old .xls named xlsx": Hostile("a.xlsx", OLE + b"W\x00o\x00r\x00k\x00", kinds.OLD_OFFICE),
        "encrypted docx": Hostile(
            "a.docx", OLE + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 64, kinds.PASSWORD
        ),
        "rtf": Hostile("a.doc", b"{\\rtf1 {\\object\\objdata 0105}}", kinds.OLD_OFFICE),
    }


def _open_documents() -> dict[str, Hostile]:
    script = "urn:oasis:names:tc:opendocument:xmlns:script:1.0"
    return {
        "odt with macros": Hostile(
            "a.odt", open_document(Basic__Standard__m_dot_xml=b"<a/>"), kinds.MACROS
        ),
        "odt that runs when opened": Hostile(
            "a.odt",
            open_document(content=f"<a xmlns:s='{script}'><s:event-listener/></a>".encode()),
            kinds.MACROS,
        ),
        "ods with DDE": Hostile(
            "a.ods",
            open_document("spreadsheet", b"<a xmlns:t='t'><t:dde-link/></a>"),
            kinds.OUTSIDE,
        ),
        "odt with a picture from elsewhere": Hostile(
            "a.odt",
            open_document(
                content=b"<a xmlns:d='d' xmlns:x='http://www.w3.org/1999/xlink'>"
                b"<d:image x:href='file://x.example/a'/></a>"
            ),
            kinds.OUTSIDE,
        ),
        "odt with a password": Hostile(
            "a.odt",
            zipped(
                {
                    "mimetype": f"{kinds.ODF}.text".encode(),
                    "META-INF/manifest.xml": b"<m:m xmlns:m='m'><m:encryption-data/></m:m>",
                },
                stored=("mimetype",),
            ),
            kinds.PASSWORD,
        ),
        "odt with more elements than a document has": Hostile(
            "a.odt", open_document(content=many_elements()), kinds.PACKED
        ),
        "odt whose kind is packed": Hostile(
            "a.odt", zipped({"mimetype": f"{kinds.ODF}.text".encode()}), kinds.DAMAGED
        ),
        "odt without a list of its parts": Hostile(
            "a.odt",
            zipped({"mimetype": f"{kinds.ODF}.text".encode()}, stored=("mimetype",)),
            kinds.DAMAGED,
        ),
        "odf that is a drawing": Hostile("a.odt", open_document("graphics"), kinds.UNKNOWN),
    }


def _pdfs() -> dict[str, Hostile]:
    script = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
    flood = zlib.compress(b"\x00" * (130 * 1024 * 1024), 9)
    return {
        "PDF with JavaScript": Hostile(
            "a.pdf", pdf(script, catalog=b"/OpenAction 7 0 R"), kinds.RUNS
        ),
        "PDF with JavaScript spelt oddly": Hostile(
            "a.pdf", pdf(b"<</S/J#61va#53cript/JS(1)>>"), kinds.RUNS
        ),
        "PDF with packed JavaScript": Hostile("a.pdf", pdf(packed_objects(script)), kinds.RUNS),
        "PDF with JavaScript packed twice": Hostile(
            "a.pdf",
            pdf(
                b"<</Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]/N 1/First 4/Length 9>>\n"
                b"stream\n78DA0000>\nendstream"
            ),
            kinds.RUNS,
        ),
        "PDF that launches": Hostile("a.pdf", pdf(b"<</S/Launch/F(cmd.exe)>>"), kinds.RUNS),
        "PDF with a file in it": Hostile(
            "a.pdf", pdf(b"<</Type /EmbeddedFile /Length 0>>"), kinds.RUNS
        ),
        "PDF with a form that runs": Hostile("a.pdf", pdf(b"<</XFA 7 0 R>>"), kinds.RUNS),
        "PDF of nothing but streams": Hostile("a.pdf", pdf(b"stream\n" * 60_000), kinds.PACKED),
        "PDF bomb": Hostile(
            "a.pdf",
            pdf(b"<</Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (len(flood), flood)),
            kinds.PACKED,
        ),
        "PDF with a password": Hostile("a.pdf", pdf(trailer=b"/Encrypt 6 0 R"), kinds.PASSWORD),
        "PDF behind HTML": Hostile("a.pdf", HTML + pdf(), kinds.MIXED),
        "HTML behind a PDF": Hostile("a.pdf", pdf() + HTML, kinds.MIXED),
        "much HTML behind a PDF": Hostile("a.pdf", pdf() + HTML + b" " * 9000, kinds.MIXED),
        "zip behind a PDF": Hostile("a.pdf", pdf() + zipped({"a": b"a"}), kinds.MIXED),
        "zip inside a PDF": Hostile(
            "a.pdf", pdf(b"(" + zipped({"a": b"a"}) + b")").rstrip() + b"\n", kinds.MIXED
        ),
        "truncated PDF": Hostile("a.pdf", pdf()[:200], kinds.DAMAGED),
    }


def _pictures() -> dict[str, Hostile]:
    png, jpeg = picture("PNG"), picture("JPEG")
    return {
        "truncated PNG": Hostile("a.png", png[:-20], kinds.DAMAGED),
        "PNG with a wrong checksum": Hostile(
            "a.png", png.replace(b"IDAT", b"IDAT", 1)[:60] + b"\x00" + png[61:], kinds.DAMAGED
        ),
        "PNG that would fill the memory": Hostile(
            "a.png", png_of_size(60000, 60000), kinds.HUGE_PICTURE
        ),
        "PNG without height": Hostile("a.png", png_of_size(60, 0), kinds.DAMAGED),
        "HTML behind a PNG": Hostile("a.png", png + HTML, kinds.MIXED),
        "zip behind a JPEG": Hostile("a.jpg", jpeg + zipped({"a": b"a"}), kinds.MIXED),
        "program behind a JPEG": Hostile("a.jpg", jpeg + EXE, kinds.MIXED),
        "truncated JPEG": Hostile("a.jpg", jpeg[:-40], kinds.DAMAGED),
        "JPEG of its first bytes": Hostile("a.jpg", b"\xff\xd8\xff\xe0", kinds.DAMAGED),
        "JPEG that would fill the memory": Hostile(
            "a.jpg",
            b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03" + b"\x00" * 9 + b"\xff\xd9",
            kinds.HUGE_PICTURE,
        ),
        "JPEG with bytes between its parts": Hostile(
            "a.jpg", jpeg[:20] + b"\x00\x00" + jpeg[20:], kinds.DAMAGED
        ),
        "JPEG in which another starts": Hostile(
            "a.jpg", b"\xff\xd8\xff\xd8\x00\x04\x00\x00\xff\xd9", kinds.DAMAGED
        ),
        "GIF": Hostile("a.gif", b"GIF89a\x01\x00\x01\x00", kinds.PICTURE),
        "GIF that is a script": Hostile("a.png", b"GIF89a=0;alert(1),2;", kinds.PICTURE),
        "SVG": Hostile("a.svg", SVG, kinds.DRAWING),
        "SVG named png": Hostile("a.png", b'<?xml version="1.0"?>\n' + SVG, kinds.DRAWING),
        "SVG in two bytes a letter": Hostile("a.csv", SVG.decode().encode("utf-16"), kinds.DRAWING),
        "webp": Hostile("a.jpg", b"RIFF\x00\x00\x00\x00WEBPVP8 ", kinds.PICTURE),
    }


def _texts_and_more() -> dict[str, Hostile]:
    return {
        "HTML named pdf": Hostile("a.pdf", HTML, kinds.WEB_PAGE),
        "HTML named csv": Hostile(
            "a.csv", b"a,b\n" * 3000 + b"<script>1</script>,2\n", kinds.WEB_PAGE
        ),
        "web archive": Hostile("a.mht", MHT, kinds.WEB_PAGE),
        "script of a server": Hostile("a.csv", b"a,b\n<?php system(1), 2 ?>", kinds.WEB_PAGE),
        "Windows program": Hostile("a.exe", EXE, kinds.PROGRAM),
        "Windows program named csv": Hostile("a.csv", EXE, kinds.PROGRAM),
        "Linux program": Hostile("a.pdf", b"\x7fELF\x02\x01\x01" + b"\x00" * 60, kinds.PROGRAM),
        "shell script": Hostile("a.csv", b"#!/bin/sh\necho a,b\n", kinds.PROGRAM),
        "Windows shortcut": Hostile("a.pdf", LNK, kinds.PROGRAM),
        "internet shortcut": Hostile("a.csv", b"[InternetShortcut]\nURL=file://x,y", kinds.PROGRAM),
        "CSV with NUL bytes": Hostile("a.csv", b"a,b\n1,\x002\n", kinds.CSV_ENCODING),
        "CSV in two bytes a letter": Hostile(
            "a.csv", "a,b\n1,2\n".encode("utf-16"), kinds.CSV_ENCODING
        ),
        "CSV with an endless cell": Hostile(
            "a.csv", b'"' + b"a" * 140_000 + b'",b', kinds.NO_TABLE
        ),
        "virus test text named csv": Hostile("a.csv", EICAR, kinds.NO_TABLE),
        "text": Hostile("a.txt", b"Minutes of the board, in short.", kinds.PLAIN_TEXT),
        "table named js": Hostile("a.js", b"alert(1),2\n", kinds.PLAIN_TEXT),
        "random bytes named pdf": Hostile("a.pdf", bytes(range(256)) * 4, kinds.UNKNOWN),
        "nothing": Hostile("a.pdf", b"", kinds.EMPTY),
        "one byte too many": Hostile("a.pdf", b"%PDF-" + b" " * (LARGEST - 4), kinds.TOO_LARGE),
    }
