"""Runs that are there already: read, told apart, handed on, made again and judged by what they left."""
