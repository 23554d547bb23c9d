"""Messages between engine and sandbox: work, frames, sentences. Imports nothing of ours."""
