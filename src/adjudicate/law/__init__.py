"""The pure law core: texts, calendars, periods and deadlines; it reads no clock, no database and no network."""
