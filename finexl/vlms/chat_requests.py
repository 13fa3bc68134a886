"""A question as the body of a chat-completions request: the text first, then the images in their order."""

from collections.abc import Mapping
from typing import Any

from finexl.interfaces import Question, Task
from finexl.vlms.abilities import Abilities
from finexl.vlms.chat_settings import ChatSettings, StructuredOutput
from finexl.vlms.collage import CAPTION, collage
from finexl.vlms.pictures import encoded

SCHEMAS: Mapping[Task, Mapping[str, object]] = {
    Task.SCORED_ASPECTS: {
        "type": "object",
        "properties": {
            "aspects": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"aspect": {"type": "string"}, "score": {"type": "number"}},
                    "required": ["aspect", "score"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["aspects"],
        "additionalProperties": False,
    }
}
"""What answers look like that are the same for every question of a task; strict schemas have an object at the root."""


def request_body(
    question: Question, settings: ChatSettings, abilities: Abilities | None = None
) -> dict[str, Any]:
    """What is posted, as the endpoint takes it; settings that are None are left out."""
    taken = abilities or Abilities(answer_format=settings.structured_output)
    body: dict[str, Any] = {
        "model": settings.model,
        "messages": [{"role": "user", "content": _content(question, settings, is_collage=taken.is_collage)}],
        settings.max_tokens_name: settings.max_tokens,
        "temperature": settings.temperature,
        "seed": settings.seed,
        "response_format": _response_format(question, taken.answer_format),
    }
    return {name: value for name, value in body.items() if value is not None}


def _content(question: Question, settings: ChatSettings, *, is_collage: bool) -> str | list[dict[str, Any]]:
    text = question.text.encode(errors="replace").decode()  # JSON in UTF-8 holds no half signs
    if not question.images:
        return text  # text models take no lists
    pictures = question.images
    if is_collage and len(pictures) > 1:
        text, pictures = f"{text}\n{CAPTION.format(n=len(pictures))}", (collage(pictures),)
    detail = {} if settings.detail is None else {"detail": settings.detail}
    images = [
        {"type": "image_url", "image_url": {"url": encoded(image).data_url, **detail}} for image in pictures
    ]
    return [{"type": "text", "text": text}, *images]


def _response_format(question: Question, kind: StructuredOutput) -> dict[str, Any] | None:
    schema = question.schema or SCHEMAS.get(question.task)
    if schema is None or kind == "off":
        return None
    if kind == "json_object":
        return {"type": "json_object"}
    constraint = {"name": question.task.value, "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": constraint}
