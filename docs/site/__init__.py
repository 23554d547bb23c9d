"""The site that `./isomo docs` builds from these pages."""
