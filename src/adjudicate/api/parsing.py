"""Parses a request within bounds: body, parameters and headers; it knows no case and no law."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from adjudicate.api.errors import ApiError
from adjudicate.api.headers import ACTING_OFFICE, COMPRESSION_SUFFIX, listed_tags, media_type_of
from adjudicate.api.problems import FieldFault, faults_of, first_of, pointer
from adjudicate.compact_json import compact_sorted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from fastapi.dependencies.models import Dependant
    from fastapi.routing import APIRoute

LARGEST_BODY = 256 * 1024
DEEPEST = 16
LONGEST_TEXT = 8_000
LARGEST_NUMBER = 2**53 - 1
_BLOCK = 1024 * 1024

# Control characters (but tab and line breaks), lone surrogates, direction overrides and non-characters.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_VERSIONED = re.compile(rf"([0-9]{{1,9}})-[0-9a-f]{{1,64}}(?:{COMPRESSION_SUFFIX})?")

Input = TypeVar("Input", bound=BaseModel)


def _malformed_json(zh: str, en: str) -> ApiError:
    return ApiError("json-malformed", zh=zh, en=en)


def _check_size(request: Request, size: int, at_most: int) -> None:
    declared = request.headers.get("content-length", "")
    if size > at_most or (declared.isdigit() and int(declared[:15]) > at_most):
        raise ApiError(
            "body-too-large",
            zh=f"请求体超过 {at_most} 字节的上限。",
            en=f"The body is larger than the limit of {at_most} bytes.",
        )


async def read_bytes(request: Request, *, at_most: int) -> bytes:
    """The body. Raises ApiError as soon as it is known to be longer than `at_most` bytes."""
    _check_size(request, 0, at_most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        _check_size(request, len(body), at_most)
    return bytes(body)


def blocks_of(request: Request, *, at_most: int) -> AsyncIterator[bytes]:
    """The body in blocks of about a MiB. Raises ApiError as soon as it is known to be longer than `at_most` bytes."""
    _check_size(request, 0, at_most)
    return _blocks(request, at_most)


async def _blocks(request: Request, at_most: int) -> AsyncIterator[bytes]:
    size, block = 0, bytearray()
    async for chunk in request.stream():
        size += len(chunk)
        _check_size(request, size, at_most)
        block += chunk
        if len(block) >= _BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _depth_within(body: bytes) -> bool:
    depth = 0
    in_text = escaped = False
    for byte in body:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            if depth > DEEPEST:
                return False
        elif byte in b"]}":
            depth -= 1
    return True


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed_json("对象中有重复的键。", "An object has the same key twice.")
    return found


def _refuse_constant(name: str) -> Any:
    del name
    raise _malformed_json("请求体中有不是有限数值的数。", "The body has a number that is not finite.")


def parse_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises ApiError where it is malformed, too deep or has forbidden text."""
    # Counting brackets byte by byte is slow in Python; a body with few of them cannot be too deep.
    if body.count(b"[") + body.count(b"{") > DEEPEST and not _depth_within(body):
        raise _malformed_json(f"请求体的嵌套超过 {DEEPEST} 层。", f"The body is nested deeper than {DEEPEST} levels.")
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _malformed_json(
            "请求体不是以 UTF-8 编码的有效 JSON，请核对后重新发送。",
            "The body is not valid JSON in UTF-8: check it and send it again.",
        ) from error
    faults: list[FieldFault] = []
    _collect_faults(value, (), faults)
    if faults:
        said = first_of(faults)
        raise ApiError(
            "body-invalid",
            zh=f"请求体中有不允许的内容：{said.zh}。",
            en=f"The body has content that is not allowed: {said.en}.",
            errors=faults[:50],
        )
    return value


def _collect_faults(value: Any, path: tuple[str | int, ...], faults: list[FieldFault]) -> None:
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            zh = f"文字有 {len(value)} 字，至多 {LONGEST_TEXT} 字"
            en = f"the text has {len(value)} characters and may have {LONGEST_TEXT} at most"
            faults.append(FieldFault(pointer(path), "string-too-long", zh, en))
        elif _FORBIDDEN.search(value):
            zh, en = "含有控制字符或者无效字符", "contains control characters or invalid characters"
            faults.append(FieldFault(pointer(path), "unclean-text", zh, en))
    elif isinstance(value, dict):
        for key, item in value.items():
            if len(key) > 200 or _FORBIDDEN.search(key):
                faults.append(
                    FieldFault(
                        pointer(path),
                        "unclean-key",
                        "有一项的名称过长或者含有无效字符",
                        "the name of a member is too long or has invalid characters",
                    )
                )
            else:
                _collect_faults(item, (*path, key), faults)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            _collect_faults(item, (*path, position), faults)
    elif isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) <= LARGEST_NUMBER:
        faults.append(FieldFault(pointer(path), "number-too-large", "数值超出范围", "the number is out of range"))


def validated(model: type[Input], value: Any) -> Input:
    """`value` as `model`. Raises ApiError with every fault and its place."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = faults_of(error.errors(include_url=False))[:50]
        said = first_of(faults)
        raise ApiError(
            "body-invalid",
            zh=f"请求的内容不符合要求：{said.zh}。",
            en=f"The content of the request does not match its description: {said.en}.",
            errors=faults,
        ) from error


def json_body(model: type[Input]) -> Callable[[Request], Coroutine[Any, Any, Input]]:
    """A dependency that reads a JSON body as `model`."""

    async def read(request: Request) -> Input:
        if media_type_of(request) != "application/json":
            raise ApiError(
                "unsupported-media-type",
                zh="请求体须为 JSON，并注明这一内容类型。",
                en="The body must be JSON and say so by its content type.",
            )
        value = parse_json(await read_bytes(request, at_most=LARGEST_BODY))
        return validated(model, value)

    return read


def fingerprint(request: Request, body: BaseModel) -> str:
    """A digest by which a repeated request is recognised: of its method, path, query, office and body values."""
    return request_digest(request, compact_sorted(body.model_dump(mode="json")))


def request_digest(request: Request, text: str) -> str:
    """A digest (hex) of a request's method, path and query, of the office it acts for, and of a text for its body."""
    # From the scope: `request.url` would build a whole address and parse it again.
    address = f"{request.method} {request.scope['path']}?{request.scope['query_string'].decode('latin-1')}\n"
    office = request.headers.get(ACTING_OFFICE)
    if office is not None:
        address += f"{ACTING_OFFICE}: {office}\n"
    return hashlib.sha256((address + text).encode()).hexdigest()


def idempotency_key(request: Request) -> str:
    """The Idempotency-Key header, which every command needs. Raises ApiError."""
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        zh, en = (
            "该操作须带 Idempotency-Key 请求头：请为每次新的操作给出一个新值，重发时沿用原值。",
            "This command needs an Idempotency-Key header: a new value for each new command, the same to repeat one.",
        )
        raise ApiError("idempotency-key-missing", zh=zh, en=en)
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        zh, en = (
            "Idempotency-Key 应为 1 至 200 个可见 ASCII 字符。",
            "Idempotency-Key must be 1 to 200 visible ASCII characters.",
        )
        raise ApiError("header-invalid", zh=zh, en=en)
    return keys[0]


def expected_versions(request: Request) -> frozenset[int]:
    """The versions that If-Match names, of which a command on a case needs one. Raises ApiError.

    Only versions are compared, so a weak tag will do, and one that a proxy has marked with its compression.
    """
    tags = request.headers.getlist("if-match")
    if not tags:
        zh, en = (
            "该操作须带 If-Match 请求头：请读取案件，并以所得的 ETag 为其值。",
            "This command needs an If-Match header: read the case and send the ETag that it returns.",
        )
        raise ApiError("precondition-required", zh=zh, en=en)
    if [tag.strip(" \t") for tag in tags] == ["*"]:
        # To match whatever version there is would be to record without having read.
        zh, en = (
            "If-Match 不能为 *：须写明所读取的案件版本，即读取案件时所得的 ETag。",
            "If-Match cannot be *: it must name the version that was read, by the ETag that reading the case returned.",
        )
        raise ApiError("precondition-required", zh=zh, en=en)
    stated = listed_tags(tags)
    found = [_VERSIONED.fullmatch(tag) for tag in stated or ()]
    versions = frozenset(int(match[1]) for match in found if match is not None)
    if not versions:
        zh = "If-Match 应为读取案件时响应头 ETag 的原值（连同引号）。"
        en = "If-Match must be the value of the ETag header that a read of the case returned, quotes included."
        raise ApiError("header-invalid", zh=zh, en=en)
    return versions


_ALLOWED: dict[int, frozenset[str]] = {}


def _parameters(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        yield field.alias
    for each in dependant.dependencies:
        yield from _parameters(each)


async def known_parameters(request: Request) -> None:
    """Refuse unknown query parameters, repeated ones, and values with forbidden characters. Raises ApiError."""
    route: APIRoute = request.scope["route"]
    allowed = _ALLOWED.get(id(route))
    if allowed is None:
        allowed = _ALLOWED[id(route)] = frozenset(_parameters(route.dependant))
    names = [name for name, _ in request.query_params.multi_items()]
    unknown = sorted({name for name in names if name not in allowed})
    if unknown:
        faults = [
            FieldFault(name[:100], "unknown-parameter", "此处没有这一查询参数", "there is no such query parameter here")
            for name in unknown[:20]
        ]
        raise ApiError(
            "unknown-parameter",
            zh="有此处没有的查询参数，请去掉。",
            en="There are query parameters that do not exist here: leave them out.",
            errors=faults,
        )
    if len(names) != len(set(names)):
        raise ApiError(
            "parameter-invalid",
            zh="同一查询参数出现两次，请只写一次。",
            en="A query parameter occurs twice: write it once.",
        )
    if any(_FORBIDDEN.search(value) or "\n" in value for value in request.query_params.values()):
        raise ApiError(
            "parameter-invalid",
            zh="有查询参数含有控制字符或者无效字符。",
            en="A query parameter has control characters or invalid ones.",
        )
