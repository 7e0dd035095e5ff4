"""Where Alembic runs a migration: on the connection that app/ledger/migrate.py hands over."""

from alembic import context

from app.ledger.schema import complete

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=complete(),
    render_as_batch=True,  # SQLite alters a table by copying it
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
