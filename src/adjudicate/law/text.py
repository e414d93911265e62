"""A sentence in Chinese and in English; it is not a translation service and knows no third language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """What people read in the product: Chinese first, English second."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The Chinese text, unless `language` asks for English ("en" or "en-…")."""
        return self.en if language.startswith("en") else self.zh

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"
