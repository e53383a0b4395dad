"""Files that one stage leaves for another: where they lie, how they are written, read and checked."""
