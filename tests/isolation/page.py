# SPDX-License-Identifier: BSD-2-Clause
"""The isolation matrix as a page: one self-contained HTML file."""

import html


def render(result):
    return ""
