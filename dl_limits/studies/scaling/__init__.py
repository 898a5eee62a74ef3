"""Chapter 04, the laws by which the loss of language models falls. Imports no other study."""
