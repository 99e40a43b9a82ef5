"""The matchers by name: each says what it needs and supports where it is defined.

A matcher is a function of sentence pairs, candidates and scores that returns ``Matches``. The options of ``Method``
that it supports it takes by keyword alone (``limit``, ``forbid_adjacent``, ``time_limit``), likewise ``backend`` and
``threads``: any other option is refused beside it. To add one is to write one file of this folder:

    @register("first")
    def first_come(pairs: SentencePairs, candidates: Spans, scores: PairScores, *, limit: str | Limit) -> Matches:
        ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from xproj_fast.arrays import Matches
from xproj_fast.registry import Registry, keywords

Matching = TypeVar("Matching", bound=Callable[..., Matches])


class Matcher(NamedTuple):
    """One matcher.

    Attributes:
        match: chooses the spans; see above.
        needs: ``"links"``, where it looks at links itself.
        scored: whether it takes candidates and scores; else only the pairs.
        fused: does the same with n-grams of one word and more and the plain alignment score, without a list of
            candidates; called with the pairs, and by keyword with what it takes: also ``max_words``, ``stop_words``
            and ``listed``, which returns candidates and scores of some pairs. None = there is none.
        packages: whose version may change what it chooses.
        solver: what does all the work in place of our kernels, in reports: ``"highs"``; "" = nothing.
    """

    match: Callable[..., Matches]
    needs: frozenset[str]
    scored: bool
    fused: Callable[..., Matches] | None
    packages: tuple[str, ...]
    solver: str

    @property
    def takes(self) -> tuple[str, ...]:
        """What it takes by keyword."""
        return keywords(self.match)


MATCHERS: Registry[Matcher] = Registry("matcher", "xproj_fast.matching")


def register(
    name: str,
    *,
    needs: Iterable[str] = (),
    scored: bool = True,
    fused: Callable[..., Matches] | None = None,
    packages: Iterable[str] = (),
    solver: str = "",
) -> Callable[[Matching], Matching]:
    """Return a decorator that gives a matcher its name; see ``Matcher``.

    Raises:
        InputError: for a name that is taken.
    """

    def add(function: Matching) -> Matching:
        MATCHERS.add(name, Matcher(function, frozenset(needs), scored, fused, tuple(packages), solver))
        return function

    return add
