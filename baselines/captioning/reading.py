"""What a caption of a difference says: the aspects it names, each with its degree."""

from baselines.captioning.vocabulary import Vocabulary, words_of


def stated_degrees(caption: str, vocabulary: Vocabulary) -> dict[str, float]:
    """The aspects that a caption names, with the degree from 0 to 10 of the adverb before each; the larger counts.

    An aspect of several words is named by all of them in a row.
    """
    words = words_of(caption)
    stated: dict[str, float] = {}
    for aspect in vocabulary.aspects:
        name = aspect.split()
        for start in range(len(words) - len(name) + 1):
            if words[start : start + len(name)] == name:
                adverb = words[start - 1] if start and words[start - 1] in vocabulary.degrees else ""
                degree = vocabulary.degree(adverb)
                stated[aspect] = max(degree, stated.get(aspect, 0.0))
    return stated
