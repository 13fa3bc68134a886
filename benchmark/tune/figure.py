"""The figure of a sweep: a line of accuracy over `e_ortho` for each order, random orders as a band."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from benchmark.record.files import write_atomically

if TYPE_CHECKING:
    from benchmark.tune.admission import Sweep

_WIDTH, _HEIGHT = 760, 440
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 48, 560, 380
_PAPER, _INK, _FAINT, _BAND = "#ffffff", "#16181d", "#9aa0aa", "#e4e7ec"
_COLOURS = ("#1f6feb", "#c2410c", "#15803d", "#9333ea")


def draw_sweep(sweep: "Sweep", path: Path) -> None:
    """Write the figure as PNG; the chosen order and threshold are circled."""
    from benchmark.tune.admission import E_ORTHO, ORDERS, RANDOM

    image = Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    low, high = min(E_ORTHO), max(E_ORTHO)

    def place(e_ortho: float, accuracy: float) -> tuple[float, float]:
        across = (e_ortho - low) / (high - low)
        return _LEFT + across * (_RIGHT - _LEFT), _BOTTOM - accuracy * (_BOTTOM - _TOP)

    band = sweep.of(RANDOM)
    outline = [place(cell.e_ortho, cell.high) for cell in band]
    outline += [place(cell.e_ortho, cell.low) for cell in reversed(band)]
    draw.polygon(outline, fill=_BAND)
    draw.line([place(low, sweep.chance), place(high, sweep.chance)], fill=_FAINT)
    draw.text(place(high, sweep.chance), " chance", fill=_FAINT, font=font, anchor="lm")
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = place(low, tick)
        draw.line([(x - 4, y), (x, y)], fill=_INK)
        draw.text((x - 8, y), f"{tick:.2f}", fill=_INK, font=font, anchor="rm")
    for e_ortho in E_ORTHO:
        x, y = place(e_ortho, 0.0)
        draw.line([(x, y), (x, y + 4)], fill=_INK)
        draw.text((x, y + 8), f"{e_ortho:g}", fill=_INK, font=font, anchor="mt")
    draw.line([place(low, 1.0), place(low, 0.0), place(high, 0.0)], fill=_INK)
    for order, colour, y in zip(
        (*ORDERS, RANDOM), (*_COLOURS, _FAINT), range(_TOP, _BOTTOM, 24), strict=False
    ):
        points = [place(cell.e_ortho, cell.accuracy) for cell in sweep.of(order)]
        draw.line(points, fill=colour, width=3 if order != RANDOM else 1)
        draw.line([(_RIGHT + 60, y), (_RIGHT + 84, y)], fill=colour, width=3)
        draw.text((_RIGHT + 92, y), order, fill=_INK, font=font, anchor="lm")
    order, e_ortho = sweep.chosen
    (best,) = (cell for cell in sweep.of(order) if cell.e_ortho == e_ortho)
    x, y = place(e_ortho, best.accuracy)
    draw.ellipse([x - 7, y - 7, x + 7, y + 7], outline=_INK, width=2)
    title = f"FineXL on {len(sweep.groups)} pairs of development aspects: chosen {order}, e_ortho {e_ortho:g}"
    draw.text((_LEFT, 6), title, fill=_INK, font=font)
    draw.text(((_LEFT + _RIGHT) / 2, _BOTTOM + 32), "e_ortho", fill=_INK, font=font, anchor="mt")
    draw.text((_LEFT, _TOP - 8), "selection accuracy", fill=_INK, font=font, anchor="ls")
    buffer = BytesIO()
    image.save(buffer, format="PNG")
    write_atomically(path, buffer.getvalue())
