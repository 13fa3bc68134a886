"""What a text states of aspects: which are named, which way, and how much; words alone, whoever wrote them.

A clause's degree is what stands before the name, else what stands behind it. Names that are joined without more words
("vivid and grainy: 8/10") share what stands behind. A number counts before words of degree. What a clause says of the
base images points the other way, and a heading speaks for the items below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from benchmark.read.clauses import Clause, Line, Token, lines
from benchmark.read.degrees import LABELS, PLAIN, degree, is_of_degree
from benchmark.read.lexicon import FILLERS, Lexicon
from benchmark.read.polarity import (
    MORE,
    Direction,
    direction,
    is_gone,
    is_of_base,
    operators,
    spreads,
)

Basis = Literal["number", "words", "mention"]
BASES: tuple[Basis, ...] = get_args(Basis)
"""What can say a degree, the best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that a text says of what some words name."""

    words: str
    aspects: tuple[str, ...]
    """What the words name: more than one where several aspects share a name."""
    direction: Direction
    amount: float
    """From -10 to 10: the degree with its direction; below zero, less of it than in the base images."""
    is_of_base: bool
    """Whether the words are about the base images."""
    basis: Basis
    """What says the degree."""
    sentence: str


_JOINERS = frozenset([",", "and", "or", "nor", "&", "/", "+"])
_TELLING = frozenset([":", "=", "(", "-", "|"])
"""Marks behind which stands what is said of the name before them."""
_VERBS = frozenset([
    "is", "are", "was", "were", "look", "looks", "appear", "appears", "become", "becomes", "seem", "seems", "has",
    "have", "show", "shows", "feel", "feels",
])  # fmt: skip
_BARE = FILLERS | LABELS | frozenset([
    "a", "an", "the", "its", "their", "his", "this", "that", "these", "those", "of", "in", "on", "to", "at", "by",
    "for", "both", "also", "all", "aspect", "name", "concept", "category", "images", "photos", "pictures", "colors",
    "colours", "tones", "hues", "looks", "styles", "overall", "appearance", "quality", "texture", "edges", "lines",
    "effects", "only", "just", "about", "around", "approximately", "roughly", "nearly", "almost", "perhaps", "maybe",
    "approx", "ca", "circa",
])  # fmt: skip
"""Words that add nothing to a name."""
_ARTICLES = frozenset(["a", "an", "the", "being", "more"])


def statements(text: str, lexicon: Lexicon) -> tuple[Statement, ...]:
    """Everything that a text states of what a lexicon knows, in order of mention.

    >>> known = Lexicon({"vivid": (), "grain": ()})
    >>> [(each.words, each.amount) for each in statements("Less vivid; grain: 2/10", known)]
    [('vivid', -6.0), ('grain', 2.0)]
    """
    reading = _Reading()
    for line in lines(text, lexicon):
        reading.read(line)
    return tuple(_statement(one) for one in reading.said)


@dataclass(slots=True, kw_only=True)
class _Said:
    """A name with what was found about it so far."""

    name: Token
    sentence: str
    of_base: bool | None
    before: tuple[str, ...]
    """Operators before it."""
    after: tuple[str, ...] = ()
    """Operators behind it."""
    degree: float | None
    rating: float | None
    is_lent: bool = False
    """Whether the rating is of a sentence before, which may have been about everything."""

    @property
    def is_bare(self) -> bool:
        """Whether nothing was said of it yet."""
        return not self.before and not self.after and (self.degree, self.rating) == (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heading:
    """What a line above a list says of its items."""

    of_base: bool | None = None
    operators: tuple[str, ...] = ()
    degree: float | None = None


@dataclass(slots=True)
class _Reading:
    """The state of reading a text from its first line to its last."""

    said: list[_Said] = field(default_factory=list)
    group: list[_Said] = field(default_factory=list)
    """Names that are joined, the latest last; it stays when its sentence ends, since "Score: 8" may follow."""
    is_open: bool = False
    """Whether the next name may join the group."""
    has_verb: bool = False
    """Whether the group is a sentence by itself."""
    heading: _Heading = field(default_factory=_Heading)
    n_before: int = 0
    """Names said before the sentence that is read."""
    of_base: bool | None = None
    """Whom the sentence is about."""
    latest_of_base: bool | None = None
    """Whom the last clause that names images names, if only to compare: "than the base images, which are vivid"."""
    rating: float | None = None
    """A number that came before what it is about."""
    is_lent: bool = False
    """Whether that number is of a sentence before."""
    is_of_all: bool = False
    """Whether the sentence sums up: "overall: 7/10"."""
    degree: float | None = None
    """A degree that came before what it is about."""
    operators: tuple[str, ...] = ()
    """Those of a clause without a name: "no change in mood, grain or blur"."""
    side: bool | None = None
    """Whose images the clause before named, and nothing else: "(base: 3/10)"."""

    def read(self, line: Line) -> None:
        """Read a line."""
        if not line.is_item:
            self.heading = _Heading()
        clauses = [clause for sentence in line.sentences for clause in sentence]
        if line.is_heading and not any(clause.names for clause in clauses):
            words = [word for clause in clauses for word in clause.words]
            self.heading = _Heading(
                of_base=is_of_base(words), operators=operators(words), degree=degree(words)
            )
            return
        for sentence in line.sentences:
            self._sentence(sentence)

    def _sentence(self, clauses: Sequence[Clause]) -> None:
        if clauses[0].words[:1] not in _PRONOUNS:
            self.of_base = self.heading.of_base
        self.is_open, self.degree, self.operators, self.n_before = False, None, (), len(self.said)
        self.side, self.is_lent = None, self.rating is not None
        self.is_of_all = any("overall" in clause.words for clause in clauses)
        text = _written(clauses)
        for place, clause in enumerate(clauses):
            if clause.joiner == "which":
                self.of_base = self.latest_of_base
            self.latest_of_base = is_of_base(clause.words, compared=True)
            if clause.names:
                self._names(clause, _joiner(clauses, place), text)
            else:
                follows = clauses[place + 1].joiner if place + 1 < len(clauses) else ""
                self._no_name(clause, is_alone=len(clauses) == 1, follows=follows)

    def _names(self, clause: Clause, joiner: str, text: str) -> None:
        """A clause that names something."""
        parts = _parts(clause)
        if (
            joiner in _TELLING
            and self._lacks_rating()
            and parts[0]
            and parts[0][0].kind in ("rating", "number")
        ):
            # "vivid: 8/10 grainy: 3/10"
            self._rate(parts[0][0].value)
            parts[0] = parts[0][1:]
        lead, rest = _words(parts[0]), _words(parts[-1])
        self._join(joiner, lead, rest)
        before = operators(lead)
        inherited = self.group[-1].before if self.group else self.operators
        is_free = not before and not operators(rest) and not MORE & set(lead)
        if is_free and joiner in _JOINERS and spreads(inherited, joiner):
            before = inherited
        if (about := is_of_base(lead)) is not None:
            self.of_base = about
        led = _rating(parts[0], is_led=True)
        rating = led if led is not None else self.rating
        for place, name in enumerate(clause.tokens[at] for at in clause.names):
            between, behind = _words(parts[place]), _words(parts[place + 1])
            if place:  # "less vivid more grainy"
                before = operators(between) if MORE & set(between) else before + operators(between)
                rating = rating if led is not None else None
            level = degree(between)
            one = _Said(
                name=name,
                sentence=text,
                of_base=self.of_base,
                before=_compared(before or self.heading.operators, between, behind),
                degree=level
                if level is not None
                else self.degree
                if self.degree is not None
                else self.heading.degree,
                rating=rating if led is None or place == 0 else _rating(parts[place], is_led=True) or rating,
                is_lent=self.is_lent and led is None,
            )
            self.said.append(one)
            self.group.append(one)
            if led is None and (stated := _rating(parts[place + 1])) is not None:
                self._rate(stated)
        self.rating = None
        self._behind(rest)

    def _join(self, joiner: str, lead: Sequence[str], rest: Sequence[str]) -> None:
        """Go on with the group, or begin a new one."""
        has_verb = bool(_VERBS & {*lead, *rest})
        if not (self.is_open and joiner in _JOINERS and _is_bare(lead) and not (self.has_verb and has_verb)):
            self.group, self.has_verb = [], has_verb
        self.is_open = all(word in _BARE for word in rest)

    def _behind(self, rest: Sequence[str]) -> None:
        """What stands behind the last name of a clause: said of all names of the group that nothing was said of."""
        about, found, level = is_of_base(rest), operators(rest), degree(rest)
        latest = self.group[-1]
        for one in self.group:
            if one is latest or one.is_bare:
                # what lacks "the grain of the base images" is said of the personalized ones
                is_owned = rest[:1] == ("of",) and bool(one.before)
                one.of_base = one.of_base if about is None or is_owned else about
                # "the grain seen in the base images is missing": from the others
                is_left_out = about is True and found == ("without",) and rest[0] not in _VERBS
                one.after = ("gone",) if is_left_out else found
            if one.degree is None:
                one.degree = level

    def _no_name(self, clause: Clause, *, is_alone: bool, follows: str) -> None:
        """A clause that names nothing: it says something of the names before it, or of those to come."""
        words = clause.words
        is_bare = all(word in _BARE for word in words)
        about = is_of_base(words)
        is_labelled = about is not None and clause.tokens[-1].kind == "number" and len(words) < _SENTENCE
        rating = _rating(clause.tokens, is_alone=is_bare or is_labelled)
        if rating is not None and (is_bare or is_labelled or not is_alone):
            side = self.side if about is None else about
            if self._lacks_rating() or (self.group and self.group[-1].rating is None):
                self._rate(rating, side)
            elif self.group and side is not None and bool(self.group[-1].of_base) is not side:
                self._rate_other(rating, side)
            elif is_bare and not self.is_of_all:
                self.rating, self.is_lent = rating, False
            return
        self.is_open, self.side = False, about
        if about is not None:
            self.of_base = about
            if (
                clause.joiner == "("
                and follows not in (":", "=")
                and self.group
                and self.group[-1].rating is not None
            ):
                # "6/10 (original), 2/10 (tuned)"
                self._tell_side(about)
        level, found = degree(words), operators(words)
        is_told = clause.joiner in _TELLING
        is_first = len(self.said) == self.n_before
        if is_first or (not is_told and (self.group[-1].rating, self.group[-1].degree) != (None, None)):
            self.degree, self.operators = level if _is_bare(words) else None, found if is_first else ()
            return
        for one in self.group:
            if one.degree is None and (is_told or not found):
                one.degree = level
            if is_told and not one.before and not one.after:
                one.after = found

    def _lacks_rating(self) -> bool:
        """Whether the latest name is of this sentence and has no number of it."""
        is_of_sentence = len(self.said) > self.n_before
        return is_of_sentence and (self.group[-1].rating is None or self.group[-1].is_lent)

    def _rate(self, rating: float, of_base: bool | None = None) -> None:
        """A number behind names: for the last of them, and for those before it that have no degree of their own."""
        for one in self.group:
            if one is self.group[-1] or (one.rating is None and one.degree is None):
                one.rating, one.is_lent = rating, False
                one.of_base = one.of_base if of_base is None else of_base

    def _tell_side(self, of_base: bool) -> None:
        """Whose images the number before is of; the next one is of the others."""
        for one in self.group:
            one.of_base = of_base
        self.side = not of_base

    def _rate_other(self, rating: float, of_base: bool) -> None:
        """A second number, of the other images: "vivid: base 3/10, personalized 8/10"."""
        self.group = [replace(one, rating=rating, of_base=of_base) for one in self.group]
        self.said += self.group


_SENTENCE = 4
"""Words of which a clause may be more than whose images a number is of."""
_LIST = 12
"""Items within which the conjunction is looked for that ends a list."""
_PRONOUNS = (("they",), ("these",), ("their",), ("it",), ("its",))


def _statement(one: _Said) -> Statement:
    pointing = direction(one.before, one.after)
    if one.of_base:
        pointing = -1 if is_gone(one.after) else -pointing
    level = one.rating if one.rating is not None else one.degree if one.degree is not None else PLAIN
    amount = -abs(level) if pointing < 0 else level * pointing
    return Statement(
        words=one.name.text,
        aspects=one.name.aspects,
        direction=pointing,
        amount=amount or 0.0,  # never -0.0
        is_of_base=bool(one.of_base),
        basis="number" if one.rating is not None else "words" if one.degree is not None else "mention",
        sentence=one.sentence,
    )


def _written(clauses: Sequence[Clause]) -> str:
    said = [
        " ".join(filter(None, (clause.joiner, *(token.text for token in clause.tokens))))
        for clause in clauses
    ]
    return " ".join(said)


def _joiner(clauses: Sequence[Clause], place: int) -> str:
    """How a clause is joined; an item of a list by the conjunction that ends the list."""
    joiner = next((clause.joiner for clause in clauses[place : place + _LIST] if clause.joiner != ","), ",")
    return joiner if clauses[place].joiner != "," or joiner in _JOINERS else ","


def _parts(clause: Clause) -> list[tuple[Token, ...]]:
    """What stands before the first name of a clause, between its names, and behind the last."""
    starts, ends = [-1, *clause.names], [*clause.names, len(clause.tokens)]
    return [clause.tokens[start + 1 : end] for start, end in zip(starts, ends, strict=True)]


def _words(tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple(token.text for token in tokens if token.kind == "word")


def _is_bare(words: Sequence[str]) -> bool:
    """Whether words add no more to a name than a degree or a direction."""
    place = 0
    while place < len(words):
        length = is_of_degree(words, place)
        if not length and not (
            words[place] in _BARE or words[place] in MORE or operators(words[place : place + 1])
        ):
            return False
        place += max(length, 1)
    return True


def _compared(before: tuple[str, ...], between: Sequence[str], behind: Sequence[str]) -> tuple[str, ...]:
    """Operators with those of comparisons: "as vivid as", "not as vivid", "from cool to warm"."""
    nearest = next((word for word in reversed(between) if word not in _ARTICLES), "")
    if nearest == "from" and "to" in behind:
        return (*before, "less")
    if nearest in ("as", "so") and "not" in before:
        return ("less",)
    if nearest == "as" and (behind[:1] == ("as",) or "just" in between):
        return (*before, "same")
    return before


def _rating(tokens: Sequence[Token], *, is_alone: bool = False, is_led: bool = False) -> float | None:
    """The degree that a part of a clause states in numbers.

    A number that is not of ten, of five or in percent is a degree where it stands alone (`is_alone`), behind a word
    for degrees, or directly behind a name; before a name (`is_led`) it may count something else.
    """
    found = None
    for place, token in enumerate(tokens):
        before = tokens[:place]
        is_labelled = any(each.text in LABELS for each in before[-2:])
        ends = place + 1 == len(tokens) and all(each.text in _BARE or each.text in _VERBS for each in before)
        if token.kind == "rating" or (
            token.kind == "number" and (is_alone or is_labelled or (ends and not is_led))
        ):
            found = token.value
    return found
