"""From a file of the school's administration to plain rows. Pure: no database, nothing remembered."""
