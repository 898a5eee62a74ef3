"""Chapter 05, learning curves that the reader's machine trains. Imports no other study."""
