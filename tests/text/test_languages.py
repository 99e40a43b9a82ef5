"""A code the model does not know is refused, with the one that was probably meant."""

from __future__ import annotations

import pytest

from xproj_fast.errors import InputError
from xproj_fast.text.languages import check_language, suggestions

KNOWN = ("eng_Latn", "deu_Latn", "zho_Hans", "zho_Hant", "swh_Latn", "jpn_Jpan", "rus_Cyrl", "arb_Arab")


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("de", ["deu_Latn"]),
        ("deu", ["deu_Latn"]),
        ("ger", ["deu_Latn"]),
        ("DEU_LATN", ["deu_Latn"]),
        ("deu-Latn", ["deu_Latn"]),
        ("en_US", ["eng_Latn"]),
        ("eng_Latin", ["eng_Latn"]),
        ("rus_Latn", ["rus_Cyrl"]),
        ("zh", ["zho_Hans", "zho_Hant"]),
        ("zh-Hant", ["zho_Hant"]),
        ("sw", ["swh_Latn"]),
        ("ara", ["arb_Arab"]),
        ("engg_Latn", ["eng_Latn"]),
        ("__de__", ["deu_Latn"]),
        ("xx", []),
        ("", []),
    ],
)
def test_what_was_meant(code: str, meant: list[str]) -> None:
    assert suggestions(code, KNOWN) == meant
    with pytest.raises(InputError, match=f"source_language: expected a language code of the model, got '{code}'") as e:
        check_language(code, KNOWN, "source_language")
    assert all(known in str(e.value) for known in meant)


def test_a_known_code_passes() -> None:
    check_language("jpn_Jpan", KNOWN, "target_language")


def test_no_string_and_no_idea() -> None:
    with pytest.raises(InputError, match="got None: it knows eng_Latn, deu_Latn, "):
        check_language(None, KNOWN, "source_language")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"got 'tlh': it knows a0_Latn, .*, \.\.\. \(40 in all\)"):
        check_language("tlh", tuple(f"a{i}_Latn" for i in range(40)), "source_language")


def test_codes_of_m2m100() -> None:
    assert suggestions("de", ("__en__", "__de__")) == ["__de__"]
    assert suggestions("deu_Latn", ("__en__", "__de__")) == ["__de__"]
    assert suggestions("spa_Latn", ("__pa__", "__es__")) == ["__es__"]
    assert suggestions("jpn_Jpan", ("__en__", "__ja__")) == ["__ja__"]
