"""Puts this folder on the import path, for the modules that its tests share."""
