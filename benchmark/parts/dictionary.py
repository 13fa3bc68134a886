"""The public vocabulary that every explainer with a dictionary gets: the same words, whatever the corpus asks about.

It holds every style word of English that the miniature world knows, three or four to a style and most of them not of
the corpus in question, the features of faces, and words for what images depict, which no style should be taken for.
The aspects of a corpus alone would be half of the answer.
"""


def public_dictionary() -> tuple[str, ...]:
    """Style words, features of faces, then subjects, colours and settings, each once."""
    from finetune.miniature.palette import PALETTE
    from finetune.miniature.portraits import FEATURES
    from finetune.miniature.scenes import SETTINGS, SUBJECTS
    from finetune.miniature.vocabulary import style_words

    features = (word for words in FEATURES.values() for word in words)
    return tuple(dict.fromkeys((*style_words(), *features, *SUBJECTS, *PALETTE, *SETTINGS)))
