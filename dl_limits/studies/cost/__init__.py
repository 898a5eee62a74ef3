"""Chapter 09, what the largest training runs cost. May import `gpt` and `imagenet`."""
