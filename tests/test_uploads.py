"""What a file is, by its content; and a name that is safe to keep."""

import contextlib
import io
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from send_portal.uploads import FileType, RefusedError, clean_name, inspect, kinds
from tests.made_files import good_files, hostile_files, office, pdf, picture


def refused(content, name):
    with pytest.raises(RefusedError) as error:
        inspect(io.BytesIO(content), name)
    return str(error.value)


@pytest.mark.parametrize("name", good_files())
def test_a_good_file_is_what_it_is_whatever_it_is_called(name):
    file = good_files()[name]
    assert inspect(io.BytesIO(file.content), name) == file.type
    if file.type != FileType.CSV:
        assert inspect(io.BytesIO(file.content), "report.exe") == file.type


@pytest.mark.parametrize("what", hostile_files())
def test_a_hostile_file_is_refused_with_its_reason(what):
    file = hostile_files()[what]
    assert refused(file.content, file.name) == file.reason


@pytest.mark.parametrize("what", hostile_files())
def test_a_hostile_file_on_disk_is_refused_with_the_same_reason(what):
    """Large uploads lie on disk and are read there."""
    file = hostile_files()[what]
    with tempfile.TemporaryFile() as disk:
        disk.write(file.content)
        disk.seek(0)
        with pytest.raises(RefusedError) as error:
            inspect(disk, file.name)
    assert str(error.value) == file.reason


def test_there_are_more_than_thirty_hostile_files_and_each_kind_is_good_once():
    assert len(hostile_files()) > 60
    assert {file.type for file in good_files().values()} == set(FileType)


def test_every_reason_tells_a_person_what_to_do_or_that_nothing_helps():
    for reason in {file.reason for file in hostile_files().values()}:
        assert any(
            word in reason
            for word in (
                "elect",
                "Save",
                "save",
                "Print",
                "Unpack",
                "never taken",
                "Make",
                "columns",
            )
        ), reason


def test_the_file_is_left_at_its_start():
    for content, name in ((pdf(), "a.pdf"), (office(), "a.docx"), (b"", "a.pdf")):
        file = io.BytesIO(content)
        with contextlib.suppress(RefusedError):
            inspect(file, name)
        assert file.tell() == 0


GOOD_BYTES = [file.content for file in good_files().values()]


@settings(max_examples=400, deadline=None)
@given(
    content=st.sampled_from(GOOD_BYTES),
    cuts=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    filling=st.binary(max_size=40),
    name=st.sampled_from(["a.pdf", "a.csv", "a"]),
)
def test_no_damage_to_a_good_file_breaks_the_look_at_it(content, cuts, filling, name):
    start, end = sorted(int(cut * len(content)) for cut in cuts)
    try:
        found = inspect(io.BytesIO(content[:start] + filling + content[end:]), name)
    except RefusedError:
        return
    assert found in FileType


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]),
)
def test_no_bytes_break_the_look_at_them(rest, start):
    with contextlib.suppress(RefusedError):
        assert inspect(io.BytesIO(start + rest), "a.csv") in FileType


# ---- Names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Board minutes 2026.pdf", "Board minutes 2026.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\Minutes.PDF", "Minutes.PDF"),
        ("report\u202efdp.exe", "reportfdp.exe.pdf"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "ab Set-Cookie_ x.pdf"),
        ("Évaluation – été.pdf", "Évaluation – été.pdf"),
        ('a"b<c>|?*.pdf', "a_b_c_.pdf"),
        ("", "file.pdf"),
        (".pdf", "pdf.pdf"),
        ("...", "file.pdf"),
        ("report.html", "report.html.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_kept_as_people_read_it(name, kept):
    assert clean_name(name, FileType.PDF) == kept


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_name_becomes_one_that_is_safe(name):
    kept = clean_name(name, FileType.CSV)
    assert kept.isprintable()
    assert kept.lower().endswith(".csv")
    assert len(kept) <= 120
    assert not set('/\\<>:"|?*') & set(kept)
    assert not kept.startswith(".")
    assert clean_name(kept, FileType.CSV) == kept


def test_a_picture_may_end_in_either_way():
    assert clean_name("a.jpeg", FileType.JPEG) == "a.jpeg"
    assert clean_name("a.JPG", FileType.JPEG) == "a.JPG"
    assert clean_name("a", FileType.JPEG) == "a.jpg"


def test_a_picture_of_many_pixels_is_taken_up_to_the_limit():
    assert inspect(io.BytesIO(picture("PNG", (2000, 1500))), "a.png") == FileType.PNG
    assert refused(b"II*\x00", "a.png") == kinds.PICTURE
