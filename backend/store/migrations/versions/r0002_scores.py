"""A run's scores, and costs beyond the four that lists are sorted by.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; what stands in the table knows neither."""
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("further_cost", sa.JSON(none_as_null=True), nullable=True))
        runs.add_column(sa.Column("scores", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Drop the columns."""
    with op.batch_alter_table("runs") as runs:
        runs.drop_column("scores")
        runs.drop_column("further_cost")
