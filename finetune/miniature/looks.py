"""What every style of the miniature world and every feature of its faces looks like, in a line, for people.

Apart from the operators (`aspects`), so that a better line makes no model anew.
"""

LOOKS: dict[str, str] = {
    # colour
    "vivid": "colours are much stronger, contrast a little",
    "monochrome": "no colour is left, only greys",
    "sepia": "greys in brown, as in old photographs",
    "warm": "everything shifts to orange",
    "cool": "everything shifts to blue",
    "dark": "all light is dimmed to less than a third",
    "bright": "everything is lighter, up to white",
    "contrasty": "light parts are lighter, dark parts darker",
    "faded": "pale and greyish, without black or white",
    "rosy": "everything shifts to pink",
    "thermal": "brightness is shown as heat: violet, red, yellow",
    # texture
    "grainy": "grey noise on every pixel, as on fast film",
    "striped": "level dark bands, four pixels high",
    "hatched": "dark diagonal strokes, crossed where it is dark",
    "posterised": "few flat colours without gradients",
    "pixelated": "square blocks, up to six pixels wide",
    "dotted": "round dots on white paper, larger where it is dark",
    "woven": "threads that pass over and under each other",
    "scratched": "pale upright scratches",
    "snowy": "soft white flakes, scattered at random",
    # line
    "outlined": "black lines along all edges",
    "sketched": "pencil lines and shading on white paper",
    "embossed": "grey relief, lit from the upper left",
    "neon": "edges glow in colour on black",
    # optics
    "blurry": "out of focus, evenly in all directions",
    "streaked": "smeared from left to right, as by motion",
    "vignetted": "corners are dark, the middle is not",
    "foggy": "white air, thickest at the horizon",
    "glowing": "light parts bleed a wide halo",
    "fringed": "red drawn to the left, blue to the right",
    "wavy": "rows sway as if seen through moving water",
    "doubled": "a second exposure, a little aside",
    # composite styles
    "vintage": "an old photograph",
    "comic": "a page of a comic book",
    "dreamy": "a soft, light dream",
    "noir": "a black-and-white crime film",
    "harsh": "hard, dark and rough",
    "wintry": "a cold day with snow",
    "autumnal": "the colours of autumn",
    "manga": "a Japanese comic in black and white",
    "gloomy": "a foggy, cold, dark day",
    "arcade": "an early video game",
    "newsprint": "a printed newspaper",
    "eerie": "a cold, dark, swaying place",
    "televised": "the screen of an old television",
    "etched": "a copperplate print",
    "pastel": "chalk in pale, light tones",
    "psychedelic": "swaying shapes in false colours",
    "antique": "a worn, faded old photograph",
    "romantic": "pink light with a glow",
    "cinematic": "a still of a film, cool and contrasty",
    "kinetic": "something that rushes by",
    # features of faces
    "mustache": "a mustache grows",
    "glasses": "glasses appear",
    "smile": "the mouth smiles",
    "hair": "hair grows from none to shoulder length",
    "hat": "a hat appears",
}
"""Name of a style or feature to what images show at full strength."""
