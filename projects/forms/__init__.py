"""What may be typed about projects."""
