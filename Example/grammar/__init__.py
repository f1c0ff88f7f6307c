"""A small English-German review grammar: one meaning, two surface forms."""
