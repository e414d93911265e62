"""The words that lawyers' conditions are made of; pure, and without any knowledge of a definition or a case."""
