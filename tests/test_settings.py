"""Settings come in layers, and a mistake in one names its place."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from refkit import files
from refkit.apps import door
from refkit.errors import UsageError
from refkit.settings import SECRETS, Layer, Settings, build, from_environment, from_toml


def test_the_stronger_layer_wins_field_by_field() -> None:
    call = Layer("the call", {"format": "ris", "offline": None})
    file = Layer("refkit.toml", {"format": "bibtex", "offline": True})
    assert (build([call, file]).format, build([call, file]).offline) == ("ris", True)


def test_a_key_may_be_spelt_like_its_option() -> None:
    assert build([Layer("refkit.toml", {"ris-dialect": "zotero"})]).ris_dialect == "zotero"


def test_an_unknown_key_names_its_place_and_a_near_one() -> None:
    with pytest.raises(UsageError, match=r"refkit\.toml: there is no setting 'mailtoo'.*'mailto'"):
        build([Layer("refkit.toml", {"mailtoo": "a@b.example"})])


@pytest.mark.parametrize(("value", "wanted"), [("1", True), ("true", True), ("No", False), ("0", False), (True, True)])
def test_booleans_come_as_words_from_the_environment(value: object, wanted: bool) -> None:
    assert build([Layer("the environment", {"offline": value})]).offline is wanted


@pytest.mark.parametrize(
    "values", [{"offline": "perhaps"}, {"records": 3}, {"format": ["ris"]}, {"offline": 1.5}], ids=str
)
def test_a_value_of_the_wrong_type_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"refkit\.toml"):
        build([Layer("refkit.toml", values)])


@pytest.mark.parametrize(
    ("name", "value"), [("ris_dialect", "endnot"), ("csl_dialect", "x"), ("letters", ""), ("date", "print")]
)
def test_a_choice_that_is_none_names_the_choices(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=rf"{name} must be .* or .*, not {value!r}"):
        build([Layer("refkit.toml", {name: value})])


def test_environment_names_are_those_of_the_design() -> None:
    layer = from_environment({"REFKIT_MAILTO": "a@b.example", "REFKIT_CROSSREF_URL": "", "HOME": "/"})
    assert layer.values == {"mailto": "a@b.example"}


def test_pyproject_gives_only_its_own_table() -> None:
    text = '[project]\nname = "x"\n[tool.refkit]\noffline = true\n'
    assert from_toml(text, "pyproject.toml").values == {"offline": True}


def test_broken_toml_is_one_sentence() -> None:
    with pytest.raises(UsageError, match=r"refkit\.toml is not valid TOML"):
        from_toml("offline = = 1", "refkit.toml")


def test_the_nearest_file_above_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "refkit.toml").write_text('format = "ris"\n', encoding="utf-8")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (below / "pyproject.toml").write_text('[project]\nname = "x"\n', encoding="utf-8")
    assert [path.name for path, _ in files.settings_files(below, tmp_path / "none")] == ["refkit.toml"]
    monkeypatch.chdir(below)
    assert door.load_settings({}).format == "ris"
    assert door.load_settings({"format": "bibtex"}).format == "bibtex"


def test_secrets_are_not_shown() -> None:
    assert {"mailto", "token"} <= SECRETS
    shown = repr(Settings(mailto="someone@example.org", token="s3cret"))
    assert "someone" not in shown
    assert "s3cret" not in shown


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")
    for field in dataclasses.fields(Settings):
        assert f"`{field.name}`" in page, f"docs/settings.md lacks {field.name}"
        if field.metadata["env"]:
            assert f"`{field.metadata['env']}`" in page
