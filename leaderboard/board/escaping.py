"""Text of strangers in formats where characters mean something: it stays text. HTML is escaped by its templates."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+.!|~$@:=^-])")
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedblright{}",
    "`": r"\textasciigrave{}",
    "|": r"\textbar{}",
    "-": r"{-}",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'")


def markdown(text: str) -> str:
    """Text in a cell of a Markdown table: no mark-up, no HTML, no address that turns into a link."""
    plain = terminal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", plain)


def latex(text: str) -> str:
    """Text in a cell of a LaTeX table: no command, no mathematics, no comment."""
    return "".join(_LATEX.get(letter, letter) for letter in terminal(text))


def csv_cell(text: str) -> str:
    """Text of a CSV cell that no spreadsheet takes for a formula."""
    plain = terminal(text)
    return f"'{plain}" if plain.lstrip().startswith(_FORMULA) else plain


def terminal(text: str) -> str:
    """Text that cannot steer a terminal, on one line."""
    return "".join(letter if letter.isprintable() else " " if letter in "\n\t" else "�" for letter in text)
