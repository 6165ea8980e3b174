"""The lecture, live: what its formulas say for a person's own numbers, and where its slides slip."""
