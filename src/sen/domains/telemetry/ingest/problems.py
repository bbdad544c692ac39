"""What a door refuses, in Vietnamese or, where the header asks for it, English. No Django."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec


class Problem(NamedTuple):
    """A refusal: HTTP status, and what went wrong with how to mend it."""

    status: int
    vi: str
    en: str

    def text(self, *, english: bool, **given: Any) -> str:
        return (self.en if english else self.vi).format_map(given)


PROBLEMS: Final = {
    "no-key": Problem(
        401,
        "Thiếu khóa hoặc khóa thiết bị không còn hiệu lực.",
        "The device's key is missing or no longer valid.",
    ),
    "too-many-failures": Problem(
        429,
        "Quá nhiều lần sai khóa từ địa chỉ này; hãy chờ một phút.",
        "Too many wrong keys from this address; wait a minute.",
    ),
    "not-active": Problem(
        403,
        "Thiết bị đang bị cách ly hoặc đã ngừng sử dụng.",
        "The device is quarantined or retired.",
    ),
    "not-found": Problem(404, "Không có địa chỉ này.", "There is nothing here."),
    "method": Problem(405, "Hãy gửi bằng POST.", "Send it by POST."),
    "too-large": Problem(
        413,
        "Bản tin lớn hơn {limit} byte; hãy chia nhỏ.",
        "The body is larger than {limit} bytes; send it in parts.",
    ),
    "media-type": Problem(
        415,
        "Không nhận dạng “{type}”; dùng JSON, CBOR hoặc SenML.",
        "“{type}” is not accepted; send JSON, CBOR or SenML.",
    ),
    "not-readable": Problem(
        400, "Không đọc được bản tin: {error}.", "The body cannot be read: {error}."
    ),
    "refused": Problem(
        422,
        "Không giá trị nào được nhận; xem từng lý do.",
        "No value was accepted; see the reason of each.",
    ),
    "away": Problem(
        503,
        "Hệ thống tạm thời chưa nhận được; hãy gửi lại sau vài giây.",
        "Nothing can be taken right now; send it again in some seconds.",
    ),
    # Of one value.
    "unknown-stream": Problem(
        422,
        "Thiết bị không có kênh đo “{stream}”.",
        "The device has no datastream “{stream}”.",
    ),
    "stream-paused": Problem(
        422, "Kênh đo “{stream}” đang tạm ngừng.", "Datastream “{stream}” is paused."
    ),
    "no-number": Problem(
        422,
        "Giá trị của kênh “{stream}” phải là một số hữu hạn.",
        "The value of “{stream}” must be a finite number.",
    ),
    "wrong-result": Problem(
        422,
        "Giá trị của kênh “{stream}” không đúng kiểu {kind}.",
        "The value of “{stream}” is not of the kind {kind}.",
    ),
    "result-object": Problem(
        422,
        "Kết quả của kênh “{stream}” phải là một đối tượng theo lược đồ của kênh.",
        "The result of “{stream}” must be an object by the schema of the datastream.",
    ),
    "result-unknown": Problem(
        422,
        "Kênh “{stream}”: lược đồ không có thành phần “{field}”.",
        "“{stream}”: the schema has no member “{field}”.",
    ),
    "result-missing": Problem(
        422, "Kênh “{stream}”: thiếu thành phần “{field}”.", "“{stream}”: “{field}” is missing."
    ),
    "result-type": Problem(
        422,
        "Kênh “{stream}”: thành phần “{field}” phải là {wanted}.",
        "“{stream}”: “{field}” must be {wanted}.",
    ),
    "result-range": Problem(
        422,
        "Kênh “{stream}”: thành phần “{field}” phải từ {low} đến {high}.",
        "“{stream}”: “{field}” must lie between {low} and {high}.",
    ),
    "result-length": Problem(
        422,
        "Kênh “{stream}”: thành phần “{field}” phải có từ {low} đến {high} số.",
        "“{stream}”: “{field}” must hold {low} to {high} numbers.",
    ),
    "result-choice": Problem(
        422,
        "Kênh “{stream}”: thành phần “{field}” phải là một trong: {wanted}.",
        "“{stream}”: “{field}” must be one of: {wanted}.",
    ),
    "not-kept": Problem(
        422,
        "Kết quả hoặc parameters của kênh “{stream}” không lưu được: {error}.",
        "Result or parameters of “{stream}” cannot be kept: {error}.",
    ),
    "time": Problem(
        422,
        "Thời gian “{value}” không đọc được; dùng ISO 8601 hoặc giây từ 1970.",
        "Time “{value}” cannot be read; use ISO 8601 or seconds since 1970.",
    ),
    "clock-unset": Problem(
        422,
        "Thời gian trước năm 2000: đồng hồ thiết bị chưa được đặt.",
        "The time is before 2000: the clock of the device is not set.",
    ),
    "clock-ahead": Problem(
        422,
        "Thời gian ở tương lai quá một ngày; hãy đặt lại đồng hồ thiết bị.",
        "The time is more than a day ahead; set the clock of the device.",
    ),
    "unit": Problem(
        422,
        "Kênh “{stream}” không đổi được từ đơn vị “{unit}” sang “{wanted}”.",
        "“{stream}”: there is no way from unit “{unit}” to “{wanted}”.",
    ),
    # Of messages by MQTT.
    "topic": Problem(
        422,
        "Chủ đề phải là sen/v1/<mã thiết bị>/obs, obs/<kênh> hoặc raw.",
        "The topic must be sen/v1/<device>/obs, obs/<stream> or raw.",
    ),
    "no-mapping": Problem(
        422,
        "Thiết bị chưa có ánh xạ bản tin cho chủ đề raw.",
        "The device has no payload mapping for the topic raw.",
    ),
    "mapping": Problem(
        422, "Ánh xạ không đọc được: {error}.", "The mapping cannot read it: {error}."
    ),
    "unknown-device": Problem(
        422, "Không có thiết bị “{device}”.", "There is no device “{device}”."
    ),
}


class RefusedError(Exception):
    """A whole request or message is refused; ``code`` is one of :data:`PROBLEMS`."""

    def __init__(self, code: str, **given: Any) -> None:
        super().__init__(code)
        self.code = code
        self.given = given

    @property
    def detail(self) -> str:
        return PROBLEMS[self.code].text(english=True, **self.given)


def document(code: str, *, english: bool, more: Any = None, **given: Any) -> bytes:
    """Problem details (RFC 9457)."""
    problem = PROBLEMS[code]
    return msgspec.json.encode(
        {
            "type": f"urn:sen:telemetry:{code}",
            "title": problem.text(english=english, **given),
            "status": problem.status,
            "code": code,
            **(more or {}),
        }
    )
