"""An explanation as HTML: one page that needs nothing else, or the part of it that a notebook shows.

Everything that a stranger wrote is escaped, and the page's own policy forbids scripts and whatever is not in it.
"""

import math
from collections.abc import Iterator, Sequence

from finexl.errors import InvalidInputError
from finexl.explain.harmless import in_html
from finexl.explain.thumbnails import pair_uris
from finexl.explain.wording import (
    LONGEST_FACT,
    direction,
    facts,
    further_names,
    headline,
    interval,
    moved,
    number,
    p_value,
    pair_name,
    reach,
    verdict_of,
)
from finexl.explanation import ExplainedClaim, Explanation
from finexl.values import ImagePairs

_SHOWN = 4
"""Pairs of each kind beside a claim."""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
.finexl { font: 15px/1.45 system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 60rem; padding: 1rem }
.finexl h2 { font-size: 1.15rem; margin: 0 0 .75rem }
.finexl .verdict { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; background: #e3e8ee;
  font-size: .85rem; margin-bottom: .75rem }
.finexl .claim { border-top: 1px solid #d5dbe1; padding: .6rem 0 }
.finexl .claim.unsure { color: #5c6670 }
.finexl .others, .finexl dt, .finexl .side { color: #5c6670; font-size: .85rem }
.finexl svg { display: block; width: 100%; height: 18px; margin: .3rem 0 }
.finexl .pair { display: inline-block; margin: .2rem .5rem .2rem 0; white-space: nowrap; vertical-align: top }
.finexl .pair small { display: block; max-width: 134px; overflow: hidden; text-overflow: ellipsis; color: #5c6670 }
.finexl .pair img { height: 64px; margin-right: 2px; border: 1px solid #d5dbe1; image-rendering: auto }
.finexl dl { display: grid; grid-template-columns: max-content auto; gap: .15rem 1rem; margin: .75rem 0 0 }
.finexl dd { margin: 0; overflow-wrap: anywhere }
"""


def to_html(explanation: Explanation, pairs: ImagePairs | None = None) -> str:
    """A whole page; with the `pairs` that were explained it shows those that moved most and least.

    Raises:
        InvalidInputError: They are no `ImagePairs`, or fewer than were explained.
    """
    title = f"{explanation.verdict}: how the model differs from its base"
    return page(title, fragment(explanation, pairs))


def page(title: str, body: str) -> str:
    """A page around what is HTML already; its title is any text."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{in_html(title)}</title>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def fragment(explanation: Explanation, pairs: ImagePairs | None = None) -> str:
    """What stands in the page, for a notebook; see `to_html`."""
    if not isinstance(pairs, ImagePairs | None):
        raise InvalidInputError(
            f"`pairs` must be `ImagePairs` or None. Got a {type(pairs).__name__}. Of folders that were read they are "
            "given by `as_pairs()`."
        )
    if pairs is not None and len(pairs) < explanation.n_pairs:
        raise InvalidInputError(
            f"`pairs` must be the {explanation.n_pairs} pairs that were explained. Got {len(pairs)}."
        )
    lines = [
        '<div class="finexl">',
        f"<style>{_STYLE}</style>",
        f"<h2>{in_html(headline(explanation))}</h2>",
        f'<span class="verdict">{in_html(explanation.verdict)}</span>',
    ]
    for claim in explanation.claims:
        lines += _claim(claim, explanation, pairs)
    lines.append("<dl>")
    told = facts(explanation) + (moved(explanation) if pairs is None else [])
    lines += [
        f"<dt>{in_html(name)}</dt><dd>{in_html(value, longest=LONGEST_FACT)}</dd>" for name, value in told
    ]
    return "\n".join([*lines, "</dl>", "</div>", ""])


def _claim(claim: ExplainedClaim, explanation: Explanation, pairs: ImagePairs | None) -> Iterator[str]:
    holds = claim in explanation.changes
    yield f'<div class="claim{"" if holds else " unsure"}">'
    yield (
        f"<b>{direction(claim)} <bdi>{in_html(claim.concept)}</bdi></b> {number(claim.amount, signed=True)} "
        f'<span class="others">(95 %: {interval(claim.interval)}, {p_value(claim.p_value)}, '
        f"{in_html(verdict_of(claim, explanation))})</span>"
    )
    for names, said in ((claim.other_names, "also called"), (claim.inseparable, "not to be told apart from")):
        if names:
            told = ", ".join(f"<bdi>{in_html(name)}</bdi>" for name in further_names(names))
            yield f'<div class="others">{said}: {told}</div>'
    yield _bar(claim, reach(explanation.claims))
    if pairs is not None:
        yield from _pairs("moved most", claim.most_moved, explanation, pairs)
        yield from _pairs("moved least", claim.least_moved, explanation, pairs)
    yield "</div>"


def _bar(claim: ExplainedClaim, ends: tuple[float, float]) -> str:
    """The amount as a bar from zero, its interval as a line, on one scale for all claims."""
    first, last = ends

    def bar(span: Sequence[float], top: float, look: str) -> str:
        left, right = (1 + 98 * (value - first) / (last - first) for value in sorted(span))
        size = f'width="{max(right - left, 0.1):.2f}" height="{6 - 2 * top:.1f}"'
        return f'<rect x="{left:.2f}" y="{top}" {size} {look}/>'

    ink = f'fill="{"#2f7d4f" if claim.amount > 0 else "#a8553a"}"'
    bars = bar((0.0, claim.amount), 1.5, f'{ink} opacity=".45"')
    if all(map(math.isfinite, claim.interval)):
        bars += bar(claim.interval, 2.7, ink)
    zero = bar((0.0, 0.0), 0.0, 'fill="#1b1f24"')
    said = interval(claim.interval)
    return f'<svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="{said}">{bars}{zero}</svg>'


def _pairs(said: str, indices: tuple[int, ...], explanation: Explanation, pairs: ImagePairs) -> Iterator[str]:
    shown = [index for index in indices if index < len(pairs)][:_SHOWN]
    if not shown:
        return
    yield f'<div><span class="side">{said} (base, then tuned):</span><br>'
    for index in shown:
        base, tuned = pair_uris(pairs, index)
        said_of = in_html(_said_of(explanation, index))
        yield (
            f'<span class="pair" title="{said_of}"><img src="{base}" alt="base: {said_of}">'
            f'<img src="{tuned}" alt="tuned: {said_of}"><small>{in_html(pair_name(explanation, index))}</small></span>'
        )
    yield "</div>"


def _said_of(explanation: Explanation, index: int) -> str:
    """The prompt, which is more than a name and may be longer than there is room for."""
    return explanation.prompts[index] if index < len(explanation.prompts) else pair_name(explanation, index)
