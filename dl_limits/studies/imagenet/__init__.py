"""Chapter 06, ImageNet error carried on to 5 %. Imports no other study."""
