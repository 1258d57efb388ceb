"""The page of an entry: what people fill in all day."""
