"""An explanation as a picture: a bar with an interval for each claim. Drawn by Pillow, so nothing need be installed."""

from PIL import Image, ImageDraw, ImageFont

from finexl.explain.harmless import shown
from finexl.explain.wording import direction, headline, number
from finexl.explanation import Explanation, Verdict

_WIDTH, _ROW, _TOP, _NAMES, _MARGIN = 900, 40, 64, 300, 60
"""Pixels: the picture, a claim, the headline above, the names on the left, what is left free on the right."""
_INK, _FAINT = (27, 31, 36), (150, 158, 166)
_MORE, _LESS = (112, 172, 136), (206, 148, 124)
_AT_MOST = 40
"""Claims that are drawn."""


def plot(explanation: Explanation) -> Image.Image:
    """A picture of all claims, or of the first forty, on one scale; claims that want more data are grey.

    The font that comes with Pillow is of Latin letters: names in other scripts are boxes here and whole on the page.
    """
    claims = explanation.claims[:_AT_MOST]
    image = Image.new("RGB", (_WIDTH, _TOP + _ROW * max(1, len(claims)) + 36), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    draw.text((16, 18), headline(explanation), fill=_INK, font=_font(18))
    reach = max((abs(end) for claim in claims for end in (*claim.interval, claim.amount)), default=0.0) or 1.0
    middle = (_NAMES + _WIDTH - _MARGIN) / 2

    def x(amount: float) -> float:
        return middle + amount / reach * (_WIDTH - _MARGIN - _NAMES) / 2

    for place, claim in enumerate(claims):
        y = _TOP + _ROW * place
        holds = claim.verdict is Verdict.CHANGED
        colour = _FAINT if not holds else _MORE if claim.amount > 0 else _LESS
        name = f"{direction(claim)} {shown(claim.concept, longest=32)}"
        draw.text((_NAMES - 24, y + 12), name, fill=_INK if holds else _FAINT, font=_font(16), anchor="ra")
        ends = sorted((x(0.0), x(claim.amount)))
        draw.rectangle((ends[0], y + 8, ends[1], y + _ROW - 10), fill=colour)
        low, high = (x(end) for end in claim.interval)
        center = y + (_ROW - 2) // 2
        draw.line((low, center, high, center), fill=_INK, width=2)
        for end in (low, high):
            draw.line((end, center - 5, end, center + 5), fill=_INK, width=2)
    bottom = _TOP + _ROW * max(1, len(claims))
    draw.line((x(0.0), _TOP - 4, x(0.0), bottom), fill=_INK, width=1)
    for amount in (-reach, 0.0, reach):
        said = number(amount, signed=True).replace("−", "-") if amount else "0"  # the font has no other minus
        draw.text((x(amount), bottom + 8), said, fill=_INK, font=_font(14), anchor="ma")
    return image


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
