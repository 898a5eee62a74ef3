"""Chapter 08, natural language inference and chance. Imports no other study."""
