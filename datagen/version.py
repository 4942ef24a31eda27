"""The version of datagen. The package's metadata, every run and every manifest read it from here."""

VERSION = "0.1.0"
