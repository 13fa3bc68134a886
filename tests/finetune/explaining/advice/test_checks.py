"""Advice is judged on pictures that did not decide it, and its table counts what came of it."""

from finetune.explaining.advice.advising import Round
from finetune.explaining.advice.checks import Advised, table, wish_of
from finetune.miniature.split import SCORED_PAIRS

WISH = {"vivid": 3.0, "grainy": 1.0}


def round_of(vivid: int, own: float) -> Round:
    return Round(parts={"vivid": vivid, "grainy": 16 - vivid}, amounts={"vivid": 1, "grainy": 1}, regret=own)


ADVISED = Advised(
    wish=WISH, rounds=(round_of(8, 0.4), round_of(12, 0.1), round_of(11, 0.2)), regrets=(0.5, 0.2, 0.05)
)


def test_the_best_round_is_chosen_by_what_decided_and_told_by_other_pictures() -> None:
    assert [ADVISED.after(n) for n in range(3)] == [0.5, 0.2, 0.2]


def test_the_table_has_the_mean_over_wishes_after_each_round() -> None:
    worse = Advised(wish=WISH, rounds=ADVISED.rounds, regrets=(0.1, 0.3, 0.4))
    lines = table([ADVISED, worse]).splitlines()
    assert "| equal shares | 0.300 | – |" in lines
    assert "| after 1 round of advice | 0.250 | 1 of 2 |" in lines
    assert "| vivid 3, grainy 1 | 8, 8; 12, 4; 11, 5 | 0.50, 0.20, 0.05 |" in lines


def test_a_wish_is_the_same_each_time_and_goes_through_the_scored_pairs() -> None:
    assert [tuple(wish_of(index)) for index in range(16)] == [*SCORED_PAIRS, SCORED_PAIRS[0]]
    assert wish_of(3) == wish_of(3) and wish_of(0) != wish_of(15)
