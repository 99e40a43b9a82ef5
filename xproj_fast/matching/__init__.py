"""Matchers: candidates and scores in, chosen spans out."""

from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching.exact import exact
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.heuristic import heuristic
from xproj_fast.matching.ilp import ilp
from xproj_fast.matching.limit import Limit

__all__ = ["HeuristicOptions", "Limit", "exact", "greedy", "heuristic", "ilp"]
