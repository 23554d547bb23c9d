"""The part that runs next to learners' code. Imports graders.contract and nothing else of ours."""
