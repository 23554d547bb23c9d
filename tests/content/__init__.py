"""Content is code: every lab is solved, left blank, misunderstood and cheated at."""
