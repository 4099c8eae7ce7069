"""Archives that claimed sources come in: tar, zip and what compresses them."""
