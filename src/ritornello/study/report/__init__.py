"""The report as nouns (:mod:`~ritornello.study.report.blocks`), as a page and as a PDF; all say the same."""

from __future__ import annotations
