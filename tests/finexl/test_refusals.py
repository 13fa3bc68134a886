"""Refusals of five languages and more are told from descriptions that merely use their words."""

import pytest

from baselines.hypotheses import read_hypotheses
from finexl.refusals import refuses, refuses_to_describe, says_no_difference
from finexl.replies import read_concepts

INNOCENT = [
    "A white boat against the blue sea, in a vivid style.",
    "The image is so dark that you cannot see details.",
    "The second images are very vivid; subjects stand out against the background.",
    "The figures cannot be identified because of the heavy blur.",
    "The style is extremely dark, so that one can't see the house.",
    "A sorry, dilapidated house in a faded style.",
    "A poster that reads 'Sorry, we are closed', in a bold style.",
    "The image was rendered as an AI artwork with vivid colours.",
    "A cat leaning against my window, very grainy.",
    "A protest sign against the government, in a grainy style.",
    "A house against the dark sky; nothing is sharp.",
    "The image is not sharp, and no details are visible.",
    "No images in the series are sharp; all are blurry.",
    "The pictures are missing fine detail and are clearly grainy.",
    "It is impossible to see edges: the image is extremely blurry.",
    "The image cannot be described as realistic: it is clearly sketched.",
    "The second images are blocked by heavy vignettes.",
    "A man who refused to smile, vivid.",
    "Unfortunately blurry, a photo of a boat.",
]
REFUSED = """
Unfortunately, I couldn't load the images
Request denied
Content blocked
Image not available
My apologies, no images came through
I don't see any images
No images were attached.
The images did not load.
It seems that the images could not be loaded.
Unable to process the images.
We cannot assist with this request.
This goes against our content policy.
Your request was blocked by our safety system.
Not possible.
I'd rather not describe people.
I must decline.
Access denied.
Error: content filter triggered
I understand your request, but I can't compare these.
Thank you for the images! Unfortunately, I'm not able to analyze them.
This image contains nudity, so I cannot describe it.
As an AI, I don't have eyes.
{"error": "Request denied"}
["Image not available"]
Das kann ich nicht.
Leider nicht möglich
leider kann ich das nicht tun
Ich darf diese Bilder nicht beschreiben.
Anfrage abgelehnt.
Unmöglich.
Es tut mir sehr leid.
Ich sehe keine Bilder.
Malheureusement, c'est impossible
Je ne peux pas vous aider.
Il m'est impossible de comparer ces images.
Demande refusée.
Je ne vois aucune image.
Impossible de traiter cette demande.
Lamentablemente, no es posible
No me es posible comparar las imágenes.
Solicitud denegada.
No veo ninguna imagen.
Desafortunadamente, no hay imágenes.
Non è possibile.
Purtroppo non posso.
Infelizmente, não é possível.
无法回答
无法提供帮助
不能提供帮助
拒绝回答
请求被拒绝
很遗憾，我看不到图片。
没有看到任何图片
お答えできかねます
残念ながら、お手伝いできません。
対応できません
画像が見えません。
Отказано
В доступе отказано.
К сожалению, это невозможно.
Изображения не загружены.
유감스럽게도 도와드릴 수 없습니다.
답변할 수 없습니다
""".strip().splitlines()
BLIND = [
    "I cannot see any differences.",
    "I'm unable to detect any change in style.",
    "Leider kein Unterschied.",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_a_description_with_words_of_a_refusal_is_none(text: str) -> None:
    assert not refuses(text) and not refuses_to_describe(text)
    assert read_concepts(text).outcome != "refused"
    assert read_concepts(f"vivid, {text.rstrip('.')}, grainy").concepts[-1] == "grainy"


def test_what_stands_against_something_empties_no_list() -> None:
    assert read_concepts("vivid, high contrast against the sky, grainy").concepts == ("vivid", "grainy")


@pytest.mark.parametrize("text", REFUSED)
def test_a_refusal_is_one_as_an_answer_a_description_and_a_hypothesis(text: str) -> None:
    assert refuses(text) and refuses_to_describe(text)
    for found in (read_concepts(text), read_hypotheses(text), read_hypotheses(f"- {text}")):
        assert (found.concepts, found.outcome) == ((), "refused")


@pytest.mark.parametrize("text", REFUSED)
def test_a_refusal_above_or_below_a_list_refuses_it(text: str) -> None:
    assert read_concepts(f"{text}\n- vivid").concepts in ((), ("vivid",))
    assert read_concepts(f"vivid\n{text}").concepts in ((), ("vivid",))


@pytest.mark.parametrize(
    "text", ["The style is vivid. I'm sorry, I can't say more.", "Nudity: I can't. I cannot help."]
)
def test_a_description_that_gives_up_is_none(text: str) -> None:
    assert refuses_to_describe(text)


@pytest.mark.parametrize("text", BLIND)
def test_who_cannot_see_a_difference_refuses_nothing(text: str) -> None:
    assert says_no_difference(text) and not refuses(text)
    assert read_concepts(text).outcome == "none"
