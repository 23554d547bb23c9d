"""The grading of work: contract, sandbox, engine, agent, and the drop-in for nbgrader."""
