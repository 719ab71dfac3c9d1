"""What was sent twice, by a double tap or after a lost connection, is done once."""

from datetime import timedelta

SENT_TWICE = timedelta(minutes=10)
"""The same words of the same person within this time are one thing that was sent twice."""
