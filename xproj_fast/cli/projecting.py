"""Options of how labels are projected, the same in every command that does: they are the fields of ``Method``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import derived, options, usage
from xproj_fast.cli.parser import rare

if TYPE_CHECKING:
    from xproj_fast.method import Method
    from xproj_fast.pairs import SentencePairs
    from xproj_fast.scores.evidence import Evidence

NO_DEFAULTS: Mapping[str, Any] = MappingProxyType({})
MISSED = {
    "unscored": "no candidate scored",
    "overlap": "words taken by others",
    "too_short": "runs too short",
    "unsure": "less sure than --min-confidence",
}
TAGGED = "ner candidates"  # what an option may need beyond a matcher or a score (``Option.only``)


def add_method(
    parser: argparse.ArgumentParser, *, without: Collection[str] = (), defaults: Mapping[str, Any] = NO_DEFAULTS
) -> None:
    """Add how labels are projected.

    What means something with some matchers or scores alone is left to ``--help-all``.

    Args:
        parser: of a command.
        without: options of ``Method`` that the command chooses in another way.
        defaults: of options of ``Method`` that have another one in this command than in the library.
    """
    from xproj_fast.matching.registry import MATCHERS
    from xproj_fast.method import Method

    scored = {name for name in MATCHERS if MATCHERS[name].scored}

    def title(only: str) -> str:
        common = not only or scored.issubset(only.split(", "))
        return "method of projection" if common else f"method of projection, only with {either(only.split(', '))}"

    groups = derived.add(parser, Method, title, without=without, defaults=defaults)
    for heading, group in groups.items():
        for action in group._group_actions if heading != title("") else ():
            rare(action)


def add_models(parser: argparse.ArgumentParser) -> None:
    """Add the models that a method may need, and the languages and the device of all models."""
    group = parser.add_argument_group("models")
    options.add(group, "--target-tagger", "--translator")
    options.add(group, "--from", "--to", "--device", "--batch-tokens", rare=True)


def method_options() -> tuple[str, ...]:
    """Return the names of all options of ``Method``, for ``usage.refuse``."""
    from xproj_fast.method import Method

    return tuple(each.dest for each in derived.derive(Method))


def method_of(args: argparse.Namespace, defaults: Mapping[str, Any] = NO_DEFAULTS) -> Method:
    """Return how labels are projected.

    Args:
        args: what was parsed.
        defaults: as for ``add_method``; each holds where the option was not given and has an effect.

    Raises:
        UsageError: for options that cannot be, alone or together.
    """
    from xproj_fast.method import Method, matchers_with

    method = derived.made(Method, args)
    own = {name: value for name, value in defaults.items() if name not in args}
    method = replace(method, **{name: value for name, value in own.items() if method.matcher in matchers_with(name)})
    require_effect(args, [method])
    with usage.usage_errors():
        method.check()
    return method


def require_effect(args: argparse.Namespace, methods: Collection[Method]) -> None:
    """Refuse options that have no effect in any of some methods."""
    from xproj_fast.matching.registry import MATCHERS
    from xproj_fast.method import Method

    matchers = list(dict.fromkeys(method.matcher for method in methods))
    scores = list(dict.fromkeys(name for method in methods for name in method.weights))
    tagged = any(method.weights and method.candidates.startswith("ner") for method in methods)

    def said(needs: Sequence[str]) -> str:
        if set(MATCHERS).issuperset(needs):
            return f"--matcher {either(needs)}, got --matcher {', '.join(matchers)}"
        return f"--scores with {either(needs)}, got {', '.join(scores) or 'none'}"

    derived.require_effect(args, Method, {*matchers, *scores, *[TAGGED][:tagged]}, said)


def require_confidence(method_tells: bool, option: str) -> None:
    """Refuse an option of confidences with a method that tells none."""
    from xproj_fast.method import probable

    if not method_tells:
        known = ", ".join(probable()) or "there is none"
        raise usage.UsageError(f"{option}: requires --scores with one that is a probability ({known})")


def evidence_of(
    args: argparse.Namespace, methods: Collection[Method], used: Collection[str] = ()
) -> Callable[[SentencePairs], Evidence]:
    """Load the models that methods need, and return what asks them about sentence pairs.

    Args:
        args: of a command with ``add_models``.
        methods: how labels are projected.
        used: options of ``add_models`` that something else uses, too.

    Raises:
        UsageError: for a model that is missing, or that nothing uses.
    """
    from xproj_fast.scores.evidence import Evidence

    tags = any(method.needs_tagger for method in methods)
    translates = any(method.needs_translator for method in methods)
    for name, need in (("target_tagger", tags), ("translator", translates)):
        option = f"--{name.replace('_', '-')}"
        if need and getattr(args, name) is None:
            raise usage.UsageError(f"{option}: expected a folder, as --scores or --candidates use it, got none")
        if not need:
            usage.require(args, [name], "a method that uses it (--scores, --candidates)")
    idle = {"source_language", "target_language", "device", "batch_tokens"}.difference(used)
    idle -= {"source_language", "target_language"} if translates else set()
    idle -= {"device"} if tags or translates else set()
    idle -= {"batch_tokens"} if tags else set()
    usage.require(args, sorted(idle), "a model that uses it")
    tagger, scorer = _tagger(args) if tags else None, _scorer(args) if translates else None

    def known(pairs: SentencePairs) -> Evidence:
        probabilities = None if tagger is None else tagger(pairs.target)
        return Evidence(probabilities, scorer, source_confidence=pairs.source_confidence)

    return known


def _tagger(args: argparse.Namespace) -> Callable[[Any], Any]:
    from xproj_fast.models.tagger import Tagger
    from xproj_fast.models.tagging import TaggerOptions

    with usage.usage_errors():
        how = TaggerOptions(batch_tokens=args.batch_tokens)
    tagger = Tagger.load(args.target_tagger, device=args.device, threads=args.threads)
    return lambda words: tagger.probabilities(words, how)


def _scorer(args: argparse.Namespace) -> Any:
    from xproj_fast.models.translator import Translator
    from xproj_fast.runs.models import check_translator_languages, phrase_scorer

    for option, code in (("--from", args.source_language), ("--to", args.target_language)):
        if code is None:
            raise usage.UsageError(f"{option}: expected a language, as --translator needs it, got none")
    translator = Translator.load(args.translator, device=args.device, threads=args.threads)
    with usage.usage_errors():
        check_translator_languages(
            translator, source_language=args.source_language, target_language=args.target_language
        )
    return phrase_scorer(translator, args.source_language, args.target_language)


def missed(summary: Mapping[str, Any]) -> str:
    """Return how many entities were not projected, and why."""
    return ", ".join(f"{summary[name]:,} {why}" for name, why in MISSED.items() if summary.get(name)) or "none"


def sureness(summary: Mapping[str, Any]) -> list[str]:
    """Return a line that says how many spans are right; none where nothing is known of it."""
    share = summary.get("expected_precision")
    return [] if share is None else [f"{share:.1%} of the spans can be expected to be right"]


def between(args: argparse.Namespace, method: Method) -> Method:
    """Return the method for the languages of a command, where they were given."""
    if args.source_language is None or args.target_language is None:
        return method
    return method.between(args.source_language, args.target_language)


def either(names: Sequence[str]) -> str:
    """Return ``a, b or c``."""
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
