"""Language codes: refused where the model does not know them, with the code that was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from xproj_fast.errors import InputError
from xproj_fast.text.language_names import NAMES

# ISO 639-1, and the macrolanguages of ISO 639-3, to what NLLB-200 calls the language.
_ALIASES = (
    "af:afr am:amh ar:arb as:asm ay:ayr az:azj ba:bak be:bel bg:bul bm:bam bn:ben bo:bod bs:bos ca:cat cs:ces "
    "cy:cym da:dan de:deu dz:dzo ee:ewe el:ell en:eng eo:epo es:spa et:est eu:eus fa:pes ff:fuv fi:fin fj:fij "
    "fo:fao fr:fra ga:gle gd:gla gl:glg gn:grn gu:guj ha:hau he:heb hi:hin hr:hrv ht:hat hu:hun hy:hye id:ind "
    "ig:ibo is:isl it:ita iw:heb ja:jpn jv:jav ka:kat kg:kon ki:kik kk:kaz km:khm kn:kan ko:kor kr:knc ks:kas "
    "ku:kmr ky:kir lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lv:lvs mg:plt mi:mri mk:mkd ml:mal mn:khk mr:mar "
    "ms:zsm mt:mlt my:mya nb:nob ne:npi nl:nld nn:nno no:nob ny:nya oc:oci om:gaz or:ory pa:pan pl:pol ps:pbt "
    "pt:por qu:quy rn:run ro:ron ru:rus rw:kin sa:san sc:srd sd:snd sg:sag si:sin sk:slk sl:slv sm:smo sn:sna "
    "so:som sq:als sr:srp ss:ssw st:sot su:sun sv:swe sw:swh ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl "
    "tn:tsn tr:tur ts:tso tt:tat tw:twi ug:uig uk:ukr ur:urd uz:uzn vi:vie wo:wol xh:xho yi:ydd yo:yor zh:zho "
    "zu:zul ara:arb aym:ayr aze:azj est:est fas:pes ful:fuv grn:grn kau:knc kur:kmr lav:lvs mlg:plt mon:khk "
    "msa:zsm nep:npi nor:nob ori:ory orm:gaz pus:pbt que:quy sqi:als swa:swh uzb:uzn yid:ydd ger:deu fre:fra "
    "dut:nld chi:zho per:pes gre:ell cze:ces rum:ron slo:slk bur:mya tib:bod wel:cym baq:eus arm:hye ice:isl "
    "geo:kat mac:mkd mao:mri may:zsm alb:als"
)
ALIASES = dict(pair.split(":") for pair in _ALIASES.split())
MOST_SUGGESTIONS = 4
SHOWN = 12
LONGEST = 64  # characters of what can still be meant for a code or a name
_CODE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")
_ISO = frozenset([*ALIASES, *ALIASES.values(), *(code.partition("_")[0] for code in NAMES)])


def check_language(code: str, known: Sequence[str], field: str) -> None:
    """Check that a model knows a language: an unknown code gives garbage without an error further down.

    Args:
        code: what was asked for, such as ``"eng_Latn"``.
        known: the codes of the model's tokenizer.
        field: names the argument in the error, such as ``"source_language"``.

    Raises:
        InputError: for any other code, also a close one such as ``"de"``: the message suggests ``deu_Latn``.
    """
    if code in known:
        return
    close = suggestions(code, known) if isinstance(code, str) else []
    if close:
        hint = f"did you mean {' or '.join(close)}?"
    else:
        more = f", ... ({len(known)} in all)" if len(known) > SHOWN else ""
        hint = f"it knows {', '.join(known[:SHOWN])}{more}"
    raise InputError(f"{field}: expected a language code of the model, got {code!r}: {hint}", field=field)


def check_language_code(code: str, field: str) -> None:
    """Check the code of a language where no model says which it knows: NLLB's form, or a code of ISO 639.

    Args:
        code: what was asked for, such as ``"bam_Latn"`` or ``"bm"``.
        field: names the argument in the error.

    Raises:
        InputError: for anything else, such as ``"english"``: the message suggests ``eng_Latn``.
    """
    if not isinstance(code, str) or not (_CODE.fullmatch(code) or code in _ISO):
        close = suggestions(code, tuple(NAMES)) if isinstance(code, str) else []
        hint = f" (did you mean {' or '.join(close)}?)" if close else ""
        raise InputError(f"{field}: expected a language code such as eng_Latn, got {code!r}{hint}", field=field)


def suggestions(code: str, known: Sequence[str]) -> list[str]:
    """Return known codes that a wrong one may have meant, the most likely first, at most four."""
    parts = _parts(code)
    if not parts or len(code) > LONGEST:
        return []
    language, script = parts[0], parts[-1] if len(parts) > 1 else ""
    found = [c for c in known if _language(_parts(c)) == _language(parts)]
    if script:
        found.sort(key=lambda c: _parts(c)[-1] != script)
        same = [c for c in found if _parts(c)[-1] == script]
        found = same or found
    if not found:  # a name
        found = _named(code, known)
    if not found:  # a typing error: in the language, as most codes share their script
        names = {_parts(c)[0]: c for c in reversed(known)}
        found = [names[name] for name in difflib.get_close_matches(language, names, MOST_SUGGESTIONS, 0.75)]
    return found[:MOST_SUGGESTIONS]


def language_and_script(code: str | None) -> tuple[str, str]:
    """Return what NLLB-200 calls a language, and its script, of a code in any of the usual forms; "" = not said.

    >>> language_and_script("zho_Hans"), language_and_script("__zh__"), language_and_script("zh-TW")
    (('zho', 'Hans'), ('zho', ''), ('zho', ''))
    """
    parts = _parts(code or "")
    return _language(parts), next((part.title() for part in parts[1:] if len(part) == 4), "")


def _named(name: str, known: Sequence[str]) -> list[str]:
    """Return the codes of the language with an English name, also a misspelt one."""
    codes = [code for code in NAMES if code in known]
    names = [NAMES[code].casefold() for code in codes]
    close = difflib.get_close_matches(name.strip().casefold(), names, 1, 0.8)
    return [code for code, own in zip(codes, names, strict=True) if own in close]


def _language(parts: list[str]) -> str:
    """Return what NLLB-200 calls a language; M2M100 calls it by two letters."""
    return ALIASES.get(parts[0], parts[0]) if parts else ""


def _parts(code: str) -> list[str]:
    return [part for part in re.split(r"[^a-z]+", code.lower()) if part]
