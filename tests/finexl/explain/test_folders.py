"""Two folders become pairs by name, and nothing is left out without its name and a reason."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from PIL import Image

from finexl.errors import InvalidInputError
from finexl.explain.folders import FolderPairs, read_folders


def fill(folder: Path, names: str, *, size: int = 16, format: str | None = None, mode: str = "RGB") -> Path:
    """A folder with a picture for every name, in a colour of the name's own."""
    for name in names.split():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        red, green, *_ = crc32(name.encode()).to_bytes(4, "big")
        Image.new("RGB", (size, size), (red, green, 90)).convert(mode).save(folder / name, format=format)
    return folder


def copy(file: Path, name: str) -> None:
    """The same picture under another name; the suffix may be another."""
    with Image.open(file) as picture:
        picture.save(file.with_name(name))


def read(root: Path, **given) -> FolderPairs:
    return read_folders(root / "base", root / "tuned", **given)


def reasons(pairs: FolderPairs) -> dict[str, str]:
    return {each.name: each.reason for each in pairs.left_out}


def test_pictures_are_paired_by_name_whatever_the_suffix_and_sub_folder(tmp_path: Path) -> None:
    fill(tmp_path / "base", "b.png a.png x/c.png")
    fill(tmp_path / "tuned", "x/c.bmp a.jpg b.png")
    pairs = read(tmp_path)
    assert pairs.names == ("a", "b", "x/c")
    assert [path.name for path in pairs.tuned.paths] == ["a.jpg", "b.png", "c.bmp"]


def test_what_systems_leave_is_passed_over_and_counted(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png .hidden.png __MACOSX/a.png .ipynb_checkpoints/a.png .git/deep/x.png")
    fill(tmp_path / "tuned", "a.png")
    (tmp_path / "tuned" / "Thumbs.db").write_bytes(b"")
    pairs = read(tmp_path)
    assert pairs.names == ("a",) and pairs.n_litter == 5 and not pairs.left_out
    assert "5 hidden files" in pairs.told()[0]


def test_pictures_without_partner_are_named(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png c.png")
    found = reasons(read(tmp_path))
    assert found.keys() == {"base/b.png", "tuned/c.png"} and "no partner" in found["base/b.png"]


def test_pictures_that_cannot_be_read_are_named_with_their_reason(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png b.png c.png")
    fill(tmp_path / "tuned", "a.png b.png c.png")
    (tmp_path / "base" / "b.png").write_bytes(b"no picture")
    Image.new("RGB", (4, 4)).save(tmp_path / "tuned" / "c.png")
    pairs = read(tmp_path)
    found = reasons(pairs)
    assert pairs.names == ("a",)
    assert "not an image" in found["base/b.png"] and "8 is the least" in found["tuned/c.png"]


def test_pictures_of_other_formats_are_named(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png b.gif")
    fill(tmp_path / "tuned", "a.png")
    assert "GIF is not read; convert it" in reasons(read(tmp_path))["base/b.gif"]


def test_of_two_pictures_of_one_name_none_is_taken(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png a.jpg b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    pairs = read(tmp_path)
    assert pairs.names == ("b",) and {"base/a.png", "base/a.jpg"} <= reasons(pairs).keys()


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (("a.png", "a.jpg"), "with another suffix"),
        (("caf\u00e9.png", "cafe\u0301.png"), "its accents stored in another way"),
        (("\udce9.png", "\udce8.png"), "not in UTF-8"),
    ],
)
def test_why_two_pictures_have_one_name_is_told(tmp_path: Path, names: tuple[str, str], reason: str) -> None:
    fill(tmp_path / "base", "b.png")
    fill(tmp_path / "tuned", "b.png")
    for name in names:
        copy(tmp_path / "base" / "b.png", name)
    left_out = read(tmp_path).left_out
    assert len(left_out) == 2 and all(reason in each.reason for each in left_out)


def test_copies_of_a_pair_count_once_and_are_named(tmp_path: Path) -> None:
    for side in ("base", "tuned"):
        fill(tmp_path / side, "a.png b.png")
        copy(tmp_path / side / "a.png", "c.png" if side == "base" else "c.bmp")
    pairs = read(tmp_path)
    assert pairs.names == ("a", "b")
    assert "1 left out: it and its partner are the pictures of another pair" in pairs.told()[0]
    assert "base/c.png" in pairs.told()[0]


@pytest.mark.parametrize("side", ["base", "tuned"])
def test_pairs_that_are_alike_on_one_side_alone_all_count(tmp_path: Path, side: str) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    copy(tmp_path / side / "a.png", "b.png")
    pairs = read(tmp_path)
    assert pairs.names == ("a", "b") and not pairs.left_out


@pytest.mark.parametrize("side", ["base", "tuned"])
def test_unpaired_copies_within_a_side_count_once_and_leave_the_other_side_even(
    tmp_path: Path, side: str
) -> None:
    fill(tmp_path / "base", "a.png b.png c.png")
    fill(tmp_path / "tuned", "a.png b.png c.png")
    copy(tmp_path / side / "a.png", "b.png")
    pairs = read(tmp_path, paired=False)
    other = "tuned" if side == "base" else "base"
    assert len(pairs) == 2
    assert reasons(pairs) == {
        f"{side}/b.png": "the same picture is in its folder under another name, and counts once",
        f"{other}/b.png": "the other folder has fewer pictures",
    }


@pytest.mark.parametrize(
    ("what", "given"),
    [("format", {"format": "JPEG"}), ("size", {"size": 24}), ("transparency", {"mode": "RGBA"})],
)
def test_a_difference_that_no_model_made_is_told(tmp_path: Path, what: str, given: dict[str, object]) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png", **given)  # type: ignore[arg-type]  # a case is one keyword
    (warning,) = read(tmp_path).warnings
    assert f"2 of 2 pictures differ in {what}" in warning


def test_folders_that_are_stored_alike_are_not_warned_of(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    assert read(tmp_path).told() == []


def test_a_photograph_is_upright_on_both_sides(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for side in ("base", "tuned"):
        (tmp_path / side).mkdir()
        Image.new("RGB", (16, 24)).save(tmp_path / side / "a.jpg", exif=exif)
    pairs = read(tmp_path)
    assert pairs.base[0].size == pairs.tuned[0].size == (24, 16)


def test_captions_beside_the_base_or_the_tuned_pictures_are_prompts(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    (tmp_path / "base" / "a.txt").write_text("a boat\n", encoding="utf-8")
    (tmp_path / "tuned" / "b.txt").write_text("ein Häuschen", encoding="utf-16")
    assert read(tmp_path).prompts == ("a boat", "ein Häuschen")


def test_captions_of_some_pictures_only_are_not_used_and_that_is_told(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    (tmp_path / "base" / "a.txt").write_text("a boat")
    pairs = read(tmp_path)
    assert pairs.prompts == () and "1 pictures have no caption, so none is used: b" in pairs.warnings[0]


def test_captions_that_differ_between_the_folders_are_told(tmp_path: Path) -> None:
    for side, said in (("base", "a boat"), ("tuned", "a car")):
        fill(tmp_path / side, "a.png")
        (tmp_path / side / "a.txt").write_text(said)
    pairs = read(tmp_path)
    assert pairs.prompts == ("a boat",) and "1 captions differ" in pairs.warnings[0]


def test_unpaired_captions_are_those_of_one_side_and_not_compared(tmp_path: Path) -> None:
    for side, said in (("base", "a boat"), ("tuned", "a car")):
        fill(tmp_path / side, "a.png")
        (tmp_path / side / "a.txt").write_text(said)
    pairs = read(tmp_path, paired=False)
    assert pairs.prompts == ("a boat",) and not pairs.warnings


def test_unpaired_captions_of_both_sides_are_not_mixed(tmp_path: Path) -> None:
    for side, name in (("base", "a"), ("tuned", "b")):
        fill(tmp_path / side, "a.png b.png")
        (tmp_path / side / f"{name}.txt").write_text("a boat")
    pairs = read(tmp_path, paired=False)
    assert pairs.prompts == () and "1 pictures have no caption, so none is used: b" in pairs.warnings[0]


def test_a_caption_that_cannot_be_looked_at_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png")
    fill(tmp_path / "tuned", "a.png")
    (tmp_path / "base" / "a.txt").symlink_to("x" * 300)
    with pytest.raises(
        InvalidInputError, match=r"A caption must be a file that can be read.*a\.txt': File name too long"
    ):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.txt", "a boat\na car\n"),
        ("p.csv", "file_name,prompt\nb.png,a car\na.png,a boat\n"),
        ("p.tsv", "name\ttext\nb\ta car\na\ta boat\n"),
        ("p.jsonl", '{"file_name": "a.png", "text": "a boat"}\n{"file_name": "b.png", "text": "a car"}'),
        ("p.json", '{"a": "a boat", "b.png": "a car"}'),
    ],
)
def test_a_file_of_prompts_goes_by_order_or_by_names(tmp_path: Path, name: str, text: str) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    (tmp_path / name).write_text(text)
    assert read(tmp_path, prompts=tmp_path / name).prompts == ("a boat", "a car")


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("p.txt", b"one\n", "one prompt per line for each of 2 pairs.*It holds 1"),
        ("p.csv", b"file_name,prompt\na.png,a boat\n", "1 have none: b"),
        ("p.csv", b"x,y\n1,2\n", "must have one of file_name"),
        ("p.jsonl", b"nonsense", "must be JSON"),
        (
            "p.jsonl",
            b'{"name": "a", "prompt": "x"}\n\n{nope',
            "must be JSON: line 3, column 2: Expecting property",
        ),
        ("p.json", b'{"a": {"prompt": "a boat"}, "b": "a car"}', "as texts. Got .*'a boat'"),
        ("p.json", b'{"a": 7, "b": "a car"}', "as texts. Got .*7"),
        ("p.json", b'{"a": "half \\ud800", "b": "a car"}', "as texts. Got"),
        ("p.yaml", b"a: a boat\nb: a car\n", "a file of lines, or a .csv"),
        (
            "p.csv",
            b"file_name,prompt\nbase/a.png,a boat\n",
            "2 have none: a, b. It has some of no pair: base/a.",
        ),
        ("p.txt", b"\xff\x00\xfe\x81\n", "must be in UTF-8"),
        ("p.json", b'{"a": "a boat", "b": "a car", "a": "a cat"}', "'a' stands twice in one object"),
        (
            "p.jsonl",
            b'{"name": "a", "prompt": "x"}\n{"name": "b", "prompt": "x", "prompt": "y"}',
            "line 2: 'prompt' stands twice",
        ),
        ("p.json", b'[{"name": "a", "prompt": "x", "Prompt": "y"}]', "It has 2 called 'prompt'; keep one"),
        ("p.csv", b"name,prompt,prompt\na,x,y\nb,x,y\n", "It has 2 called 'prompt'; keep one"),
        ("p.csv", b"file_name,File_Name,prompt\na,b,x\nb,a,y\n", "It has 2 called 'file_name'; keep one"),
    ],
)
def test_prompts_that_do_not_fit_are_refused(tmp_path: Path, name: str, text: bytes, complaint: str) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    (tmp_path / name).write_bytes(text)
    with pytest.raises(InvalidInputError, match=complaint):
        read(tmp_path, prompts=tmp_path / name)


def test_folders_without_a_common_name_are_refused_with_a_way_out(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png")
    fill(tmp_path / "tuned", "b.png")
    with pytest.raises(InvalidInputError, match=r"BASE has a; TUNED has b.*--unpaired"):
        read(tmp_path)


def test_unpaired_folders_give_as_many_pictures_as_the_smaller_has(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png b.png c.png")
    fill(tmp_path / "tuned", "x.png y.png")
    pairs = read(tmp_path, paired=False)
    assert [path.stem for path in pairs.base.paths] == ["a", "c"] and not pairs.paired
    assert reasons(pairs) == {"base/b.png": "the other folder has fewer pictures"}


@pytest.mark.parametrize("broken", ["missing", "empty", "same"])
def test_folders_that_are_none_or_the_same_are_refused_at_once(tmp_path: Path, broken: str) -> None:
    fill(tmp_path / "base", "a.png")
    other = {"missing": tmp_path / "gone", "empty": tmp_path / "empty", "same": tmp_path / "base"}[broken]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInputError, match=r"must be a folder|must hold pictures|two folders"):
        read_folders(tmp_path / "base", other)


@pytest.mark.parametrize("role", ["BASE", "TUNED"])
def test_a_folder_that_cannot_be_looked_at_is_refused_by_name(tmp_path: Path, role: str) -> None:
    fill(tmp_path / "base", "a.png")
    folders = [tmp_path / "base", tmp_path / ("x" * 300)]
    with pytest.raises(InvalidInputError, match=f"{role} must be a folder that can be opened.*name too long"):
        read_folders(*(folders if role == "TUNED" else reversed(folders)))


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png")
    with pytest.raises(InvalidInputError, match=r"TUNED must be a folder of pictures\. There is none"):
        read_folders(tmp_path / "base", tmp_path / "tuned\0")


def test_a_picture_that_is_a_link_to_itself_is_named_with_the_reason(tmp_path: Path) -> None:
    fill(tmp_path, "a.png b.png")
    fill(tmp_path / "inner", "a.png b.png")
    (tmp_path / "b.png").unlink()
    (tmp_path / "b.png").symlink_to("b.png")
    pairs = read_folders(tmp_path, tmp_path / "inner")
    assert pairs.names == ("a",) and "it cannot be opened" in reasons(pairs)["base/b.png"]


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder in a base, deeper than functions may call themselves and than pytest removes."""
    folders = [tmp_path / "base"]
    for _ in range(1100):
        folders[-1].mkdir()
        folders.append(folders[-1] / "d")
    yield fill(folders[-1], "a.png")
    (folders[-1] / "a.png").unlink()
    for folder in reversed(folders):
        folder.rmdir()


def test_pictures_in_very_deep_folders_are_found(tmp_path: Path, deep: Path) -> None:
    fill(tmp_path / "base", "b.png")
    fill(tmp_path / "tuned", "b.png")
    assert reasons(read(tmp_path)).keys() == {f"base/{(deep / 'a.png').relative_to(tmp_path / 'base')}"}
    (tmp_path / "base" / "b.png").unlink()


def test_pictures_that_are_all_broken_are_named(tmp_path: Path) -> None:
    for side in ("base", "tuned"):
        fill(tmp_path / side, "a.png")
        (tmp_path / side / "a.png").write_bytes(b"")
    with pytest.raises(InvalidInputError, match=r"None of 1 is: base/a\.png: it is empty"):
        read(tmp_path)


def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    told = []
    read(tmp_path, tell=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_unknown_prompts_are_empty_texts_for_explainers(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png")
    fill(tmp_path / "tuned", "a.png")
    pairs = read(tmp_path).as_pairs()
    assert pairs.prompts == ("",) and np.asarray(pairs.base[0]).shape == (16, 16, 3)


@pytest.mark.parametrize("name", ["@eaDir", "#recycle", "System Volume Information", "__pycache__"])
def test_what_storage_servers_leave_is_passed_over_on_both_sides(tmp_path: Path, name: str) -> None:
    for side in ("base", "tuned"):
        fill(tmp_path / side, "a.png")
        fill(tmp_path / side / name, "x.png")
    pairs = read(tmp_path)
    assert pairs.names == ("a",) and pairs.n_litter == 2


def test_folders_that_are_links_are_read_and_circles_end(tmp_path: Path) -> None:
    fill(tmp_path / "elsewhere", "x.png")
    for side in ("base", "tuned"):
        fill(tmp_path / side, "a.png")
        (tmp_path / side / "sub").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "base" / "loop").symlink_to(tmp_path / "base")
    pairs = read(tmp_path)
    assert pairs.names == ("a", "sub/x")
    assert reasons(pairs) == {"base/loop": "its folder is a link to one that was read already"}


def test_names_are_the_same_however_their_accents_are_stored(tmp_path: Path) -> None:
    fill(tmp_path / "base", unicodedata.normalize("NFC", "café.png"))
    fill(tmp_path / "tuned", unicodedata.normalize("NFD", "café.png"))
    assert read(tmp_path).names == ("café",)


LINES = 'file_name,prompt\na.png,"a cat, old"\nb.png,a dog\n'


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        LINES.replace("e,p", "e;p").replace("g,", "g;"),
        "sep=;\n" + LINES.replace("e,p", "e;p").replace("g,", "g;"),
        LINES.replace("e,p", "e, p").replace("g,", "g, "),
        LINES.replace("\n", "\r\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_prompts_are_read_as_spreadsheets_write_them(tmp_path: Path, text: str, encoding: str) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    (tmp_path / "p.csv").write_bytes(text.encode(encoding))
    assert read(tmp_path, prompts=tmp_path / "p.csv").prompts == ("a cat, old", "a dog")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (LINES + "a.png,another\n", "two for 'a.png': 'a cat, old' and 'another'"),
        (LINES.replace('"', ""), "Row 1 has; put prompts with commas in quotes"),
        (LINES.encode("utf-16-le").decode("latin-1"), "UTF-16 without its mark"),
    ],
)
def test_prompts_that_could_be_others_are_refused(tmp_path: Path, text: str, complaint: str) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    (tmp_path / "p.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(InvalidInputError, match=complaint):
        read(tmp_path, prompts=tmp_path / "p.csv")


def test_prompts_of_no_pair_are_told(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    (tmp_path / "p.csv").write_text(LINES + "c.png,a fish\n")
    assert "1 prompts are of no pair: c." in read(tmp_path, prompts=tmp_path / "p.csv").told()


def test_further_frames_are_told(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png")
    (tmp_path / "tuned").mkdir()
    frames = [Image.new("RGB", (16, 16), (grey,) * 3) for grey in (10, 200)]
    frames[0].save(tmp_path / "tuned" / "a.webp", save_all=True, append_images=frames[1:], lossless=True)
    assert "Pictures of several frames are seen by their first." in read(tmp_path).told()


@pytest.mark.parametrize("apart", ["\u2028", "\x85", "\x0c", "\x1e"])
@pytest.mark.parametrize("name", ["p.txt", "p.jsonl"])
def test_only_the_end_of_a_line_ends_a_prompt(tmp_path: Path, name: str, apart: str) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    said = [f"a{apart}boat", "a car"]
    lines = (
        said
        if name == "p.txt"
        else [f'{{"name": "{n}", "prompt": "{s}"}}' for n, s in zip("ab", said, strict=True)]
    )
    if apart < " ":  # which JSON holds as numbers alone
        lines = [line if name == "p.txt" else line.replace(apart, " ") for line in lines]
    (tmp_path / name).write_text("\r\n".join(lines), encoding="utf-8", newline="")
    assert read(tmp_path, prompts=tmp_path / name).prompts == ("a boat", "a car")


def test_columns_are_found_however_their_names_are_written(tmp_path: Path) -> None:
    fill(tmp_path / "base", "a.png b.png")
    fill(tmp_path / "tuned", "a.png b.png")
    (tmp_path / "p.csv").write_text("File_Name,PROMPT\na.png,a boat\nb.png,a car\n")
    assert read(tmp_path, prompts=tmp_path / "p.csv").prompts == ("a boat", "a car")


@pytest.mark.parametrize("outer", ["base", "tuned"])
@pytest.mark.parametrize("paired", [True, False])
def test_pictures_of_a_folder_within_the_other_are_its_own_alone(
    tmp_path: Path, outer: str, paired: bool
) -> None:
    fill(tmp_path, "a.png b.png")
    fill(tmp_path / "inner", "a.png b.png")
    folders = {outer: tmp_path}
    pairs = read_folders(
        folders.get("base", tmp_path / "inner"), folders.get("tuned", tmp_path / "inner"), paired=paired
    )
    assert pairs.names == ("a", "b") and not pairs.left_out
    assert {path.parent for path in pairs.base.paths}.isdisjoint(path.parent for path in pairs.tuned.paths)
