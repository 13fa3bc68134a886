"""An explanation as a picture: a bar with an interval for each claim. Drawn by Pillow, so nothing need be installed."""

import math

from PIL import Image, ImageDraw, ImageFont

from finexl.explain.harmless import shown
from finexl.explain.wording import SCALE, direction, headline, number, reach
from finexl.explanation import Explanation, Verdict

_WIDTH, _ROW, _TOP, _BOTTOM = 900, 40, 64, 62
"""Pixels: the picture, a claim, the headline above, the scale below."""
_NAMES, _MARGIN, _GAP = 300, 60, 24
"""Pixels: the names on the left, what is left free on the right, between names and bars."""
_INK, _FAINT, _GRID = (27, 31, 36), (150, 158, 166), (229, 233, 237)
_MORE, _LESS = (112, 172, 136), (206, 148, 124)
_AT_MOST = 40
"""Claims that are drawn."""
_TICKS = 6
"""Steps of the scale, at most."""
_ROUNDING = 1e-9


def plot(explanation: Explanation) -> Image.Image:
    """A picture of all claims, or of the first forty, on one scale; claims that do not hold by themselves are grey.

    The font that comes with Pillow is of Latin letters: names in other scripts are boxes here and whole on the page.
    """
    claims = explanation.claims[:_AT_MOST]
    bottom = _TOP + _ROW * max(1, len(claims))
    image = Image.new("RGB", (_WIDTH, bottom + _BOTTOM), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    draw.text((16, 18), headline(explanation), fill=_INK, font=_font(18))
    first, last = reach(claims)

    def x(amount: float) -> float:
        return _NAMES + (amount - first) / (last - first) * (_WIDTH - _MARGIN - _NAMES)

    for amount in ticks(first, last):
        draw.line((x(amount), _TOP - 4, x(amount), bottom), fill=_GRID, width=1)
        draw.text((x(amount), bottom + 8), _plain(amount), fill=_INK, font=_font(14), anchor="ma")
    said = f"amount; 1 is {SCALE}"
    draw.text((_WIDTH - _MARGIN, bottom + 34), said, fill=_FAINT, font=_font(14), anchor="ra")
    for place, claim in enumerate(claims):
        y = _TOP + _ROW * place
        holds = claim.verdict is Verdict.CHANGED
        colour = _FAINT if not holds else _MORE if claim.amount > 0 else _LESS
        name = f"{direction(claim)} {shown(claim.concept, longest=32)}"
        draw.text((_NAMES - _GAP, y + 12), name, fill=_INK if holds else _FAINT, font=_font(16), anchor="ra")
        ends = sorted((x(0.0), x(claim.amount)))
        draw.rectangle((ends[0], y + 8, ends[1], y + _ROW - 10), fill=colour)
        if all(map(math.isfinite, claim.interval)):
            low, high = (x(end) for end in claim.interval)
            center = y + (_ROW - 2) // 2
            draw.line((low, center, high, center), fill=_INK, width=2)
            for end in (low, high):
                draw.line((end, center - 5, end, center + 5), fill=_INK, width=2)
    draw.line((x(0.0), _TOP - 4, x(0.0), bottom), fill=_INK, width=1)
    return image


def ticks(first: float, last: float) -> list[float]:
    """Round amounts within a scale: steps of 1, 2 or 5 times a power of ten, zero among them."""
    power = 10.0 ** math.floor(math.log10((last - first) / _TICKS))
    step = next(power * of for of in (1, 2, 5, 10) if (last - first) / (power * of) <= _TICKS)
    counts = range(math.ceil(first / step - _ROUNDING), math.floor(last / step + _ROUNDING) + 1)
    return [step * count for count in counts]


def _plain(amount: float) -> str:
    """A number as the font can show it, which has no minus sign but the hyphen."""
    return number(amount, signed=True).replace("−", "-") if amount else "0"


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
