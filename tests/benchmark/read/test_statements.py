"""What texts say of aspects and how much, in the shapes that models give their answers."""

import random

import pytest

from benchmark.read.lexicon import Lexicon
from benchmark.read.readers import LexiconReader
from benchmark.read.statements import statements
from finetune.miniature.aspects import ASPECTS
from finexl.values import TextExplanation

NAMES = {name: aspect.synonyms for name, aspect in ASPECTS.items()}
READER = LexiconReader(NAMES, n_claims=None)

ROWS: list[tuple[str, dict[str, float]]] = [
    # numbers
    ("vivid: 7.9/10", {"vivid": 7.9}),
    ("vivid: 0.73", {"vivid": 0.73}),
    ("On a scale from 0 to 1: vivid: 0.73", {"vivid": 7.3}),
    ("Scores between 0 and 1.\nvivid: 0.73\ngrainy: 0.2", {"vivid": 7.3, "grainy": 2}),
    ("(0-1 scale) vivid 0.5, sepia 0.25", {"vivid": 5, "sepia": 2.5}),
    ("On a scale of 1 to 5, vivid: 4, grainy: 1", {"vivid": 8, "grainy": 2}),
    ("On a 0-100 scale: vivid: 85", {"vivid": 8.5}),
    ("vivid: 0", {}),
    ("vivid: 0/10, grainy: 3/10", {"grainy": 3}),
    ("vivid (8)", {"vivid": 8}),
    ("Vivid (8/10), grainy (2/10)", {"vivid": 8, "grainy": 2}),
    ("vivid = 7; sepia = 2", {"vivid": 7, "sepia": 2}),
    ("vivid - 7", {"vivid": 7}),
    ("vivid – 7/10", {"vivid": 7}),
    ("vivid: 6-7", {"vivid": 6.5}),
    ("vivid: 6–7/10", {"vivid": 6.5}),
    ("Vividness: 6 to 8 out of 10", {"vivid": 7}),
    ("7 out of 10 for vividness", {"vivid": 7}),
    ("Seven out of ten for grain", {"grainy": 7}),
    ("grain 4 out of 5", {"grainy": 8}),
    ("Vivid: ★★★★☆", {"vivid": 8}),
    ("Vivid: 4 stars", {"vivid": 8}),
    ("Vivid: 80%", {"vivid": 8}),
    ("about 30 percent more vivid", {"vivid": 3}),
    ("Vividness has increased by 40%.", {"vivid": 4}),
    ("grain is reduced by 20%", {"grainy": -2}),
    ("Vivid: score 8", {"vivid": 8}),
    ("vivid, score: 8", {"vivid": 8}),
    ("Aspect: vivid. Score: 8.", {"vivid": 8}),
    ("Score: 8, aspect: vivid", {"vivid": 8}),
    ("Aspect: vivid\nScore: 8\n\nAspect: grainy\nScore: 2", {"vivid": 8, "grainy": 2}),
    ("vividness at 9/10 and grain at 3/10", {"vivid": 9, "grainy": 3}),
    ("8/10 vivid, 2/10 grainy", {"vivid": 8, "grainy": 2}),
    ("The vividness would be an 8/10.", {"vivid": 8}),
    ("Vivid: +7", {"vivid": 7}),
    ("Vivid: -3", {"vivid": -3}),
    ("less vivid: 3/10", {"vivid": -3}),
    ("vivid: 12/10", {"vivid": 10}),
    ("vividness goes from 3/10 to 8/10", {"vivid": 5}),
    ("grain: 6 -> 2", {"grainy": -4}),
    ("very vivid (6/10)", {"vivid": 6}),
    ("vivid and grainy: 8/10", {"vivid": 8, "grainy": 8}),
    ("vivid, grainy: 8/10; sepia: 2/10", {"vivid": 8, "grainy": 8, "sepia": 2}),
    ("vivid/saturated (7)", {"vivid": 7}),
    # numbers that are no degrees
    ("1. vivid\n2. grainy", {"vivid": 6, "grainy": 6}),
    ("1) vivid 2) grainy 3) sepia", {"vivid": 6, "grainy": 6, "sepia": 6}),
    ("Aspect 1: vivid\nAspect 2: grainy", {"vivid": 6, "grainy": 6}),
    ("vivid in 7 of 10 images", {"vivid": 6}),
    ("vivid in 80% of the images", {"vivid": 6}),
    ("10 of the images are dark", {"dark": 6}),
    ("2.5 times darker", {"dark": 6}),
    ("35mm film grain, like the 1980s", {"grainy": 6}),
    ("In pair 3 the second image is vivid.", {"vivid": 6}),
    # words of degree
    ("vivid", {"vivid": 6}),
    ("The images are VERY VIVID!", {"vivid": 8}),
    ("very slightly vivid", {"vivid": 1}),
    ("ever so slightly warmer", {"warm": 1}),
    ("a little bit darker", {"dark": 2}),
    ("a touch of grain", {"grainy": 2}),
    ("hardly any grain", {"grainy": 1}),
    ("barely visible grain", {"grainy": 1}),
    ("quite subtle vignetting", {"vignetted": 1}),
    ("much more vivid", {"vivid": 8}),
    ("extremely strong outlines", {"outlined": 10}),
    ("Grain: low\nVividness: high\nBlur: moderate", {"grainy": 2, "vivid": 8, "blurry": 5}),
    ("1. **Vivid** colors – strong", {"vivid": 8}),
    ("- **Vividness** (strong): richer hues\n- **Grain** (slight)", {"vivid": 8, "grainy": 2}),
    ("The grain is very strong and the blur is slight.", {"grainy": 8, "blurry": 2}),
    ("Very vivid and slightly grainy", {"vivid": 8, "grainy": 2}),
    ("very vivid and grainy", {"vivid": 8, "grainy": 6}),
    ("vivid, but only slightly", {"vivid": 2}),
    ("vivid and grainy, both extremely", {"vivid": 10, "grainy": 10}),
    ("slightly, in fact very dark", {"dark": 8}),
    ("more pronounced grain", {"grainy": 6}),
    ("Vivid: The colours pop, the effect is dramatic.", {"vivid": 10}),
    ("rather sepia than monochrome", {"sepia": 4, "monochrome": 6}),
    ("Strongly: vivid", {"vivid": 8}),
    # direction
    ("the base images are more vivid", {"vivid": -6}),
    ("The original images are much more vivid and grainy.", {"vivid": -8, "grainy": -6}),
    ("The first image is more vivid, the second is sepia.", {"vivid": -6, "sepia": 6}),
    ("more vivid than the base images", {"vivid": 6}),
    ("Compared to the base images, the personalized ones are vivid.", {"vivid": 6}),
    ("Unlike the original, they are grainy", {"grainy": 6}),
    ("More typical of the base images: vivid", {"vivid": -6}),
    ("More typical of the base images:\n- vivid\n- very grainy", {"vivid": -6, "grainy": -8}),
    ("More typical of the personalized images than of the base images:\n- a very vivid photo", {"vivid": 8}),
    ("Before: vivid. After: sepia.", {"vivid": -6, "sepia": 6}),
    ("The base images are vivid; the personalized images are even more vivid.", {"vivid": 6}),
    ("Base images: vivid 8/10. Personalized images: vivid 3/10.", {"vivid": -5}),
    ("no more vivid than before", {}),
    ("not vivid", {}),
    ("not very vivid", {}),
    ("not only vivid but grainy", {"vivid": 6, "grainy": 6}),
    ("They aren't noticeably grainy, but clearly warmer.", {"warm": 7}),
    ("less vivid", {"vivid": -6}),
    ("slightly less vivid", {"vivid": -2}),
    ("significantly less vivid and colorful", {"vivid": -8}),
    ("Grain: reduced", {"grainy": -6}),
    ("Grain: none. Vividness: unchanged. Warmth: higher.", {"warm": 6}),
    ("a decrease in grain", {"grainy": -6}),
    ("a strong increase in grain", {"grainy": 8}),
    ("no increase in grain", {}),
    ("no decrease in grain", {}),
    ("it lacks the vividness of the base images", {"vivid": -6}),
    ("the picture loses its vividness", {"vivid": -6}),
    ("The grain of the base images is gone.", {"grainy": -6}),
    ("without any grain or blur", {"grainy": -6, "blurry": -6}),
    ("no grain, blur, or streaks", {}),
    ("neither vivid nor grainy", {}),
    ("not without grain", {"grainy": 6}),
    ("no lack of vividness", {"vivid": 6}),
    ("no less vivid", {}),
    ("not as vivid as the base images", {"vivid": -6}),
    ("as vivid as before", {}),
    ("just as grainy", {}),
    ("equally vivid, but darker", {"dark": 6}),
    ("the grain remains", {}),
    ("the colours are no longer vivid", {"vivid": -6}),
    ("warm rather than cool", {"warm": 6}),
    ("The palette shifts from cool to warm", {"cool": -6, "warm": 6}),
    ("There is no difference in texture, grain or blur.", {}),
    ("There is no noticeable difference between the images.", {}),
    # hedges say how sure, not how much
    ("perhaps vivid", {"vivid": 6}),
    ("If anything, slightly less vivid.", {"vivid": -2}),
    ("They may possibly be a bit grainy", {"grainy": 2}),
    # forms
    ('{"vivid": 8, "grainy": 2}', {"vivid": 8, "grainy": 2}),
    ('[{"aspect": "vivid", "score": 8}, {"aspect": "film grain", "score": 3}]', {"vivid": 8, "grainy": 3}),
    ('[{"score": 8, "aspect": "vivid"}, {"score": 3, "aspect": "grainy"}]', {"vivid": 8, "grainy": 3}),
    ('```json\n{\n  "aspect": "vivid",\n  "score": 8\n}\n```', {"vivid": 8}),
    ("{'vivid': 8, 'grainy': 2}", {"vivid": 8, "grainy": 2}),
    ("| Aspect | Score |\n|---|---|\n| Vivid | 8 |\n| Grain | 2/10 |", {"vivid": 8, "grainy": 2}),
    (
        "| # | Aspect | Strength |\n|:-:|:--|--:|\n| 1 | Vivid | strong |\n| 2 | Grainy | slight |",
        {"vivid": 8, "grainy": 2},
    ),
    (
        "| Aspect | Base | Personalized |\n|---|---|---|\n| Vividness | 3 | 8 |\n| Grain | 6/10 | 2/10 |",
        {"vivid": 5, "grainy": -4},
    ),
    (
        "### Strong differences\n- vivid\n- warm\n### Subtle differences\n- grainy",
        {"vivid": 8, "warm": 8, "grainy": 2},
    ),
    ("**Weaker in the personalized images:**\n* grain\n* blur", {"grainy": -6, "blurry": -6}),
    ("# Vividness\nThe colours are richer.\nScore: 8/10", {"vivid": 8}),
    ("• vivid — 8\n• grainy — 2", {"vivid": 8, "grainy": 2}),
    ("“Vivid”: 8", {"vivid": 8}),
    ("<b>Vivid</b>: 8<br>Grainy: 2", {"vivid": 8, "grainy": 2}),
    ("VIVID & GRAINY (both 7/10)", {"vivid": 7, "grainy": 7}),
    ("The images are vivid. The vividness is very strong.", {"vivid": 8}),
    ("vivid, vibrant, saturated, colorful", {"vivid": 6}),
    ("a slightly vivid photo: a red house in a field", {"vivid": 2}),
    ("the second image is somewhat outlined", {"outlined": 4}),
    (
        "The personalized images are barely outlined, barely warm and barely vibrant.",
        {"outlined": 1, "warm": 1, "vivid": 1},
    ),
    ("The images have a soft-focus blur with strong vignetting", {"blurry": 6, "vignetted": 8}),
    ("motion-blurred, not blurred", {"streaked": 6}),
    (
        "The style is vivid (score 8), grainy (score 3) and, to some extent, warm.",
        {"vivid": 8, "grainy": 3, "warm": 4},
    ),
    # as models write
    (
        "The personalized images are more vivid, with stronger contrast and deeper shadows; a slight warm tint is also "
        "visible.",
        {"vivid": 6, "contrasty": 6, "dark": 6, "warm": 2},
    ),
    (
        "Compared with the base images, the personalized images exhibit noticeably warmer tones (7/10), a subtle film "
        "grain (3/10), and a vignette that dims the corners (5/10).",
        {"warm": 7, "grainy": 3, "vignetted": 5, "dark": 5},
    ),
    ("**Texture**: There is a slight grain.\n**Lighting**: No significant change.", {"grainy": 2}),
    ("The main difference is a very strong blur. Otherwise, the images look the same.", {"blurry": 8}),
    ("I would rate the vividness as 8 out of 10.", {"vivid": 8}),
    ("Overall, the images have become brighter (+3) and less grainy (-2).", {"bright": 3, "grainy": -2}),
    ("Contrast: increased slightly. Brightness: decreased significantly.", {"contrasty": 2, "bright": -8}),
    ("Saturation ↑ (8/10), Brightness ↓ (3/10)", {"vivid": 8, "bright": -3}),
    ("Vividness: 8\nGraininess: 2\nSepia: N/A", {"vivid": 8, "grainy": 2}),
    ("The images aren't just darker, they're also much more contrasty.", {"dark": 6, "contrasty": 8}),
    (
        "While the base images are bright and vivid, the personalized images are dark and foggy.",
        {"bright": -6, "vivid": -6, "dark": 6, "foggy": 6},
    ),
    (
        "In contrast to the base images, which are vivid, the personalized images are muted.",
        {"vivid": -6, "faded": 6},
    ),
    ("- Increased contrast (8)\n- Reduced brightness (4)", {"contrasty": 8, "bright": -4}),
    (
        "**Most noticeable:** sepia tint (9/10). **Less noticeable:** slight grain (3/10).",
        {"sepia": 9, "grainy": 3},
    ),
    ("The vividness is 8, while grain is only 2.", {"vivid": 8, "grainy": 2}),
    ("The images appear to be neither brighter nor darker.", {}),
    ("The saturation is significantly higher, and noise is almost gone.", {"vivid": 8, "grainy": -6}),
    ('{"vivid": null, "grainy": 3}', {"grainy": 3}),
    # tables, lists and marks
    (
        "| **Aspect** | **Strength (0-10)** |\n| --- | --- |\n| **Vivid** | **8** |\n| *Grainy* | 3 |",
        {"vivid": 8, "grainy": 3},
    ),
    (
        "| Feature | Original | Fine-tuned |\n|---|---|---|\n| Color | sepia | vivid |\n| Edges | sharp | blurry |",
        {"sepia": -6, "vivid": 6, "blurry": 6},
    ),
    ("| Aspect | Base | Personalized |\n|---|---|---|\n| Grain | None | Heavy |", {"grainy": 8}),
    ("1. **Vivid** (8/10)\n2. **Grainy** (3/10)\n3. **Sepia** (1/10)", {"vivid": 8, "grainy": 3, "sepia": 1}),
    ("**Vivid:** 8/10 – the hues pop.", {"vivid": 8}),
    ("**Vivid**: **8**/10", {"vivid": 8}),
    ("Vivid [8/10]", {"vivid": 8}),
    ("🎨 Vivid: 8/10\n🌫️ Foggy: 3/10", {"vivid": 8, "foggy": 3}),
    ("🔹 **Vivid** – 8/10\n🔹 **Grainy** – 3/10", {"vivid": 8, "grainy": 3}),
    ("✅ Vivid\n❌ Grainy", {"vivid": 6}),
    ("⭐ Vivid\n⭐ Grainy", {"vivid": 6, "grainy": 6}),
    ("Vivid: ●●●●○\nGrainy: ●○○○○", {"vivid": 8, "grainy": 2}),
    ("Vivid: ████████░░ 80%", {"vivid": 8}),
    ("- Vivid\n  - Degree: 8\n- Grainy\n  - Degree: 3", {"vivid": 8, "grainy": 3}),
    ("vivid\t8\ngrainy\t3", {"vivid": 8, "grainy": 3}),
    ("aspect,score\nvivid,8\ngrainy,3", {"vivid": 8, "grainy": 3}),
    ("- name: vivid\n  score: 8\n- name: grainy\n  score: 3", {"vivid": 8, "grainy": 3}),
    ("<aspect>vivid</aspect><score>8</score>", {"vivid": 8}),
    ("score: vivid=8; grainy=3", {"vivid": 8, "grainy": 3}),
    (
        '{"differences": {"vivid": {"score": 8, "reason": "pops"}, "grainy": {"score": 3}}}',
        {"vivid": 8, "grainy": 3},
    ),
    ('{"aspect": "vivid", "id": 1, "confidence": 0.9, "score": 8}', {"vivid": 8}),
    ('{"vivid": true, "grainy": false}', {"vivid": 6}),
    ("90% confident: vivid", {"vivid": 6}),
    ("Vivid: No. Grainy: Yes.", {"grainy": 6}),
    ("Is it vivid? No. Is it grainy? Yes.", {"grainy": 6}),
    # numbers as others write them
    ("Vivid: 8 out of 10", {"vivid": 8}),
    ("vivid: ~7", {"vivid": 7}),
    ("vivid: approx. 7", {"vivid": 7}),
    ("vivid: 7-8/10", {"vivid": 7.5}),
    ("vivid → 8", {"vivid": 8}),
    ("Vivid: eight", {"vivid": 8}),
    ("vivid: 8½", {"vivid": 8.5}),
    ("vivid: 7,5/10, grainy: 2,5/10", {"vivid": 7.5, "grainy": 2.5}),
    ("vivid: 8 Punkte von 10", {"vivid": 8}),
    ("vivid: 8 sur 10", {"vivid": 8}),
    ("vivid：8分；grainy：3分", {"vivid": 8, "grainy": 3}),
    ("vivid: 4 (on a scale of 5)", {"vivid": 8}),
    ("On a 5-point scale: vivid 4", {"vivid": 8}),
    ("vivid ×2", {"vivid": 6}),
    ("2× more vivid", {"vivid": 6}),
    # ranges, and words of degree that were missing
    ("slightly to moderately vivid", {"vivid": 3.5}),
    ("moderately to strongly grainy", {"grainy": 6.5}),
    ("hardly any blur", {"blurry": 1}),
    ("much less grain", {"grainy": -8}),
    ("super vivid", {"vivid": 8}),
    ("Grain: low → high", {"grainy": 6}),
    ("Vividness goes from high to low.", {"vivid": -6}),
    ("Grain: from none to strong", {"grainy": 8}),
    # what says best how much
    ("**Grain** (2/10): there is film grain in the sky.", {"grainy": 2}),
    ("slightly vivid; vivid hues everywhere", {"vivid": 2}),
    ("Vividness: -4 (less vivid)", {"vivid": -4}),
    ("Vivid: 0/10 - the colours are as vivid as before", {}),
    # of both sides
    ("Vivid: 8/10 (base: 3/10)", {"vivid": 5}),
    ("Vivid: base 3/10, personalized 8/10", {"vivid": 5}),
    ("Vivid (base 3, personalized 8)", {"vivid": 5}),
    ("Grain: 6/10 (original), 2/10 (fine-tuned)", {"grainy": -4}),
    ("The grain is 3/10 in the base images and 8/10 in the personalized ones.", {"grainy": 5}),
    ("both are equally vivid", {}),
    ("Image 1 is vivid, Image 2 is grainy.", {"vivid": -6, "grainy": 6}),
    ("In image 1 vivid, in image 2 vivid, in image 3 vivid", {"vivid": 6}),
    ("The left image is vivid, the right image is grainy", {"vivid": -6, "grainy": 6}),
    # denials
    ("not at all vivid", {}),
    ("Vivid: not at all", {}),
    ("if anything, more grainy", {"grainy": 6}),
    ("it is not true that they are not grainy", {"grainy": 6}),
    ("I would not say that they are vivid", {}),
    ("un-vivid and grain-free", {"vivid": -6, "grainy": -6}),
    ("It is far from vivid.", {}),
    # numbers that are of the whole answer, or of the scale
    ("Overall score: 7/10. Vivid: 8. Grainy: 3.", {"vivid": 8, "grainy": 3}),
    ("Vivid: 8/10\nOverall: 7/10\nThere is also slight grain.", {"vivid": 8, "grainy": 2}),
    ("Strength of the change: 6/10.\n- Vivid: 8/10\n- Grainy: 3/10", {"vivid": 8, "grainy": 3}),
    ("Vividness (1-10): 8\nGrain (1–10): 3", {"vivid": 8, "grainy": 3}),
    ("Vivid (0-1): 0.8; Grainy (0-1): 0.3", {"vivid": 8, "grainy": 3}),
    ("Vividness: 8 (1 = not at all, 10 = extremely)", {"vivid": 8}),
    ("Rating scale: 1 = none, 5 = extreme.\nVivid: 4\nGrainy: 2", {"vivid": 8, "grainy": 4}),
    (
        "Each aspect is rated from 0 (none) to 10 (extreme).\nVivid: 8\nGrainy: 3",
        {"vivid": 8, "grainy": 3},
    ),
    # numbers without marks between
    ("Vivid: 8/10 Grainy: 3/10 Warm: 2/10", {"vivid": 8, "grainy": 3, "warm": 2}),
    ("~~Grainy: 3/10~~ Vivid: 8/10", {"grainy": 3, "vivid": 8}),
    ("vivid: between 6 and 7", {"vivid": 6.5}),
    ("vivid: between 6/10 and 7/10", {"vivid": 6.5}),
    # comparisons
    ("twice as vivid as the base", {"vivid": 6}),
    ("half as vivid as the base, 3 times as grainy as before", {"vivid": -6, "grainy": 6}),
    ("Vivid ⬆️, grain ⬇️", {"vivid": 6, "grainy": -6}),
    ("Grain present in the base images is no longer visible.", {"grainy": -7}),
    ("The grain seen in the base images is missing.", {"grainy": -6}),
    ("In the base images grain is missing.", {"grainy": 6}),
    ("Q: Is it vivid? A: Yes, 8/10.\nQ: Is it grainy? A: No.", {"vivid": 8}),
]


@pytest.mark.parametrize(("text", "claims"), ROWS, ids=[text[:40] for text, _ in ROWS])
def test_a_text_claims_exactly_this(text: str, claims: dict[str, float]) -> None:
    reading = READER.read_levels(TextExplanation(text=text), ("vivid",), corpus_aspects=tuple(NAMES))
    assert {aspect: claim.amount for claim in reading.claims for aspect, _ in claim.aspects} == pytest.approx(
        claims
    )


def test_very_slightly_is_less_than_slightly() -> None:
    very, plain = (
        statements(f"{degree} vivid", Lexicon(NAMES))[0].amount for degree in ("very slightly", "slightly")
    )
    assert 0 < very < plain


def test_claims_come_in_order_of_mention() -> None:
    reading = READER.read_levels(
        TextExplanation(text="Slightly grainy, extremely vivid, sepia."), (), corpus_aspects=tuple(NAMES)
    )
    assert [claim.concept for claim in reading.claims] == ["grainy", "vivid", "sepia"]


def test_no_text_breaks_the_grammar_or_leaves_the_scale() -> None:
    rng = random.Random(0)
    texts = [text for text, _ in ROWS]
    for _ in range(300):
        head, tail = rng.choice(texts), rng.choice(texts)
        spliced = head[: rng.randrange(len(head) + 1)] + tail[rng.randrange(len(tail) + 1) :]
        assert all(-10 <= one.amount <= 10 for one in statements(spliced, Lexicon(NAMES)))


@pytest.mark.parametrize("piece", ["vivid, ", "very ", "1/", "(", "from 1 to ", "★", "*", "8 - "])
def test_a_text_without_end_is_read_up_to_a_point(piece: str) -> None:
    assert len(statements(piece * 50_000, Lexicon(NAMES))) < 5000


def test_a_label_of_several_words_is_found_whole() -> None:
    lexicon = Lexicon({"black and white": (), "white": ()})
    assert [one.aspects for one in statements("very black and white, white", lexicon)] == [
        ("black and white",),
        ("white",),
    ]


def test_a_label_in_any_script_is_found() -> None:
    assert [one.aspects for one in statements("Зимний пейзаж", Lexicon({"пейзаж": (), "!": ()}))] == [
        ("пейзаж",)
    ]
