"""How many sequences are made at a time."""

# Letters in a block: they and what is computed on the way stay in the processor's cache, and in
# little memory however long a sequence is.
BLOCK_LETTERS = 1 << 20


def rows_in_block(length: int) -> int:
    """Sequences of `length` made at a time.

    Part of the result: random numbers are used block by block.
    """
    return max(1, BLOCK_LETTERS // max(1, length))
