"""The contact sheet is one deterministic picture."""

from finetune.studies.contact_sheet import contact_sheet


def test_the_contact_sheet_is_the_same_for_the_same_seed() -> None:
    assert contact_sheet(seed=1).tobytes() == contact_sheet(seed=1).tobytes()
