"""Runs migrations on the connection that `indexed` hands over."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="isomo_version")
with context.begin_transaction():
    context.run_migrations()
