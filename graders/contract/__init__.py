"""What engine and sandbox say to each other: work, frames, sentences. Imports nothing of ours."""
