"""Chapter 03, what ten times more computing did to scores by task. May import `gpt` and `scaling`."""
