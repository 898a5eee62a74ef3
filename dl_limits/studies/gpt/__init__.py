"""Chapter 02, GPT-1 to GPT-3: sizes, text, computing. May import `scaling`."""
