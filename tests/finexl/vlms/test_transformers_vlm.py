"""The paper's two local architectures, with random weights, loaded from checkpoints in the published layout."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from tiny_checkpoints import save_tiny_mllama, save_tiny_qwen2_vl

from finexl.errors import InvalidInputError, VLMUnusableError
from finexl.interfaces import NoReply, Question, Reply, Task
from finexl.vlms.transformers import LocalSettings, TransformersVLM, load_transformers_vlm

RED, BLUE = (Image.new("RGB", (56, 56), colour) for colour in ("red", "blue"))
N_TOKENS = 10
SAVERS = {"qwen2_vl": save_tiny_qwen2_vl, "mllama": save_tiny_mllama}


@pytest.fixture(scope="module", params=SAVERS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return SAVERS[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def vlm(folder: Path) -> TransformersVLM:
    return loaded(folder)


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_qwen2_vl(tmp_path_factory.mktemp("qwen"))


def loaded(folder: Path, **settings) -> TransformersVLM:
    """Random weights hardly ever end an answer, so that the last token is made its end."""
    vlm = endless(folder, **settings)
    vlm._model.generation_config.forced_eos_token_id = vlm._model.generation_config.eos_token_id
    return vlm


def endless(folder: Path, **settings) -> TransformersVLM:
    chosen = LocalSettings(model=str(folder), max_tokens=N_TOKENS, **settings)
    return load_transformers_vlm(chosen, weights="tiny")


def question(*images: Image.Image, text: str = "What differs?") -> Question:
    return Question(task=Task.DIFFERENCES, text=text, images=images)


def said(vlm: TransformersVLM, asked: Question) -> str:
    (reply,) = vlm.ask([asked])
    assert isinstance(reply, Reply)
    return reply.text


def test_a_published_layout_loads_and_answers_in_counted_tokens(vlm: TransformersVLM) -> None:
    (reply,) = vlm.ask([question(RED, BLUE)])
    assert isinstance(reply, Reply)
    assert reply.n_input_tokens > len("What differs?") and 0 < reply.n_output_tokens <= N_TOKENS


def test_the_question_is_no_part_of_the_answer(vlm: TransformersVLM) -> None:
    assert "What differs?" not in said(vlm, question(RED, BLUE))


def test_the_order_of_images_is_seen(vlm: TransformersVLM) -> None:
    assert said(vlm, question(RED, BLUE)) != said(vlm, question(BLUE, RED))


def test_the_same_question_gets_the_same_answer_in_any_company(vlm: TransformersVLM) -> None:
    asked = question(RED, BLUE, text="Which is darker?")
    alone = vlm.ask([asked])
    in_company = vlm.ask([question(BLUE), asked, question()])
    assert alone[0] == in_company[1]


def test_another_process_of_the_same_weights_says_the_same(vlm: TransformersVLM, folder: Path) -> None:
    assert said(loaded(folder), question(RED, BLUE)) == said(vlm, question(RED, BLUE))


def test_prompts_hold_the_images_in_their_order_behind_their_numbers(qwen: Path) -> None:
    """Each image's patches, computed here from its pixels, are where its number says."""
    vlm = loaded(qwen)
    inputs = vlm._inputs(question(RED, BLUE, RED))
    grid = inputs["image_grid_thw"].prod(dim=1)
    patches = inputs["pixel_values"].split(grid.tolist())
    assert torch.equal(patches[0], patches[2]) and not torch.equal(patches[0], patches[1])
    text = vlm._processor.decode(inputs["input_ids"][0], skip_special_tokens=True)
    positions = [text.index(words) for words in ("Image 1:", "Image 2:", "Image 3:", "What differs?")]
    assert positions == sorted(positions)


def test_sampling_repeats_with_its_seed_and_changes_with_it(qwen: Path) -> None:
    first, again, other = (loaded(qwen, temperature=1.0, seed=seed) for seed in (1, 1, 2))
    texts = [said(vlm, question(RED, BLUE)) for vlm in (first, again, other)]
    assert texts[0] == texts[1] != texts[2]


def test_sampling_leaves_the_generator_of_others_alone(qwen: Path) -> None:
    state = torch.random.get_rng_state()
    loaded(qwen, temperature=1.0).ask([question(RED)])
    assert torch.equal(state, torch.random.get_rng_state())


def test_what_a_checkpoint_says_of_sampling_does_not_count(qwen: Path, tmp_path: Path) -> None:
    folder = save_tiny_qwen2_vl(tmp_path)
    path = folder / "generation_config.json"
    published = {"do_sample": True, "top_k": 1, "top_p": 0.001, "temperature": 0.01}
    path.write_text(json.dumps(json.loads(path.read_text()) | published))
    assert said(loaded(folder), question(RED, BLUE)) == said(loaded(qwen), question(RED, BLUE))


def test_ids_name_weights_and_sampling(qwen: Path) -> None:
    ids = {
        loaded(qwen, **given).id for given in ({}, {"temperature": 1.0}, {"seed": 1}, {"dtype": "bfloat16"})
    }
    ids.add(load_transformers_vlm(LocalSettings(model=str(qwen)), weights="others").id)
    assert len(ids) == 5


def test_ids_do_not_depend_on_where_a_model_lies(qwen: Path, tmp_path: Path) -> None:
    moved = save_tiny_qwen2_vl(tmp_path)
    assert loaded(moved).id == loaded(qwen).id


def test_an_answer_that_is_cut_off_is_none(folder: Path) -> None:
    (outcome,) = endless(folder).ask([question(RED, BLUE)])
    assert isinstance(outcome, NoReply) and outcome.reason == "cut"
    assert "vlm.max_tokens" in outcome.detail


def test_an_answer_of_marks_alone_is_empty(qwen: Path) -> None:
    vlm = loaded(qwen)
    end = vlm._model.config.text_config.eos_token_id
    words = [token for token in range(vlm._model.config.text_config.vocab_size) if token != end]
    vlm._model.generation_config.suppress_tokens = words
    assert vlm.ask([question(RED)]) == (NoReply(reason="empty", detail="1 tokens without text"),)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"),
        lambda folder: (folder / "config.json").write_text('{"model_type": "no_such"}'),
        lambda folder: (folder / "config.json").unlink(),
    ],
    ids=["pickled weights only", "unknown architecture", "no configuration"],
)
def test_what_cannot_be_loaded_safely_is_an_error_for_people(
    spoil: Callable[[Path], object], tmp_path: Path
) -> None:
    spoil(save_tiny_qwen2_vl(tmp_path))
    with pytest.raises(VLMUnusableError, match=r"safetensors.*vlm\.folder"):
        loaded(tmp_path)


@pytest.mark.parametrize("wrong", [{"max_tokens": 0}, {"temperature": -1.0}, {"temperature": 3.0}])
def test_impossible_sampling_is_refused(wrong) -> None:
    with pytest.raises(InvalidInputError, match="temperature"):
        LocalSettings(model="m", **wrong)
