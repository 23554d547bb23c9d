"""One module per dataset. Each turns a seeded random generator and a number of rows into a table."""
