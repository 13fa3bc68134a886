"""What in a reply its model wrote for itself: reasoning in whatever marks, signs of a template, turns of others.

Reasoning is never an answer. Servers that should keep it apart leave it in the text: with both marks, with the last
alone, since templates give the first, with the first alone, where tokens ran out, or with marks that were escaped.
"""

import html
import json
import re

_NAME = (
    r"(?:\w{1,12}[:.])?(?:ant|inner_?|internal_?|chain_of_)?"
    r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|analysis|monologue|rationale|deliberation|"
    r"plan(?:ning)?|working_out|cot|steps?)(?:_(?:content|process|block|steps?))?"
)
"""What chat models and prompts call reasoning in their marks."""
_BEGINS = (
    rf"(?:<\s*{_NAME}(?:\s[^<>]{{0,200}})?>|<\|?(?:(?:begin|start)_(?:of_)?{_NAME}|{_NAME}_(?:start|begin))\|?>|"
    rf"<\|{_NAME}\|>|\[THINK\]|◁think▷|<\|channel\|>(?:analysis|commentary)\b|<\|channel>thought\b|<unused94>)"
)
_ENDED = (
    rf"(?:<\s*/\s*{_NAME}\s*>|<\|?(?:end_(?:of_)?{_NAME}|{_NAME}_end|/{_NAME})\|?>|\[/THINK\]|◁/think▷|"
    r"<\|channel\|>final\s*(?:<\|message\|>)?|<channel\|>|<unused95>|\bassistantfinal)"
)
_REASONING = re.compile(rf"{_BEGINS}.*?(?:{_ENDED}|\Z)", re.DOTALL | re.IGNORECASE)
_UNOPENED = re.compile(rf"\A.*{_ENDED}", re.DOTALL | re.IGNORECASE)
_NO_REASONING = re.compile(rf"<\s*{_NAME}\s*/>", re.IGNORECASE)
_FOLDED = re.compile(
    r"```(?:think(?:ing)?|thoughts?|reasoning)\b.*?(?:```|\Z)|"
    r"<details\b[^>]*>\s*<summary>[^<]*(?:think|thought|reason)[^<]*</summary>.*?(?:</details>|\Z)|"
    r"^>\W*(?:think|thought|reason)\w*[^\n]*(?:\n>[^\n]*)*",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
"""Reasoning that interfaces show apart: a fence of its own, something to unfold, a quotation."""
_MARKS_A_TURN = r"(?:<\|(?:im_)?start(?:_header_id)?\|>|<start_of_turn>)"
_QUESTION_AGAIN = re.compile(
    rf"\A\s*{_MARKS_A_TURN}\s*(?:user|human|system)\b.*?(?={_MARKS_A_TURN}\s*(?:assistant|model)\b)|\A.*\[/INST\]",
    re.DOTALL | re.IGNORECASE,
)
_NEXT_QUESTION = re.compile(
    rf"(?:{_MARKS_A_TURN}\s*(?:user|human|system)\b|\[INST\]|"
    r"(?<=\S)\s*\n\s*(?:#+\s*|\*\*)?(?:user|human)(?:\*\*)?\s*:).*",
    re.DOTALL | re.IGNORECASE,
)
"""Where a model goes on with what the user should say."""
_SPEAKER = re.compile(
    rf"{_MARKS_A_TURN}\s*(?:assistant|model)?|\A\s*\**(?:assistant|model|bot|ai)\**\s*(?::|\n)", re.IGNORECASE
)
_TEMPLATE = re.compile(r"<[|｜][^<>|｜\n]{1,30}[|｜]>|</s>|<eos>|<end_of_turn>", re.IGNORECASE)
_FENCE = re.compile(
    r"(?:```|~~~)(?:(?:json[5cl]?|te?xt|plain(?:text)?|python|py|csv|markdown|md|html|xml|ya?ml|toml|list|output|"
    r"concepts|answer)\b)?",
    re.IGNORECASE,
)
_ESCAPED_TAG = re.compile(rf"&(?:amp;)*lt;\s*/?\s*{_NAME}\b", re.IGNORECASE)
_BROKEN_TAG = re.compile(r"<[^<>\n]{1,60}>")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_ESCAPE = re.compile(r"\\(?:[\"n]|u[0-9a-f]{4})", re.IGNORECASE)
_TEX = re.compile(r"\\[a-z]{2,}[{ ]")
_MOST_LAYERS = 3
"""How often a text is taken out of a string of JSON."""


def without_fences(text: str) -> str:
    """A reply without reasoning, signs of templates, turns of others and code fences.

    >>> without_fences("Blue, or rather vivid?</think>grainy")
    'grainy'
    >>> without_fences("<thinking>blue, dark")
    ''
    """
    plain = _FOLDED.sub("\n", _NO_REASONING.sub(" ", _unescaped(text)))
    answer = _UNOPENED.sub("", _REASONING.sub(" ", _QUESTION_AGAIN.sub("", plain)))
    own = _SPEAKER.sub(" ", _NEXT_QUESTION.sub("", answer))
    return _FENCE.sub("\n", _TEMPLATE.sub(" ", own)).strip()


def _unescaped(text: str) -> str:
    """A text whose signs were escaped on the way as its model wrote it."""
    for _ in range(_MOST_LAYERS):
        if (inner := _unquoted(text)) == text:
            break
        text = inner
    if _ESCAPED_TAG.search(text):
        text = html.unescape(text.replace("&amp;lt;", "&lt;").replace("&amp;gt;", "&gt;"))
    return _BROKEN_TAG.sub(lambda tag: _UNSEEN.sub("", tag[0]), text)


def _unquoted(text: str) -> str:
    """What a string of JSON holds, also without its quotation marks; any other text as it is."""
    bare = text.strip()
    is_string = len(bare) > 1 and bare[0] == bare[-1] == '"'
    if not is_string and ("\n" in bare or not _ESCAPE.search(bare) or _TEX.search(bare)):
        return text
    try:
        found = json.loads(bare if is_string else f'"{bare}"')
    except ValueError:
        return text
    return found if isinstance(found, str) else text
