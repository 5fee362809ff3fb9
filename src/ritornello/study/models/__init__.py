"""Three questions that are never pooled: within people, between people, and prediction.

Every function takes a :class:`~ritornello.study.models.panel.Panel`, in which rows belong to people; none takes rows
alone, and none splits the rows of one person by chance.
"""

from __future__ import annotations
