"""Writes workflows/calendars/cn/*.yaml once, from `chinesecalendar` and a table of the notices; not run at run time."""

import datetime as dt
import sys
from itertools import pairwise
from pathlib import Path

from chinese_calendar.constants import holidays, workdays

NAMES = {
    "New Year's Day": ("元旦", "New Year's Day"),
    "Spring Festival": ("春节", "Spring Festival"),
    "Tomb-sweeping Day": ("清明节", "Tomb-sweeping Day"),
    "Labour Day": ("劳动节", "Labour Day"),
    "Dragon Boat Festival": ("端午节", "Dragon Boat Festival"),
    "Mid-autumn Festival": ("中秋节", "Mid-Autumn Festival"),
    "National Day": ("国庆节", "National Day"),
    "Anti-Fascist 70th Day": (
        "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日",
        "70th anniversary of victory in the War of Resistance and the World Anti-Fascist War",
    ),
}
BOTH = ("国庆节、中秋节", "National Day and Mid-Autumn Festival")
BOTH_YEARS = {2012, 2017, 2020, 2023, 2025}

GOV = "https://www.gov.cn/zhengce/zhengceku/"
YEARLY = {  # year: number, day of issue, page
    2010: ("国办发明电〔2009〕27号", "2009-12-07", "2009-12/08/content_1476.htm"),
    2011: ("国办发明电〔2010〕40号", "2010-12-09", "2010-12/10/content_1423.htm"),
    2012: ("国办发明电〔2011〕45号", "2011-12-05", "2011-12/06/content_1411.htm"),
    2013: ("国办发明电〔2012〕33号", "2012-12-08", "2012-12/10/content_1353.htm"),
    2014: ("国办发明电〔2013〕28号", "2013-12-11", "2014-01/02/content_1194.htm"),
    2015: ("国办发明电〔2014〕28号", "2014-12-16", "2014-12/16/content_9302.htm"),
    2016: ("国办发明电〔2015〕18号", "2015-12-10", "2015-12/10/content_10394.htm"),
    2017: ("国办发明电〔2016〕17号", "2016-12-01", "2016-12/01/content_5141603.htm"),
    2018: ("国办发明电〔2017〕12号", "2017-11-30", "2017-11/30/content_5243579.htm"),
    2019: ("国办发明电〔2018〕15号", "2018-12-04", "2018-12/06/content_5346276.htm"),
    2020: ("国办发明电〔2019〕16号", "2019-11-21", "2019-11/21/content_5454164.htm"),
    2021: ("国办发明电〔2020〕27号", "2020-11-25", "2020-11/25/content_5564127.htm"),
    2022: ("国办发明电〔2021〕11号", "2021-10-25", "2021-10/25/content_5644835.htm"),
    2023: ("国办发明电〔2022〕16号", "2022-12-08", "2022-12/08/content_5730844.htm"),
    2024: ("国办发明电〔2023〕7号", "2023-10-25", "202310/content_6911528.htm"),
    2025: ("国办发明电〔2024〕12号", "2024-11-12", "202411/content_6986383.htm"),
    2026: ("国办发明电〔2025〕7号", "2025-11-04", "202511/content_7047091.htm"),
}
LATER = {  # year: number, title, day of issue, page, days whose treatment the later notice settles
    2015: (
        "国发明电〔2015〕1号",
        "国务院关于中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日调休放假的通知",
        "2015-05-13",
        "2015-05/13/content_9742.htm",
        {"2015-09-03", "2015-09-04", "2015-09-05", "2015-09-06"},
    ),
    2019: (
        "国办发明电〔2019〕3号",
        "国务院办公厅关于调整2019年劳动节假期安排的通知",
        "2019-03-22",
        "2019-03/22/content_5375877.htm",
        {"2019-04-28", "2019-05-01", "2019-05-02", "2019-05-03", "2019-05-04", "2019-05-05"},
    ),
    2020: (
        "国办发明电〔2020〕1号",
        "国务院办公厅关于延长2020年春节假期的通知",
        "2020-01-26",
        "2020-01/27/content_5472352.htm",
        {"2020-01-31", "2020-02-01", "2020-02-02"},
    ),
}
# What the yearly notice had said before a later one changed it; the library keeps the final state only.
SUPERSEDED_OFF = {2019: {"2019-05-01": "Labour Day"}}
SUPERSEDED_WORK = {2020: {"2020-02-01": "Spring Festival"}}
# A Saturday that the notice names and the library leaves to the weekend.
NAMED_WEEKEND = {dt.date(2015, 9, 5): "Anti-Fascist 70th Day"}


def notice_year(day: dt.date) -> int:
    """The year whose notice names the day: New Year arrangements reach back into December."""
    return day.year + 1 if day.month == 12 else day.year


def named(day: dt.date, english: str) -> tuple[str, str]:
    """Both names of a holiday; a joint National Day and Mid-Autumn holiday bears both."""
    if english in {"National Day", "Mid-autumn Festival"} and notice_year(day) in BOTH_YEARS:
        return BOTH
    return NAMES[english]


def with_weekends(days: dict[dt.date, str]) -> dict[dt.date, str]:
    """The same holidays with the weekend days between two days of one holiday, which the library leaves out."""
    filled = dict(days)
    for before, after in pairwise(sorted(days)):
        gap = [before + dt.timedelta(n) for n in range(1, min((after - before).days, 4))]
        if days[before] == days[after] and gap and gap[-1] < after and all(day.weekday() > 4 for day in gap):
            filled |= dict.fromkeys(gap, days[before])
    return filled


def spans(days: dict[dt.date, tuple[str, str]]) -> list[tuple[dt.date, dt.date, tuple[str, str]]]:
    """Runs of consecutive days with one name."""
    ordered = sorted(days)
    starts = [ordered[0]] if ordered else []
    starts += [b for a, b in pairwise(ordered) if b - a != dt.timedelta(1) or days[a] != days[b]]
    ends = [a for a, b in pairwise(ordered) if b in starts] + ordered[-1:]
    return [(a, b, days[a]) for a, b in zip(starts, ends, strict=True)]


def block(
    indent: str, *, number: str, title: str, issued: str, page: str, off: dict[dt.date, str], work: dict[dt.date, str]
) -> list[str]:
    """One notice and the days it settles, as YAML lines."""
    lines = [
        "notice:",
        f"  number: {number}",
        f"  title: {title}",
        f"  issued_on: {issued}",
        f"  url: {GOV}{page}",
        "days_off:",
    ]
    for first, last, (zh, en) in spans({day: named(day, name) for day, name in off.items()}):
        when = f"day: {first}" if first == last else f"from: {first}, until: {last}"
        lines.append(f'  - {{{when}, name: {{zh: {zh}, en: "{en}"}}}}')
    lines.append("make_up_days:" if work else "make_up_days: []")
    for day, name in sorted(work.items()):
        zh, en = named(day, name)
        lines.append(f'  - {{day: {day}, name: {{zh: {zh}, en: "{en}"}}}}')
    return [indent + line for line in lines]


def year_file(year: int) -> str:
    """The whole file of one published year."""
    known = with_weekends(holidays | NAMED_WEEKEND)
    off = {day: name for day, name in known.items() if notice_year(day) == year}
    work = {day: name for day, name in workdays.items() if notice_year(day) == year}
    later = LATER.get(year)
    settled = {dt.date.fromisoformat(day) for day in later[4]} if later else set()
    first_off = {day: name for day, name in off.items() if day not in settled}
    first_off |= {dt.date.fromisoformat(d): n for d, n in SUPERSEDED_OFF.get(year, {}).items()}
    first_work = {day: name for day, name in work.items() if day not in settled}
    first_work |= {dt.date.fromisoformat(d): n for d, n in SUPERSEDED_WORK.get(year, {}).items()}
    number, issued, page = YEARLY[year]
    title = f"国务院办公厅关于{year}年部分节假日安排的通知"
    lines = [f"year: {year}", "code: cn"]
    lines += block("", number=number, title=title, issued=issued, page=page, off=first_off, work=first_work)
    if later:
        number, title, issued, page, _ = later
        inner = block(
            "    ",
            number=number,
            title=title,
            issued=issued,
            page=page,
            off={day: name for day, name in off.items() if day in settled},
            work={day: name for day, name in work.items() if day in settled},
        )
        lines += ["later_notices:", "  - " + inner[0].strip(), *inner[1:]]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write every year into the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for year in YEARLY:
        (folder / f"{year}.yaml").write_text(year_file(year), encoding="utf-8")


if __name__ == "__main__":
    main()
