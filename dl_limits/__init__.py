"""The Limits of Deep Learning: models, data and claims behind the chapters."""
