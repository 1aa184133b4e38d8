"""One file per step, in the order of their revision numbers. A step that was released is never edited."""
