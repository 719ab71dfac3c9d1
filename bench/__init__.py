"""The performance figures of the README, each beside its limit on the same machine in the same run."""
