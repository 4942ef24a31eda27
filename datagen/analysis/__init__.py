"""Semantic analysis of a document: one rule per file, every problem at once."""

from datagen.analysis.analyze import RULES, analyze_or_raise, check
from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import StaticScope

__all__ = ["RULES", "SemanticModel", "StaticScope", "analyze_or_raise", "check"]
