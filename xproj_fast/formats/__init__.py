"""Files: read -> sentence pairs, labelled sentences, alignments -> write. Each format registers itself."""
