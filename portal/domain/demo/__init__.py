"""The demo school De Lindeboog: invented people, the same ones every time for the same number and seed."""
