"""Chapter 07, rates of progress in vision and speech. May import `imagenet`."""
