"""Pictures and comparisons: what the matchers cost and what they give, on your own data."""
