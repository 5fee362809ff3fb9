"""One study of emotion and listening, from the consent form to data that may be shared.

A study is a folder (:mod:`~ritornello.study.folder`). Nothing is read of anybody who did not agree to it: every step
asks the ledger (:mod:`~ritornello.study.consent`). What this package needs beyond Ritornello comes with
``ritornello[study]``.
"""

from __future__ import annotations
