"""How a review looks on paper: the style of the file for printing, and that of the sheets of one version."""

from __future__ import annotations

STYLE = """
html { font: 9pt/1.45 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
body { margin: 0; color: #000; }
h1 { font-size: 15pt; margin: 0 0 2mm; }
h2 { font-size: 12pt; margin: 3mm 0 1mm; }
h3 { font-size: 10.5pt; margin: 4mm 0 1.5mm; }
h4 { font-size: 9pt; margin: 3mm 0 1mm; }
h1, h2, h3, h4 { break-after: avoid; }
p { margin: 0 0 1.2mm; }
table { font-size: inherit; width: 99.7%; border-collapse: collapse; table-layout: fixed; }
th, td { border: 0.3pt solid #777; padding: 0.7mm 1.2mm; text-align: left; vertical-align: top; }
th, td { overflow-wrap: anywhere; }
thead { display: table-header-group; }
thead th { background: #ddd; }
tr { break-inside: avoid; }
tr.title th { background: #eee; break-after: avoid; }
.cards { columns: 2; column-gap: 4mm; font-size: 8pt; line-height: 1.35; }
.cards th { font-weight: normal; color: #333; }
.cards tr.title th { font-weight: bold; color: #000; }
.cards span { font-weight: normal; padding-left: 1em; }
.cards tbody { break-inside: avoid; }
.across { font-size: 7pt; line-height: 1.2; }
.across h1 { font-size: 11pt; margin: 0 0 0.6mm; }
.across h2 { font-size: 8.5pt; margin: 0.5mm 0; }
.across h3 { font-size: 8pt; margin: 0.5mm 0; }
.across h1, .across h2, .across h3 { display: inline-block; margin-right: 6mm; }
.across p { margin: 0 0 0.4mm; }
.across td, .across th { padding: 0.15mm 0.8mm; }
.signed td { height: 16mm; }
@media screen { body { max-width: 210mm; margin: 8mm auto; } .across { margin: 0 -20mm; } }
"""

_BOXES = """
@top-left {{ content: "{head}"; font-size: 7.5pt; white-space: nowrap; }}
@top-right {{ content: "{digest}"; font-size: 5.5pt; white-space: nowrap; }}
@bottom-left {{ content: "审阅人：＿＿＿＿＿＿＿＿　日期：＿＿＿＿＿＿＿＿"; font-size: 7.5pt; white-space: nowrap; }}
@bottom-right {{ content: "第 " counter(page) " 页，共 " counter(pages) " 页"; font-size: 7.5pt; }}
"""
# The sheets of one version: what it is above, who signs and which page it is below. Filled in by `str.format`.
SHEET = f"""
@page {{name}} {{{{ size: A4; margin: 16mm 12mm; {_BOXES} }}}}
@page {{name}}-across {{{{ size: A4 landscape; margin: 9mm 8mm; {_BOXES} }}}}
"""
