"""The only place that imports nbgrader: exchange client, drop-in autograder, gradebook."""
