"""The functions and operators of the expression language."""
