"""The public vocabulary that every explainer with a dictionary gets: the same words, whatever the corpus asks about.

It holds every style word of English that the miniature world knows, three or four to a style and most of them not of
the corpus in question, the features of faces, and words for what images depict, which no style should be taken for.
The aspects of a corpus alone would be half of the answer.
"""


def public_dictionary() -> tuple[str, ...]:
    """Style words, features of faces, then subjects, colours and settings, each once."""
    from finetune.miniature.vocabulary import world_words

    return world_words()
