"""The hot part of the extraction in C, beside its twin in Python. See docs/adr/0029-native-core.md."""
