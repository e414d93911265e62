"""A file of the law as text: UTF-8 and nothing else, read whole or refused with a sentence; it knows no format."""

from __future__ import annotations

from pathlib import Path

from adjudicate.errors import Misworded

LARGEST = 4_000_000  # bytes; a technical bound, many times what the longest definition has


class NotText(Misworded):
    """A file that cannot be read as text; `line` (from 1) is the first that cannot."""

    def __init__(self, zh: str, en: str, line: int = 1) -> None:
        self.line = line
        super().__init__(zh, en)


def read_text(path: Path) -> str:
    """The text of a file. Raises NotText for a folder, a broken link, what cannot be opened and what is not UTF-8."""
    if path.is_dir():
        raise NotText("这是文件夹，不是文件", "this is a folder, not a file")
    if path.is_symlink() and not path.exists():
        raise NotText("链接指向的文件不存在", "the link leads to no file")
    if not path.is_file():
        raise NotText("这不是普通文件", "this is no regular file")
    try:
        data = path.read_bytes()
    except OSError:
        raise NotText("文件无法打开，请检查读取权限", "the file cannot be opened: check who may read it") from None
    return decoded(data)


def decoded(data: bytes) -> str:
    """Bytes as text. Raises NotText unless they are UTF-8 without a byte order mark and without NUL."""
    if len(data) > LARGEST:
        raise NotText(f"文件超过 {LARGEST} 字节", f"the file has more than {LARGEST} bytes")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotText("文件以 UTF-16 保存，须另存为 UTF-8", "the file is saved as UTF-16: save it as UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        raise NotText(
            "文件开头有字节顺序标记（BOM），须另存为不带 BOM 的 UTF-8",
            "the file begins with a byte order mark: save it as UTF-8 without one",
        )
    at = data.find(b"\x00")
    if at >= 0:
        raise NotText(
            "文件含有空字节（可能以 UTF-16 保存），须另存为 UTF-8",
            "the file holds NUL bytes, as UTF-16 does: save it as UTF-8",
            _line(data, at),
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
    if _is_gbk(data):
        raise NotText("文件以 GBK 保存，须另存为 UTF-8", "the file is saved as GBK: save it as UTF-8", line)
    raise NotText("文件不是 UTF-8 文本，须另存为 UTF-8", "the file is not UTF-8: save it as UTF-8", line)


def _line(data: bytes, at: int) -> int:
    return data[:at].count(b"\n") + 1


def _is_gbk(data: bytes) -> bool:
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
