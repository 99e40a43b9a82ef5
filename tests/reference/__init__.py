"""The slow plain-Python oracle of each kernel, one sentence at a time: the specification the kernels are held to.

Spans are (start, end), entities (start, end) or (start, end, label), links (source, target) word index pairs.
"""
