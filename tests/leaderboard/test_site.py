"""The site works from a disk, shows hostile text as text, and is the same bytes on every build."""

import json
import re
import shutil
import subprocess
import threading
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.request import urlopen

import pytest
from effort import n_calls
from small_board import (
    Files,
    Made,
    admission,
    answers,
    entry,
    facts,
    scored,
    submission,
    written,
    wrong,
)

from benchmark.bundle.manifest import Bundle
from leaderboard.board.table import BoardError
from leaderboard.entry.example import json_lines
from leaderboard.entry.making import entry_files
from leaderboard.ledger.chain import Ledger, read_ledger, write_ledger
from leaderboard.site.building import Place, differing, site_files, write_site
from leaderboard.site.serving import server

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus x='",
    "</style><svg onload=alert(1)>",
    "</title><iframe src=//a.org>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "<!-- --><base href=//a.org>",
]


class Elements(HTMLParser):
    """Elements with the names of their attributes, counted, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.links: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag, tuple(name for name, _ in attrs)] += 1
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in ("meta", "input", "img", "line", "circle", "polyline"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def admitted(place: Place, files: Files, made: Made, *, text: str = "test", role: str = "entry") -> None:
    one = submission(files)
    written(place.entries / one.id, files)
    event = admission(one, scored(made), role=role)
    event = event.model_copy(update={"audit": event.audit.model_copy(update={"why": text})})
    write_ledger(place.ledger, read_ledger(place.ledger).with_event(event, day="2026-03-01", reason=text))


def hostile(bundle: Bundle, text: str) -> Files:
    """An entry with a text in every field that takes one."""
    said = answers(bundle, wrong)
    said[0]["said"] = {"kind": "claims", "claims": [{"concept": text, "amount": 1.0}]}
    said[1]["said"] = {"kind": "text", "text": text}
    said[2]["said"] = {"kind": "failure", "reason": "failed", "detail": text}
    fields = facts(bundle, authors=[text], encoder=text, vlms=[text], judge=text, settings={"key": text})
    fields["environment"] = {"python": text, "platform": text, "packages": {text: text}}
    return entry_files(fields, explanations=json_lines(said))


@pytest.fixture(scope="module")
def place(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(folder=tmp_path_factory.mktemp("board"))
    for number in range(6):
        files = entry(bundle, name=f"explainer{number}", track=("solo", "told")[number % 2])
        admitted(place, files, Made(0.1 * number, tuple(0.1 * number + 0.01 * unit for unit in range(8))))
    files = entry(bundle, answers(bundle, wrong), name="constant", claimed=[
        {"scenario": "multi_aspect", "metric": "selection_accuracy", "value": 0.99}])  # fmt: skip
    admitted(place, files, Made(0.17), role="control")
    return place


@pytest.fixture(scope="module")
def files(place: Place, bundle: Bundle) -> dict[str, bytes]:
    return site_files(place, bundle)


def page_of(files: dict[str, bytes], start: str) -> Elements:
    return Elements(next(content for name, content in files.items() if name.startswith(start)).decode())


def test_the_same_ledger_and_entries_make_the_same_bytes(
    place: Place, bundle: Bundle, files: dict[str, bytes], tmp_path: Path
) -> None:
    copied = shutil.copytree(place.folder, tmp_path / "elsewhere")
    assert site_files(Place(folder=copied), bundle) == files


def test_a_site_is_written_once_and_then_as_it_should_be(files: dict[str, bytes], tmp_path: Path) -> None:
    assert {*write_site(tmp_path, files)} == files.keys()
    assert write_site(tmp_path, files) == []
    (tmp_path / "index.html").write_text("edited", encoding="utf-8")
    (tmp_path / "left.html").write_text("over", encoding="utf-8")
    assert differing(tmp_path, files) == ["index.html", "left.html"]
    write_site(tmp_path, files)
    assert differing(tmp_path, files) == []


def test_an_entry_that_was_changed_is_not_shown(place: Place, bundle: Bundle, tmp_path: Path) -> None:
    copied = Place(folder=shutil.copytree(place.folder, tmp_path / "elsewhere"))
    path = next(copied.entries.glob("constant*/explanations.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"striped", b"vivid"))
    with pytest.raises(BoardError, match="as it was admitted"):
        site_files(copied, bundle)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_adds_no_element_and_no_attribute(payload: str, bundle: Bundle, tmp_path: Path) -> None:
    def pages(text: str, folder: Path) -> dict[str, Elements]:
        place = Place(folder=folder)
        admitted(place, hostile(bundle, text), Made(0.5), text=text)
        return {
            name.partition("-")[0]: Elements(content.decode())
            for name, content in site_files(place, bundle).items()
            if name.endswith(".html")
        }

    plain, attacked = pages("harmless", tmp_path / "a"), pages(payload, tmp_path / "b")
    for name, page in plain.items():
        assert attacked[name].elements == page.elements, name
    assert payload in "".join(attacked["entries/brightness"].words)


def test_pages_load_nothing_from_elsewhere(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        if name.endswith(".html"):
            page = Elements(content.decode())
            own = [link for link in page.links if not link.startswith(("#", "https://example.org/"))]
            root = Path(name).parent
            for link in own:
                target = (Path("/") / root / link.partition("#")[0]).resolve().relative_to("/").as_posix()
                assert target in files, f"{name}: {link}"


def test_every_link_into_a_page_has_its_place(files: dict[str, bytes]) -> None:
    pages = {name: content.decode() for name, content in files.items() if name.endswith(".html")}
    ids = {name: {*re.findall(r'id="([^"]+)"', page)} for name, page in pages.items()}
    for name, page in pages.items():
        for link in Elements(page).links:
            other, mark, anchor = link.partition("#")
            if mark and not link.startswith("https:"):
                target = Path("/", name).parent / other if other else Path("/", name)
                assert anchor in ids[target.resolve().relative_to("/").as_posix()], f"{name}: {link}"


def test_the_policy_admits_the_pages_own_script_and_style_alone(files: dict[str, bytes]) -> None:
    from base64 import b64encode
    from hashlib import sha256

    page = unescape(files["index.html"].decode())
    for tag, source in (("script", "script-src"), ("style", "style-src")):
        (own,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert f"{source} 'sha256-{b64encode(sha256(own.encode()).digest()).decode()}'" in page
    assert "default-src 'none'" in page and " style=" not in page and " onclick" not in page


def test_tags_are_balanced_and_ids_unique(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        if name.endswith(".html"):
            page = Elements(content.decode())
            ids = re.findall(r'\bid="([^"]+)"', content.decode())
            assert page.open == [] and len(ids) == len({*ids}), name


def test_every_column_is_sorted_by_a_button_and_every_cell_has_a_number(files: dict[str, bytes]) -> None:
    page = files["index.html"].decode()
    (table, *_) = re.findall(r'<table class="board">.*?</table>', page, re.DOTALL)
    heads = re.findall(r"<th [^>]*scope=\"col\".*?</th>", table, re.DOTALL)
    assert heads and all("<button" in head for head in heads)
    assert all(
        re.fullmatch(r"|-?[0-9.e-]+", value)
        for value in re.findall(r'data-(?:value|certified)="([^"]*)"', table)
    )


def test_the_papers_numbers_stand_apart_as_not_verified(files: dict[str, bytes]) -> None:
    page = files["index.html"].decode()
    assert "Published, not verified" in page.partition('<section id="published">')[2]


def test_a_claimed_number_is_struck_through(files: dict[str, bytes]) -> None:
    assert "<s>99.0</s>" in next(content for name, content in files.items() if "constant" in name).decode()


def test_trials_are_shown_with_images_and_truth(files: dict[str, bytes], bundle: Bundle) -> None:
    page = files["trials.html"].decode()
    assert "vivid 5" in page and "not certified" in page
    assert all(f"images/{image}.png" in files for image in re.findall(r"images/(\w+)\.png", page))


def test_a_board_of_nobody_is_a_page_too(tmp_path: Path) -> None:
    assert "No entries yet." in site_files(Place(folder=tmp_path), None)["index.html"].decode()


def test_the_server_is_reached_from_this_machine_alone(files: dict[str, bytes], tmp_path: Path) -> None:
    write_site(tmp_path, files)
    with server(tmp_path, port=0) as httpd:
        host, port = httpd.server_address[:2]
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        try:
            with urlopen(f"http://{host}:{port}/board.json", timeout=300) as reply:
                assert json.load(reply)["bundle"].startswith("small-1")
        finally:
            httpd.shutdown()
            thread.join()
    assert host == "127.0.0.1"


def place_of(n_entries: int, *, folder: Path, bundle: Bundle) -> Place:
    place, ledger = Place(folder=folder), Ledger()
    for number in range(n_entries):
        files = entry(bundle, name=f"explainer{number}")
        one = submission(files)
        written(place.entries / one.id, files)
        units = tuple((number * 7919 + unit * 104729) % 1000 / 1000 for unit in range(12))
        event = admission(one, scored(Made(sum(units) / 12, units), Made(0.3, units, metric="claim_f1")))
        ledger = ledger.with_event(event, day="2026-03-01", reason="test")
    write_ledger(place.ledger, ledger)
    return place


def test_two_hundred_entries_are_built(bundle: Bundle, tmp_path: Path) -> None:
    assert len(site_files(place_of(200, folder=tmp_path, bundle=bundle), bundle)) > 200


def test_work_grows_with_entries_not_with_their_square(bundle: Bundle, tmp_path: Path) -> None:
    def calls(n_entries: int) -> int:
        place = place_of(n_entries, folder=tmp_path / str(n_entries), bundle=bundle)
        return n_calls(lambda: site_files(place, bundle))

    calls(2)  # what is compiled once
    few, more, many = calls(10), calls(30), calls(50)
    assert many - more < 1.5 * (more - few)


def sorted_by_script(rows: list[list[object]]) -> dict[str, object]:
    script = Path(__file__).parents[2] / "leaderboard" / "site" / "templates" / "board.js"
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("sorting.js")), str(script), json.dumps(rows)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(shutil.which("node") is None, reason="the page's script is run by node")
def test_a_column_is_sorted_by_numbers_and_what_has_none_comes_last() -> None:
    rows: list[list[object]] = [
        ["b", {"value": "0.9", "certified": "0.1"}],
        ["a", {"value": "", "certified": ""}],
        ["d", {"value": "0.10", "certified": "0.2"}],
        ["c", {"value": "12", "certified": "0.3"}],
    ]
    found = sorted_by_script(rows)
    assert (found["first"], found["aria"]) == (["c", "b", "d", "a"], "descending")
    assert (found["second"], found["byName"]) == (["d", "b", "c", "a"], ["a", "b", "c", "d"])
    assert found["cleared"] is None and found["certified"] == ["c", "d", "b", "a"]


@pytest.mark.skipif(shutil.which("node") is None, reason="the page's script is run by node")
def test_rows_are_sorted_in_one_move_with_work_that_does_not_grow_with_their_square() -> None:
    def sorted_rows(n_rows: int) -> dict[str, object]:
        return sorted_by_script([[f"n{n}", {"value": str(n * 7919 % n_rows)}] for n in range(n_rows)])

    few, many = sorted_rows(100), sorted_rows(800)
    assert many["moves"] == 1
    assert float(str(many["reads"])) < 16 * float(str(few["reads"]))  # of a square it were 64
