"""Hand-written material. One package per split; entities, frames and attributes of two splits never meet.

Frames are templates: {e} entity, {E} entity at the start of a sentence, {a} attribute, {v} value. To add material,
add lines: nothing else has to change, and check.py says whether a line leaks between splits.
"""
