"""Messages between engine and sandbox: work, frames, messages. Imports nothing of ours."""
