"""Runs the migrations on the connection, and in the transaction, that :mod:`ritornello.library.database` opened."""

from __future__ import annotations

from alembic import context

from ritornello.library.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
