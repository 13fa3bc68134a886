"""Cards say what the explanation says, and no name can do harm in one."""

import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import numpy as np
import pytest
import yaml
from hand_made import CHANGED, CLAIM, HOSTILE, LESS, NOTHING, TOO_FEW, TOO_SMALL, UNSURE, named
from PIL import Image
from rich.cells import cell_len
from rich.console import Console

from finexl.errors import InvalidInputError
from finexl.explain.drawing import ticks
from finexl.explain.harmless import in_markdown, in_yaml, shown
from finexl.explain.terminal import plain_card, terminal_card
from finexl.explain.wording import SCALE, reach, verdict_of
from finexl.explanation import Explanation, Verdict
from finexl.pictures import PictureFiles
from finexl.values import ImagePairs

PAIRS = ImagePairs(
    prompts=("a boat", "a house", "a cat"),
    base=[np.full((40, 60, 3), level, np.uint8) for level in (0, 100, 200)],
    personalized=[np.full((40, 60, 3), level, np.uint8) for level in (50, 150, 250)],
)
ONE_PAIR = replace(
    TOO_FEW,
    n_pairs=1,
    paired=True,
    claims=(replace(CLAIM, verdict=Verdict.NOT_ENOUGH_DATA, interval=(-math.inf, math.inf)),),
)
"""One pair says nothing of how far others would be: its intervals have no ends."""
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
HIDING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u202e\u2066]")


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_says_names_amounts_and_verdicts() -> None:
    said = " ".join(Page(CHANGED.to_html()).words)
    for words in (
        "more",
        "vivid",
        "+0.55",
        "+0.50 to +0.60",
        "vibrant",
        "neon",
        "less",
        "blurry",
        "−0.20",
        "猫",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("explanation", "said"),
    [
        (CHANGED, "changed in 2 aspects and perhaps in 1 more, as 3 pairs show"),
        (replace(CHANGED, claims=(CLAIM,)), "changed in 1 aspect, as 3 pairs show"),
        (replace(CHANGED, claims=(UNSURE,)), "changed, as 3 pairs show, perhaps in 1 aspect."),
        (replace(CHANGED, claims=(TOO_SMALL,)), "no further than training alone may move it"),
        (CHANGED, "a guess"),
        (replace(CHANGED, claims=(TOO_SMALL,)), "no more than training alone"),
        (NOTHING, "No detectable change in 3 pairs. A change of 0.040 would have been seen."),
        (TOO_FEW, "Not enough data: 3 pictures a side cannot tell. About 120 would settle it."),
        (replace(CHANGED, claims=()), "no word that was tried says how"),
        (ONE_PAIR, "Not enough data: 1 pair cannot tell."),
        (replace(CHANGED, claims=(CLAIM, LESS), n_pairs=1), "changed in 2 aspects, as 1 pair shows."),
        (replace(NOTHING, n_pairs=1, paired=False), "No detectable change in 1 picture a side."),
    ],
)
def test_every_verdict_is_said_on_every_card(explanation: Explanation, said: str) -> None:
    for card in (explanation.to_html(), explanation.to_markdown(), str(explanation)):
        assert said in " ".join(card.replace("│", " ").split())


def test_unpaired_pictures_are_stated() -> None:
    for card in (TOO_FEW.to_html(), TOO_FEW.to_markdown(), str(TOO_FEW)):
        assert "not paired: intervals are wider" in " ".join(card.split())


def test_the_page_shows_the_pairs_that_moved_most_and_least() -> None:
    page = Page(CHANGED.to_html(PAIRS))
    titles = [facts["title"] for tag, facts in page.tags if facts.get("class") == "pair"]
    assert titles == ["a house", "a boat", "a cat"] * 3


def test_every_card_says_what_an_amount_of_one_is() -> None:
    for card in (CHANGED.to_html(), CHANGED.to_markdown(), str(CHANGED)):
        assert SCALE in " ".join(card.replace("│", " ").split())


def test_every_card_names_the_pairs_that_moved_as_their_files_are_called() -> None:
    filed = replace(CHANGED, prompts=(), pair_names=("x/dog", "x/cat"))
    for card in (filed.to_html(), filed.to_html(PAIRS), filed.to_markdown(), str(filed)):
        assert "x/dog" in card and "x/cat" in card and "pair 2" in card and "pair 1" not in card


def test_the_whole_of_what_is_to_be_known_is_on_every_card() -> None:
    told = replace(CHANGED, notes={"told": " ".join(["word"] * 80 + ["last"])})
    for card in (told.to_html(), told.to_markdown(), str(told)):
        assert "to know" in card and "word last" in " ".join(card.replace("│", " ").split())


def test_an_interval_without_ends_is_unknown_on_every_card() -> None:
    for card in (ONE_PAIR.to_html(), ONE_PAIR.to_markdown(), str(ONE_PAIR)):
        assert "unknown" in card and not re.search(r"\b(inf|nan)\b", card)
    ONE_PAIR.plot()


def test_programs_read_an_interval_without_ends_as_null() -> None:
    block = re.search(r"```yaml\n(.*?)\n```\n", ONE_PAIR.to_markdown(), re.DOTALL)
    assert block is not None
    assert yaml.safe_load(block[1])["finexl"]["claims"][0]["interval"] == [None, None]
    assert json.loads(ONE_PAIR.to_json())["claims"][0]["interval"] == [None, None]


@pytest.mark.parametrize(
    ("claims", "ends"),
    [
        ((CLAIM,), (0.0, 0.6)),
        ((LESS,), (-0.31, 0.0)),
        ((CLAIM, UNSURE), (-0.5, 0.6)),
        (ONE_PAIR.claims, (0.0, 0.55)),
        ((), (0.0, 1.0)),
    ],
)
def test_one_scale_holds_zero_every_amount_and_every_end_that_is_known(claims, ends) -> None:
    assert reach(claims) == ends


def test_the_page_needs_nothing_else() -> None:
    page = Page(CHANGED.to_html(PAIRS))
    sources = [value for _, facts in page.tags for name, value in facts.items() if name in ("src", "href")]
    assert sources and all(str(source).startswith("data:image/png;base64,") for source in sources)
    assert not {"script", "link", "iframe"} & {tag for tag, _ in page.tags}


def test_fewer_pairs_than_were_explained_are_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"the 9 pairs that were explained\. Got 3"):
        replace(CHANGED, n_pairs=9).to_html(PAIRS)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("pairs", [PAIRS.base, PictureFiles(()), "base"])
def test_what_are_no_pairs_is_told(pairs: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"`pairs` must be `ImagePairs` or None\. Got a .*as_pairs"):
        CHANGED.to_html(pairs)


def test_a_notebook_shows_the_part_without_a_page_around_it() -> None:
    part = CHANGED._repr_html_()
    assert part.startswith('<div class="finexl">') and "<html" not in part


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_adds_no_element_and_no_attribute_to_the_page(name: str) -> None:
    plain, hostile = Page(named("x").to_html(PAIRS)), Page(named(name).to_html(PAIRS))
    assert [(tag, sorted(facts)) for tag, facts in plain.tags] == [
        (tag, sorted(facts)) for tag, facts in hostile.tags
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hides_in_any_card(name: str) -> None:
    explanation = named(name)
    for card in (explanation.to_html(PAIRS), explanation.to_markdown(), str(explanation)):
        assert not UNSAFE.search(card)
        card.encode()  # no half characters either


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_adds_no_line_to_a_model_card(name: str) -> None:
    plain, hostile = named("x").to_markdown().splitlines(), named(name).to_markdown().splitlines()
    assert [line[:2] for line in plain] == [line[:2] for line in hostile]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_in_its_cell(name: str) -> None:
    (row,) = [line for line in named(name).to_markdown().splitlines() if line.startswith("| more")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6


@pytest.mark.parametrize(
    "text", ["<b>", "**a**", "[a](b)", "`a`", "a_b_c", "https://a.example", "www.a.example", "@a"]
)
def test_marks_and_links_are_escaped_in_markdown(text: str) -> None:
    escaped = in_markdown(text)
    assert escaped != text and escaped.replace("\\", "") == text


@pytest.mark.parametrize("name", [*HOSTILE, "no", "null: - #", "a: b", "%x", "'", '"'])
def test_the_yaml_of_a_model_card_holds_the_name_as_a_text(name: str) -> None:
    block = re.search(r"```yaml\n(.*?)\n```\n", named(name).to_markdown(), re.DOTALL)
    assert block is not None
    read = yaml.safe_load(block[1])["finexl"]
    assert read["claims"][0]["concept"] == shown(name) and read["claims"][0]["interval"] == [0.5, 0.6]


@pytest.mark.parametrize(
    "text", ["\U0001f600 vibes", "猫", "a\u200db", "\ud83d\ude00", "\x85", "\ufeff\uffff", '\\"/']
)
def test_a_text_in_yaml_is_read_back_as_it_is_shown(text: str) -> None:
    assert yaml.safe_load(in_yaml(text)) == shown(text)


@pytest.mark.parametrize(
    "char",
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180e\u180f\u2065\u2800\u3164\ufe00\ufe0d\uffa0\ufff0"
    "\U00016fe4\U0001d159\U000e0020\U000e0100\U000e01ef\U000e0fff",
)
def test_a_character_that_is_drawn_as_nothing_is_shown_as_its_number(char: str) -> None:
    assert shown(f"red{char}line") == f"red\\u{ord(char):04x}line"


def test_emoji_stay_emoji_without_the_marks_of_their_style() -> None:
    assert shown("\u2764\ufe0f \U0001f469\u200d\U0001f3a8") == "\u2764 \U0001f469\u200d\U0001f3a8"


@pytest.mark.parametrize("name", HOSTILE)
def test_the_terminal_is_sent_no_command(name: str) -> None:
    out = StringIO()
    Console(file=out, width=100, color_system=None, legacy_windows=False).print(
        terminal_card(named(name), width=100)
    )
    assert not HIDING.search(out.getvalue())


@pytest.mark.parametrize(("width", "has_bars"), [(80, False), (100, True)])
def test_a_card_fits_the_terminal_with_every_word_whole(width: int, has_bars: bool) -> None:
    lines = plain_card(CHANGED, width=width).splitlines()
    assert {cell_len(line) for line in lines} == {width}
    assert ("█" in "".join(lines)) is has_bars and "…" not in "".join(lines)
    words = " ".join(lines).split()
    for claim in CHANGED.claims:
        assert claim.concept in words and verdict_of(claim, CHANGED).split()[-1] in words


@pytest.mark.parametrize("width", [20, 30, 40, 63])
def test_a_card_on_a_very_narrow_terminal_still_says_every_name_and_number(width: int) -> None:
    lines = plain_card(CHANGED, width=width).splitlines()
    assert {cell_len(line) for line in lines if line} == {width}
    said = " ".join(" ".join(lines).replace("│", " ").split())
    for words in (
        "more vivid (or neon)",
        "less blurry",
        "less 猫",
        "vibrant, colorful",
        "+0.55",
        "−0.31 to −0.080",
    ):
        assert words in said
    assert "…" not in said


def test_mark_up_of_the_terminal_is_shown_as_it_is() -> None:
    assert "[bold red]" in str(named("[bold red]rich[/bold red]"))


def test_names_in_any_script_stay_as_they_are() -> None:
    for name in ("猫", "Дом", "नमस्ते", "می‌خواهم", "naïve"):
        assert shown(name) == name


def test_the_plot_is_as_high_as_there_are_claims() -> None:
    assert CHANGED.plot().height - replace(CHANGED, claims=(CLAIM,)).plot().height == 80


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (0.0, 0.62, [0.0, 0.2, 0.4, 0.6]),
        (-0.5, 0.6, [-0.4, -0.2, 0.0, 0.2, 0.4, 0.6]),
        (0.0, 0.055, [0.0, 0.01, 0.02, 0.03, 0.04, 0.05]),
        (-1.41, 2.0, [-1.0, 0.0, 1.0, 2.0]),
    ],
)
def test_the_scale_of_a_plot_has_round_numbers(first: float, last: float, expected: list[float]) -> None:
    assert ticks(first, last) == pytest.approx(expected)


def test_the_plot_of_nothing_and_of_hostile_names_is_a_picture() -> None:
    for explanation in (NOTHING, *map(named, HOSTILE)):
        assert isinstance(explanation.plot(), Image.Image)


def test_a_frame_has_a_row_per_claim() -> None:
    frame = CHANGED.to_frame()
    assert frame["concept"].tolist() == ["vivid", "blurry", "猫"] and frame["low"].tolist() == [
        0.5,
        -0.31,
        -0.5,
    ]


def test_a_frame_of_nothing_has_the_same_columns() -> None:
    assert list(NOTHING.to_frame().columns) == list(CHANGED.to_frame().columns) and not len(
        NOTHING.to_frame()
    )


@pytest.mark.parametrize("explanation", [CHANGED, NOTHING, TOO_FEW, ONE_PAIR, *map(named, HOSTILE)])
def test_json_comes_back_as_it_was(explanation: Explanation) -> None:
    assert Explanation.from_json(explanation.to_json()) == explanation


def test_json_says_its_schema_and_version() -> None:
    content = json.loads(CHANGED.to_json())
    assert (content["schema"], content["version"]) == ("finexl.explanation", 2)


def first_version(**notes: str) -> str:
    content = json.loads(CHANGED.to_json())
    del content["pair_names"]
    return json.dumps({**content, "version": 1, "notes": {**content["notes"], **notes}})


def test_json_of_the_first_version_is_read() -> None:
    assert Explanation.from_json(first_version()) == CHANGED


def test_names_of_pairs_that_the_first_version_noted_are_kept() -> None:
    found = Explanation.from_json(first_version(**{"pair 1": "x/dog"}))
    assert found == replace(CHANGED, pair_names=("a boat", "x/dog", "a cat"))


def test_a_file_that_claims_more_pairs_than_there_are_names_none() -> None:
    told = first_version(**{"pair 1": "x/dog"}).replace('"n_pairs": 3', '"n_pairs": 1000000000000')
    assert Explanation.from_json(told).pair_names == ()


def edited(**changes: object) -> str:
    return json.dumps({**json.loads(CHANGED.to_json()), **changes})


def claiming(**changes: object) -> str:
    content = json.loads(CHANGED.to_json())
    content["claims"][0] |= changes
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nonsense", "must be JSON"),
        ("[]", "must have `schema`"),
        ("{}", "must have `schema`"),
        (edited(version=3), "`version` of an explanation must be from 1 to 2"),
        (edited(version=0), "`version` of an explanation must be from 1 to 2"),
        (edited(version=1, pair_names=["a", "b", "c"]), "of version 1 has no `pair_names`"),
        (edited(pair_names=["a"]), "must be empty or name every one of 3 pairs"),
        (first_version().replace('"version": 1', '"version": 2'), "exactly the fields"),
        (edited(version=True), "`version` of an explanation must be from 1 to 2"),
        (edited(surprise=1), "exactly the fields"),
        (edited(n_pairs=1.5), "`explanation.n_pairs` must be a count"),
        (edited(n_pairs=-1), "`explanation.n_pairs` must be a count"),
        (edited(paired=1), "`explanation.paired` must be a flag"),
        (edited(verdict="maybe"), "`explanation.verdict` must be a verdict"),
        (edited(prompts=["a", 1]), r"`explanation.prompts\[1\]` must be a text"),
        (edited(claims=[{"concept": "a"}]), r"`explanation.claims\[0\]` must have exactly the fields"),
        (edited(explained_interval=[0.1]), "must be two numbers from 0 to 1, the smaller first"),
        (edited(explained_interval=[0.9, 0.1]), "must be two numbers from 0 to 1, the smaller first"),
        (edited(explained=5.0), "`explanation.explained` must be a number from 0 to 1. Got 5.0"),
        (edited(shift=-3.0), "`explanation.shift` must be a number of at least 0"),
        (edited(shift=10**400), "`explanation.shift` must be a number of at least 0. Got 10000"),
        (edited(version=2.0), "`version` of an explanation must be from 1 to 2"),
        (claiming(p_value=7), r"claims\[0\].p_value` must be a number from 0 to 1"),
        (claiming(interval=[3, -3]), r"claims\[0\].interval` must be two numbers or null, the smaller first"),
        (claiming(amount=1e308), r"claims\[0\].amount` must be a number"),
        (edited(explained_interval=[None, 1]), r"`explanation.explained_interval\[0\]` must be a number"),
        (edited().replace('"shift": 0.7', '"shift": NaN'), "NaN is not a finite number"),
        (edited().replace('"shift": 0.7', '"shift": 1e999'), "`explanation.shift` must be a number of"),
        (edited().replace('"shift": 0.7', '"shift": 0.7, "shift": 0.8'), "stands twice"),
    ],
)
def test_json_that_does_not_fit_is_refused_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        Explanation.from_json(text)


def test_an_infinite_number_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        replace(CHANGED, shift=float("inf")).to_json()


def test_verdicts_come_back_as_verdicts() -> None:
    assert Explanation.from_json(CHANGED.to_json()).claims[0].verdict is Verdict.CHANGED


def test_a_scale_of_hardly_anything_is_drawn_as_one_of_nothing() -> None:
    (claim, *_) = CHANGED.claims
    tiny = replace(CHANGED, claims=(replace(claim, amount=5e-324, interval=(0.0, 5e-324)),))
    assert tiny.plot().size == replace(CHANGED, claims=(claim,)).plot().size
