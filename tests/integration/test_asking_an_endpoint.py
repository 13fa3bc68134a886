"""The real command line asks a real endpoint: blind, failing in the middle, well again, and gone."""

import json
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from benchmark.cli import main

sys.path.insert(0, str(Path(__file__).parents[1] / "finexl" / "vlms"))

from scripted_server import errs, serving
from test_probed import answers

TINY = (
    "run", "scenario=subject", "explainer=finexl_paper", "preset=smoke", "preset.n_prompts=3", "preset.n_series=1",
    "preset.n_levels=3", "generator.n_sampling_steps=2", "executor=inline", "wandb=off",
    "vlm=openai_compatible", "vlm.model=m", "vlm.n_attempts=1",
)  # fmt: skip
N_QUESTIONS = 9
"""Three models, and three pairs of each."""


class Moody:
    """A model that does not see, sees, or has had enough after some questions."""

    def __init__(self) -> None:
        self.sees = True
        self.left = N_QUESTIONS * 9

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.left -= 1
        if self.left < 0:
            errs(503, "overloaded")(handler)
        elif self.sees:
            answers()(handler)
        else:
            answers(lambda _: ["a", "photo"])(handler)


@pytest.mark.slow
def test_a_run_asks_an_endpoint_for_what_it_has_no_answer_to_and_for_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    mood = Moody()

    def run(url: str, *more: str, output: str = "out") -> tuple[int, int]:
        """The exit code, and how many requests were made."""
        before = len(server.heard)
        words = (*TINY, f"output={tmp_path / output}", f"store={tmp_path / 'store'}", f"vlm.base_url={url}")
        return main([*words, *more]), len(server.heard) - before

    def results(output: str = "out") -> dict:
        return json.loads((tmp_path / output / "results.json").read_text())

    with serving(mood) as server:
        mood.sees = False
        assert run(server.url) == (1, 1)
        assert "must show the model the images" in capsys.readouterr().err
        assert not (tmp_path / "out" / "results.json").exists()

        mood.sees, mood.left = True, 1 + 5
        assert run(server.url, "vlm.record=replies.jsonl") == (3, 1 + N_QUESTIONS)
        said = capsys.readouterr()
        assert "4 × failed: Given up after 1 attempt: HTTP 503: overloaded" in said.out
        (record,) = results()["records"]
        assert record["unanswered"] == {"failed: Given up after 1 attempt: HTTP 503: overloaded": 4}

        mood.left = N_QUESTIONS
        assert run(server.url, "vlm.record=replies.jsonl") == (0, 4)
        assert run(server.url, "vlm.record=replies.jsonl") == (0, 0)
        mood.left = 1 + N_QUESTIONS
        assert run(server.url, output="undisturbed") == (0, 1 + N_QUESTIONS)
        assert results()["scores"] == results("undisturbed")["scores"]
        assert results()["records"][0]["trials"] == results("undisturbed")["records"][0]["trials"]
        capsys.readouterr()
    assert run(server.url, "vlm.temperature=0.5") == (3, 0)
    said = capsys.readouterr()
    assert f"{N_QUESTIONS} × failed: Given up after 1 attempt: ConnectError" in said.out
    assert "with vlm.record=FILE an answer is kept" in said.err
