"""Settings of a model at an endpoint, as errors spell them, in programs with options."""

import json
import re
from pathlib import Path

import pytest
from scripted_server import says, serving

from finexl.errors import InvalidInputError, UnknownNameError
from finexl.explain.command_line import main
from finexl.explain.endpoints import SETTINGS, at_endpoint
from finexl.explain.examples import write_example
from finexl.explain.models import check_vlm

URL = "http://localhost:1/v1"
VLMS = Path(__file__).parents[3] / "finexl" / "vlms"
ASKING = ("chat", "chat_answers", "chat_settings", "keys", "probed", "recorded", "retries")
"""What asks an endpoint, and words errors about it."""
OF_BUDGETS = {"input_price", "output_price", "budget_calls", "budget_dollars"}
"""Advised where dollars are limited, which these programs do not do."""


def test_every_setting_that_errors_advise_is_understood() -> None:
    advised = {
        key
        for name in ASKING
        for key in re.findall(r'(?<=[ "(])vlm\.([a-z_]+)', (VLMS / f"{name}.py").read_text())
    }
    assert {"probe", "record", "max_tokens_name", "base_url"} <= advised
    assert advised - OF_BUDGETS <= SETTINGS.keys()


def test_settings_are_read_by_their_types() -> None:
    asked = at_endpoint(
        f"m@{URL}",
        [
            "temperature=1",
            "seed=null",
            "max_tokens=400",
            "detail=low",
            "probe=False",
            "record=a b.jsonl",
            "model=7",
        ],
    )
    told = asked.settings
    assert (told.model, told.temperature, told.seed, told.max_tokens, told.detail) == (
        "7",
        1.0,
        None,
        400,
        "low",
    )
    assert (asked.probe, asked.record) == (False, Path("a b.jsonl"))


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        (f"m@{URL} prob=false", "Did you mean vlm.probe=false"),
        (f"m@{URL} seed=True", "`vlm.seed` must be one of: a whole number, null"),
        (f"m@{URL} temperature=nan", r"`vlm.temperature` in \[0, 2\]"),
        (f"m@{URL}/chat/completions", f"Give vlm.base_url={URL}$"),
        ("miniature probe=false", "'miniature' is none. Name one: --vlm MODEL@URL"),
        ("none record=x", "'none' is none"),
        ("'", "`vlm` must be one of"),
        ("", "`vlm` must be one of"),
    ],
)
def test_what_cannot_be_is_told_with_a_spelling_that_works(name: str, complaint: str) -> None:
    with pytest.raises((InvalidInputError, UnknownNameError), match=complaint):
        check_vlm(name)


def test_what_a_failing_probe_advises_works_where_it_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    base, tuned = write_example(tmp_path / "pictures")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with serving(says("a nice photo")) as server:
        words = ["explain", str(base), str(tuned), "--quiet", f"vlm=m@{server.url}"]
        assert main(words) == 1
        (advised,) = re.findall(r"give (vlm\.\S+)\.$", capsys.readouterr().err.strip())
        assert len(server.heard) == 1
        record = f"vlm.record={tmp_path / 'replies.jsonl'}"
        assert main([*words, advised, record]) == 0
        n_asked = len(server.heard)
        assert main([*words, record, advised]) == 0
        assert len(server.heard) == n_asked > 1
    lines = (tmp_path / "replies.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["identity"]["model"] == "m" and len(lines) == n_asked


def test_a_command_that_asks_no_model_takes_none_of_its_settings(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["get", "clip", "vlm.probe=false"])
    assert "asks no model" in capsys.readouterr().err
