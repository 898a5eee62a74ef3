"""Chapter 10, what came after July 2020. May import every other study."""
