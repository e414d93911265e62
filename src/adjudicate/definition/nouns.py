"""What the entries of a definition are called in a sentence: one table, so that a thing has one name everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from adjudicate.law.text import Text

# Sections whose entries are named by their key, and sections that are lists, in the order in which they are put.
NAMED = ("parties", "reads", "facts", "conditions", "states", "dockets", "deadlines")
LISTED = ("incidents", "steps", "siblings", "handoffs", "always")

# An entry of each section.
ENTRIES: Mapping[str, Text] = {
    "parties": Text("当事人身份", "party"),
    "reads": Text("所读事实", "fact read"),
    "facts": Text("事实", "fact"),
    "conditions": Text("条件", "condition"),
    "states": Text("阶段", "state"),
    "dockets": Text("案号系列", "docket"),
    "deadlines": Text("期限", "deadline"),
    "incidents": Text("附随程序", "incident"),
    "steps": Text("步骤", "step"),
    "siblings": Text("关联案件", "sibling"),
    "handoffs": Text("移交", "handoff"),
    "always": Text("“always”规则", "'always' line"),
}
# What a name in a definition may stand for.
NOUNS: Mapping[str, Text] = {
    **{
        ENTRIES[section].en: ENTRIES[section]
        for section in ("parties", "facts", "conditions", "states", "dockets", "deadlines", "incidents")
    },
    "document": Text("文书", "document"),
    "event": Text("事项", "event"),
    "event or state": Text("事项或者阶段", "event or state"),
    "role": Text("角色", "role"),
    "uncounted time": Text("不计入的期间", "uncounted time"),
}
