"""Made-up data for the labs: loaded by name, offline; generated elsewhere, from seeds."""
